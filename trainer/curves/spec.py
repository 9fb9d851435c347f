"""What a picture of curves shows: which runs, which quantities, in which way and colors.

Runs differ by color, by dashes and by marker. Imports neither matplotlib nor Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trainer.curves.series import Series


@dataclass(frozen=True, slots=True)
class LineStyle:
    """One run's look in the curves and in the list."""

    light: str  # color on a light ground
    dark: str  # color on a dark one
    dashes: tuple[float, ...]  # lengths on and off in line widths; empty for a full line
    marker: str  # matplotlib's name

    def on(self, dark: bool) -> str:
        """The color that shows on a `dark` ground, or on a light one."""
        return self.dark if dark else self.light


COLORS = (
    ("#0072B2", "#56B4E9"),
    ("#D55E00", "#FF8A3D"),
    ("#009E73", "#2CCB9B"),
    ("#B5548C", "#E29AC6"),
    ("#9C6B00", "#F0B93A"),
    ("#5B5BD6", "#A5A5FF"),
)
"""Of curves, on light ground and on dark; after Okabe and Ito's for all kinds of color vision."""
_DASHES: tuple[tuple[float, ...], ...] = ((), (5.0, 2.0), (1.5, 1.5), (6.0, 2.0, 1.5, 2.0))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


MOST_LINES = 84
"""Drawn at once: more neither differ in their looks nor are drawn while a window is resized."""


def style_of(number: int) -> LineStyle:
    """The look of run `number`; the first `MOST_LINES` all differ."""
    return LineStyle(
        *COLORS[number % len(COLORS)],
        _DASHES[number % len(_DASHES)],
        _MARKERS[number % len(_MARKERS)],
    )


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a panel shows."""

    title: str
    column: str  # of a history
    log: str  # its scale where it is stretched
    unit: str = ""
    validated: bool = True  # the validation split has it too

    @property
    def label(self) -> str:
        """What an axis is labelled with."""
        return f"{self.title}, {self.unit}" if self.unit else self.title


QUANTITIES = {
    "loss": Quantity("Loss", "losses", "log"),
    "accuracy": Quantity("Accuracy", "accuracies", "logit", "%"),
    "rate": Quantity("Learning rate", "learning_rates", "log", validated=False),
}
ACCURACY_LIMITS = 0.02, 0.9995
"""Accuracies are drawn within these on a logit scale, which has no 0 and no 1."""
AGAINST = {"epoch": "epochs", "step": "steps", "seconds": "seconds"}
"""What curves can be drawn against, and the history's column."""


@dataclass(frozen=True, slots=True)
class View:
    """What is shown, and how."""

    quantities: tuple[str, ...] = ("loss", "accuracy")  # of QUANTITIES; at least one
    against: str = "epoch"  # of AGAINST
    smoothing: float = 0.0  # of the training's curve: `series.Average`
    log: bool = True  # stretched scales: log for loss and rate, logit for accuracy


@dataclass(frozen=True, slots=True)
class PlotStyle:
    """Colors, as matplotlib takes them, and the size of text in 1/72 inch."""

    text: str = "#202124"
    paper: str = "white"
    dark: bool = False
    font_size: float = 9.0


@dataclass(frozen=True, slots=True)
class CurveLine:
    """One run; the same while its series is, whatever comes into that."""

    title: str
    style: LineStyle
    series: Series
    one_class: str = "one class"  # what to call a beginning that lies there

    def best(self) -> str:
        """Its best validation accuracy as text, such as "★ 98.76 %"; empty if there is none."""
        best = self.series.best()
        if best is None:
            return ""
        return f"★ {self.series.validation.column('accuracies')[best] * 100:.2f} %"
