"""What to train and how: a recipe, chosen by name, told in words, with all its numbers to edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from lenet_gui.recipe_fields import Choice, WheelGuard, describe
from lenet_gui.recipe_numbers import RecipeNumbers
from lenet_gui.widgets.labels import FoldedText
from lenet_gui.workers.task import Task
from trainer.recipes.catalog import RECIPES, SOURCES, differences, edited, named, original_name
from trainer.recipes.recipe import DATASETS, Recipe, RecipeError

if TYPE_CHECKING:
    from trainer.runtime.devices import Device

_UNDO = "undo"


class RecipeForm(QWidget):
    """Choose a recipe, change it, take it with `recipe()`."""

    checked = Signal()
    """The recipe is another one: `problem` and `parameters` are about it."""

    def __init__(self) -> None:
        super().__init__()
        self._base = next(iter(RECIPES.values()))  # what the fields were filled from
        self._counts: dict[tuple[str, str], int] = {}  # parameters by network and dataset
        self.problem = ""
        """Why what is in the fields can't be trained; empty if it can."""
        self.parameters: int | None = None
        """How many the network has; None until it is known."""
        self.name = Choice({name: name for name in RECIPES})
        self.facts = QLabel()
        self.facts.setObjectName("caption")
        self.facts.setWordWrap(True)
        self.description = FoldedText("description_text")
        self.changes = QLabel()
        self.changes.setObjectName("changes")
        self.changes.setWordWrap(True)
        self.numbers = RecipeNumbers()
        self.device = Choice({"automatic": "auto", "CPU": "cpu"})
        self._lay_out()
        for part, name in ((self.name, "recipe"), (self.device, "device")):
            describe(part, name)
            part.installEventFilter(WheelGuard(self))
        self.device.setToolTip("Where to train")
        self.name.currentIndexChanged.connect(self._fill_in)
        self.changes.linkActivated.connect(self._undo)
        self.numbers.changed.connect(self._check)
        self._fill_in()

    def _lay_out(self) -> None:
        rows = self.numbers.main
        rows.insertRow(0, "&Recipe", self.name)
        for number, part in enumerate((self.facts, self.description, self.changes), start=1):
            rows.insertRow(number, part)
        rows.addRow("Device", self.device)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 6, 0)
        whole.addWidget(self.numbers)
        whole.addStretch(1)

    # Recipe in, recipe out

    def _fill_in(self) -> None:
        name = self.name.currentData()
        self.show_recipe(named(name) if name in RECIPES else self._base)

    def _undo(self) -> None:
        self.show_recipe(RECIPES[original_name(self._base)])

    def show_recipe(self, recipe: Recipe) -> None:
        """Put a recipe's values into the fields; its name need not be one of the named ones."""
        self._base = recipe
        self._show_name(original_name(recipe))
        source = RECIPES.get(original_name(recipe))
        self.description.set_text(recipe.description or (source.description if source else ""))
        self.numbers.put(recipe)

    def _show_name(self, name: str) -> None:
        """Select a recipe's name; one from elsewhere stands below the others while it is shown."""
        blocker = QSignalBlocker(self.name)
        while self.name.count() > len(RECIPES):
            self.name.removeItem(len(RECIPES))
        if name not in RECIPES:
            self.name.addItem(name, name)
        self.name.choose(name)
        blocker.unblock()

    def recipe(self) -> Recipe:
        """The recipe with what was changed of it; a changed one says so in its name.

        Raises:
            RecipeError: there is no such recipe; `problem` says why.
        """
        made = edited(self._base, **self.numbers.values())
        if made is self._base:
            return made
        origin = RECIPES.get(original_name(made))
        if origin is not None and not differences(made):
            return origin  # all changes were taken back
        return made

    # What the numbers come to

    def _check(self) -> None:
        """See whether the numbers go together, and what they come to."""
        try:
            recipe = self.recipe()
        except RecipeError as error:
            self.problem = str(error)
            self.changes.setVisible(False)
        else:
            self.problem = ""
            self._tell(recipe)
        self.checked.emit()

    def _tell(self, recipe: Recipe) -> None:
        """The facts in a line, and what was changed."""
        source = SOURCES.get(original_name(recipe))
        facts = [DATASETS[recipe.dataset], _count(recipe.epochs, "epoch")]
        if source is not None and source.reported is not None:
            facts.append(f"source: {source.reported:.2%} {source.split}".replace("%", "\u00a0%"))
        self.facts.setText(" · ".join(facts))
        changed = differences(recipe)
        self.changes.setText(
            f'Changed: {", ".join(changed)}. <a href="{_UNDO}">Undo</a>' if changed else ""
        )
        self.changes.setVisible(bool(changed))
        self.parameters = self._counts.get(_network_of(recipe))
        if self.parameters is None and self.isVisible():
            self._count_parameters(recipe)

    def _count_parameters(self, recipe: Recipe) -> None:
        """Build the network in the background: this window does not know torch."""
        key = _network_of(recipe)

        def count() -> tuple[tuple[str, str], int]:
            from trainer.networks import factory

            return key, factory.parameters(recipe)

        Task.begin(count, self._counted, lambda _problem: None)

    def _counted(self, found: tuple[tuple[str, str], int]) -> None:
        key, parameters = found
        self._counts[key] = parameters
        self._check()

    def showEvent(self, event: QShowEvent) -> None:
        """Count what was not counted while another tab was seen."""
        super().showEvent(event)
        self._check()

    def set_devices(self, devices: list[Device]) -> None:
        """Offer the devices that can be used here."""
        chosen = self.device.currentData()
        self.device.clear()
        self.device.addItem("automatic", "auto")
        for device in devices:
            if not device.problem:
                self.device.addItem(device.name.upper(), device.name)
        self.device.choose(chosen)

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for a small window."""
        return QSize(230, super().minimumSizeHint().height())


def _network_of(recipe: Recipe) -> tuple[str, str]:
    """What decides how many parameters a network has."""
    return recipe.network, recipe.dataset


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
