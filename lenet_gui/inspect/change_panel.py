"""The Change panel: maps held at a value, and what the answer owes to each map of a layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QThread, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.inspect.common.inspection import Inspection, map_name
from lenet_gui.widgets.controls import TooltipWidget, make_push_button
from lenet_gui.widgets.formatting import format_percent, format_rounded
from lenet_gui.widgets.labels import Label, make_caption
from lenet_gui.widgets.number_field import NumberField
from lenet_gui.widgets.probabilities import ProbabilitiesView
from lenet_gui.workers.latest import LatestWorker
from trainer.inspect.contributions import ablate_each_map
from trainer.networks.anatomy import Stage, Unit
from trainer.networks.interventions import EDITABLE, Intervention
from trainer.reading.predict import Prediction
from trainer.translation import N_
from trainer.translation import gettext as _

_LEAST = 40
_LIST = 4.1  # lines of text that the list of fixed maps is high


class AblationBars(TooltipWidget):
    """Low bars are maps that the answer needs; a line tells its probability with all of them."""

    picked = Signal(int)
    """The map whose bar was clicked, from 0."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("ablations")
        self.setAccessibleName(_("The answer's probability without each map"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(_LEAST)
        self.setMaximumHeight(3 * _LEAST)
        self.values: tuple[float, ...] = ()
        self._whole = 0.0
        self._chosen = 0
        self._name = ""

    def sizeHint(self) -> QSize:
        """High enough to compare."""
        return QSize(260, 70)

    def show_values(
        self,
        values: Sequence[float] | None,
        whole: float = 0.0,
        chosen: int = 0,
        name: str = "",
    ) -> None:
        """Show probabilities, 0 to 1.

        Args:
            values: of the answer, without each map; None for no bars.
            whole: of the answer, with all maps.
            chosen: the map to mark.
            name: what one map is called, such as "C3, map".
        """
        self.values = tuple(values or ())
        self._whole, self._chosen, self._name = whole, chosen, name
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if self.values else Qt.CursorShape.ArrowCursor
        )
        texts = (f"{n + 1}: {format_percent(p, 0)}" for n, p in enumerate(self.values))
        self.setAccessibleDescription(", ".join(texts))
        self.update()

    def bar(self, number: int) -> QRectF:
        """The room of a map's bar, as high as a probability of 1."""
        width = self.width() / max(1, len(self.values))
        return QRectF(number * width, 0, width, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bars and the line."""
        if not self.values:
            return
        painter = QPainter(self)
        role = QPalette.ColorRole
        gap = 2.0 if len(self.values) <= 20 else 0.5
        for number, value in enumerate(self.values):
            room = self.bar(number).adjusted(gap / 2, 0, -gap / 2, 0)
            painter.fillRect(room, self.palette().color(role.AlternateBase))
            filled = QRectF(room)
            filled.setTop(room.bottom() - value * room.height())
            chosen = number == self._chosen
            painter.fillRect(filled, self.palette().color(role.Highlight if chosen else role.Mid))
        height = self.height() * (1 - self._whole)
        painter.setPen(QPen(self.palette().color(role.WindowText), 1))
        painter.drawLine(QPointF(0, max(0.5, height)), QPointF(self.width(), max(0.5, height)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses the map."""
        number = self._at(event.position())
        if number is not None and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(number)

    def tooltip_at(self, point: QPointF) -> str:
        """The bar's value."""
        number = self._at(point)
        if number is None:
            return ""
        return _("without {name} {number}: {share}").format(
            name=self._name, number=number + 1, share=format_percent(self.values[number], 1)
        )

    def _at(self, position: QPointF) -> int | None:
        if not self.values:
            return None
        return min(max(0, int(position.x() / self.bar(0).width())), len(self.values) - 1)


_STEPS = 200
_CHOOSE = N_("Select a map in the picture of the network to switch it off or to fix it at a value.")
_FIXED = N_("The input and the outputs can't be fixed: select a map between them.")


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """Of which maps the worth is asked."""

    inspection: Inspection
    stage: int


class _Worker(LatestWorker):
    """Switches the maps of a layer off, one after the other."""

    def work(self, question: _Question) -> tuple[_Question, NDArray[np.float64]]:
        return question, ablate_layer(question.inspection, question.stage)


class ChangePanel(QWidget):
    """Tells with `changed` which maps are to be held; whoever reads must do it."""

    changed = Signal(object)
    """tuple[Edit, ...]: all that is held from now on."""
    unit_asked = Signal(object)
    """Choose this `Unit`."""
    message = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("change_panel")
        self.interventions: tuple[Intervention, ...] = ()
        self._inspection: Inspection | None = None
        self._unit: Unit | None = None
        self._worker = _Worker()
        self._worker.done.connect(self._show_ablations)
        self._worker.failed.connect(self.message)
        self._make()
        self._lay_out()
        self._show()

    def _make(self) -> None:
        self.heading = Label()
        self.heading.setObjectName("change_heading")
        self.heading.setWordWrap(True)
        self.hold = QCheckBox(_("Fix at"))
        self.hold.setObjectName("hold")
        self.hold.setToolTip(
            _("Every unit of the map gets this value, whatever the previous layer computes")
        )
        # "-1" on the way to "-1.25" is not meant.
        self.value = NumberField(-999, 999, decimals=2, tracking=False)
        self.value.setObjectName("hold_value")
        self.value.setAccessibleName(_("Value to fix the map at"))
        self.value.setSingleStep(0.1)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("hold_slider")
        self.slider.setAccessibleName(_("Value to fix the map at"))
        self.slider.setRange(0, _STEPS)
        self.off = make_push_button(_("Switch off"), "switch_off", _("Fix the map at 0"))
        self.held = QListWidget()
        self.held.setObjectName("held_maps")
        self.held.setAccessibleName(_("Fixed maps"))
        self.held.setToolTip(_("Del releases the selected one"))
        self.release = make_push_button(
            _("Release all"), "release_all", _("Use the network as it was trained")
        )
        self.answer = Label()
        self.answer.setObjectName("held_answer")
        self.answer.setTextFormat(Qt.TextFormat.PlainText)
        self.answer.setWordWrap(True)
        self.bars = ProbabilitiesView()
        self.bars.setObjectName("held_probabilities")
        self.bars.setMinimumHeight(ProbabilitiesView.ROWS * 13)
        self.bars.setMaximumHeight(ProbabilitiesView.ROWS * 26)
        self.worth_caption = make_caption("", wrapped=True)
        self.ablations = AblationBars()
        self.hold.toggled.connect(self._hold)
        self.value.valueChanged.connect(self._value_changed)
        self.value.refused.connect(self.message)
        self.slider.valueChanged.connect(self._slid)
        self.off.clicked.connect(self._switch_off)
        self.held.currentRowChanged.connect(self._ask_for_held)
        self.release.clicked.connect(self.let_all_go)
        self.ablations.picked.connect(self._ask_for_map)

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.addWidget(self.hold)
        first.addWidget(self.value)
        first.addStretch(1)
        first.addWidget(self.off)
        last = QHBoxLayout()
        last.addWidget(self.held, 1)
        last.addWidget(self.release, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 4)
        column.setSpacing(6)
        column.addWidget(self.heading)
        column.addLayout(first)
        column.addWidget(self.slider)
        column.addLayout(last)
        column.addWidget(self.answer)
        column.addWidget(self.bars, 2)
        column.addWidget(self.worth_caption)
        column.addWidget(self.ablations, 1)
        column.addStretch(0)
        self._fit_list()

    def _fit_list(self) -> None:
        """Room for three maps in the list of those that are fixed."""
        self.held.setFixedHeight(round(_LIST * self.fontMetrics().height()))

    def changeEvent(self, event: QEvent) -> None:
        """Larger text needs a higher list."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_list()

    def minimumSizeHint(self) -> QSize:
        """With all lines of its texts at the width that it has."""
        least, column = super().minimumSizeHint(), self.layout()
        high = column.minimumHeightForWidth(max(self.width(), least.width())) if column else 0
        return least.expandedTo(QSize(0, high))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """At another width, texts have another number of lines."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    # What is shown

    def show_inspection(self, inspection: Inspection | None) -> None:
        """The answer with the maps held, and without."""
        self._inspection = inspection
        self._show_answer()
        self._ask_for_ablations()

    def show_unit(self, unit: Unit | None) -> None:
        """Another unit is chosen; its map can be held."""
        self._unit = unit
        self._show()
        self._ask_for_ablations()

    @property
    def _stage(self) -> Stage | None:
        """The chosen map's stage, if its maps can be held."""
        if self._inspection is None or self._unit is None:
            return None
        stage = self._inspection.stages[self._unit.stage]
        return stage if stage.active in EDITABLE else None

    @property
    def _intervention(self) -> Intervention | None:
        """What the chosen map is held at."""
        stage = self._stage
        if stage is None or self._unit is None:
            return None
        place = (stage.active, self._unit.map)
        return next(
            (
                intervention
                for intervention in self.interventions
                if (intervention.layer, intervention.map) == place
            ),
            None,
        )

    def _show(self) -> None:
        stage, intervention = self._stage, self._intervention
        for part in (self.hold, self.value, self.slider, self.off):
            part.setEnabled(stage is not None)
            part.blockSignals(True)
        if stage is None or self._unit is None:
            self.heading.setText(_(_CHOOSE) if self._unit is None else _(_FIXED))
        else:
            self.heading.setText(map_name(stage, self._unit.map))
        self.hold.setChecked(intervention is not None)
        self.value.setValue(intervention.value if intervention else 0.0)
        low, high = self._range()
        self.slider.setValue(round((self.value.value() - low) / (high - low) * _STEPS))
        for part in (self.hold, self.value, self.slider, self.off):
            part.blockSignals(False)
        self._show_held()
        self._show_answer()

    def _show_held(self) -> None:
        self.held.blockSignals(True)
        self.held.clear()
        for intervention in self.interventions:
            item = QListWidgetItem(f"{self._name_of(intervention)} = {_number(intervention.value)}")
            item.setData(Qt.ItemDataRole.UserRole, intervention)
            self.held.addItem(item)
            if intervention == self._intervention:
                self.held.setCurrentItem(item)
        self.held.blockSignals(False)
        self.release.setEnabled(bool(self.interventions))

    def _name_of(self, intervention: Intervention) -> str:
        if self._inspection is None:
            return f"{intervention.layer} {intervention.map + 1}"
        stage = next(s for s in self._inspection.stages if s.active == intervention.layer)
        return map_name(stage, intervention.map)

    def _show_answer(self) -> None:
        reading = self._inspection.reading if self._inspection else None
        prediction = reading.prediction if reading else None
        if reading is None or prediction is None:
            self.answer.setText(_("Draw something to see what each map contributes to the answer."))
            self.bars.show_values((), reading.classes if reading else ())
            return
        classes = reading.classes
        text = _describe(_("Prediction"), prediction, classes)
        if reading.baseline is not None:
            text = _describe(_("As trained"), reading.baseline, classes) + "\n"
            text += _describe(_("With fixed maps"), prediction, classes)
        self.answer.setText(text)
        before = reading.baseline.probabilities if reading.baseline else ()
        self.bars.show_values(prediction.probabilities, classes, (prediction.digit,), before)

    # Holding

    def _range(self) -> tuple[float, float]:
        """The slider's ends: what the layer's values are now, and 0."""
        values = None
        if self._inspection is not None and self._unit is not None and self._stage is not None:
            values = self._inspection.values(self._unit.stage)
        if values is None:
            return -1.0, 1.0
        return min(0.0, float(values.min())), max(0.1, float(values.max()))

    def _slid(self, at: int) -> None:
        low, high = self._range()
        self.value.setValue(low + (high - low) * at / _STEPS)
        self.hold.setChecked(True)

    def _value_changed(self) -> None:
        if self.hold.isChecked():
            self._hold(True)
        else:
            self.hold.setChecked(True)

    def _switch_off(self) -> None:
        self.value.blockSignals(True)
        self.value.setValue(0.0)
        self.value.blockSignals(False)
        self._hold(True)

    def _hold(self, held: bool) -> None:
        stage = self._stage
        if stage is None or self._unit is None:
            return
        others = tuple(
            intervention
            for intervention in self.interventions
            if intervention != self._intervention
        )
        if held:
            others += (Intervention(stage.active, self._unit.map, self.value.value()),)
        self._set(others)

    def _set(self, interventions: tuple[Intervention, ...]) -> None:
        self.interventions = interventions
        self._show()
        self.changed.emit(interventions)

    def let_all_go(self) -> None:
        """The network as it was trained."""
        self._set(())

    def _ask_for_held(self, row: int) -> None:
        if row < 0 or self._inspection is None:
            return
        intervention: Intervention = self.held.item(row).data(Qt.ItemDataRole.UserRole)
        stages = self._inspection.stages
        number = next(n for n, stage in enumerate(stages) if stage.active == intervention.layer)
        self.unit_asked.emit(Unit(number, intervention.map, 0, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del lets the chosen one of the held maps go."""
        item = self.held.currentItem()
        if event.key() == Qt.Key.Key_Delete and self.held.hasFocus() and item is not None:
            gone = item.data(Qt.ItemDataRole.UserRole)
            self._set(
                tuple(intervention for intervention in self.interventions if intervention != gone)
            )
        else:
            super().keyPressEvent(event)

    # What each map is worth

    def _ask_for_ablations(self) -> None:
        inspection = self._inspection
        if inspection is None or inspection.prediction is None or self._stage is None:
            self.ablations.show_values(None)
            self.worth_caption.setText("")
            return
        assert self._unit is not None
        if not self._worker.isRunning():
            self._worker.start(QThread.Priority.LowPriority)
        self._worker.ask(_Question(inspection, self._unit.stage))

    def _show_ablations(self, result: tuple[_Question, NDArray[np.float64]]) -> None:
        question, values = result
        inspection, stage = question.inspection, question.inspection.stages[question.stage]
        prediction = inspection.reading.baseline or inspection.prediction
        if self._unit is None or self._unit.stage != question.stage or prediction is None:
            return
        answer = inspection.reading.classes[prediction.digit]
        units = _(
            "The probability of {answer} with one unit of {layer} at a time switched off; click "
            "one to select it"
        )
        maps = _(
            "The probability of {answer} with one map of {layer} at a time switched off; click "
            "one to select it"
        )
        text = (units if stage.flat else maps).format(answer=answer, layer=stage.name)
        self.worth_caption.setText(text)
        what = _("{layer}, unit") if stage.flat else _("{layer}, map")
        plain = prediction.probabilities[prediction.digit]
        self.ablations.show_values(
            values.tolist(), plain, self._unit.map, what.format(layer=stage.name)
        )

    def _ask_for_map(self, number: int) -> None:
        if self._unit is not None:
            self.unit_asked.emit(Unit(self._unit.stage, number, 0, 0))

    def end(self) -> list[QThread]:
        """Ask its thread to end."""
        self._worker.end()
        return [self._worker]


def _number(value: float) -> str:
    return format_rounded(value, 2)


def _describe(what: str, prediction: Prediction, classes: tuple[str, ...]) -> str:
    share = prediction.probabilities[prediction.digit]
    return f"{what}: {classes[prediction.digit]}, {format_percent(float(share), 1)}"


def ablate_layer(inspection: Inspection, stage: int) -> NDArray[np.float64]:
    """The answer's probability with each map of a stage switched off, one after the other."""
    assert inspection.prediction is not None
    answer = inspection.reading.baseline or inspection.prediction
    layer = inspection.stages[stage].active
    return ablate_each_map(inspection.model, inspection.reading.image, layer, answer.digit)
