"""What a picture of curves shows: which runs, which quantities, in which way and colours.

Imports neither matplotlib nor Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainer.curves.line_styles import LineStyle

if TYPE_CHECKING:
    from trainer.curves.series import Series


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a panel shows."""

    title: str
    column: str  # of a history
    log: str  # its scale where it is stretched
    validated: bool = True  # the validation split has it too


QUANTITIES = {
    "loss": Quantity("Loss", "losses", "log"),
    "accuracy": Quantity("Accuracy, %", "accuracies", "logit"),
    "rate": Quantity("Learning rate", "learning_rates", "log", validated=False),
}
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
class Look:
    """Colours, as matplotlib takes them, and the size of text in 1/72 inch."""

    text: str = "#202124"
    paper: str = "white"
    dark: bool = False
    font_size: float = 9.0


@dataclass(frozen=True, slots=True)
class Line:
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
