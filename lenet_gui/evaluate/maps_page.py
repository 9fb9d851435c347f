"""Feature maps of several images at once: which ones, and saving the picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.evaluate.map_grid import MapGrid
from lenet_gui.train.run_buttons import push_button
from lenet_gui.widgets.file_dialogs import ask_where_to_save
from lenet_gui.workers.task import Task

if TYPE_CHECKING:
    from trainer.evaluation.map_rows import MapRows
    from trainer.evaluation.report import Report

_MOST = 24
_KINDS = ("PNG picture (*.png)", "SVG picture (*.svg)")


class MapPage(QWidget):
    """Asks the gallery, through two functions, for its images.

    Args:
        shown: numbers of the images that the gallery shows.
        chosen: of those that are chosen there.
    """

    message = Signal(str)
    drawn = Signal()
    """Other maps are shown."""

    def __init__(self, shown: Callable[[], list[int]], chosen: Callable[[], list[int]]) -> None:
        super().__init__()
        self._shown, self._chosen = shown, chosen
        self._report: Report | None = None
        self._asked = 0  # only the newest answer counts
        self.grid = MapGrid()
        self.which = QComboBox()
        self.which.setObjectName("map_images")
        self.which.setAccessibleName("Which images")
        for text in ("First of the dataset", "First of the gallery", "Chosen in the gallery"):
            self.which.addItem(text)
        self.which.setToolTip("In the gallery, Ctrl and Shift choose several images")
        self.count = QSpinBox()
        self.count.setObjectName("map_count")
        self.count.setAccessibleName("How many images")
        self.count.setRange(1, _MOST)
        self.count.setValue(8)
        self.count.setSuffix(" images")
        self.save = push_button(
            "Save picture …", "save_maps_button", "Save images and maps as PNG or SVG"
        )
        self.note = QLabel()
        self.note.setObjectName("caption")
        self.note.setWordWrap(True)
        self._lay_out()
        self.which.activated.connect(self.refresh)
        self.count.valueChanged.connect(self.refresh)
        self.save.clicked.connect(self._save)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.which)
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.save)
        scroll = QScrollArea()
        scroll.setWidget(self.grid)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.addLayout(row)
        whole.addWidget(self.note)
        whole.addWidget(scroll, 1)

    def show_report(self, report: Report) -> None:
        """Show what this network's convolutions see."""
        self._report = report
        if self.isVisible():
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """The gallery may show others by now."""
        super().showEvent(event)
        self.refresh()

    def _numbers(self) -> list[int]:
        assert self._report is not None
        sources = (lambda: list(range(len(self._report or ()))), self._shown, self._chosen)
        return sources[self.which.currentIndex()]()[: self.count.value()]

    def refresh(self) -> None:
        """Find the maps in the background."""
        if self._report is None:
            return
        numbers, report = self._numbers(), self._report
        self.note.setText("" if numbers else "No image is chosen: in the gallery, Ctrl chooses.")
        self.note.setVisible(not numbers)
        self.grid.setVisible(bool(numbers))
        self.save.setEnabled(bool(numbers))
        if not numbers:
            return
        self._asked += 1
        asked = self._asked

        def find() -> MapRows:
            import torch

            from trainer.evaluation.map_rows import map_rows

            torch.set_num_threads(1)
            return map_rows(report.model, report.images, report.labels, numbers, report.classes)

        def show(rows: MapRows) -> None:
            if asked == self._asked:
                self.grid.show_rows(rows)
                self.drawn.emit()

        Task.begin(find, show, self.message)

    def _save(self) -> None:
        start = Path.home() / "maps.png"
        ask_where_to_save(self, "Save images and maps", start, _KINDS, self.save_to)

    def save_to(self, path: Path) -> None:
        """Save what is shown; `message` tells how it went."""
        rows, report = self.grid.rows, self._report
        assert rows is not None and report is not None

        def save() -> str:
            from trainer.evaluation import figures
            from trainer.files import write_whole, writing

            figure = figures.maps(rows, f"{report.model.name} on {report.title}")
            content = figures.encoded(figure, path.suffix.lower().lstrip("."))
            with writing(path):
                write_whole(path, content)
            return f"Saved {path}"

        Task.begin(save, self.message.emit, self.message)
