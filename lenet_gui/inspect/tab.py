"""The Inspect tab: the network taken apart, live, for the drawing that lies on the paper.

While it is not seen, nothing in it is computed.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QThread, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lenet_gui.draw.canvas import Canvas
from lenet_gui.inspect.common.inspection import make_inspection
from lenet_gui.inspect.view import InspectView
from trainer.networks.anatomy import parse_unit
from trainer.reading.sheet_reading import SheetReading


class InspectTab(QWidget):
    """Keeps the newest reading until it is seen.

    Args:
        paper: the canvas whose drawing is inspected; it can be drawn on here too.
        data: folder of datasets.
        runs_folder: where runs leave their folders.
    """

    message = Signal(str)
    """Something to tell the user in passing."""
    hold = Signal(object)
    """tuple[Edit, ...]: read with these maps held from now on."""
    read_instead = Signal(object)
    """Instead | None: read this in place of what lies on the paper."""
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
        self.view = view = InspectView(paper, data, runs_folder)
        """Everything that is seen."""
        whole = QVBoxLayout(self)
        whole.setContentsMargins(14, 10, 14, 10)
        whole.addWidget(view)
        view.message.connect(self.message)
        view.hold.connect(self.hold)
        view.read_instead.connect(self.read_instead)
        view.open_picture.connect(self.open_picture)
        view.choose_digit.connect(self.choose_digit)
        view.data_folder_chosen.connect(self.data_folder_chosen)

    def show_reading(self, reading: SheetReading) -> None:
        """The newest reading; shown if the tab is seen."""
        self.reading = reading
        if not self.isVisible():
            return
        self.view.show_inspection(make_inspection(reading))
        if self._wanted and reading.model is not None:
            self._choose_wanted()

    def choose_called(self, unit: str) -> None:
        """Choose the unit of that name, such as "C3,5,6,6", once there is a network."""
        self._wanted = unit

    def _choose_wanted(self) -> None:
        wanted, self._wanted = self._wanted, ""
        inspection = self.view.network.inspection
        assert inspection is not None
        try:
            self.view.choose(parse_unit(inspection.stages, wanted))
        except ValueError as error:
            self.message.emit(str(error))

    def showEvent(self, event: QShowEvent) -> None:
        """Show the newest reading."""
        super().showEvent(event)
        self.view.show()  # else it comes a moment later, where it was built just now
        if self.reading is not None:
            self.show_reading(self.reading)
        self.view.resume()
        self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """The other tabs see the network as it was trained, and the drawing as it is."""
        super().hideEvent(event)
        self.hold.emit(())
        self.read_instead.emit(None)
        self.seen.emit(False)

    def end(self) -> list[QThread]:
        """Ask all threads to end; returns them."""
        return self.view.end()
