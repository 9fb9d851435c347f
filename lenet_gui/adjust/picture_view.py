"""A picture with what is taken for ink laid over it, and a crop frame drawn by mouse or keys."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from trainer.translation import gettext as _

Crop = tuple[float, float, float, float]
"""Left, top, right, bottom, each a share of the picture's width or height."""

WHOLE: Crop = (0.0, 0.0, 1.0, 1.0)
_LEAST = 0.02
"""A frame is at least so wide and high, as a share of the picture."""
_STEP = 0.02
"""How far one press of a key moves a frame, as a share of the picture."""
_GRIP = 8
"""Within so many pixels of an edge, the mouse takes hold of it."""
_STILL = 4
"""The mouse draws a frame once it has moved so far, in pixels."""
_MARGIN = 7
"""About the picture, so that a frame at its edge can be seen and taken hold of."""
_SHADE = QColor(0, 0, 0, 150)


class CropView(QWidget):
    """Shows a picture as large as there is room for, and its frame.

    The mouse draws a new frame, or drags one by its inside or its edges. The arrow keys move it,
    with Shift they move its right and lower edge, and Delete takes it away.
    """

    crop_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("adjusted_picture")
        self.setAccessibleName(_("Picture with the ink that was found"))
        self.setToolTip(
            _(
                "Drag to draw a frame around the digit. Arrow keys move the frame, "
                "Shift+arrow keys resize it, Delete removes it."
            )
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.crop: Crop | None = None
        self._image, self._ink = QImage(), QImage()
        self._inked: Crop = WHOLE  # where `_ink` lies
        self._pressed: QPointF | None = None
        self._held: tuple[bool, bool, bool, bool] | None = None  # edges that move with the mouse
        self._before: Crop = WHOLE
        self._tell()

    def sizeHint(self) -> QSize:
        """Most of a usual dialog."""
        return QSize(420, 380)

    def minimumSizeHint(self) -> QSize:
        """Enough to see a digit."""
        return QSize(180, 140)

    # What is shown

    def show_picture(self, image: QImage, ink: QImage, inked: Crop | None) -> None:
        """Show the picture, and over its part `inked` what was taken for ink."""
        self._image, self._ink, self._inked = image, ink, inked or WHOLE
        self.update()

    def set_crop(self, crop: Crop | None) -> None:
        """Show another frame; None for none."""
        self.crop = crop
        self._tell()
        self.update()

    def _tell(self) -> None:
        if self.crop is None:
            self.setAccessibleDescription(_("No frame"))
            return
        left, top, right, bottom = (round(100 * edge) for edge in self.crop)
        self.setAccessibleDescription(
            _("Frame: {left} to {right} % from the left, {top} to {bottom} % from the top").format(
                left=left, right=right, top=top, bottom=bottom
            )
        )

    def _change(self, crop: Crop | None) -> None:
        if crop != self.crop:
            self.set_crop(crop)
            self.crop_changed.emit()

    # Geometry

    def room(self) -> QRectF:
        """Where the picture is painted."""
        size = self._image.size()
        if size.isEmpty():
            return QRectF()
        wide, high = self.width() - 2 * _MARGIN, self.height() - 2 * _MARGIN
        scale = min(wide / size.width(), high / size.height())
        room = QRectF(0, 0, size.width() * scale, size.height() * scale)
        room.moveCenter(QRectF(self.rect()).center())
        return room

    def place(self, crop: Crop) -> QRectF:
        """Where a part of the picture is painted."""
        room = self.room()
        left, top, right, bottom = crop
        begin = QPointF(left * room.width(), top * room.height())
        end = QPointF(right * room.width(), bottom * room.height())
        return QRectF(begin, end).translated(room.topLeft())

    def _share(self, at: QPointF) -> tuple[float, float]:
        room = self.room()
        x = (at.x() - room.left()) / max(room.width(), 1.0)
        y = (at.y() - room.top()) / max(room.height(), 1.0)
        return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))

    def _edges_at(self, at: QPointF) -> tuple[bool, bool, bool, bool] | None:
        """Which edges of the frame the mouse takes hold of; all inside of it; None outside."""
        if self.crop is None:
            return None
        frame = self.place(self.crop)
        if not frame.adjusted(-_GRIP, -_GRIP, _GRIP, _GRIP).contains(at):
            return None
        left, right = abs(at.x() - frame.left()) < _GRIP, abs(at.x() - frame.right()) < _GRIP
        top, bottom = abs(at.y() - frame.top()) < _GRIP, abs(at.y() - frame.bottom()) < _GRIP
        edges = (left, top, right and not left, bottom and not top)
        return edges if any(edges) else (True, True, True, True)

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the frame, or begin a new one."""
        if event.button() == Qt.MouseButton.LeftButton and not self._image.isNull():
            self._pressed = event.position()
            self._held = self._edges_at(event.position())
            self._before = self.crop or WHOLE

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw or drag the frame."""
        at = event.position()
        if self._pressed is None:
            self._show_cursor(at)
        elif self._held is not None:
            begin, now = self._share(self._pressed), self._share(at)
            self._change(_move(self._before, self._held, now[0] - begin[0], now[1] - begin[1]))
        elif (at - self._pressed).manhattanLength() >= _STILL:
            (x1, y1), (x2, y2) = self._share(self._pressed), self._share(at)
            drawn = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
            if drawn[2] - drawn[0] >= _LEAST and drawn[3] - drawn[1] >= _LEAST:
                self._change(drawn)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the frame."""
        self._pressed = self._held = None

    def _show_cursor(self, at: QPointF) -> None:
        held = self._edges_at(at)
        shapes = Qt.CursorShape
        shape = shapes.CrossCursor
        if held is not None:
            across, down = held[0] or held[2], held[1] or held[3]
            if all(held):
                shape = shapes.SizeAllCursor
            elif across and down:
                falls = held[0] == held[1]
                shape = shapes.SizeFDiagCursor if falls else shapes.SizeBDiagCursor
            else:
                shape = shapes.SizeHorCursor if across else shapes.SizeVerCursor
        self.setCursor(shape)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the frame or, with Shift, two of its edges; Delete takes it away."""
        keys, key = Qt.Key, Qt.Key(event.key())
        steps = {
            keys.Key_Left: (-_STEP, 0.0), keys.Key_Right: (_STEP, 0.0),
            keys.Key_Up: (0.0, -_STEP), keys.Key_Down: (0.0, _STEP),
        }  # fmt: skip
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in steps:
            held = (False, False, True, True) if shift else (True, True, True, True)
            moved = _move(self.crop or WHOLE, held, *steps[key])
            self._change(None if moved == WHOLE else moved)
        elif key in (keys.Key_Delete, keys.Key_Backspace):
            self._change(None)
        else:
            super().keyPressEvent(event)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, its ink, shade beyond the frame, and the frame."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().alternateBase())
        if self._image.isNull():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawImage(self.room(), self._image)
        painter.drawImage(self.place(self._inked), self._ink)
        if self.crop is not None:
            self._paint_frame(painter, self.place(self.crop))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Accent), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_frame(self, painter: QPainter, frame: QRectF) -> None:
        beyond = QPainterPath()
        beyond.addRect(self.room())
        inside = QPainterPath()
        inside.addRect(frame)
        painter.fillPath(beyond.subtracted(inside), _SHADE)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((QColor("black"), 3.0), (QColor("white"), 1.4)):
            painter.setPen(QPen(color, width))
            painter.drawRect(frame)
        painter.setBrush(QColor("white"))
        painter.setPen(QPen(QColor("black"), 1))
        for x in (frame.left(), frame.center().x(), frame.right()):
            for y in (frame.top(), frame.center().y(), frame.bottom()):
                if QPointF(x, y) != frame.center():
                    painter.drawRect(QRectF(x - 3, y - 3, 6, 6))


def _move(crop: Crop, held: tuple[bool, bool, bool, bool], right: float, down: float) -> Crop:
    """The frame with the held edges moved, as far as it stays within the picture."""
    if all(held):
        right = min(1.0 - crop[2], max(-crop[0], right))
        down = min(1.0 - crop[3], max(-crop[1], down))
        return crop[0] + right, crop[1] + down, crop[2] + right, crop[3] + down
    x1, y1, x2, y2 = crop
    if held[0]:
        x1 = min(x2 - _LEAST, max(0.0, x1 + right))
    if held[2]:
        x2 = max(x1 + _LEAST, min(1.0, x2 + right))
    if held[1]:
        y1 = min(y2 - _LEAST, max(0.0, y1 + down))
    if held[3]:
        y2 = max(y1 + _LEAST, min(1.0, y2 + down))
    return x1, y1, x2, y2


def turn_crop(crop: Crop | None, clockwise: bool) -> Crop | None:
    """The frame about the same part of the picture, once that is turned by 90 degrees."""
    if crop is None:
        return None
    left, top, right, bottom = crop
    if clockwise:
        return 1 - bottom, left, 1 - top, right
    return top, 1 - right, bottom, 1 - left
