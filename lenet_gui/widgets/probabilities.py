"""Up to ten bars, of which those that are other ones are painted anew."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lenet_gui.widgets.formatting import format_percent
from lenet_gui.widgets.labels import changes_look
from lenet_gui.widgets.live_updates import StaticTextCache
from trainer.translation import gettext as _


@dataclass(frozen=True, slots=True)
class _ProbabilityRow:
    """What a row shows; two that are equal look alike."""

    label: str
    text: str  # its per cent; "" where nothing is read
    share: float  # of the track that the bar takes: whole tenths of a per cent
    before: float | None  # the place of the line across the bar
    colors: int  # 0: not the answer; 1: nor is any other; 2: it may be the answer


@dataclass(frozen=True, slots=True, eq=False)
class BarStyle:
    """Where the rows and their parts stand, and their colors, in one size, font and palette."""

    rows: tuple[QRect, ...]
    tracks: tuple[QRectF, ...]  # of the bars
    letters: StaticTextCache
    ground: QColor
    track: QColor
    texts: tuple[QColor, QColor, QColor]  # by `_ProbabilityRow.colors`
    bars: tuple[QColor, QColor, QColor]


_LEAST = 0.0005


class ProbabilitiesView(QWidget):
    """A labelled bar for each class; of more than ten classes, for the ten most probable."""

    ROWS = 10

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("probabilities")
        self.setAccessibleName(_("Probabilities"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(170, self.ROWS * 15)
        self.values: tuple[float, ...] = ()
        self.marked: tuple[int, ...] = ()
        self.before: tuple[float, ...] = ()
        self._labels: tuple[str, ...] = tuple("0123456789")
        self._rows = self._make_rows()
        self._look: BarStyle | None = None

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
            self.setMinimumWidth(
                longest + self.fontMetrics().horizontalAdvance(format_percent(1.0, 1)) + 90
            )
            self._forget_look()
        rows_before, self._rows = self._rows, self._make_rows()
        if rows_before == self._rows:
            return
        texts = (f"{row.label}: {row.text}" for row in self._rows) if values else ()
        self.setAccessibleDescription(", ".join(texts))
        if self._look is None or len(self._rows) != len(rows_before):
            self.update()
            return
        for row, before_it, room in zip(self._rows, rows_before, self._look.rows, strict=False):
            if row != before_it:
                self.update(room)

    def shown(self) -> tuple[int, ...]:
        """The classes that have a bar, from above: all, or the ten most probable, best first."""
        numbers = range(len(self._labels))
        if len(numbers) > self.ROWS and self.values:
            return tuple(sorted(numbers, key=lambda n: -self.values[n])[: self.ROWS])
        return tuple(numbers[: self.ROWS])

    def _make_rows(self) -> tuple[_ProbabilityRow, ...]:
        labels, before = self._labels, self.before
        if not self.values:
            return tuple(_ProbabilityRow(labels[n], "", 0.0, None, 0) for n in self.shown())
        faint = 0 if self.marked else 1
        rows = []
        for number in self.shown():
            value = float(self.values[number])
            # What rounds to nothing says nothing: nine times "0.0 %" beside a sure answer.
            text = format_percent(value, 1) if value >= _LEAST else ""
            share = round(value, 3)
            at = before[number] if before else None
            colors = 2 if number in self.marked else faint
            rows.append(_ProbabilityRow(labels[number], text, share, at, colors))
        return tuple(rows)

    # Painting

    def _find_look(self) -> BarStyle:
        width, height = self.width(), self.height() / self.ROWS
        font = QFont(self.font())
        usual = round(self.fontInfo().pixelSize() * 1.15)
        font.setPixelSize(max(10, min(round(height * 0.7), usual)))
        letters = StaticTextCache(font)
        left = max(map(letters.width, self._labels)) + 10
        right = width - letters.width(format_percent(1.0, 1)) - 8
        edges = [round(number * height) for number in range(self.ROWS + 1)]  # whole pixels
        rows = [QRect(0, a, width, b - a) for a, b in itertools.pairwise(edges)]
        tracks = [
            QRectF(left, row.y() + row.height() * 0.2, right - left, row.height() * 0.6)
            for row in rows
        ]
        color, role = self.palette().color, QPalette.ColorRole
        faint, bar = color(role.PlaceholderText), color(role.Mid)
        pale = QColor(bar)
        pale.setAlphaF(0.5)
        return BarStyle(
            rows=tuple(rows),
            tracks=tuple(tracks),
            letters=letters,
            ground=color(role.Window),
            track=color(role.AlternateBase),
            texts=(faint, faint, color(role.WindowText)),
            bars=(bar, pale, color(role.Highlight)),
        )

    def _forget_look(self) -> None:
        self._look = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Everything has another place."""
        super().resizeEvent(event)
        self._forget_look()

    def changeEvent(self, event: QEvent) -> None:
        """Light or dark, another font."""
        super().changeEvent(event)
        if changes_look(event):
            self._forget_look()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Label, bar and per cent, a line each."""
        if self._look is None:
            self._look = self._find_look()
        look, region = self._look, event.region()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), look.ground)
        painter.setFont(look.letters.font)
        for number, row in enumerate(self._rows):
            if region.intersects(look.rows[number]):
                _paint_row(painter, row, look.rows[number], look.tracks[number], look)


def _paint_row(
    painter: QPainter, row: _ProbabilityRow, room: QRect, track: QRectF, look: BarStyle
) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.track)
    painter.drawRoundedRect(track, 3, 3)
    if row.share * track.width() >= 0.5:
        painter.setBrush(look.bars[row.colors])
        bar = QRectF(track)
        bar.setWidth(track.width() * row.share)
        painter.drawRoundedRect(bar, min(3, bar.width() / 2), 3)
    text, letters = look.texts[row.colors], look.letters
    if row.before is not None:
        at = track.left() + track.width() * row.before
        painter.fillRect(
            QRectF(at - 1, room.y() + room.height() * 0.1, 2, room.height() * 0.8), text
        )
    painter.setPen(text)
    line = room.y() + (room.height() - letters.height) / 2
    letters.paint_right(painter, row.label, track.left() - 10, line)
    if row.text:
        letters.paint_right(painter, row.text, room.width(), line)
