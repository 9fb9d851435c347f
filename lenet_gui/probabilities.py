"""The answer: one large digit, and ten bars."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget


class PredictionView(QWidget):
    """The answer, large enough for the back row, with its probability beneath."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("prediction")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 120)
        self.answer, self.note = "", ""
        self.show_answer("", "")

    def sizeHint(self) -> QSize:
        """About half as wide as high letters."""
        return QSize(150, 200)

    def show_answer(self, answer: str, note: str) -> None:
        """`answer` large (empty for none) and `note` beneath it."""
        self.answer, self.note = answer, note
        self.setAccessibleName(f"Prediction: {answer or 'none'}")
        self.setAccessibleDescription(note)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The answer over its note."""
        painter = QPainter(self)
        note_height = self.fontMetrics().height() * 1.5
        # No higher than the picture beside it: the answer stands level with what was read.
        height = min(self.height() - note_height, float(self.width()))
        room = QRectF(0, 0, self.width(), height)
        muted = self.palette().color(QPalette.ColorRole.PlaceholderText)
        if self.answer:
            font = QFont(self.font())
            font.setWeight(QFont.Weight.DemiBold)
            letters = max(1, len(self.answer))
            # A digit is about 0.7 as wide as its font is high.
            size = min(room.height(), 1.3 * room.width() / letters)
            font.setPixelSize(max(12, round(size)))
            painter.setFont(font)
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self.answer)
        painter.setFont(self.font())
        painter.setPen(muted)
        beneath = QRectF(0, room.height(), self.width(), note_height)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        if not self.answer:
            beneath = room
            flags = Qt.AlignmentFlag.AlignCenter
        painter.drawText(beneath, flags | Qt.TextFlag.TextWordWrap, self.note)


class ProbabilitiesView(QWidget):
    """Ten labelled bars."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("probabilities")
        self.setAccessibleName("Probabilities")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(170, 10 * 15)
        self.values: tuple[float, ...] = ()
        self._labels: tuple[str, ...] = tuple("0123456789")

    def sizeHint(self) -> QSize:
        """Wide enough to compare bars."""
        return QSize(260, 10 * 22)

    def show_values(self, values: tuple[float, ...], labels: tuple[str, ...]) -> None:
        """Ten probabilities with their classes' names; none of the first for empty bars."""
        self.values = values
        if labels and labels != self._labels:
            self._labels = labels
            longest = max(map(self.fontMetrics().horizontalAdvance, labels))
            self.setMinimumWidth(longest + self.fontMetrics().horizontalAdvance("100.0 %") + 90)
        shown = zip(self._labels, values, strict=False)
        self.setAccessibleDescription(", ".join(f"{label}: {p:.1%}" for label, p in shown))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Label, bar and per cent, a line each."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = self.height() / 10
        font = QFont(self.font())
        font.setPixelSize(
            max(10, min(round(height * 0.7), round(self.fontInfo().pixelSize() * 1.15)))
        )
        painter.setFont(font)
        metrics = painter.fontMetrics()
        left = max(metrics.horizontalAdvance(label) for label in self._labels) + 10
        right = metrics.horizontalAdvance("100.0 %") + 8
        best = max(range(len(self.values)), key=self.values.__getitem__) if self.values else -1
        for number, label in enumerate(self._labels):
            value = self.values[number] if self.values else 0.0
            self._paint_row(painter, number, label, value, number == best, (left, right, height))

    def _paint_row(
        self,
        painter: QPainter,
        number: int,
        label: str,
        value: float,
        best: bool,
        sizes: tuple[float, float, float],
    ) -> None:
        left, right, height = sizes
        role = QPalette.ColorRole
        top = number * height
        text = self.palette().color(role.WindowText if best else role.PlaceholderText)
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
            painter.setBrush(self.palette().color(role.Highlight if best else role.Mid))
            bar = QRectF(track.topLeft(), track.bottomRight())
            bar.setWidth(track.width() * value)
            painter.drawRoundedRect(bar, min(3, bar.width() / 2), 3)
        if self.values:
            painter.setPen(text)
            painter.drawText(
                QRectF(self.width() - right, top, right, height),
                middle | Qt.AlignmentFlag.AlignRight,
                f"{value * 100:.1f} %",
            )
