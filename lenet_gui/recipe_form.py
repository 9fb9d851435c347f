"""What to train and how: a named recipe with its main numbers to edit."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from trainer.recipes import AUGMENTATIONS, DATASETS, RECIPES, Augmentation, Recipe, edited, named

if TYPE_CHECKING:
    from trainer.devices import Device

_WORDS = {
    "adamw": "AdamW", "adam": "Adam", "sgd": "SGD with momentum",
    "relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid", "leaky_relu": "leaky ReLU",
    "elu": "ELU", "gelu": "GELU", "silu": "SiLU", "max": "maximum", "average": "average",
    "none": "none", "affine": "affine", "elastic": "affine and elastic",
}  # fmt: skip
_OWN = "as in the recipe"


class RecipeForm(QWidget):
    """Choose a recipe, change it, take it with `recipe()`."""

    def __init__(self) -> None:
        super().__init__()
        self.dataset = self._combo("dataset", {title: name for name, title in DATASETS.items()})
        self.name = self._combo("recipe", {name: name for name in RECIPES})
        self.description = QLabel()
        self.description.setObjectName("description")
        self.description.setWordWrap(True)
        self.description.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.epochs = self._whole("epochs")
        self.batch_size = self._whole("batch_size")
        self.learning_rate = self._learning_rate()
        self.optimizer = self._field_combo("optimizer")
        self.activation = self._field_combo("activation")
        self.pooling = self._field_combo("pooling")
        augmentations = {_WORDS[name]: value for name, value in AUGMENTATIONS.items()}
        self.augmentation = self._combo("augmentation", augmentations)
        self.augmentation.setToolTip(
            "Distort training images anew in each epoch: shift, turn, stretch and slant\n"
            "(affine), and bend locally (elastic)"
        )
        self.seed = self._whole("seed")
        self.device = self._combo("device", {"automatic": "auto", "CPU": "cpu"})
        self._lay_out()
        self.name.currentIndexChanged.connect(self._fill_in)
        self._fill_in()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(7)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("&Recipe", self.name)
        form.addRow("&Dataset", self.dataset)
        form.addRow("&Epochs", self.epochs)
        form.addRow("&Batch size", self.batch_size)
        form.addRow("&Learning rate", self.learning_rate)
        form.addRow("&Optimiser", self.optimizer)
        form.addRow("Acti&vation", self.activation)
        form.addRow("&Pooling", self.pooling)
        form.addRow("&Augmentation", self.augmentation)
        form.addRow("Seed", self.seed)
        form.addRow("Device", self.device)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(10)
        whole.addLayout(form)
        whole.addWidget(self.description)
        whole.addStretch(1)

    # Fields

    def _combo(self, name: str, items: Mapping[str, object]) -> QComboBox:
        combo = QComboBox()
        for title, value in items.items():
            combo.addItem(title, value)
        combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        combo.setMinimumContentsLength(10)
        adjust = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        combo.setSizeAdjustPolicy(adjust)
        self._name(combo, name)
        return combo

    def _field_combo(self, name: str) -> QComboBox:
        choices = _metadata(name)["choices"]
        return self._combo(name, {_WORDS[choice]: choice for choice in choices})

    def _whole(self, name: str) -> QSpinBox:
        box = QSpinBox()
        low, high = _metadata(name)["range"]
        box.setRange(low, high)
        self._name(box, name)
        return box

    def _learning_rate(self) -> QDoubleSpinBox:
        box = _LearningRate()
        low, high = _metadata("learning_rate")["range"]
        box.setDecimals(6)
        box.setRange(low, high)
        box.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        self._name(box, "learning_rate")
        return box

    def _name(self, field: QWidget, name: str) -> None:
        """Names for tests and screen readers, and a tooltip from the recipe's own words."""
        field.setObjectName(name)
        field.setAccessibleName(name.replace("_", " ").capitalize())
        fields = {spec.name: spec for spec in dataclasses.fields(Recipe)}
        if name in fields and "help" in fields[name].metadata:
            field.setToolTip(fields[name].metadata["help"].capitalize())
        # Scrolling over the form must not change what the pointer happens to pass.
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to the scroll area, unless the field has the focus."""
        wheel = event.type() == QEvent.Type.Wheel
        if wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    # Recipe in, recipe out

    def _fill_in(self) -> None:
        self.show_recipe(named(self.name.currentData()))

    def show_recipe(self, recipe: Recipe) -> None:
        """Put a recipe's numbers into the fields."""
        self.description.setText(recipe.description)
        _choose(self.dataset, recipe.dataset)
        for name in ("epochs", "batch_size", "learning_rate", "seed"):
            getattr(self, name).setValue(getattr(recipe, name))
        for name in ("optimizer", "activation", "pooling"):
            _choose(getattr(self, name), getattr(recipe, name))
        own = self.augmentation.findText(_OWN)
        if own >= 0:
            self.augmentation.removeItem(own)
        if recipe.augmentation not in AUGMENTATIONS.values():
            self.augmentation.addItem(_OWN, recipe.augmentation)
        _choose(self.augmentation, recipe.augmentation)

    def recipe(self) -> Recipe:
        """The recipe with what was changed of it; a changed one says so in its name."""
        base = named(self.name.currentData())
        augmentation = self.augmentation.currentData()
        assert isinstance(augmentation, Augmentation)
        return edited(
            base,
            dataset=self.dataset.currentData(),
            epochs=self.epochs.value(),
            batch_size=self.batch_size.value(),
            learning_rate=self.learning_rate.value(),
            optimizer=self.optimizer.currentData(),
            activation=self.activation.currentData(),
            pooling=self.pooling.currentData(),
            augmentation=augmentation,
            seed=self.seed.value(),
        )

    def set_devices(self, devices: list[Device]) -> None:
        """Offer the devices that can be used here."""
        chosen = self.device.currentData()
        self.device.clear()
        self.device.addItem("automatic", "auto")
        for device in devices:
            if not device.problem:
                self.device.addItem(device.name.upper(), device.name)
        _choose(self.device, chosen)

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for a small window."""
        return QSize(230, super().minimumSizeHint().height())


class _LearningRate(QDoubleSpinBox):
    """Shows 0.003 rather than 0.003000."""

    def textFromValue(self, value: float) -> str:
        """No more digits than are needed."""
        return super().textFromValue(value).rstrip("0").rstrip(".,")


def _metadata(name: str) -> Mapping[str, Any]:
    return {spec.name: spec.metadata for spec in dataclasses.fields(Recipe)}[name]


def _choose(combo: QComboBox, value: object) -> None:
    """Select the item that stands for `value`; the first if there is none."""
    found = [n for n in range(combo.count()) if combo.itemData(n) == value]
    combo.setCurrentIndex(found[0] if found else 0)
