"""The ticked runs' histories, as the curves and the table of differences take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lenet_gui.curves.differences import Column
from trainer.curves.line_styles import LineStyle
from trainer.curves.spec import Line
from trainer.recipes.recipe import Recipe
from trainer.training.history import History

if TYPE_CHECKING:
    from trainer.curves.series import Series


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One run, as the curves and the table of differences need it."""

    title: str
    style: LineStyle
    history: History  # goes on growing while the run trains, in the window's thread
    recipe: Recipe
    test: float | None = None  # accuracy, 0 to 1


class ShownRuns:
    """Keeps each history's arrays while it is shown, so that only new points are taken over."""

    def __init__(self) -> None:
        self._kept: list[tuple[Curve, Series]] = []

    def take(self, curves: Sequence[Curve]) -> None:
        """Show these, with all points that they have by now."""
        if not curves:
            self._kept = []
            return
        from trainer.curves.series import Series  # with numpy: not before the window shows

        known = {id(curve.history): series for curve, series in self._kept}
        self._kept = [(c, known.get(id(c.history)) or Series()) for c in curves]
        for curve, series in self._kept:
            series.take(curve.history)

    def lines(self, still: bool = False) -> tuple[Line, ...]:
        """As the plot takes them; `still` for another thread, where they must not grow."""
        return tuple(
            Line(c.title, c.style, series.still() if still else series, _one_class(c.recipe))
            for c, series in self._kept
        )

    def columns(self) -> list[Column]:
        """As the table takes them."""
        return [_column(curve, series) for curve, series in self._kept]


def _column(curve: Curve, series: Series) -> Column:
    best, seconds = series.best(), series.validation.column("seconds")
    epochs = series.train.column("epochs")
    return Column(
        curve.title,
        curve.style,
        curve.recipe,
        float(series.validation.column("accuracies")[best]) if best is not None else None,
        curve.test,
        float(seconds[-1]) if len(seconds) else None,
        float(epochs[-1]) if len(epochs) else 0.0,
    )


def _one_class(recipe: Recipe) -> str:
    """What to call a beginning in which the network gives one answer for all."""
    return "one class: sigmoids saturated" if recipe.activation == "sigmoid" else "one class"
