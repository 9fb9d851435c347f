"""The answer in large digits, with what goes with it beneath."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from lenet_gui.widgets.labels import changes_look
from lenet_gui.widgets.live_updates import StaticTextCache
from trainer.translation import gettext as _

_NOTE_LINES = 2
_KEPT = 24
"""Labels that are kept as pictures: ten digits and "?", certain and doubtful, and some more."""


class AnswerView(QWidget):
    """The answer, large enough for the back row, with what goes with it beneath.

    A number's digits stand side by side; one of them is chosen, by a click or
    the arrow keys.
    """

    chosen = Signal(int)
    """Tell about this digit of the number, counted from the left."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("prediction")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 120)
        self.labels: tuple[str, ...] = ()
        self.note = ""
        self._faint: tuple[bool, ...] = ()
        self._marked = 0
        self._letters: StaticTextCache | None = None  # of the note
        self._kept: dict[tuple[str, bool], QPixmap] = {}  # labels as they are drawn
        self._kept_for: tuple[float, ...] = ()  # their size
        self._tell()

    @property
    def answer(self) -> str:
        """What stands in large: a class, a whole number, "?", or nothing."""
        return "".join(self.labels)

    def sizeHint(self) -> QSize:
        """About half as wide as high letters."""
        return QSize(150, 200)

    def show_answer(
        self,
        labels: tuple[str, ...],
        note: str,
        faint: tuple[bool, ...] = (),
        marked: int = 0,
    ) -> None:
        """Show an answer.

        Args:
            labels: what was read, a class for each digit; none for no answer.
            note: what stands beneath; without an answer, in its place.
            faint: for each label, whether it is doubtful.
            marked: of several labels, the one that the note is about.
        """
        before, note_before = (self.labels, self._faint, self._marked), self.note
        self.labels, self.note, self._marked = labels, note, marked
        self._faint = faint or (False,) * len(labels)
        if before != (labels, self._faint, marked):
            self._tell()
            self.update()
        elif note != note_before:
            self.setAccessibleDescription(note)
            self.update(self._beneath().toAlignedRect())

    def _tell(self) -> None:
        """What goes with an answer, apart from how it looks."""
        several = len(self.labels) > 1
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if several else Qt.FocusPolicy.NoFocus)
        self.setToolTip(_("Click a digit to see how it was recognized") if several else "")
        text = _("none") if self.answer in ("", "?") else self.answer
        self.setAccessibleName(_("Prediction: {told}").format(told=text))
        self.setAccessibleDescription(self.note)

    # Choosing a digit

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a digit chooses it."""
        if event.button() == Qt.MouseButton.LeftButton:
            for number, place in enumerate(self.places()):
                if place.contains(event.position()):
                    self._choose(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go from digit to digit."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step:
            self._choose(self._marked + step)
        else:
            super().keyPressEvent(event)

    def _choose(self, number: int) -> None:
        if len(self.labels) > 1 and 0 <= number < len(self.labels) and number != self._marked:
            self.chosen.emit(number)

    # Painting

    def places(self) -> list[QRectF]:
        """Where each label stands."""
        room, font = self._room(), self._large()
        if len(self.labels) < 2:
            return [room for _other in self.labels]
        across = font.pixelSize() * 0.72
        left = room.center().x() - across * len(self.labels) / 2
        height = font.pixelSize() * 1.2
        top = room.center().y() - height / 2
        return [QRectF(left + n * across, top, across, height) for n in range(len(self.labels))]

    def _room(self) -> QRectF:
        """Where the answer stands: always the same place, whatever the note says."""
        height = self.height() - self.fontMetrics().height() * _NOTE_LINES - 4
        return QRectF(0, 0, self.width(), height)

    def _beneath(self) -> QRectF:
        """Where the note stands: in the answer's place where there is none."""
        room = self._room()
        if self.labels:
            room.setTop(room.bottom() + 2)
            room.setBottom(self.height())
        return room

    def _large(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        letters = max(1, len(self.answer))
        # A digit is about 0.7 as wide as its font is high.
        size = min(
            self._room().height(), 1.3 * self._room().width() / letters, self._room().width()
        )
        font.setPixelSize(max(12, round(size)))
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        """The answer over its note; either alone where only it is another."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self.palette().color(QPalette.ColorRole.Window))
        if event.rect().top() < self._room().bottom():
            self._paint_answer(painter)
        self._paint_note(painter)

    def _paint_answer(self, painter: QPainter) -> None:
        for number, (label, place) in enumerate(zip(self.labels, self.places(), strict=True)):
            painter.drawPixmap(place.topLeft(), self._draw_label(label, self._faint[number], place))
            if len(self.labels) > 1 and number == self._marked:
                painter.fillRect(
                    self._mark(place), self.palette().color(QPalette.ColorRole.Highlight)
                )

    def _mark(self, place: QRectF) -> QRectF:
        """The line under a digit: close to it, whatever room its font leaves for tails."""
        metrics = QFontMetricsF(self._large())
        foot = place.center().y() - metrics.height() / 2 + metrics.ascent()
        return QRectF(place.left() + 3, foot + 4, place.width() - 6, 3)

    def _draw_label(self, label: str, faint: bool, place: QRectF) -> QPixmap:
        """A label in large; kept, since to draw letters of this size takes long."""
        ratio, size = self.devicePixelRatioF(), place.size()
        key = (size.width(), size.height(), ratio, self._large().pixelSize())
        if self._kept_for != key:
            self._kept_for = key
            self._kept.clear()
        if (label, faint) not in self._kept:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            pixmap = QPixmap((size * ratio).toSize() + QSize(1, 1))
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setFont(self._large())
            text = self.palette().color(QPalette.ColorRole.WindowText)
            painter.setPen(self._doubtful() if faint else text)
            painter.drawText(QRectF(QPointF(0, 0), size), Qt.AlignmentFlag.AlignCenter, label)
            painter.end()
            self._kept[label, faint] = pixmap
        return self._kept[label, faint]

    def _paint_note(self, painter: QPainter) -> None:
        if self._letters is None:
            self._letters = StaticTextCache(self.font())
        letters, place = self._letters, self._beneath()
        painter.setFont(letters.font)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        if self.labels and letters.width(self.note) <= place.width():
            letters.paint_centered(painter, self.note, place.center().x(), place.top())
            return
        flag = Qt.AlignmentFlag
        flags = flag.AlignHCenter | flag.AlignTop if self.labels else flag.AlignCenter
        painter.drawText(place, flags | Qt.TextFlag.TextWordWrap, self.note)

    def changeEvent(self, event: QEvent) -> None:
        """Another font has other letters, and another palette other colors."""
        super().changeEvent(event)
        if changes_look(event):
            self._letters = None
            self._kept.clear()

    def _doubtful(self) -> QColor:
        """Half way between text and what it stands on."""
        text = self.palette().color(QPalette.ColorRole.WindowText)
        text.setAlphaF(0.42)
        return text
