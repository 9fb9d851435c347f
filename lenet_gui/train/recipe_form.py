"""Every value of a recipe as a field: the main ones at once, the others when they are asked for.

Made of the recipe's fields themselves, so that none can be forgotten: what has
no place in a section stands at the end.

What to train and how: a recipe, chosen by name, told in words, with all its numbers to edit.
"""

from __future__ import annotations

import dataclasses
import html
import itertools
from typing import Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFormLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from lenet_gui.own_data import OwnDataChooser
from lenet_gui.train.recipe_fields import (
    ChoiceField,
    Field,
    WheelGuard,
    connect_changed,
    explain_conflict,
    make_field,
    read_field,
    set_field,
    set_field_texts,
)
from lenet_gui.widgets.formatting import format_percent
from lenet_gui.widgets.labels import ExpandableText, RichLabel, make_caption
from lenet_gui.workers.serial import BackgroundTask
from trainer.networks import factory
from trainer.recipes.catalog import (
    RECIPES,
    SOURCES,
    differences,
    edit_recipe,
    find_recipe,
    original_name,
)
from trainer.recipes.recipe import AUGMENTATIONS, Augmentation, Recipe, RecipeError
from trainer.recipes.words import setting_title
from trainer.runtime.devices import Device
from trainer.translation import N_
from trainer.translation import gettext as _

MAIN = ("dataset", "epochs", "batch_size", "learning_rate", "optimizer", "activation", "pooling")
"""Seen at once; the augmentation's name and the seed follow."""
_KEYS = {
    "epochs": N_("Epo&chs"),
    "batch_size": N_("&Batch size"),
    "dataset": N_("Data&set"),
    "learning_rate": N_("&Learning rate"),
    "optimizer": N_("&Optimizer"),
    "activation": N_("Act&ivation"),
    "pooling": N_("&Pooling"),
}
_SECTIONS = {
    N_("Data"): ("validation", "mean", "std"),
    N_("Network"): ("network", "hidden_activation", "c5", "border", "dropout"),
    N_("Loss"): ("loss", "rubbish", "label_smoothing"),
    N_("Optimizer"): (
        *("momentum", "beta2", "weight_decay", "batch_gradient"),
        *("damping", "curvature_images"),
    ),
    N_("Learning rate"): ("schedule", "warmup", "step_epochs", "step_factor", "rates"),
    N_("Distortion"): (
        *(f"augmentation.{spec.name}" for spec in dataclasses.fields(Augmentation)),
        "settling",
    ),
    N_("Computing"): ("arithmetic",),
    N_("Averaging and teacher"): ("weight_average", "teacher_epochs", "distillation", "softness"),
}
_TODAY = ("network", ("lenet5",))
_USED_WITH: dict[str, tuple[str, tuple[object, ...]]] = {
    # A field that the others' values leave without effect is gray.
    **dict.fromkeys(
        ("activation", "hidden_activation", "pooling", "c5", "border", "dropout"), _TODAY
    ),
    "rubbish": ("loss", ("map",)),
    "label_smoothing": ("loss", ("cross_entropy",)),
    **dict.fromkeys(("damping", "curvature_images"), ("optimizer", ("sdlm",))),
    **dict.fromkeys(("momentum", "weight_decay"), ("optimizer", ("adamw", "adam", "sgd"))),
    "beta2": ("optimizer", ("adamw", "adam")),
    "learning_rate": ("schedule", ("constant", "cosine", "step", "one_cycle")),
    **dict.fromkeys(("step_epochs", "step_factor"), ("schedule", ("step",))),
    "rates": ("schedule", ("table",)),
}
_OWN = N_("own, see below")


class RecipeNumbers(QWidget):
    """A recipe's values in, a recipe's values out."""

    changed = Signal()
    """Some value is another one now."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.fields: dict[str, Field] = {}
        self._guard = WheelGuard(self)
        for spec in dataclasses.fields(Recipe):
            if spec.name == "augmentation":
                for part in dataclasses.fields(Augmentation):
                    self._add(f"augmentation.{part.name}", part)
            elif spec.name not in ("name", "description"):
                self._add(spec.name, spec)
        self.augmentation = ChoiceField(
            {
                _("none"): "none",
                _("affine"): "affine",
                _("affine and elastic"): "elastic",
                _(_OWN): "",
            }
        )
        self.augmentation.setToolTip(
            _(
                "Distort the training images anew in each epoch: shift, turn, stretch and slant\n"
                "(affine), and bend locally (elastic)"
            )
        )
        set_field_texts(self.augmentation, "augmentation")
        self.augmentation.installEventFilter(self._guard)
        self.more = QToolButton()
        self.more.setObjectName("all_numbers")
        self.more.setText(_("All settings"))
        self.more.setToolTip(_("Every other value that the run depends on"))
        self.more.setCheckable(True)
        self.more.setAutoRaise(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.rest = QWidget(self)
        dataset = self.fields["dataset"]
        assert isinstance(dataset, ChoiceField)
        self.own_data = OwnDataChooser(dataset, self)
        self._lay_out()
        self.more.toggled.connect(self.show_all)
        self.augmentation.activated.connect(self._distort)
        self.show_all(False)

    def _add(self, name: str, spec: dataclasses.Field[Any]) -> None:
        field = make_field(spec)
        set_field_texts(field, name, spec)
        field.installEventFilter(self._guard)
        connect_changed(field, self._edited)
        self.fields[name] = field

    def _lay_out(self) -> None:
        self.main = _form()
        for name in MAIN:
            self.main.addRow(_(_KEYS[name]), self.fields[name])
        self.main.addRow(_("&Augmentation"), self.augmentation)
        self.main.addRow(_("Seed"), self.fields["seed"])
        rest = _form(self.rest)
        placed = {*MAIN, "seed", *(name for names in _SECTIONS.values() for name in names)}
        left = tuple(name for name in self.fields if name not in placed)
        for title, names in {**_SECTIONS, N_("More"): left}.items():
            if names:
                rest.addRow(_heading(_(title)))
            for name in names:
                rest.addRow(setting_title(name.removeprefix("augmentation.")), self.fields[name])
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
        self.own_data.admit(recipe.dataset)
        blocker = QSignalBlocker(self)
        for name, field in self.fields.items():
            part = name.removeprefix("augmentation.")
            set_field(field, getattr(recipe.augmentation if part != name else recipe, part))
        blocker.unblock()
        self._edited()

    def values(self) -> dict[str, Any]:
        """Every value of a recipe by its name, but for name and description.

        Raises:
            RecipeError: a field's text is no value.
        """
        values = {name: read_field(field) for name, field in self.fields.items()}
        distortions = {
            name.removeprefix("augmentation."): values.pop(name)
            for name in list(values)
            if name.startswith("augmentation.")
        }
        return values | {"augmentation": Augmentation(**distortions)}

    def _edited(self) -> None:
        """Some field has another value: what hangs on it follows."""
        if self.signalsBlocked():  # a whole recipe is put in: once, at the end
            return
        for name, (other, with_values) in _USED_WITH.items():
            self.fields[name].setEnabled(read_field(self.fields[other]) in with_values)
        teacher = bool(read_field(self.fields["teacher_epochs"]))
        for name in ("distillation", "softness"):
            self.fields[name].setEnabled(teacher)
        self._name_distortion()
        self.changed.emit()

    def _name_distortion(self) -> None:
        """Let the augmentation's name say what its numbers are."""
        now = {name: read_field(self.fields[f"augmentation.{name}"]) for name in _distortions()}
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
            set_field(self.fields[f"augmentation.{name}"], getattr(known, name))
        blocker.unblock()
        self._edited()


def _distortions() -> list[str]:
    return [spec.name for spec in dataclasses.fields(Augmentation)]


def _form(parent: QWidget | None = None) -> QFormLayout:
    form = QFormLayout(parent)
    form.setContentsMargins(0, 0, 0, 0)
    form.setVerticalSpacing(7)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)  # where text is large
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def _heading(title: str) -> QLabel:
    heading = make_caption(title)
    heading.setContentsMargins(0, 8, 0, 0)
    return heading


_UNDO = "undo"


class RecipeForm(QWidget):
    """Choose a recipe, change it, take it with `recipe()`."""

    checked = Signal()
    """The recipe is another one: `problem` and `parameters` are about it."""
    message = Signal(str)
    """What could not be found out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._base = next(iter(RECIPES.values()))  # what the fields were filled from
        # Parameters by network and dataset; None where they can't be counted.
        self._counts: dict[tuple[str, str], int | None] = {}
        self.problem = ""
        """Why what is in the fields can't be trained; empty if it can."""
        self.parameters: int | None = None
        """How many the network has; None until it is known."""
        self.name = ChoiceField({name: name for name in RECIPES})
        self.facts = make_caption("", wrapped=True)
        self.description = ExpandableText("description_text")
        # What was changed stands below the fields, which shall not move under the mouse.
        self.changes = RichLabel()
        self.changes.setObjectName("changes")
        self.changes.setWordWrap(True)
        self.numbers = RecipeNumbers(self)
        self.device = ChoiceField({_("automatic"): "auto", "CPU": "cpu"})
        self._lay_out()
        for part, name in ((self.name, "recipe"), (self.device, "device")):
            set_field_texts(part, name)
            part.installEventFilter(WheelGuard(self))
        self.device.setToolTip(_("Where to train"))
        self.name.currentIndexChanged.connect(self._fill_in)
        self.changes.linkActivated.connect(self._undo)
        self.numbers.changed.connect(self._check)
        self._fill_in()

    def _lay_out(self) -> None:
        rows = self.numbers.main
        rows.insertRow(0, _("&Recipe"), self.name)
        for number, part in enumerate((self.facts, self.description), start=1):
            rows.insertRow(number, part)
        rows.addRow(_("Device"), self.device)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(4, 3, 4, 0)  # the ring of focus, and the bar, have room
        whole.addWidget(self.numbers)
        whole.addStretch(1)

    def order_keys(self, after: QWidget) -> None:
        """Let the Tab key go from top to bottom, and then to `after`."""
        fields = self.numbers.fields
        names = [*MAIN, *(name for names in _SECTIONS.values() for name in names)]
        rest = [fields[name] for name in [*names, *fields] if name not in (*MAIN, "seed")]
        main = [fields[name] for name in MAIN]
        last = [self.numbers.augmentation, fields["seed"], self.device, self.numbers.more]
        chain = [self.name, self.description.more, *main, *last, *dict.fromkeys(rest), after]
        for one, other in itertools.pairwise(chain):
            QWidget.setTabOrder(one, other)

    # Recipe in, recipe out

    def _fill_in(self) -> None:
        name = self.name.currentData()
        self.show_recipe(find_recipe(name) if name in RECIPES else self._base)

    def _undo(self) -> None:
        self.show_recipe(RECIPES[original_name(self._base)])

    def show_recipe(self, recipe: Recipe) -> None:
        """Put a recipe's values into the fields; its name need not be one of the named ones."""
        self._base = recipe
        self._show_name(original_name(recipe))
        source = RECIPES.get(original_name(recipe))
        self.description.set_text(_(recipe.description or (source.description if source else "")))
        self._tell_source(original_name(recipe))
        self.numbers.put(recipe)

    def _tell_source(self, name: str) -> None:
        """What the experiment behind a recipe reported; it does not change with the numbers."""
        source = SOURCES.get(name)
        text = ""
        if source is not None and source.reported is not None:
            texts = {
                "test": _("Published result: {accuracy} on the test images"),
                "validation": _("Published result: {accuracy} on the validation images"),
            }
            accuracy = format_percent(source.reported).replace(" ", "\u00a0")
            text = texts[source.split].format(accuracy=accuracy)
        self.facts.setText(text)
        self.facts.setVisible(bool(text))

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
        values = self.numbers.values()
        if conflict := explain_conflict(values):
            raise RecipeError(conflict)
        recipe = edit_recipe(self._base, **values)
        if recipe is self._base:
            return recipe
        origin = RECIPES.get(original_name(recipe))
        if origin is not None and not differences(recipe):
            return origin  # all changes were taken back
        return recipe

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
        """What was changed, and how large the network is."""
        changed = differences(recipe)
        text = html.escape(_("Changed: {changes}.").format(changes=", ".join(changed)))
        undo = html.escape(_("Undo"))
        self.changes.setText(f'{text} <a href="{_UNDO}">{undo}</a>' if changed else "")
        self.changes.setVisible(bool(changed))
        network = _network_of(recipe)
        self.parameters = self._counts.get(network)
        if network not in self._counts and self.isVisible():
            self._count_parameters(recipe)

    def _count_parameters(self, recipe: Recipe) -> None:
        """Build the network in the background: this window does not know torch."""
        key = _network_of(recipe)

        def count() -> tuple[tuple[str, str], int]:
            return key, factory.count_parameters(recipe)

        def fail(problem: str) -> None:
            if key not in self._counts:  # told once
                self._counts[key] = None
                text = _("The parameters of this network can't be counted: {problem}")
                self.message.emit(text.format(problem=problem))

        BackgroundTask.begin(count, self._counted, fail, context=self)

    def _counted(self, result: tuple[tuple[str, str], int]) -> None:
        key, parameters = result
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
        self.device.addItem(_("automatic"), "auto")
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
