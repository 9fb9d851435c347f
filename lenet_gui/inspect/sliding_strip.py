"""The network slid along a line of digits: the line, ten probabilities along it, its answers.

It is slid in a thread; the newest line wins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QThread, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from lenet_gui.inspect.common.inspection import Inspection
from lenet_gui.widgets import colormap
from lenet_gui.widgets.colormap import color_table
from lenet_gui.widgets.formatting import format_percent
from lenet_gui.workers.latest import LatestWorker, end_worker
from trainer.drawing.rasterize import SIDE, even_pen_widths
from trainer.inspect import sliding
from trainer.inspect.sliding import Line, LinePicture, digits_on_line, draw_line
from trainer.networks.interventions import Intervention, as_hook
from trainer.translation import N_
from trainer.translation import gettext as _


def slide(
    inspection: Inspection, interventions: tuple[Intervention, ...]
) -> tuple[Line, LinePicture, list[int], tuple[bool, ...]]:
    """Slide the network along the chosen digit's line of writing, with maps held.

    Returns:
        What it answers; the line's picture; the reading's digits that stand on the line;
        and for each place, whether there is no ink in its window.
    """
    reading = inspection.reading
    members = digits_on_line([digit.box for digit in reading.digits], reading.chosen)
    digits = [reading.digits[n] for n in members]
    strokes = [stroke for digit in digits for stroke in digit.strokes]
    picture = draw_line(even_pen_widths(strokes), [digit.box for digit in digits])
    line = sliding.slide(inspection.model, picture.pixels, as_hook(interventions))
    starts = range(0, len(line.scores) * sliding.STRIDE, sliding.STRIDE)
    blank = tuple(not picture.pixels[:, start : start + SIDE].any() for start in starts)
    return line, picture, members, blank


@dataclass(frozen=True, slots=True)
class SlideRequest:
    """What to slide along, and with which maps held."""

    inspection: Inspection
    interventions: tuple[Intervention, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SlideResult:
    """A line as it is shown."""

    line: Line
    classes: tuple[str, ...]
    pixels: NDArray[np.uint8]  # (28, W), 0 paper
    picture: QImage  # of them, ink white on black
    heat: QImage  # a row for each class, a column for each place
    blank: tuple[bool, ...]  # for each place: there is no ink in its window
    members: tuple[int, ...]  # the reading's digits that stand on this line
    middles: tuple[float, ...]  # and their columns


class SlidingThread(LatestWorker):
    """Give it a `SlideRequest` of several digits; it answers with `done(SlideResult)`."""

    def work(self, request: SlideRequest) -> SlideResult:
        """The chosen digit's line of writing to what the network answers along it."""
        line, picture, members, blank = slide(request.inspection, request.interventions)
        shares = (line.probabilities.T * 255).astype("uint8")
        return SlideResult(
            line=line,
            classes=request.inspection.model.classes,
            pixels=picture.pixels,
            picture=colormap.apply_table(picture.pixels, color_table("gray")),
            heat=colormap.apply_table(shares, color_table("viridis")),
            blank=blank,
            members=tuple(members),
            middles=picture.middles,
        )


_SIDE, _STRIDE = 28, 4  # as trainer.inspect.sliding has them, which brings torch
_PICTURE, _ROW, _GAP = 46.0, 5.0, 3.0  # heights, in pixels
_ABOUT = N_(
    "The network slid along the line as one convolution, with an answer every 4 "
    "pixels.\n"
    "Nothing was cut out. Below the line: the ten probabilities at each place, and "
    "the\n"
    "answers taken for digits. Point at a place to see its window, or use Left and "
    "Right;\n"
    "a click, or Enter, chooses the digit there."
)


class SlidingStrip(QWidget):
    """Seen only while several digits are on the paper; computes only while it is seen."""

    message = Signal(str)
    """Something to tell the user in passing."""
    menu_asked = Signal(object, QPoint)
    """A context menu for the line's picture (uint8, (28, W)), at this place of the screen."""
    chosen = Signal(int)
    """Tell about this digit of the reading: the one nearest to where the line was clicked."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sliding_strip")
        self.setAccessibleName(_("Sliding LeNet"))
        self.setToolTip(_(_ABOUT))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.slid: SlideResult | None = None
        """What is shown."""
        self.place: int | None = None
        """The place whose window is outlined, counted from the left."""
        self._inspection: Inspection | None = None
        self._interventions: tuple[Intervention, ...] = ()
        self._thread: SlidingThread | None = None
        self.hide()

    def sizeHint(self) -> QSize:
        """Under the canvas, with a line of text."""
        return QSize(280, round(_PICTURE + _GAP + 10 * _ROW + self._line_height()))

    def minimumSizeHint(self) -> QSize:
        """Less wide, but as high."""
        return QSize(130, self.sizeHint().height())

    def _line_height(self) -> float:
        return 1.15 * self.fontMetrics().height()

    # What is shown

    def show_inspection(self, inspection: Inspection | None) -> None:
        """Slide along what is drawn, and be seen if that is several digits."""
        several = inspection is not None and len(inspection.reading.digits) > 1
        self._inspection = inspection if several else None
        if not several:
            self.slid, self.place = None, None
        self.setVisible(several)
        self._compute()

    def show_interventions(self, interventions: tuple[Intervention, ...]) -> None:
        """Hold these maps at a value, as in the reading."""
        if interventions != self._interventions:
            self._interventions = interventions
            self._compute()

    def end(self) -> list[QThread]:
        """Ask the thread to end; gives it if there is one."""
        return end_worker(self._thread)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was drawn meanwhile."""
        super().showEvent(event)
        self._compute()

    def hideEvent(self, event: QHideEvent) -> None:
        """A window seen before means nothing later."""
        super().hideEvent(event)
        self.place = None

    def _compute(self) -> None:
        if self._inspection is None or not self.isVisible():
            return
        if self._thread is None:
            self._thread = SlidingThread()
            self._thread.done.connect(self._show)
            self._thread.failed.connect(self.message)
            self._thread.start(QThread.Priority.LowPriority)
        self._thread.ask(SlideRequest(self._inspection, self._interventions))

    def _show(self, slid: SlideResult) -> None:
        if self._inspection is None:  # rubbed out meanwhile
            return
        self.slid = slid
        if self.place is not None and self.place >= len(slid.blank):
            self.place = None
        labels = " ".join(slid.classes[digit.digit] for digit in slid.line.digits)
        self.setAccessibleDescription(
            _("Answers along the line: {answers}. {about}").format(
                answers=labels or _("none"), about=_(_ABOUT)
            )
        )
        self.update()

    # Pointing

    def window_text(self, place: int) -> str:
        """What the network answers at a place."""
        assert self.slid is not None
        if self.slid.blank[place]:
            return _("no ink in this window")
        row = self.slid.line.probabilities[place].tolist()
        best, second = sorted(range(len(row)), key=lambda n: -row[n])[:2]
        names = self.slid.classes
        return _("here {first}  {share}, {second}  {second_share}").format(
            first=names[best],
            share=format_percent(row[best], 1),
            second=names[second],
            second_share=format_percent(row[second], 1),
        )

    def point_at(self, place: int | None) -> None:
        """Outline a place's window."""
        if place != self.place:
            self.place = place
            self.update()

    def _place_at(self, x: float) -> int | None:
        """The place whose window has its middle nearest to `x`; None beside the line."""
        if self.slid is None:
            return None
        picture, scale = self.picture_rect(), self.scale_factor()
        if not picture.left() <= x <= picture.right():
            return None
        place = round(((x - picture.left()) / scale - _SIDE / 2) / _STRIDE)
        return min(max(place, 0), len(self.slid.blank) - 1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Outline the window under the mouse, and say what is answered there."""
        self.point_at(self._place_at(event.position().x()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses the digit that stands there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose_at(self._place_at(event.position().x()))

    def _choose_at(self, place: int | None) -> None:
        if self.slid is None or place is None:
            return
        column = place * _STRIDE + _SIDE / 2
        middles = self.slid.middles
        nearest = min(range(len(middles)), key=lambda n: abs(middles[n] - column))
        self.chosen.emit(self.slid.members[nearest])

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The line's picture can be copied and saved."""
        if self.slid is not None:
            self.menu_asked.emit(self.slid.pixels, event.globalPos())

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at."""
        self.point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right slide the window, Enter chooses the digit in it."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose_at(self.place)
            return
        if not step or self.slid is None:
            super().keyPressEvent(event)
            return
        last = len(self.slid.blank) - 1
        place = (0 if step > 0 else last) if self.place is None else self.place + step
        self.point_at(min(max(place, 0), last))
        assert self.place is not None
        self.setAccessibleDescription(self.window_text(self.place))

    # Painting

    def scale_factor(self) -> float:
        """The widget's pixels for one of the line."""
        assert self.slid is not None
        return min((self.width() - 2) / self.slid.picture.width(), _PICTURE / _SIDE)

    def picture_rect(self) -> QRectF:
        """Where the line's picture is."""
        assert self.slid is not None
        scale = self.scale_factor()
        width, height = self.slid.picture.width() * scale, _SIDE * scale
        return QRectF((self.width() - width) / 2, (_PICTURE - height) / 2, width, height)

    def cell_rect(self, place: int, digit: int) -> QRectF:
        """Where the probability of a digit at a place is, under the middle of its window."""
        scale = self.scale_factor()
        middle = self.picture_rect().left() + (place * _STRIDE + _SIDE / 2) * scale
        wide = _STRIDE * scale
        return QRectF(middle - wide / 2, _PICTURE + _GAP + digit * _ROW, wide, _ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The line, its probabilities, its answers, and the window pointed at."""
        if self.slid is None:
            return
        painter = QPainter(self)
        role = QPalette.ColorRole
        painter.drawImage(self.picture_rect(), self.slid.picture)
        heat = self.cell_rect(0, 0).united(self.cell_rect(len(self.slid.blank) - 1, 9))
        painter.drawImage(heat, self.slid.heat)
        for place, blank in enumerate(self.slid.blank):
            if blank:
                column = self.cell_rect(place, 0).united(self.cell_rect(place, 9))
                painter.fillRect(column, self.palette().color(role.AlternateBase))
        self._paint_rows(painter, heat)
        self._paint_answers(painter)
        if self.place is not None:
            self._paint_window(painter, self.place)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(role.Accent), 1, Qt.PenStyle.DotLine))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_rows(self, painter: QPainter, heat: QRectF) -> None:
        """Which row is which digit: the first and the last say enough."""
        assert self.slid is not None
        font = QFont(self.font())
        font.setPixelSize(9)
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for row in (0, 9):
            middle = heat.top() + (row + 0.5) * _ROW
            room = QRectF(heat.left() - 44, middle - 6, 40, 12)
            painter.drawText(room, right, self.slid.classes[row])

    def _paint_answers(self, painter: QPainter) -> None:
        """Each answer under the middle of its window, and its cell outlined.

        While a place is pointed at, what is answered there stands in their row.
        """
        assert self.slid is not None
        for digit in self.slid.line.digits:
            painter.setPen(QPen(QColor("white"), 1))
            painter.drawRect(self.cell_rect(digit.place, digit.digit).adjusted(-1, -1, 1, 1))
        top = _PICTURE + _GAP + 10 * _ROW + 1
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        if self.place is not None:
            painter.setFont(self.font())
            room = QRectF(0, top, self.width(), self._line_height() - 1)
            text = self.fontMetrics().elidedText(
                self.window_text(self.place), Qt.TextElideMode.ElideRight, self.width()
            )
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
            return
        font = QFont(self.font())
        font.setPixelSize(round(1.15 * self.fontInfo().pixelSize()))
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        for digit in self.slid.line.digits:
            middle = self.cell_rect(digit.place, digit.digit).center().x()
            room = QRectF(middle - 20, top, 40, self._line_height() - 1)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self.slid.classes[digit.digit])

    def _paint_window(self, painter: QPainter, place: int) -> None:
        """The 28 columns of a place, and its column of probabilities."""
        scale, picture = self.scale_factor(), self.picture_rect()
        accent = self.palette().color(QPalette.ColorRole.Accent)
        left = picture.left() + place * _STRIDE * scale
        window = QRectF(QPointF(left, picture.top()), picture.bottomLeft())
        window.setWidth(_SIDE * scale)
        painter.setPen(QPen(accent, 2))
        painter.drawRect(window.adjusted(0, 1, 0, -1))
        column = self.cell_rect(place, 0).united(self.cell_rect(place, 9))
        painter.drawRect(column.adjusted(-1, 0, 1, 0))
