"""A field of the form for each value of a recipe, made of the recipe's own description of it.

What is put into a field comes out of it unchanged, however many digits it has,
until somebody edits it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy, QWidget

from lenet_gui.widgets.formatting import MINUS
from lenet_gui.widgets.number_field import (
    NUMBER,
    NumberField,
    paint_refused,
    parse_number,
    range_text,
)
from trainer.recipes.recipe import Rates, RecipeError, count_classes
from trainer.recipes.words import setting_title, value_title
from trainer.translation import gettext as _


class ChoiceField(QComboBox):
    """One of several texts; `currentData` is the recipe's word for it."""

    def __init__(self, items: Mapping[str, object]) -> None:
        super().__init__()
        for title, value in items.items():
            self.addItem(title, value)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(10)
        adjust = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.setSizeAdjustPolicy(adjust)

    def choose(self, value: object) -> None:
        """Select the item that stands for `value`; the first if there is none."""
        numbers = [n for n in range(self.count()) if self.itemData(n) == value]
        self.setCurrentIndex(numbers[0] if numbers else 0)


class RatesEdit(QLineEdit):
    """Learning rates by the epoch from which they hold, such as "1: 0.0005, 3: 0.0002"."""

    def __init__(self) -> None:
        super().__init__()
        self._given: Rates = ()
        self.setPlaceholderText("1: 0.0005, 3: 0.0002")

    def put(self, rates: Rates) -> None:
        """Show these rates."""
        self._given = rates
        self.setText(_rates_text(rates))
        self.setCursorPosition(0)

    def rates(self) -> Rates:
        """What is written there.

        Raises:
            RecipeError: something else is.
        """
        if self.text() == _rates_text(self._given):
            return self._given
        text = self.text().replace(MINUS, "-").strip().rstrip(",;")
        if not re.fullmatch(rf"(?:{_PAIR}(?:\s*[,;]\s*{_PAIR})*)?", text, re.ASCII):
            raise RecipeError(
                _(
                    'Rates is "{text}". Write it such as "1: 0.0005, 3: 0.0002": an epoch, and '
                    "the learning rate from there on"
                ).format(text=self.text())
            )
        pairs = re.findall(rf"(\d+)\s*:\s*({NUMBER})(?=\s*(?:[,;]|$))", text, re.ASCII)
        return tuple((int(epoch), parse_number(rate)) for epoch, rate in pairs)

    def paintEvent(self, event: QPaintEvent) -> None:
        """In a red frame while the text is refused."""
        super().paintEvent(event)
        try:
            self.rates()
        except RecipeError:
            paint_refused(self)


def _rates_text(rates: Rates) -> str:
    return ", ".join(f"{epoch}: {rate!r}" for epoch, rate in rates)


_PAIR = rf"\d+\s*:\s*{NUMBER}"
Field = ChoiceField | NumberField | RatesEdit


def make_field(spec: dataclasses.Field[Any]) -> Field:
    """The field for one value of a recipe, by what the recipe says of it."""
    if "choices" in spec.metadata:
        choices = spec.metadata["choices"]
        return ChoiceField({value_title(spec.name, choice): choice for choice in choices})
    if "range" not in spec.metadata:
        return RatesEdit()
    low, high = spec.metadata["range"]
    return NumberField(low, high, whole=isinstance(spec.default, int))


def read_field(field: Field) -> Any:
    """What a field holds, as the recipe takes it.

    Raises:
        RecipeError: it holds text that is no value.
    """
    if isinstance(field, ChoiceField):
        return field.currentData()
    if isinstance(field, RatesEdit):
        return field.rates()
    if field.problem:
        raise RecipeError(
            _("{field}: {problem}").format(field=field.accessibleName(), problem=field.problem)
        )
    return field.value()


def set_field(field: Field, value: Any) -> None:
    """Show a recipe's value."""
    if isinstance(field, ChoiceField):
        field.choose(value)
    elif isinstance(field, RatesEdit):
        field.put(value)
    else:
        field.setValue(value)


def connect_changed(field: Field, call: Callable[[], object]) -> None:
    """Call `call` whenever the field holds something else."""
    if isinstance(field, ChoiceField):
        field.currentIndexChanged.connect(lambda _: call())
    elif isinstance(field, RatesEdit):
        field.textChanged.connect(lambda _: call())
    else:
        field.valueChanged.connect(lambda _: call())
        field.checked.connect(lambda _: call())


def set_field_texts(field: QWidget, name: str, spec: dataclasses.Field[Any] | None = None) -> None:
    """Names for tests and screen readers, and a tooltip of the recipe's own words."""
    field.setObjectName(name)
    field.setAccessibleName(setting_title(name.removeprefix("augmentation.")))
    if spec is not None and "help" in spec.metadata:
        words = _(spec.metadata["help"])
        limits = range_text(*spec.metadata["range"]) if "range" in spec.metadata else ""
        text = f"{words[0].upper()}{words[1:]}"
        ranged = _("{text} ({limits})").format(text=text, limits=limits)
        field.setToolTip(ranged if limits else text)
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    field.setMinimumHeight(field.fontMetrics().height() + 8)


class WheelGuard(QObject):
    """An event filter: scrolling over the form does not change what the pointer passes."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to the scroll area, unless the field has the focus."""
        wheel = event.type() == QEvent.Type.Wheel
        if wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def explain_conflict(values: Mapping[str, Any]) -> str:
    """Why a form's values do not go together, in the form's own words; empty if they do.

    `Recipe` refuses the same, by the names that recipe files have.
    """
    old = values["network"] == "lenet5-1998"
    checks = (
        (
            not old and values["optimizer"] == "sdlm",
            _("The optimizer SDLM works only with LeNet-5 of 1998. Choose that network."),
        ),
        (
            not old and values["loss"] in ("map", "mse"),
            _("This loss works only with LeNet-5 of 1998. Choose that network, or cross-entropy."),
        ),
        (
            old and values["dataset"] == "cifar10",
            _("LeNet-5 of 1998 sees no colors. Choose another dataset, or LeNet-5 of today."),
        ),
        (
            old and count_classes(values["dataset"]) != 10,
            _(
                "LeNet-5 of 1998 tells ten classes apart, and this dataset has more. Choose "
                "another dataset, or LeNet-5 of today."
            ),
        ),
        (
            old and bool(values["teacher_epochs"]),
            _("LeNet-5 of 1998 learns from no teacher. Set Teacher epochs to 0."),
        ),
        (
            values["schedule"] == "table" and not values["rates"],
            _("The learning rate follows a table. Write that table under Rates."),
        ),
        (
            bool(values["streamed"]) and values["dataset"] != "pen",
            _("Only the built-in pen digits can be generated anew. Set New images to 0."),
        ),
    )
    return next((text for wrong, text in checks if wrong), "")
