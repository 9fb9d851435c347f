"""Every value of a recipe as a field: the main ones at once, the others when they are asked for.

Made of the recipe's fields themselves, so that none can be forgotten: what has
no place in a section stands at the end.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from lenet_gui.recipe_fields import (
    Choice,
    Field,
    WheelGuard,
    describe,
    field_for,
    on_change,
    put,
    title_of,
    value_of,
)
from trainer.recipes.recipe import AUGMENTATIONS, Augmentation, Recipe

MAIN = ("dataset", "epochs", "batch_size", "learning_rate", "optimizer", "activation", "pooling")
"""Seen at once; the augmentation's name and the seed follow."""
_KEYS = {"epochs": "&Epochs", "batch_size": "&Batch size", "dataset": "&Dataset"}
_KEYS |= {"learning_rate": "&Learning rate", "optimizer": "&Optimiser"}
_KEYS |= {"activation": "Acti&vation", "pooling": "&Pooling"}
_SECTIONS = {
    "Data": ("validation", "mean", "std"),
    "Network": ("network", "hidden_activation", "c5", "dropout"),
    "Loss": ("loss", "rubbish", "label_smoothing"),
    "Optimiser": (
        *("momentum", "beta2", "weight_decay", "batch_gradient"),
        *("damping", "curvature_images"),
    ),
    "Learning rate": ("schedule", "warmup", "step_epochs", "step_factor", "rates"),
    "Distortion": (
        *(f"augmentation.{spec.name}" for spec in dataclasses.fields(Augmentation)),
        "settling",
    ),
    "Averaging and teacher": ("weight_average", "teacher_epochs", "distillation", "softness"),
}
_TODAY = ("network", ("lenet5",))
_USED_WITH: dict[str, tuple[str, tuple[object, ...]]] = {
    # A field that the others' values leave without effect is grey.
    **dict.fromkeys(("activation", "hidden_activation", "pooling", "c5", "dropout"), _TODAY),
    "rubbish": ("loss", ("map",)),
    "label_smoothing": ("loss", ("cross_entropy",)),
    **dict.fromkeys(("damping", "curvature_images"), ("optimizer", ("sdlm",))),
    **dict.fromkeys(("momentum", "weight_decay"), ("optimizer", ("adamw", "adam", "sgd"))),
    "beta2": ("optimizer", ("adamw", "adam")),
    "learning_rate": ("schedule", ("constant", "cosine", "step", "one_cycle")),
    **dict.fromkeys(("step_epochs", "step_factor"), ("schedule", ("step",))),
    "rates": ("schedule", ("table",)),
}
_OWN = "own, see below"


class RecipeNumbers(QWidget):
    """A recipe's values in, a recipe's values out."""

    changed = Signal()
    """Some value is another one now."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, Field] = {}
        self._guard = WheelGuard(self)
        for spec in dataclasses.fields(Recipe):
            if spec.name == "augmentation":
                for part in dataclasses.fields(Augmentation):
                    self._add(f"augmentation.{part.name}", part)
            elif spec.name not in ("name", "description"):
                self._add(spec.name, spec)
        self.augmentation = Choice(
            {"none": "none", "affine": "affine", "affine and elastic": "elastic", _OWN: ""}
        )
        self.augmentation.setToolTip(
            "Distort training images anew in each epoch: shift, turn, stretch and slant\n"
            "(affine), and bend locally (elastic)"
        )
        describe(self.augmentation, "augmentation")
        self.augmentation.installEventFilter(self._guard)
        self.more = QToolButton()
        self.more.setObjectName("all_numbers")
        self.more.setText("All numbers")
        self.more.setToolTip("Every other value that the run depends on")
        self.more.setCheckable(True)
        self.more.setAutoRaise(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.rest = QWidget()
        self._lay_out()
        self.more.toggled.connect(self.show_all)
        self.augmentation.activated.connect(self._distort)
        self.show_all(False)

    def _add(self, name: str, spec: dataclasses.Field[Any]) -> None:
        field = field_for(spec)
        describe(field, name, spec)
        field.installEventFilter(self._guard)
        on_change(field, self._edited)
        self.fields[name] = field

    def _lay_out(self) -> None:
        self.main = _form()
        for name in MAIN:
            self.main.addRow(_KEYS.get(name, title_of(name)), self.fields[name])
        self.main.addRow("&Augmentation", self.augmentation)
        self.main.addRow("Seed", self.fields["seed"])
        rest = _form(self.rest)
        placed = {*MAIN, "seed", *(name for names in _SECTIONS.values() for name in names)}
        left = tuple(name for name in self.fields if name not in placed)
        for title, names in {**_SECTIONS, "More": left}.items():
            if names:
                rest.addRow(_heading(title))
            for name in names:
                rest.addRow(title_of(name.removeprefix("augmentation.")), self.fields[name])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(self.main)
        whole.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        whole.addWidget(self.rest)

    def show_all(self, all_of_them: bool) -> None:
        """Show every value, or the main ones."""
        self.rest.setVisible(all_of_them)
        self.more.setChecked(all_of_them)
        self.more.setArrowType(Qt.ArrowType.DownArrow if all_of_them else Qt.ArrowType.RightArrow)

    # Values in and out

    def put(self, recipe: Recipe) -> None:
        """Show a recipe's values; `changed` is told once."""
        blocker = QSignalBlocker(self)
        for name, field in self.fields.items():
            part = name.removeprefix("augmentation.")
            put(field, getattr(recipe.augmentation if part != name else recipe, part))
        blocker.unblock()
        self._edited()

    def values(self) -> dict[str, Any]:
        """Every value of a recipe by its name, but for name and description.

        Raises:
            RecipeError: a field's text is no value.
        """
        found = {name: value_of(field) for name, field in self.fields.items()}
        distortions = {
            name.removeprefix("augmentation."): found.pop(name)
            for name in list(found)
            if name.startswith("augmentation.")
        }
        return found | {"augmentation": Augmentation(**distortions)}

    def _edited(self) -> None:
        """Some field has another value: what hangs on it follows."""
        if self.signalsBlocked():  # a whole recipe is put in: once, at the end
            return
        for name, (other, with_values) in _USED_WITH.items():
            self.fields[name].setEnabled(value_of(self.fields[other]) in with_values)
        teacher = bool(value_of(self.fields["teacher_epochs"]))
        for name in ("distillation", "softness"):
            self.fields[name].setEnabled(teacher)
        self._name_distortion()
        self.changed.emit()

    def _name_distortion(self) -> None:
        """Let the augmentation's name say what its numbers are."""
        now = {name: value_of(self.fields[f"augmentation.{name}"]) for name in _distortions()}
        names = [n for n, known in AUGMENTATIONS.items() if dataclasses.asdict(known) == now]
        self.augmentation.choose(names[0] if names else "")

    def _distort(self) -> None:
        """Put the numbers of the chosen augmentation into their fields."""
        known = AUGMENTATIONS.get(self.augmentation.currentData())
        if known is None:
            self.show_all(True)
            return
        blocker = QSignalBlocker(self)
        for name in _distortions():
            put(self.fields[f"augmentation.{name}"], getattr(known, name))
        blocker.unblock()
        self._edited()


def _distortions() -> list[str]:
    return [spec.name for spec in dataclasses.fields(Augmentation)]


def _form(parent: QWidget | None = None) -> QFormLayout:
    form = QFormLayout(parent)
    form.setContentsMargins(0, 0, 0, 0)
    form.setVerticalSpacing(7)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def _heading(title: str) -> QLabel:
    heading = QLabel(title)
    heading.setObjectName("caption")
    heading.setContentsMargins(0, 8, 0, 0)
    return heading
