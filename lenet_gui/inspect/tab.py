"""The Inspect tab: the network taken apart, live, for the drawing that lies on the paper.

The whole network is seen, and beside it what is asked of it. While the tab is not seen,
nothing in it is computed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QThread, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSplitter,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.draw.canvas import Canvas
from lenet_gui.draw.result_view import make_marks
from lenet_gui.inspect import picture_menu
from lenet_gui.inspect.change_panel import ChangePanel
from lenet_gui.inspect.common import image_files
from lenet_gui.inspect.common.inspection import Inspection, make_inspection
from lenet_gui.inspect.distort.panel import DistortPanel
from lenet_gui.inspect.enlarged_map import EnlargedMap
from lenet_gui.inspect.images.panel import ImagesPanel
from lenet_gui.inspect.layer_text import LayerTextView
from lenet_gui.inspect.network.view import NetworkView
from lenet_gui.inspect.segmentation import SegmentationPanel
from lenet_gui.inspect.shading import Shading
from lenet_gui.inspect.shading_bar import ShadingBar
from lenet_gui.inspect.sliding_strip import SlidingStrip
from lenet_gui.inspect.tour import TourCard
from lenet_gui.inspect.unit.panel import UnitPanel
from lenet_gui.inspect.why.panel import WhyPanel
from lenet_gui.widgets.controls import REDO_KEYS
from lenet_gui.widgets.formatting import name_of_classes
from lenet_gui.widgets.labels import Label, make_page
from lenet_gui.widgets.live_updates import PAUSE
from lenet_gui.widgets.theme import make_icon
from lenet_gui.workers.serial import BackgroundTask
from trainer.drawing.sheet import Stroke, fit_to_sheet
from trainer.handwriting.font import write_digits
from trainer.networks.anatomy import Kind, Unit, parse_unit
from trainer.networks.interventions import Intervention
from trainer.networks.model import Model
from trainer.reading.sheet_reading import ReplacementImage, SheetReading
from trainer.translation import gettext as _
from trainer.translation import ngettext

Panel = UnitPanel | WhyPanel | ImagesPanel | ChangePanel | DistortPanel | SegmentationPanel
_LEFT, _SIDE = (150, 340), (308, 480)
"""Least and most width of the paper's column and of the panels."""
_CHARACTERS = (13, 44)
"""Characters that have room in the paper's column and in the panels, however large the text."""
_SOON = 30
"""Milliseconds that the numbers wait for the maps at most."""


class InspectTab(QWidget):
    """Keeps the newest reading until it is seen; what is not visible is given nothing.

    Args:
        paper: the canvas whose drawing is inspected; it can be drawn on here too.
        data: folder of datasets.
        runs_folder: where runs leave their folders.
    """

    message = Signal(str)
    """Something to tell the user in passing."""
    hold = Signal(object)
    """tuple[Intervention, ...]: read with these maps held from now on."""
    replaced = Signal(object)
    """ReplacementImage | None: read this in place of what lies on the paper."""
    open_picture = Signal(object)
    """Lay this `Picture` on the paper."""
    seen = Signal(bool)
    """The tab is seen now, or no longer; it does not tell what the gate says."""
    choose_digit = Signal(int)
    """Of several digits, inspect this one, counted from the left."""
    data_folder_chosen = Signal(Path)
    """Datasets are there, the user says."""

    def __init__(self, paper: Canvas, data: Path, runs_folder: Path) -> None:
        super().__init__()
        self.setObjectName("inspect_tab")
        self.reading: SheetReading | None = None
        self._wanted = ""  # a unit to choose when there is a network
        self._paper = paper
        self._inspection: Inspection | None = None
        self._unit: Unit | None = None
        self._replacement: ReplacementImage | None = None
        self._waiting = False  # a reading that the numbers do not tell yet
        # Not sooner after the last numbers than the one, not later than the other.
        self._pause, self._latest = QTimer(self), QTimer(self)
        for timer in (self._pause, self._latest):
            timer.setSingleShot(True)
        self._latest.timeout.connect(self._show_numbers)
        self.canvas = Canvas("inspect_canvas", paper)
        self.canvas.setMinimumSize(_LEFT[0], _LEFT[0])
        self.bar = ShadingBar()
        self.network = NetworkView()
        self.large = EnlargedMap()
        self.strip = SlidingStrip()
        self.unit, self.why, self.change = UnitPanel(), WhyPanel(), ChangePanel()
        self.images, self.distort = ImagesPanel(data), DistortPanel(data, runs_folder)
        self.divide = SegmentationPanel()
        self.layer = LayerTextView()
        self.tour = TourCard()
        self.panels = QTabWidget()
        self.held = Label()
        self._lay_out()
        self._connect()
        self._shade(self.bar.shading)

    # Layout

    def _lay_out(self) -> None:
        self.unit.set_heading_widget(self.layer)
        self.panels.setObjectName("inspect_panels")
        self.panels.setAccessibleName(_("What to ask of the network"))
        self.panels.setDocumentMode(True)
        self.panels.tabBar().setDrawBase(False)
        for panel, title, tip in (
            (self.unit, _("Unit"), _("How the selected unit's value is computed")),
            (self.why, _("Why"), _("Which parts of the drawing speak for an answer")),
            (self.images, _("Images"), _("What the selected map responds to most")),
            (self.change, _("Change"), _("Switch maps off, or fix them at a value")),
            (self.distort, _("Distort"), _("How far the drawing can be distorted")),
            (self.divide, _("Divide"), _("How the drawing is divided into digits")),
        ):
            self.panels.setTabToolTip(self.panels.addTab(panel, title), tip)
        self.held.setObjectName("inspect_note")
        self.held.setWordWrap(True)
        self.held.hide()
        self.large.setParent(self.network)
        self.large.hide()
        self.network.installEventFilter(self)
        self.network.setMinimumWidth(400)
        self.column = QWidget()
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setObjectName("inspect_split")
        self.split.setChildrenCollapsible(False)
        for part, stretch in ((self._left(), 2), (self.network, 7), (self.panels, 3)):
            self.split.addWidget(part)
            self.split.setStretchFactor(self.split.count() - 1, stretch)
        self._fit_panels()
        self.split.setSizes([180, 640, 308])
        column = QVBoxLayout(make_page(self))
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(8)
        column.addWidget(self.bar)
        column.addWidget(self.split, 1)
        column.addWidget(self.tour)
        self.tour.hide()

    def changeEvent(self, event: QEvent) -> None:
        """Larger text needs wider panels."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self.split.count():
            self._fit_panels()

    def _fit_panels(self) -> None:
        wide = self.fontMetrics().averageCharWidth()
        self.column.setMinimumWidth(max(_LEFT[0], wide * _CHARACTERS[0]))
        self.panels.setMinimumWidth(max(_SIDE[0], wide * _CHARACTERS[1]))

    def _left(self) -> QWidget:
        """The paper, its tools, what is not as usual, and the sliding network."""
        left = self.column
        left.setMaximumWidth(_LEFT[1])
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(6)
        column.addWidget(self.canvas)
        column.addLayout(self._tools())
        column.addWidget(self.strip)
        column.addWidget(self.held)
        column.addStretch(1)
        return left

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        keys = QKeySequence.StandardKey
        self._tools_of_paper: list[QAction] = []
        for name, text, shortcuts, call in (
            ("undo", _("Undo"), [QKeySequence(keys.Undo)], self.canvas.undo),
            ("redo", _("Redo"), REDO_KEYS, self.canvas.redo),
            ("clear", _("Clear"), [QKeySequence("Del")], self.canvas.clear),
        ):
            action = QAction(
                make_icon({"undo": "undo-2", "redo": "redo-2"}.get(name, "trash")), text, self
            )
            action.setShortcuts(shortcuts)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            shown = shortcuts[0].toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(
                _("{text} ({shown}, with the drawing in focus)").format(text=text, shown=shown)
            )
            action.triggered.connect(call)
            self.canvas.addAction(action)
            self._tools_of_paper.append(action)
            button = QToolButton()
            button.setDefaultAction(action)
            button.setObjectName(f"inspect_{name}")
            button.setAutoRaise(True)
            button.setMinimumSize(QSize(30, 26))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        row.addStretch(1)
        self._paper.changed.connect(self._enable_tools)
        self._enable_tools()
        return row

    def _enable_tools(self) -> None:
        drawing = self.canvas.drawing
        can = (drawing.can_undo, drawing.can_redo, not drawing.empty)
        for action, possible in zip(self._tools_of_paper, can, strict=True):
            action.setEnabled(possible)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The enlarged map covers the network's picture."""
        if watched is self.network and event.type() == QEvent.Type.Resize:
            self.large.setGeometry(self.network.rect())
        return super().eventFilter(watched, event)

    # Wiring

    def _connect(self) -> None:
        self.bar.changed.connect(self._shade)
        self.network.painted.connect(self._painted)
        self.network.pointed.connect(self._point)
        self.network.chosen.connect(self._choose)
        self.network.opened.connect(self._open)
        self.network.menu_asked.connect(self._show_menu)
        self.large.pointed.connect(self._point)
        self.large.chosen.connect(self.choose)
        self.large.closed.connect(self._close_large)
        self.large.menu_asked.connect(self._show_menu)
        self.panels.currentChanged.connect(self._feed_panel)
        self.panels.currentChanged.connect(self._tell_unusual)
        self.strip.message.connect(self.message)
        self.strip.chosen.connect(self.choose_digit)
        self.strip.menu_asked.connect(self._show_line_menu)
        self.unit.unit_asked.connect(self.choose)
        self.unit.unit_pointed.connect(self.network.point_at)
        self.change.unit_asked.connect(self.choose)
        self.change.changed.connect(self._hold)
        self.why.overlay.connect(self._overlay)
        self.distort.distorted.connect(self._distort)
        self.images.open_picture.connect(self.open_picture)
        self.images.data_folder_chosen.connect(self.data_folder_chosen)
        self.distort.data_folder_chosen.connect(self.data_folder_chosen)
        self.tour.spotlight.connect(self.network.spotlight)
        self.tour.unit_asked.connect(self.choose)
        self.tour.sample_asked.connect(self._show_sample)
        self.tour.ended.connect(self._tour_ended)
        for part in (self.unit, self.why, self.images, self.change, self.distort):
            part.message.connect(self.message)

    @property
    def panel(self) -> Panel:
        """The one that is seen."""
        panel = self.panels.currentWidget()
        assert isinstance(panel, Panel)
        return panel

    def show_reading(self, reading: SheetReading) -> None:
        """The newest reading; shown if the tab is seen."""
        self.reading = reading
        if not self.isVisible():
            return
        self._show_inspection(make_inspection(reading))
        if self._wanted and reading.model is not None:
            self._choose_wanted()

    def choose_called(self, unit: str) -> None:
        """Choose the unit of that name, such as "C3,5,6,6", once there is a network."""
        self._wanted = unit

    def _choose_wanted(self) -> None:
        wanted, self._wanted = self._wanted, ""
        assert self._inspection is not None
        try:
            self.choose(parse_unit(self._inspection.stages, wanted))
        except ValueError as error:
            self.message.emit(str(error))

    def showEvent(self, event: QShowEvent) -> None:
        """Show the newest reading; what was held or distorted is so again."""
        super().showEvent(event)
        if self.reading is not None:
            self.show_reading(self.reading)
        self.hold.emit(self.change.interventions)
        self.replaced.emit(self._replacement)
        self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """The other tabs see the network as it was trained, and the drawing as it is."""
        super().hideEvent(event)
        self.hold.emit(())
        self.replaced.emit(None)
        self.seen.emit(False)

    def _show_inspection(self, inspection: Inspection | None) -> None:
        """A new reading, of the drawing or with something changed."""
        self._inspection = inspection
        self.network.show_inspection(inspection)
        if self.large.isVisible():
            self.large.show_inspection(inspection)
        self._waiting = True
        if not self._latest.isActive():
            self._latest.start(_SOON)  # for when nothing of the network is to be painted

    def _painted(self) -> None:
        """The maps are on their way to the screen: now there is time for the numbers."""
        if self._waiting and not self._pause.isActive():
            self._latest.start(0)

    def _show_numbers(self) -> None:
        """What is read rather than seen: it changes no faster than eyes can follow."""
        if not self._waiting:
            return
        self._waiting = False
        self._pause.start(PAUSE)
        self._latest.start(PAUSE + _SOON)
        inspection = self._inspection
        self.strip.show_inspection(inspection)
        self.panel.show_inspection(inspection)
        self.bar.show_map(inspection, self.network.pointed_unit or self._unit)
        if self.layer.isVisible():
            self._show_layer()
        if self.tour.isVisible():
            self.tour.show_inspection(inspection)
        self._mark_digits()

    def _mark_digits(self) -> None:
        """The boxes of several digits, on the paper here too."""
        if self._inspection is not None:
            self.canvas.show_marks(make_marks(self._inspection.reading))

    def _feed_panel(self) -> None:
        """A panel that comes to be seen gets what it missed."""
        self.panel.show_inspection(self._inspection)
        self.panel.show_unit(self._unit)
        if self.panel is not self.why:
            self.network.show_overlay(None)

    def _point(self, unit: Unit | None) -> None:
        self.bar.show_map(self._inspection, unit or self._unit)

    def choose(self, unit: Unit | None) -> None:
        """Choose a unit everywhere."""
        self.network.choose(unit)
        self._choose(unit)

    def _choose(self, unit: Unit | None) -> None:
        self._unit = unit
        stages = self._inspection.stages if self._inspection else ()
        an_answer = unit is not None and bool(stages) and stages[unit.stage].kind == Kind.OUTPUT
        if an_answer and self.panel is self.unit and not self.tour.isVisible():
            self.panels.setCurrentWidget(self.why)
        self.panel.show_unit(unit)
        self.bar.show_map(self._inspection, unit)
        self._show_layer()
        if self.large.isVisible() and unit is not None:
            self._open(unit)

    def _show_layer(self) -> None:
        self.layer.setVisible(self._unit is not None)
        if self._unit is not None and self._inspection is not None:
            self.layer.show_stage(self._inspection, self._unit.stage)

    def _open(self, unit: Unit) -> None:
        """Show its map large."""
        if self._inspection is None:
            return
        self.large.setGeometry(self.network.rect())
        self.large.show_map(self._inspection, unit, self.bar.shading)
        if not self.large.isVisible():
            self.large.show()
            self.large.setFocus()

    def _close_large(self) -> None:
        self.large.hide()
        self.network.setFocus()

    def _show_menu(self, unit: Unit, at: QPoint) -> None:
        if self._inspection is not None:
            menu = picture_menu.build_menu(
                self, self._inspection, unit, self.bar.shading, self.message
            )
            menu.popup(at)

    def _show_line_menu(self, line: NDArray[np.uint8], at: QPoint) -> None:
        image_files.build_menu(self, line, _("the line of digits"), self.message).popup(at)

    def _shade(self, shading: Shading) -> None:
        self.network.set_shading(shading)
        self.large.set_shading(shading)
        self.bar.show_map(self._inspection, self._unit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes what is open, then lets the unit go."""
        if event.key() == Qt.Key.Key_Escape and self._unit is not None:
            self.choose(None)
        else:
            super().keyPressEvent(event)

    # What is not as usual

    def _hold(self, interventions: tuple[Intervention, ...]) -> None:
        self.network.show_interventions(interventions)
        self.strip.show_interventions(interventions)
        self.why.show_interventions(interventions)
        self.hold.emit(interventions)
        self._tell_unusual()

    def _distort(self, image: NDArray[np.uint8] | None) -> None:
        self._replacement = None if image is None else ReplacementImage(image)
        self.replaced.emit(self._replacement)
        self._tell_unusual()

    def _tell_unusual(self) -> None:
        """Say, as long as it is so, that what is shown is not simply the drawing's reading."""
        sentences = []
        held = len(self.change.interventions)
        if held:
            fixed = ngettext(
                "{count} map is fixed (Change).", "{count} maps are fixed (Change).", held
            )
            sentences.append(fixed.format(count=held))
            if self.panel is self.distort:
                sentences.append(_("The answers under Distort are those without fixed maps."))
        if self._replacement is not None:
            sentences.append(_("The distorted drawing is read (Distort)."))
        self.held.setText(" ".join(sentences))
        self.held.setVisible(bool(sentences))

    def _overlay(self, heat: NDArray[np.float32] | None) -> None:
        if self.panel is self.why:
            self.network.show_overlay(heat)

    # The tour

    def start_tour(self, step: int | None = None) -> None:
        """Begin it, or go on where it was left."""
        self.panels.setCurrentWidget(self.unit)
        self.tour.show()
        self.tour.show_inspection(self._inspection)
        self.tour.start(self.tour.step if step is None else step)

    def _show_sample(self) -> None:
        """Lay a digit on the paper for whoever wants to look before drawing."""

        def write() -> tuple[Stroke, ...]:
            digit = next(d for d in write_digits(100, seed=1) if d.label == 4)
            return fit_to_sheet([stroke.tolist() for stroke in digit.strokes])

        BackgroundTask.begin(write, self._paper.show_strokes, self.message, context=self)

    def _tour_ended(self) -> None:
        self.tour.hide()
        self.network.spotlight(None)

    # Networks, data, what was chosen

    def set_model(self, model: Model) -> None:
        """The model on show is this one; what was held belonged to another."""
        self.images.set_model(model)
        self.canvas.set_wanted(name_of_classes(model.classes))
        if self.change.interventions:
            self.change.let_all_go()

    def set_data(self, folder: Path) -> None:
        """Datasets are there."""
        self.images.data = self.distort.data = folder

    def restore(self, choices: dict[str, str]) -> None:
        """What was chosen when the program ran last."""
        self.bar.restore(choices)
        step = choices.get("tour", "")
        self.tour.step = int(step) if step.isdecimal() else 0

    def chosen(self) -> dict[str, str]:
        """What to remember."""
        return {**self.bar.chosen(), "tour": str(self.tour.next_step)}

    def end(self) -> list[QThread]:
        """Ask all threads to end; returns them."""
        parts = (self.unit, self.why, self.images, self.change, self.distort, self.divide)
        return [thread for part in (*parts, self.strip, self.tour) for thread in part.end()]
