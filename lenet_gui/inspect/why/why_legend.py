"""What the colours of the Why panel's pictures mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from lenet_gui.draw.kernels_view import diverging

if TYPE_CHECKING:
    from trainer.inspect.attribution import Question

_GAP, _LEAST = 8, 40


class WhyLegend(QWidget):
    """One line: for what blue speaks, the colours, and for what orange speaks."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("why_legend")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.ends = ("", "")
        """What stands at the left, where values are below 0, and at the right."""

    def sizeHint(self) -> QSize:
        """A line."""
        return QSize(200, self.fontMetrics().height() + 4)

    def show_classes(self, question: Question | None, classes: tuple[str, ...]) -> None:
        """Tell of this question; None for no text."""
        ends = ("", "")
        if question is not None:
            name = classes[question.target]
            below = "against" if question.against is None else f"for {classes[question.against]}"
            ends = (below, f"for {name}")
        if ends != self.ends:
            self.ends = ends
            self.setAccessibleName(f"Blue speaks {ends[0]}, orange {ends[1]}" if ends[0] else "")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Text, colours, text."""
        painter = QPainter(self)
        palette, metrics = self.palette(), self.fontMetrics()
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        most = (self.width() - _LEAST) // 2 - _GAP
        texts = [metrics.elidedText(end, Qt.TextElideMode.ElideRight, most) for end in self.ends]
        left, right = (metrics.horizontalAdvance(text) + _GAP if text else 0 for text in texts)
        whole, middle = QRectF(self.rect()), Qt.AlignmentFlag.AlignVCenter
        painter.drawText(whole, Qt.AlignmentFlag.AlignLeft | middle, texts[0])
        painter.drawText(whole, Qt.AlignmentFlag.AlignRight | middle, texts[1])
        height = metrics.height() * 0.5
        bar = QRectF(left, (self.height() - height) / 2, self.width() - left - right, height)
        table = diverging(palette.color(QPalette.ColorRole.Base).lightness() < 128)
        colours = QLinearGradient(bar.topLeft(), bar.topRight())
        for place, level in ((0.0, 0), (0.5, 127), (1.0, 255)):
            colours.setColorAt(place, QColor.fromRgb(table[level]))
        painter.fillRect(bar, colours)
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
