"""A run of sigmoids that stays at one class for epochs: seen, explained, and set beside ReLU."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from lenet_gui.widgets.controls import make_push_button
from lenet_gui.widgets.labels import Label
from trainer.curves.series import Series, find_plateau
from trainer.recipes.catalog import edit_recipe
from trainer.recipes.recipe import Recipe, count_classes
from trainer.training.history import History
from trainer.translation import N_
from trainer.translation import gettext as _

_NEAR = 0.15  # of guessing's loss

NONE, NOW, OVER = "", "now", "over"

TEXTS = {
    NOW: N_(
        "Every image gets the same answer so far: the sigmoids are saturated, and hardly "
        "anything of the error reaches the first layers. It ends suddenly, after some epochs."
    ),
    OVER: N_(
        "The flat start of this run's curve: the sigmoids were saturated, and hardly anything "
        "of the error reached the first layers, until accuracy climbed suddenly."
    ),
}
WHY = N_(
    "Its loss there is that of guessing, {:.2f}. A sigmoid's slope is at most "
    "a quarter, and close to 0 where its input is large. On the way back through several layers "
    "these slopes are multiplied, so at first only the last layer learns: how frequent each class "
    "is. Meanwhile the first layers' weights grow a little with every step; once they tell images "
    "apart at all, the slopes grow too, and within an epoch accuracy leaps. ReLU, whose slope is 1 "
    "wherever it lets anything through, has no such wait."
)


def judge_plateau(recipe: Recipe, history: History | None, series: Series | None = None) -> str:
    """Whether a run lies on the sigmoids' plateau `NOW`, lay there and is `OVER` it, or `NONE`.

    The plateau is the one that the curves shade. The first epoch must be through, as every
    network guesses at its beginning, with the loss of guessing: a run that diverges is flat too.

    Args:
        recipe: the run's.
        history: the run's; None if it is not known.
        series: the same history's, to be looked at without taking all of it over.
    """
    if history is None or recipe.activation != "sigmoid" or recipe.network != "lenet5":
        return NONE
    losses = history.losses["validation"]
    plateau = find_plateau(series or history)
    if plateau is None or not losses:
        return NONE
    if abs(losses[0] - math.log(count_classes(recipe.dataset))) >= _NEAR:
        return NONE
    return NOW if plateau.end >= history.epochs["train"][-1] else OVER


def explain_plateau(recipe: Recipe) -> str:
    """The explanation at length."""
    return _(WHY).format(math.log(count_classes(recipe.dataset)))


class PlateauNote(QFrame):
    """The explanation, and a button that trains the same recipe with ReLU."""

    asked = Signal(object)
    """Start this run beside the other (`Recipe`)."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("plateau_note")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._recipe: Recipe | None = None
        self._state = NONE
        self._history: History | None = None
        self._series = Series()
        self.text = Label()
        self.text.setObjectName("plateau_text")
        self.text.setWordWrap(True)
        self.why = make_push_button(
            _("Why?"), "plateau_why", _("What happens in the network there")
        )
        self.why.setCheckable(True)
        self.button = make_push_button(
            _("Train with ReLU beside it"),
            "relu_button",
            _("The same recipe with ReLU instead of sigmoids, as a run of its own"),
        )
        row = QHBoxLayout(self)
        row.addWidget(self.text, 1)
        row.addWidget(self.why, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.why.toggled.connect(self._tell)
        self.button.clicked.connect(self._ask)
        self.hide()

    def show_for(self, recipe: Recipe | None, history: History | None) -> None:
        """Show what there is to say of a run, or nothing."""
        self._recipe = recipe
        if history is not self._history:
            self._history, self._series = history, Series()
        if history is not None:
            self._series.take(history)
        self._state = NONE if recipe is None else judge_plateau(recipe, history, self._series)
        self._tell()
        self.setVisible(self._state != NONE)

    def _tell(self) -> None:
        """In a line or two, or at length."""
        text = _(TEXTS.get(self._state, ""))
        if self.why.isChecked() and self._recipe is not None:
            text += f"\n\n{explain_plateau(self._recipe)}"
        self.text.setText(text)

    def _ask(self) -> None:
        if self._recipe is not None:
            self.asked.emit(with_relu(self._recipe))


def with_relu(recipe: Recipe) -> Recipe:
    """The same recipe with ReLU where it has sigmoids."""
    hidden = recipe.hidden_activation
    return edit_recipe(
        recipe, activation="relu", hidden_activation="relu" if hidden == "sigmoid" else hidden
    )
