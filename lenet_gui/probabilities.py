"""The answer in large digits, and up to ten bars."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

_NOTE_LINES = 2


class PredictionView(QWidget):
    """The answer, large enough for the back row, with what goes with it beneath.

    A number's digits stand side by side; one of them is chosen, by a click or
    the arrow keys.
    """

    chosen = Signal(int)
    """Tell about this digit of the number, counted from the left."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("prediction")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 120)
        self.labels: tuple[str, ...] = ()
        self.note = ""
        self._faint: tuple[bool, ...] = ()
        self._marked = 0
        self.show_answer((), "")

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
        self.labels, self.note, self._marked = labels, note, marked
        self._faint = faint or (False,) * len(labels)
        several = len(labels) > 1
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if several else Qt.FocusPolicy.NoFocus)
        self.setToolTip("Click on a digit to see how it was read" if several else "")
        told = "none" if self.answer in ("", "?") else self.answer
        self.setAccessibleName(f"Prediction: {told}")
        self.setAccessibleDescription(note)
        self.update()

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
            return [room for _ in self.labels]
        across = font.pixelSize() * 0.72
        left = room.center().x() - across * len(self.labels) / 2
        height = font.pixelSize() * 1.2
        top = room.center().y() - height / 2
        return [QRectF(left + n * across, top, across, height) for n in range(len(self.labels))]

    def _room(self) -> QRectF:
        """Where the answer stands: always the same place, whatever the note says."""
        height = self.height() - self.fontMetrics().height() * _NOTE_LINES - 4
        return QRectF(0, 0, self.width(), height)

    def _large(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        letters = max(1, len(self.answer))
        # A digit is about 0.7 as wide as its font is high.
        size = min(self._room().height(), 1.3 * self.width() / letters, self.width())
        font.setPixelSize(max(12, round(size)))
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        """The answer over its note."""
        painter = QPainter(self)
        role = QPalette.ColorRole
        muted = self.palette().color(role.PlaceholderText)
        painter.setFont(self._large())
        for number, (label, place) in enumerate(zip(self.labels, self.places(), strict=True)):
            faint = self._faint[number]
            painter.setPen(self._doubtful() if faint else self.palette().color(role.WindowText))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, label)
            if len(self.labels) > 1 and number == self._marked:
                mark = QRectF(place.left() + 3, place.bottom(), place.width() - 6, 3)
                painter.fillRect(mark, self.palette().color(role.Highlight))
        painter.setFont(self.font())
        painter.setPen(muted)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        beneath = QRectF(self._room())
        beneath.setTop(beneath.bottom() + 2)
        beneath.setBottom(self.height())
        if not self.labels:
            beneath, flags = self._room(), Qt.AlignmentFlag.AlignCenter
        painter.drawText(beneath, flags | Qt.TextFlag.TextWordWrap, self.note)

    def _doubtful(self) -> QColor:
        """Half way between text and what it stands on."""
        text = self.palette().color(QPalette.ColorRole.WindowText)
        text.setAlphaF(0.42)
        return text


class ProbabilitiesView(QWidget):
    """A labelled bar for each class; of more than ten classes, for the ten most probable."""

    ROWS = 10

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("probabilities")
        self.setAccessibleName("Probabilities")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(170, self.ROWS * 15)
        self.values: tuple[float, ...] = ()
        self.marked: tuple[int, ...] = ()
        self.before: tuple[float, ...] = ()
        self._labels: tuple[str, ...] = tuple("0123456789")

    def sizeHint(self) -> QSize:
        """Wide enough to compare bars."""
        return QSize(260, self.ROWS * 22)

    def show_values(
        self,
        values: tuple[float, ...],
        labels: tuple[str, ...],
        marked: tuple[int, ...] = (),
        before: tuple[float, ...] = (),
    ) -> None:
        """Show bars.

        Args:
            values: each class's probability; none for empty bars.
            labels: the classes' names; none for those that are shown.
            marked: the classes that may be the answer; none for no answer,
                and faint bars.
            before: other probabilities, shown as a line across each bar; none for no lines.
        """
        self.values, self.marked, self.before = values, marked, before
        if labels and labels != self._labels:
            self._labels = labels
            longest = max(map(self.fontMetrics().horizontalAdvance, labels))
            self.setMinimumWidth(longest + self.fontMetrics().horizontalAdvance("100.0 %") + 90)
        told = (f"{self._labels[n]}: {values[n]:.1%}" for n in self.shown()) if values else ()
        self.setAccessibleDescription(", ".join(told))
        self.update()

    def shown(self) -> tuple[int, ...]:
        """The classes that have a bar, from above: all, or the ten most probable, best first."""
        numbers = range(len(self._labels))
        if len(numbers) > self.ROWS and self.values:
            return tuple(sorted(numbers, key=lambda n: -self.values[n])[: self.ROWS])
        return tuple(numbers[: self.ROWS])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Label, bar and per cent, a line each."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = self.height() / self.ROWS
        font = QFont(self.font())
        font.setPixelSize(
            max(10, min(round(height * 0.7), round(self.fontInfo().pixelSize() * 1.15)))
        )
        painter.setFont(font)
        metrics = painter.fontMetrics()
        left = max(metrics.horizontalAdvance(label) for label in self._labels) + 10
        right = metrics.horizontalAdvance("100.0 %") + 8
        for row, number in enumerate(self.shown()):
            self._paint_row(painter, row, number, (left, right, height))

    def _paint_row(
        self, painter: QPainter, row: int, number: int, sizes: tuple[float, float, float]
    ) -> None:
        label, value = self._labels[number], self.values[number] if self.values else 0.0
        left, right, height = sizes
        role = QPalette.ColorRole
        marked = number in self.marked
        top = row * height
        text = self.palette().color(role.WindowText if marked else role.PlaceholderText)
        painter.setPen(text)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(
            QRectF(0, top, left - 10, height), middle | Qt.AlignmentFlag.AlignRight, label
        )
        track = QRectF(left, top + height * 0.2, self.width() - left - right, height * 0.6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(role.AlternateBase))
        painter.drawRoundedRect(track, 3, 3)
        if value * track.width() >= 0.5:
            painter.setBrush(self._bar_colour(marked))
            bar = QRectF(track.topLeft(), track.bottomRight())
            bar.setWidth(track.width() * value)
            painter.drawRoundedRect(bar, min(3, bar.width() / 2), 3)
        if self.before:
            at = track.left() + track.width() * self.before[number]
            painter.fillRect(QRectF(at - 1, top + height * 0.1, 2, height * 0.8), text)
        if self.values:
            painter.setPen(text)
            painter.drawText(
                QRectF(self.width() - right, top, right, height),
                middle | Qt.AlignmentFlag.AlignRight,
                f"{value * 100:.1f} %",
            )

    def _bar_colour(self, marked: bool) -> QColor:
        role = QPalette.ColorRole
        colour = self.palette().color(role.Highlight if marked else role.Mid)
        if not self.marked:
            colour.setAlphaF(0.5)
        return colour
