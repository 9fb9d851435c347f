"""The Inspect tab: the network taken apart, live, for the drawing that lies on the paper.

Its parts are built when it is first seen: until then it costs the window nothing.
While it is not seen, nothing in it is computed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QThread, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lenet_gui.draw.canvas import Canvas
from lenet_gui.inspect.common.inspection import make_inspection
from trainer.networks.anatomy import parse_unit

if TYPE_CHECKING:
    from lenet_gui.inspect.view import InspectView
    from trainer.networks.model import Model
    from trainer.reading.sheet_reading import SheetReading

CHOICES = ("colors", "scale", "before", "kernels", "tour")
"""The names of what is remembered."""


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
    sample_asked = Signal()
    """Lay a sample digit on the paper."""

    def __init__(self, paper: Canvas, data: Path, runs_folder: Path) -> None:
        super().__init__()
        self.setObjectName("inspect_tab")
        self._paper, self._data, self._runs_folder = paper, data, runs_folder
        self.reading: SheetReading | None = None
        self._model: Model | None = None
        self._view: InspectView | None = None
        self._wanted = ""  # a unit to choose when there is a network
        self.choices: dict[str, str] = {}
        """What was chosen when the program ran last, by name."""

    @property
    def view(self) -> InspectView:
        """Everything that is seen; built at the first need."""
        if self._view is None:
            # Not before it is needed: the window opens sooner.
            from lenet_gui.inspect.view import InspectView

            self._view = view = InspectView(self._paper, self._data, self._runs_folder)
            whole = QVBoxLayout(self)
            whole.setContentsMargins(14, 10, 14, 10)
            whole.addWidget(view)
            view.message.connect(self.message)
            view.hold.connect(self.hold)
            view.read_instead.connect(self.read_instead)
            view.open_picture.connect(self.open_picture)
            view.choose_digit.connect(self.choose_digit)
            view.data_folder_chosen.connect(self.data_folder_chosen)
            view.sample_asked.connect(self.sample_asked)
            view.restore(self.choices)
            if self._model is not None:
                view.set_model(self._model)
        return self._view

    def set_model(self, model: Model) -> None:
        """The model on show is this one."""
        self._model = model
        if self._view is not None:
            self._view.set_model(model)

    @property
    def data(self) -> Path:
        """Folder of datasets."""
        return self._data

    @data.setter
    def data(self, folder: Path) -> None:
        self._data = folder
        if self._view is not None:
            self._view.set_data(folder)

    def show_reading(self, reading: SheetReading) -> None:
        """The newest reading; shown if the tab is seen."""
        self.reading = reading
        if self._view is None or not self.isVisible():
            return
        self._view.show_inspection(make_inspection(reading))
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
        """Build it, and show the newest reading."""
        super().showEvent(event)
        view = self.view
        view.show()  # else it comes a moment later, where it was built just now
        if self.reading is not None:
            view.show_inspection(make_inspection(self.reading))
        view.resume()
        self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """The other tabs see the network as it was trained, and the drawing as it is."""
        super().hideEvent(event)
        self.hold.emit(())
        self.read_instead.emit(None)
        self.seen.emit(False)

    def start_tour(self) -> None:
        """Walk from the drawing to the answer."""
        self.view.start_tour()

    def chosen(self) -> dict[str, str]:
        """What to remember until the program runs again."""
        return self.choices if self._view is None else self._view.chosen()

    def end(self) -> list[QThread]:
        """Ask all threads to end; returns them."""
        return [] if self._view is None else self._view.end()
