"""The paper: mouse, finger or tablet pen in, strokes out; a picture may lie on it too.

Ink appears at once, whatever else the program does; whoever wants to read the
drawing listens to `changed`. Knows nothing of networks.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QEventPoint,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QPointingDevice,
    QResizeEvent,
    QTabletEvent,
    QTouchEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from lenet_gui.draw import canvas_painting
from lenet_gui.draw.canvas_painting import Mark, PartsAnew, paint_marks
from lenet_gui.widgets.controls import OWN_RING
from trainer.drawing.sheet import PAPER, PEN_WIDTH, Drawing, Point, Stroke
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from trainer.drawing.picture import Picture

ERASER_RADIUS = 16.0
_LONGEST = 0.005
"""Seconds for which ink is drawn before the window may do something else."""


_STILL = 4  # pixels: a pen that moves less is a click


def clamp_to_paper(at: QPointF) -> QPointF:
    """The nearest place on the paper."""
    return QPointF(min(max(at.x(), 0.0), PAPER), min(max(at.y(), 0.0), PAPER))


def find_edge(inside: QPointF, outside: QPointF) -> QPointF:
    """Where the way from one place to the other leaves the paper."""
    way, share = outside - inside, 1.0
    for begin, along, end in (
        (inside.x(), way.x(), outside.x()),
        (inside.y(), way.y(), outside.y()),
    ):
        if end < 0:
            share = min(share, -begin / along)
        elif end > PAPER:
            share = min(share, (PAPER - begin) / along)
    return clamp_to_paper(inside + way * share)


def _is_in(mark: Mark, at: QPointF) -> bool:
    left, top, right, bottom = mark.box
    return left <= at.x() <= right and top <= at.y() <= bottom


class Canvas(QWidget):
    """A square sheet to draw on.

    Args:
        name: the widget's name.
        follows: a canvas whose drawing is this one's too: what is drawn on either is on both.
    """

    changed = Signal()
    """The drawing is another one: after each point, undo, redo, clear."""
    digit_chosen = Signal(int)
    """The box of this one of several digits was clicked, counted from the left."""

    def __init__(self, name: str = "canvas", follows: Canvas | None = None) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(_("Drawing canvas"))
        self.setProperty(OWN_RING, True)
        self.set_wanted("digit")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 240)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.drawing: Drawing = Drawing() if follows is None else follows.drawing
        self._stale = False  # the ink that is shown is not the drawing's
        self._telling = False  # that the drawing was changed here
        self.pen_width = 1.0
        self.erasing = False
        self._notice = ""
        self.marks: tuple[Mark, ...] = ()
        self._ink = QPixmap()
        self._left: Iterator[tuple[Point, Point]] | None = None  # ink that is still to be drawn
        self._anew = PartsAnew()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(lambda: self._draw_more())
        self._last: QPointF | None = None  # where the pen or eraser is down, on the paper
        self._outside: QPointF | None = None  # where the pen is down beside the paper
        self._waiting: tuple[int, QPointF, float] | None = None  # a press in a digit's box
        self._rubbing = False  # the press under way erases
        self._finger: int | None = None
        self._button = Qt.MouseButton.NoButton  # that draws or rubs out
        if follows is not None:
            self.changed.connect(follows.changed_elsewhere)
            follows.changed.connect(self._take_over)

    @property
    def drawing_now(self) -> bool:
        """Whether the pen or eraser is down."""
        return self._last is not None

    @property
    def drawn(self) -> bool:
        """Whether all ink is shown: that of many points takes some turns of the event loop."""
        return self._left is None and not self._anew.parts

    def sizeHint(self) -> QSize:
        """As large as a hand draws comfortably."""
        return QSize(440, 440)

    # Commands

    def undo(self) -> None:
        """Take the last stroke, erasure or clearing back."""
        self.drawing.undo()
        self._redraw()

    def redo(self) -> None:
        """Do again what was taken back."""
        self.drawing.redo()
        self._redraw()

    def clear(self) -> None:
        """A clean sheet; undo brings the drawing back."""
        self.drawing.clear()
        self._redraw()

    def show_strokes(self, strokes: tuple[Stroke, ...]) -> None:
        """Show another drawing; undo brings the present one back."""
        self.drawing.replace(strokes)
        self._redraw()

    def show_picture(self, picture: Picture) -> None:
        """Lay a picture on the paper; undo brings the present drawing back."""
        self.drawing.show_picture(picture)
        self._redraw()

    def show_notice(self, text: str) -> None:
        """Lay this over the drawing, as while a picture is dragged over it; "" takes it away."""
        self._notice = text
        self.update()

    def show_marks(self, marks: tuple[Mark, ...]) -> None:
        """Show the boxes of several digits; none for none."""
        if marks != self.marks:
            self.marks = marks
            self.update()

    def set_erasing(self, erasing: bool) -> None:
        """Whether the left button rubs out instead of drawing."""
        self.erasing = erasing
        self.update()

    def picture(self, side: int = 560) -> QImage:
        """What lies on the paper, in `side` x `side` pixels, for the clipboard or a file."""
        image = QImage(side, side, QImage.Format.Format_RGB32)
        image.fill(canvas_painting.SHEET)
        painter = QPainter(image)
        canvas_painting.paint_sheet(painter, self.drawing.sheet, side / PAPER)
        painter.end()
        return image

    # Two canvases with one drawing

    def changed_elsewhere(self) -> None:
        """What is drawn was changed on a canvas that follows this one."""
        self._take_over()
        self.changed.emit()

    def _take_over(self) -> None:
        if not self._telling:  # else it is here that the drawing was changed
            self._stale = True
            self.update()

    def _tell(self) -> None:
        self._telling = True
        self.changed.emit()
        self._telling = False

    # Geometry

    def sheet(self) -> QRectF:
        """The square of the widget that is paper, in the widget's coordinates."""
        side = min(self.width(), self.height()) - 2
        return QRectF(1, 1, side, side)

    def _on_paper(self, position: QPointF) -> QPointF:
        """Where on the paper, or beside it."""
        return (position - self.sheet().topLeft()) / self._scale()

    def _scale(self) -> float:
        return self.sheet().width() / PAPER

    # Pen

    def _press(self, position: QPointF, width: float, rub: bool) -> None:
        if not self.sheet().contains(position):
            return
        at = self._on_paper(position)
        boxes = [n for n, mark in enumerate(self.marks) if _is_in(mark, at)]
        if boxes and not rub and not self._waiting and not self.drawing.empty:
            self._waiting = boxes[0], position, width  # ink only if the pen moves
            return
        at = clamp_to_paper(at)
        self._rubbing, self._last, self._outside = rub, at, None
        if rub:
            self._rub(at, at)
        else:
            self._draw_more(math.inf)  # else what is drawn now might be drawn over
            covered, clean = self.drawing.picture is not None, self.drawing.empty
            self.drawing.begin(self._point(at, width))
            if covered:  # the picture makes room for a new sheet
                self._render()
            if covered or clean:  # and so do words
                self.update()
            self._draw_segment(at, at, width)
        self._tell()

    def _drag(self, position: QPointF, width: float) -> None:
        if self._waiting is not None:
            _other, pressed, first = self._waiting
            if (position - pressed).manhattanLength() < _STILL:
                return
            self._press(pressed, first, rub=False)
            self._waiting = None
        if self._last is None:
            return
        at = self._on_paper(position)
        if self._rubbing:
            at = clamp_to_paper(at)
            self._rub(self._last, at)
            self._last = at
        else:
            self._ink_to(at, width)
        self._tell()

    def _ink_to(self, at: QPointF, width: float) -> None:
        """Draw on to there; off the paper the stroke ends, and where the pen is back, one begins.

        Along the edge there would be a line that nobody drew.
        """
        assert self._last is not None
        inside, before = clamp_to_paper(at) == at, self._outside
        self._outside = None if inside else at
        if before is not None and not inside:
            return
        if before is not None:
            self._last = find_edge(at, before)
            self.drawing.begin(self._point(self._last, width))
        to = at if inside else find_edge(self._last, at)
        self.drawing.extend(self._point(to, width))
        self._draw_segment(self._last, to, width)
        self._last = to
        if not inside:
            self.drawing.end()

    def _lift(self) -> None:
        if self._waiting is not None:
            (number, *_rest), self._waiting = self._waiting, None
            self.digit_chosen.emit(number)
        if self._last is None:
            return
        self._last = self._outside = None
        self._rubbing = False
        self.drawing.end()
        self.update()
        self._tell()

    @staticmethod
    def _point(at: QPointF, width: float) -> Point:
        return (at.x(), at.y(), width)

    def _rub(self, a: QPointF, b: QPointF) -> None:
        before, widest = self.drawing.strokes, self.drawing.widest
        self.drawing.erase((a.x(), a.y()), (b.x(), b.y()), ERASER_RADIUS)
        # A line that is cut beside the eraser loses all of its width there.
        by = ERASER_RADIUS + widest + 2
        around = QRectF(a, b).normalized().adjusted(-by, -by, by, by)
        if self.drawing.strokes is not before:
            if self._left is not None:  # ink that is still to be drawn is another now
                self._render()
            elif self.drawing.empty:  # words come
                self._render()
                self.update()
            else:
                self._wipe(a, b)
                self._anew.add(around)
                self._draw_more()
        self._update_paper(around)

    def _wipe(self, a: QPointF, b: QPointF) -> None:
        """Take away what lies under the eraser at once; around it, ink is drawn anew soon."""
        painter = QPainter(self._ink)
        painter.scale(self._scale(), self._scale())
        canvas_painting.wipe_line(painter, a, b, 2 * ERASER_RADIUS)
        painter.end()

    def _update_paper(self, part: QRectF) -> None:
        """Repaint a part of the paper, and no more."""
        scale, corner = self._scale(), self.sheet().topLeft()
        shown = QRectF(part.topLeft() * scale + corner, part.size() * scale)
        self.update(shown.toAlignedRect().adjusted(-1, -1, 1, 1))

    # Events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Left draws (or rubs out, with the eraser chosen), right rubs out."""
        drawing = event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)
        if drawing and self._last is None and self._waiting is None:
            self._button = event.button()
            rub = self.erasing or event.button() == Qt.MouseButton.RightButton
            self._press(event.position(), self.pen_width, rub)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Every point that the system reports is kept."""
        self._drag(event.position(), self.pen_width)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The stroke ends with the button that began it."""
        if event.button() == self._button:
            self._lift()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A tablet's pen, with its pressure; its other end is the eraser."""
        # Half the pressure is a line of the chosen width.
        width = self.pen_width * (0.4 + 1.2 * event.pressure())
        if event.type() == QEvent.Type.TabletPress:
            eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
            self._press(event.position(), width, self.erasing or eraser)
        elif event.type() == QEvent.Type.TabletMove:
            self._drag(event.position(), width)
        else:
            self._lift()
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Fingers too: the first one draws, others do not disturb it."""
        if isinstance(event, QTouchEvent):
            self._touch(event)
            return True
        return super().event(event)

    def _touch(self, event: QTouchEvent) -> None:
        if event.type() == QEvent.Type.TouchCancel:
            self._finger = None
            self._lift()
            return
        for point in event.points():
            state = point.state()
            if state == QEventPoint.State.Pressed and self._finger is None:
                self._finger = point.id()
                self._press(point.position(), self.pen_width, self.erasing)
            elif point.id() == self._finger and state == QEventPoint.State.Updated:
                self._drag(point.position(), self.pen_width)
            elif point.id() == self._finger and state == QEventPoint.State.Released:
                self._finger = None
                self._lift()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves the stroke as it is, as if the pen were lifted."""
        down = self._last is not None or self._waiting is not None
        if event.key() == Qt.Key.Key_Escape and down:
            self._waiting = None
            self._lift()
        else:
            super().keyPressEvent(event)

    # Painting

    def _redraw(self) -> None:
        self._waiting = None
        self._last = None  # a pen that is still down draws no more: its stroke may be gone
        self._render()
        self.update()
        self._tell()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The drawing grows and shrinks with its sheet, which is no higher than wide."""
        self.setMaximumHeight(self.width())
        self._render()

    def _render(self) -> None:
        """Draw all ink anew, at the screen's resolution."""
        self._stale = False
        ratio = self.devicePixelRatioF()
        side = max(1, round(self.sheet().width() * ratio))
        self._ink = QPixmap(side, side)
        self._ink.setDevicePixelRatio(ratio)
        self._ink.fill(canvas_painting.SHEET)
        self._left = None
        self._anew.clear()
        sheet = self.drawing.sheet
        if sheet.picture is not None:
            painter = QPainter(self._ink)
            canvas_painting.paint_sheet(painter, sheet, self._scale())
            painter.end()
        else:
            self._left = canvas_painting.lines_of(sheet.strokes)
            self._draw_more()

    def _draw_more(self, seconds: float = _LONGEST) -> None:
        """Draw ink that is still to be drawn: many points may not stop the window."""
        until = time.perf_counter() + seconds
        if self._left is not None:
            painter = QPainter(self._ink)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.scale(self._scale(), self._scale())
            if canvas_painting.paint_some(painter, self._left, until):
                self._left = None
            painter.end()
            self.update()
        for part in self._anew.draw(self.drawing, self._ink, self._scale(), until):
            self._update_paper(part)
        if self._left is not None or self._anew.parts:
            self._soon.start()

    def _draw_segment(self, a: QPointF, b: QPointF, width: float) -> None:
        """Add one piece of ink to what is shown, and repaint no more than it."""
        painter = QPainter(self._ink)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self._scale(), self._scale())
        canvas_painting.paint_line(painter, a, b, width)
        painter.end()
        margin = PEN_WIDTH * width / 2 + 1
        self._update_paper(QRectF(a, b).normalized().adjusted(-margin, -margin, margin, margin))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paper, what lies on it, words on it and the eraser's circle."""
        if self._stale or self._ink.devicePixelRatio() != self.devicePixelRatioF():
            self._render()  # changed elsewhere, or the window moved to another screen
        painter = QPainter(self)
        sheet = self.sheet()
        inside = sheet.adjusted(1, 1, -1, -1).contains(QRectF(event.rect()))
        if not inside:
            painter.fillRect(event.rect(), self.palette().color(QPalette.ColorRole.Window))
        painter.drawPixmap(sheet.topLeft(), self._ink)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not inside:
            role = QPalette.ColorRole.Highlight if self.hasFocus() else QPalette.ColorRole.Mid
            painter.setPen(QPen(self.palette().color(role), 1))
            painter.drawRect(sheet)
        self._paint_words(painter)
        if self.marks and not self.drawing.empty:
            drawing = self._last is not None
            paint_marks(painter, sheet, self._scale(), self.marks, drawing)
        if self._rubbing and self._last is not None:
            painter.setPen(QPen(QColor("#8a8a8f"), 1.5))
            at = self._last * self._scale() + sheet.topLeft()
            radius = ERASER_RADIUS * self._scale()
            painter.drawEllipse(at, radius, radius)

    def set_wanted(self, what: str) -> None:
        """Ask for this: a "digit", a "letter" or whatever the network reads."""
        self.set_hint(_("Draw a {what} here").format(what=_(what)))
        self.setAccessibleDescription(
            _("Draw a {what} here with the mouse, a finger or a pen").format(what=_(what))
        )

    def set_hint(self, hint: str) -> None:
        """Say this on a clean sheet."""
        self._hint = hint
        self.update()

    def _paint_words(self, painter: QPainter) -> None:
        picture = self.drawing.picture
        if self._notice:
            accent = self.palette().color(QPalette.ColorRole.Highlight)
            canvas_painting.paint_notice(painter, self.sheet(), self.font(), accent, self._notice)
        elif picture is not None:
            canvas_painting.paint_caption(painter, self.sheet(), self.font(), picture.caption)
        elif self.drawing.empty:
            canvas_painting.paint_hint(painter, self.sheet(), self.font(), self._hint)
