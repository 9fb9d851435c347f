"""A picture with a box about each digit that was read on it, and the chosen one enlarged."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontInfo, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from lenet_gui.widgets.labels import Label
from trainer.pages.page import Page, PageDigit
from trainer.reading.verdict import Verdict
from trainer.translation import gettext as _

_COLORS = {
    # On paper, whatever the window's scheme; each is told by its line as well.
    Verdict.SURE: (QColor("#1f7a3a"), Qt.PenStyle.SolidLine),
    Verdict.UNSURE: (QColor("#b35c00"), Qt.PenStyle.DashLine),
    Verdict.REJECTED: (QColor("#c02020"), Qt.PenStyle.DotLine),
}
_NO_DIGIT = "#8a8a8a"
_SMALLEST = 9
"""Of a label, in pixels."""
_NEAR = 6
"""How far from a box, in pixels of the screen, a click still means it."""
_AROUND = 2.2
"""How much of the picture is enlarged, in heights of the chosen digit."""


class PageView(QWidget):
    """Shows one page, as large as there is room for; a click chooses a digit."""

    chosen = Signal(int)
    """The digit of this number on the page."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("page_view")
        self.setAccessibleName(_("Picture with the digits that were read"))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._image = QImage()
        self._page: Page | None = None
        self._current = -1
        self._removed: frozenset[int] = frozenset()

    def sizeHint(self) -> QSize:
        """Half a usual window."""
        return QSize(460, 420)

    def minimumSizeHint(self) -> QSize:
        """Enough to see where a digit stands."""
        return QSize(160, 120)

    def show_page(self, page: Page | None, image: QImage) -> None:
        """Show a page with its boxes.

        Args:
            page: None shows nothing.
            image: the picture, in any size; empty until it is loaded.
        """
        self._page, self._image, self._current = page, image, -1
        self._removed = frozenset()
        self.update()

    def set_page(self, page: Page, removed: frozenset[int] = frozenset()) -> None:
        """The same page, with a digit corrected.

        Args:
            page: with its corrections.
            removed: digits of it that are none: their boxes stay, faint and without a label.
        """
        self._page, self._removed = page, removed
        self.update()

    def set_current(self, number: int) -> None:
        """Mark one digit; -1 for none."""
        self._current = number
        self.update()

    def box_of(self, number: int) -> QRectF:
        """Where a digit's box is painted."""
        assert self._page is not None
        return self._place(self._page.digits[number])

    def _room(self) -> QRectF:
        """Where the picture is painted."""
        page = self._page
        if page is None or not page.width or not page.height:
            return QRectF()
        scale = min(self.width() / page.width, self.height() / page.height)
        size = page.width * scale, page.height * scale
        return QRectF((self.width() - size[0]) / 2, (self.height() - size[1]) / 2, *size)

    def _place(self, digit: PageDigit) -> QRectF:
        assert self._page is not None
        room = self._room()
        scale = room.width() / self._page.width
        left, top, right, bottom = (edge * scale for edge in digit.box)
        return QRectF(QPointF(left, top), QPointF(right, bottom)).translated(room.topLeft())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, the boxes, and what each was read as."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().alternateBase())
        if self._page is None:
            return
        room = self._room()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(room, Qt.GlobalColor.white)
        if not self._image.isNull():
            painter.drawImage(room, self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._label_font())
        for number, digit in enumerate(self._page.digits):
            if number in self._removed:
                painter.setPen(QPen(QColor(_NO_DIGIT), 1, Qt.PenStyle.DotLine))
                painter.drawRect(self._place(digit))
            else:
                self._paint_box(painter, digit, number == self._current)

    def _label_font(self) -> QFont:
        """Bold, and on a page of many digits so small that labels do not hide them."""
        font = self.font()
        font.setBold(True)
        assert self._page is not None
        if self._page.digits:
            heights = sorted(self._place(digit).height() for digit in self._page.digits)
            most = max(_SMALLEST, round(0.55 * heights[len(heights) // 2]))
            font.setPixelSize(min(QFontInfo(font).pixelSize(), most))
        return font

    def _paint_box(self, painter: QPainter, digit: PageDigit, current: bool) -> None:
        assert self._page is not None
        color, style = _COLORS[digit.verdict]
        box = self._place(digit).adjusted(-1.5, -1.5, 1.5, 1.5)
        if current:
            marked = QColor(self.palette().accent().color())
            marked.setAlpha(70)
            painter.fillRect(box, marked)
        painter.setPen(QPen(color, 2.5 if current else 1.3, style))
        painter.drawRect(box)
        text = self._page.classes[digit.digit]
        metrics = painter.fontMetrics()
        size = metrics.size(0, text)
        label = QRectF(box.left(), box.top() - size.height() + 2, size.width() + 4, size.height())
        label.moveTop(max(0.0, label.top()))
        paper = QColor(Qt.GlobalColor.white)
        paper.setAlpha(215)
        painter.fillRect(label, paper)
        painter.setPen(color)
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the digit under the mouse: where boxes overlap, the one whose middle is nearer."""
        if self._page is None:
            return
        at = event.position()
        near = []
        for number in range(len(self._page.digits)):
            box = self.box_of(number)
            if box.adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR).contains(at):
                near.append(((box.center() - at).manhattanLength(), number))
        if near:
            self.chosen.emit(min(near)[1])


class CloseUp(QWidget):
    """The chosen digit and what stands beside it, enlarged: a page has many small ones."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("close_up")
        self.setAccessibleName(_("The chosen digit, enlarged"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._image = QImage()
        self._digit: PageDigit | None = None
        self._width = 0  # of the page, in its own pixels

    def sizeHint(self) -> QSize:
        """A few digits beside each other."""
        return QSize(300, 110)

    def show_digit(self, image: QImage, width: int, digit: PageDigit | None) -> None:
        """Show a digit of a page.

        Args:
            image: the page's picture, in any size; empty until it is loaded.
            width: of the page, in the pixels of its boxes.
            digit: None shows nothing.
        """
        self._image, self._width, self._digit = image, width, digit
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The part of the picture about the digit, with its box."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().alternateBase())
        digit = self._digit
        if digit is None or self._image.isNull() or not self._width:
            return
        shrunk = self._image.width() / self._width
        left, top, right, bottom = (edge * shrunk for edge in digit.box)
        high = _AROUND * max(bottom - top, right - left, 4.0)
        scale = self.height() / high
        middle = QPointF((left + right) / 2, (top + bottom) / 2)
        wide = self.width() / scale
        source = QRectF(middle.x() - wide / 2, middle.y() - high / 2, wide, high)
        # Qt leaves out what lies beyond the picture, and would stretch the rest.
        shown = source.intersected(QRectF(self._image.rect()))
        target = QRectF((shown.topLeft() - source.topLeft()) * scale, shown.size() * scale)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(target, self._image, shown)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color, style = _COLORS[digit.verdict]
        painter.setPen(QPen(color, 2, style))
        box = QRectF(QPointF(left, top), QPointF(right, bottom)).translated(-source.topLeft())
        painter.drawRect(QRectF(box.topLeft() * scale, box.size() * scale).adjusted(-3, -3, 3, 3))


class LabelButtons(QWidget):
    """One click says what the chosen digit is, or that it is none."""

    chosen = Signal(int)
    """It is the class of this index."""
    removed = Signal()
    """It is no digit; or it is one after all."""

    def __init__(self, classes: tuple[str, ...]) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3)
        caption = Label(_("Wrong? The right answer is:"))
        caption.setObjectName("caption")
        row.addWidget(caption)
        row.addSpacing(4)
        for label, name in enumerate(classes):
            tip = _("The chosen digit is {digit}; keep it under My digits ({digit})")
            button = self._make(name, f"page_label_{label}", tip.format(digit=name))
            button.setAccessibleName(_("The right answer is {digit}").format(digit=name))
            button.clicked.connect(lambda _checked, label=label: self.chosen.emit(label))
            row.addWidget(button, 1)
        row.addSpacing(4)
        tip = _("Leave it out of the text and the table (Delete); once more takes it in again")
        none = self._make(_("No digit"), "page_no_digit", tip)
        none.clicked.connect(lambda: self.removed.emit())
        row.addWidget(none)
        self.setEnabled(False)

    def _make(self, text: str, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setObjectName(name)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setMinimumHeight(26)
        if len(text) == 1:
            button.setMinimumWidth(22)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return button
