"""Feature maps of several images at once: which ones, and saving the picture.

Several images with their conv1 and conv2 maps, one below the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QImage, QPainter, QPaintEvent, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.widgets import colormap
from lenet_gui.widgets.colormap import color_table, dataset_image
from lenet_gui.widgets.controls import make_push_button
from lenet_gui.widgets.file_dialogs import ask_where_to_save
from lenet_gui.widgets.formatting import format_percent
from lenet_gui.widgets.labels import Label, ScrollArea, make_caption
from lenet_gui.widgets.lists import make_chooser, wrong_color
from lenet_gui.widgets.number_field import NumberField
from lenet_gui.workers.serial import BackgroundTask
from trainer.evaluation.map_rows import MapRows, compute_map_rows
from trainer.evaluation.report import Report
from trainer.files import save_file
from trainer.runtime import cpu
from trainer.translation import N_
from trainer.translation import gettext as _

_GAP, _BETWEEN, _ROW_GAP = 3, 14, 12
_WORDS = 86
_COLUMNS = 2 + 3 + 8
"""The image takes two rows and columns of tiles, conv1 2x3, conv2 2x8."""
_SMALLEST, _LARGEST = 24, 64


@dataclass(frozen=True, slots=True)
class _MapRow:
    """One image, ready to be painted."""

    image: QImage
    layers: tuple[QImage, QImage]  # all maps of a layer in one column
    sides: tuple[int, int]  # of each map


class MapGrid(QWidget):
    """As wide as it is given; as high as its rows need."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("map_grid")
        self.setAccessibleName(_("Images with their feature maps"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.rows: MapRows | None = None
        self._drawn: list[_MapRow] = []

    def show_rows(self, rows: MapRows) -> None:
        """Show these images and their maps."""
        self.rows = rows
        self._drawn = [_row(rows, number) for number in range(len(rows))]
        answers = (
            f"{answer} ({format_percent(share, 0)})"
            for answer, share in zip(rows.answers, rows.confidences, strict=True)
        )
        self.setAccessibleDescription(
            _("Recognized as {answers}").format(answers=", ".join(answers))
        )
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Tiles in which something can be seen."""
        wide = _COLUMNS * (_SMALLEST + _GAP) + 2 * _BETWEEN + _WORDS
        return QSize(wide, self._height(wide))

    def sizeHint(self) -> QSize:
        """What the rows need at this width."""
        return QSize(560, self._height(self.width()))

    def hasHeightForWidth(self) -> bool:
        """True: narrower, the grid has more rows."""
        return True

    def heightForWidth(self, width: int) -> int:
        """What the rows need."""
        return self._height(width)

    def _tile(self, width: int) -> int:
        room = width - 2 * _BETWEEN - _WORDS
        return min(max(room // _COLUMNS - _GAP, _SMALLEST), _LARGEST)

    def _height(self, width: int) -> int:
        high = 2 * (self._tile(width) + _GAP) + _ROW_GAP
        return self.fontMetrics().height() + 6 + len(self._drawn) * high

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows that are seen."""
        if self.rows is None:
            return
        painter = QPainter(self)
        unit = self._tile(self.width()) + _GAP
        head = self.fontMetrics().height() + 6
        lefts = (0, 2 * unit + _BETWEEN, 5 * unit + 2 * _BETWEEN)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        for left, name in zip(lefts, (_("input"), "conv1", "conv2"), strict=True):
            painter.drawText(QRectF(left, 0, 120, head - 6), Qt.AlignmentFlag.AlignVCenter, name)
        for number, row in enumerate(self._drawn):
            top = head + number * (2 * unit + _ROW_GAP)
            band = QRectF(0, top, self.width(), 2 * unit)
            if band.intersects(QRectF(event.rect())):
                self._paint_row(painter, row, top, unit, lefts)
                self._paint_words(painter, number, lefts[2] + 8 * unit + 6, top, 2 * unit)

    def _paint_row(
        self, painter: QPainter, row: _MapRow, top: int, unit: int, lefts: tuple[int, int, int]
    ) -> None:
        painter.drawImage(QRectF(lefts[0], top, 2 * unit - _GAP, 2 * unit - _GAP), row.image)
        side = unit - _GAP
        for layer, across in ((0, 3), (1, 8)):
            image, high = row.layers[layer], row.sides[layer]
            for number in range(2 * across):
                down, right = divmod(number, across)
                tile = QRectF(lefts[1 + layer] + right * unit, top + down * unit, side, side)
                painter.drawImage(tile, image, QRectF(0, number * high, image.width(), high))

    def _paint_words(self, painter: QPainter, number: int, left: int, top: int, high: int) -> None:
        assert self.rows is not None
        rows, flags = self.rows, Qt.AlignmentFlag
        right = rows.labels[number] == rows.answers[number]
        text = self.palette().color(QPalette.ColorRole.Text)
        room = QRectF(left, top, self.width() - left, high / 2 - 1)
        font = QFont(self.font())
        font.setBold(True)
        if len(rows.answers[number]) < 3:
            font.setPointSizeF(font.pointSizeF() * 1.5)
        painter.setFont(font)
        painter.setPen(text if right else wrong_color(self.palette()))
        painter.drawText(room, flags.AlignLeft | flags.AlignBottom, rows.answers[number])
        painter.setFont(self.font())
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        sentence = format_percent(float(rows.confidences[number]), 1)
        if not right:
            sentence += "\n" + _("label {label}").format(label=rows.labels[number])
        room.translate(0, high / 2)
        room.setHeight(high)
        painter.drawText(room, flags.AlignLeft | flags.AlignTop, sentence)


def _row(rows: MapRows, number: int) -> _MapRow:
    levels, table = rows.levels(number), color_table("viridis")
    return _MapRow(
        dataset_image(rows.images[number]),
        (colormap.apply_table(levels[0], table), colormap.apply_table(levels[1], table)),
        (levels[0].shape[1], levels[1].shape[1]),
    )


_MOST = 24
_KINDS = (N_("PNG picture (*.png)"), N_("SVG picture (*.svg)"))


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
        self.report: Report | None = None
        self._asked = 0  # only the newest answer counts
        self.grid = MapGrid()
        self.which = make_chooser("map_images", _("Which images"))
        for text in (
            _("First of the dataset"),
            _("First of the gallery"),
            _("Selected in the gallery"),
        ):
            self.which.addItem(text)
        self.which.setToolTip(_("Hold Ctrl or Shift in the gallery to select several images"))
        self.count = NumberField(1, _MOST, whole=True)
        self.count.setObjectName("map_count")
        self.count.setAccessibleName(_("How many images"))
        self.count.setValue(8)
        self.save = make_push_button(
            _("Save picture…"), "save_maps_button", _("Save images and maps as PNG or SVG")
        )
        self.note = make_caption("", wrapped=True)
        self._lay_out()
        self.which.activated.connect(self.refresh)
        self.count.valueChanged.connect(self.refresh)
        self.count.refused.connect(self.message)
        self.save.clicked.connect(self._save)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.which)
        row.addWidget(self.count)
        row.addWidget(Label(_("images")))
        row.addStretch(1)
        row.addWidget(self.save)
        scroll = ScrollArea(self.grid, sideways=True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.addLayout(row)
        whole.addWidget(self.note)
        whole.addWidget(scroll, 1)

    def show_report(self, report: Report) -> None:
        """Show what this network's convolutions see."""
        self.report = report
        if self.isVisible():
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """The gallery may show others by now."""
        super().showEvent(event)
        self.refresh()

    def _numbers(self) -> list[int]:
        assert self.report is not None
        sources = (lambda: list(range(len(self.report or ()))), self._shown, self._chosen)
        return sources[self.which.currentIndex()]()[: int(self.count.value())]

    def refresh(self) -> None:
        """Find the maps in the background."""
        if self.report is None:
            return
        numbers, report = self._numbers(), self.report
        self.note.setText(
            "" if numbers else _("No image selected: hold Ctrl and click images in the gallery.")
        )
        self.note.setVisible(not numbers)
        self.grid.setVisible(bool(numbers))
        self.save.setEnabled(bool(numbers))
        if not numbers:
            return
        self._asked += 1
        request = self._asked

        def find() -> MapRows:
            cpu.use_background_threads()
            return compute_map_rows(
                report.model, report.images, report.labels, numbers, report.classes
            )

        def show(rows: MapRows) -> None:
            if request == self._asked:
                self.grid.show_rows(rows)
                self.drawn.emit()

        BackgroundTask.begin(find, show, self.message, context=self)

    def _save(self) -> None:
        start = Path.home() / "maps.png"
        ask_where_to_save(self, _("Save images and maps"), start, _KINDS, self.save_to)

    def save_to(self, path: Path) -> None:
        """Save what is shown; `message` tells how it went."""
        rows, report = self.grid.rows, self.report
        assert rows is not None and report is not None

        def save() -> str:
            # Brings matplotlib, which takes long: only when figures are drawn.
            from trainer.evaluation import figures

            figure = figures.draw_maps(
                rows, _("{name} on {title}").format(name=report.model.name, title=report.title)
            )
            content = figures.encode_figure(figure, path.suffix)
            save_file(path, content)
            return _("Saved {path}").format(path=path)

        BackgroundTask.begin(save, self.message.emit, self.message, context=self)
