"""The bar above the network's picture: how values become colors, and what the colors mean."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPalette, QShowEvent, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from lenet_gui.inspect.common.inspection import map_name
from lenet_gui.inspect.shading.scale import ColorScale, StatisticsView
from lenet_gui.inspect.shading.values import Shading, activation, has_initial_weights
from lenet_gui.workers.serial import BackgroundTask

if TYPE_CHECKING:
    from lenet_gui.inspect.common.inspection import Inspection
    from trainer.networks.anatomy import Unit
    from trainer.networks.model import Model

_CHOICES: dict[str, tuple[str, tuple[tuple[Any, str, str], ...]]] = {
    "colors": (
        "Colors",
        (
            ("viridis", "Viridis", "from blue, low, over green to yellow, high"),
            ("gray", "Gray", "from black, low, to white, high"),
            ("diverging", "Blue to orange", "blue below zero, orange above, zero as the ground"),
        ),
    ),
    "scale": (
        "Scale of the colors",
        (
            ("map", "Each map", "from a map's own lowest value to its highest"),
            ("layer", "Each layer", "from the lowest value of all maps of a layer to the highest"),
            ("network", "All layers", "from the lowest value of C1 to F6 to the highest"),
            ("fixed", "Fixed", "the activation's range, or to 5 where it has no end"),
        ),
    ),
    "before": (
        "Which values",
        (
            (False, "Activations", "what the next layer sees"),
            (True, "Sums", "what a unit adds up, before its activation"),
        ),
    ),
    "kernels": (
        "Which kernels",
        (
            ("trained", "Kernels: trained", "as they are now"),
            ("initial", "Kernels: initial", "as they were before the (first) training"),
            ("change", "Kernels: change", "what the training has added to them"),
        ),
    ),
}
_UNKNOWN = (
    "The initial kernels can't be known: this network does not resemble the one that its recipe's "
    "seed begins with."
)


class ShadingBar(QWidget):
    """Says `changed` when another picture is wanted."""

    changed = Signal(object)
    """The `Shading` that is wanted from now on."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("shading_bar")
        self._shading = Shading(dark=self._dark())
        self._inspection: Inspection | None = None
        self._unit: Unit | None = None
        self._model: Model | None = None  # of which it is known whether its start can be shown
        self._wanted_kernels = self._shading.kernels  # also while they can't be had
        self.combos = {name: _combo(name) for name in _CHOICES}
        self.scale = ColorScale()
        self.statistics = StatisticsView()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for combo in self.combos.values():
            row.addWidget(combo)
        row.addSpacing(4)
        row.addWidget(self.scale, 1)
        row.addStretch(1)
        row.addWidget(self.statistics)
        for name, combo in self.combos.items():
            combo.currentIndexChanged.connect(lambda _, name=name: self._choose(name))
        self._show_choice()

    # What is chosen

    @property
    def shading(self) -> Shading:
        """What is chosen."""
        return self._shading

    def set_shading(self, shading: Shading) -> None:
        """Choose this, but for the ground; says `changed` if it is another."""
        self._wanted_kernels = shading.kernels
        self._set(dataclasses.replace(shading, dark=self._shading.dark))

    def set_dark(self, dark: bool) -> None:
        """The ground is dark, or light: diverging colors have it at zero."""
        self._set(dataclasses.replace(self._shading, dark=dark))

    def chosen(self) -> dict[str, str]:
        """What to remember until the program runs again."""
        wanted = dataclasses.replace(self._shading, kernels=self._wanted_kernels)
        return {name: str(getattr(wanted, name)) for name in _CHOICES}

    def restore(self, choices: dict[str, str]) -> None:
        """Choose what was remembered; what is no choice is left as it is."""
        found = {
            name: value
            for name, (_, values) in _CHOICES.items()
            for value, _, _ in values
            if choices.get(name) == str(value)
        }
        self.set_shading(dataclasses.replace(self._shading, **found))

    def _choose(self, name: str) -> None:
        value = self.combos[name].currentData()
        if name == "kernels":
            self._wanted_kernels = value
        self._set(dataclasses.replace(self._shading, **{name: value}))

    def _set(self, shading: Shading) -> None:
        if shading == self._shading:
            return
        self._shading = shading
        self._show_choice()
        self._refresh()
        self.changed.emit(shading)

    def _show_choice(self) -> None:
        for name, combo in self.combos.items():
            combo.blockSignals(True)
            combo.setCurrentIndex(combo.findData(getattr(self._shading, name)))
            combo.blockSignals(False)
        if self.isVisible():  # before, perhaps nobody has imported matplotlib yet
            self.scale.show_colors(self._shading.table)

    def _dark(self) -> bool:
        return self.palette().color(QPalette.ColorRole.Window).lightness() < 128

    def changeEvent(self, event: QEvent) -> None:
        """Zero has the ground's color."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "statistics"):
            self.set_dark(self._dark())

    def showEvent(self, event: QShowEvent) -> None:
        """The colors as they are by now."""
        super().showEvent(event)
        self.scale.show_colors(self._shading.table)

    # What is pointed at

    def show_map(self, inspection: Inspection | None, unit: Unit | None) -> None:
        """Tell of the map of `unit`; of a flat stage, of all its units."""
        self._inspection, self._unit = inspection, unit
        if inspection is not None and inspection.model is not self._model:
            self._meet(inspection.model)
        self._refresh()

    def show_range(self, low: float, high: float) -> None:
        """Show these ends beneath the colors."""
        self.scale.show_range((low, high), None)

    def _meet(self, model: Model) -> None:
        """Find out, in the background, whether its initial kernels can be shown."""
        self._model = model
        self._offer(False, "It is being found out whether the initial kernels can be known.")

        def find() -> tuple[Model, bool]:
            from trainer.runtime import cpu  # in the thread: it brings torch

            cpu.use_background_threads()
            return model, has_initial_weights(model)

        BackgroundTask.begin(find, self._found, self._failed)

    def _found(self, answer: tuple[Model, bool]) -> None:
        model, known = answer
        if model is not self._model:
            return
        self._offer(known, "" if known else _UNKNOWN)
        kernels = self._wanted_kernels if known else "trained"
        self._set(dataclasses.replace(self._shading, kernels=kernels))

    def _failed(self, why: str) -> None:
        self._offer(False, why)

    def _offer(self, known: bool, why: str) -> None:
        """Let the initial kernels be chosen, or say why not."""
        combo = self.combos["kernels"]
        items = combo.model()
        assert isinstance(items, QStandardItemModel)
        for index in range(combo.count()):
            if combo.itemData(index) != "trained":
                items.item(index).setEnabled(known)
        combo.setToolTip("\n".join(filter(None, (_told("kernels"), why))))

    def _refresh(self) -> None:
        inspection, unit = self._inspection, self._unit
        if inspection is None or unit is None:
            self.statistics.show_statistics("", None)
            self.scale.show_range(None, None)
            return
        stage = inspection.stages[unit.stage]
        title = stage.name if stage.flat else map_name(stage, unit.map)
        shown = inspection.values(unit.stage, self._shading.before)
        active = inspection.values(unit.stage)
        if shown is None or active is None:
            self.statistics.show_statistics(title, None)
            self.scale.show_range(None, None)
            return
        # Brings torch: not before the window shows.
        from trainer.inspect.contributions import compute_statistics

        if not stage.flat:
            shown, active = shown[unit.map], active[unit.map]
        found = compute_statistics(shown, active, activation(inspection.model, stage))
        self.statistics.show_statistics(title, found)
        low, high = self._shading.ranges(inspection, unit.stage)[unit.map].tolist()
        self.scale.show_range((low, high), inspection.value(unit, self._shading.before))


def _told(name: str) -> str:
    title, choices = _CHOICES[name]
    return "\n".join((f"{title}:", *(f"{text}: {meaning}" for _, text, meaning in choices)))


def _combo(name: str) -> QComboBox:
    title, choices = _CHOICES[name]
    combo = QComboBox()
    combo.setObjectName(f"shading_{name}")
    combo.setAccessibleName(title)
    combo.setToolTip(_told(name))
    for value, text, meaning in choices:
        combo.addItem(text, value)
        combo.setItemData(combo.count() - 1, meaning, Qt.ItemDataRole.ToolTipRole)
    return combo
