"""The last column: the answers with their probabilities and scores.

The last column of a network of many classes: a line for each, with its bar and probability.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter, QPen, qRgb

from lenet_gui.inspect.common.inspection import Inspection
from lenet_gui.inspect.common.style import PageStyle
from lenet_gui.inspect.network.layout import Tile
from lenet_gui.widgets.formatting import format_percent, format_value
from lenet_gui.widgets.live_updates import StaticTextCache
from trainer.networks.lenet1998 import LeNet1998
from trainer.networks.model import Model
from trainer.translation import N_
from trainer.translation import gettext as _

_NAMES = {False: N_("score"), True: N_("penalty")}
"""What stands before an output's number, by whether it is a penalty."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the rows say."""

    classes: tuple[str, ...]
    probabilities: tuple[float, ...]  # () on a clean sheet
    plain: tuple[float, ...]  # without the maps that are held; () if none are
    scores: tuple[float, ...]
    penalties: bool  # scores are minus penalties, and each row has a bitmap
    bitmaps: tuple[QImage, ...]

    @property
    def best(self) -> int | None:
        """The answer; None on a clean sheet."""
        if not self.probabilities:
            return None
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)


def describe_outputs(inspection: Inspection, look: PageStyle) -> Outputs:
    """What there is to say of a reading."""
    prediction = inspection.prediction
    plain = inspection.reading.baseline
    scores = inspection.values(7)
    bitmaps = _bitmaps(inspection.model, look.dark)
    return Outputs(
        inspection.reading.classes,
        prediction.probabilities if prediction else (),
        plain.probabilities if plain else (),
        () if scores is None else tuple(float(s) for s in scores.ravel()),
        bool(bitmaps),
        bitmaps,
    )


@lru_cache(maxsize=4)
def _bitmaps(model: Model, dark: bool) -> tuple[QImage, ...]:
    """The 1998 network's ten bitmaps, ink as text; none of another network."""
    network = model.network
    if not isinstance(network, LeNet1998):
        return ()
    ink, blank = (qRgb(232, 232, 234), qRgb(38, 39, 44)) if dark else (qRgb(27, 27, 31), ~0)
    bitmaps = []
    for bitmap in network.bitmaps.reshape(-1, 12, 7).tolist():
        image = QImage(7, 12, QImage.Format.Format_RGB32)
        for y, row in enumerate(bitmap):
            for x, value in enumerate(row):
                image.setPixel(x, y, ink if value > 0 else blank & 0xFFFFFFFF)
        bitmaps.append(image)
    return tuple(bitmaps)


def score_text(shown: Outputs, number: int) -> str:
    """A row's score, or the 1998 network's penalty."""
    if not shown.scores:
        return ""
    score = shown.scores[number]
    return format_value(-score if shown.penalties else score)


@dataclass(frozen=True, slots=True)
class _OutputRow:
    """Where the parts of one answer stand."""

    bitmap: QRectF
    left: float
    right: float
    name: float  # the upper edge of the class's line
    bar: QRectF
    below: float  # of the line below the bar
    score: float  # of the score's line


class OutputRows:
    """Paints the column; fonts and places are made once for a layout.

    Args:
        tile: the whole column, a row for each answer.
        letters: the height of ordinary letters.
        look: colors and font.
        bitmap: a pixel of the bitmaps, in points; 0 for none.
        classes: the answers' names.
    """

    def __init__(
        self, tile: Tile, letters: float, look: PageStyle, bitmap: float, classes: tuple[str, ...]
    ) -> None:
        self._look = look
        bold = look.sized(letters * 1.1)
        bold.setWeight(QFont.Weight.Bold)
        self._small = StaticTextCache(look.sized(letters * 0.92))
        self._name, self._best = StaticTextCache(look.sized(letters * 1.1)), StaticTextCache(bold)
        wide, longest = self._small.width, max(map(self._best.width, classes), default=0.0)
        room = tile.rect.width() - 8 - (7 * bitmap + 6 if bitmap else 0.0)
        percent = wide(format_percent(1.0, 1)) + 6
        metrics = QFontMetricsF(bold)
        self._titles = [
            metrics.elidedText(name, Qt.TextElideMode.ElideRight, room) for name in classes
        ]
        self._beside = longest + percent <= room  # class and per cent in one line
        self._lines = 2 if self._beside or percent + wide("−00.0") <= room else 3
        left = room - (0.0 if self._beside or self._lines == 3 else percent)
        self._named = {name: wide(f"{_(name)} −00.0") <= left for name in _NAMES.values()}
        self._rows = [
            self._place(tile.cells(number, 0, number + 1, 1), bitmap) for number in range(tile.rows)
        ]

    def _place(self, row: QRectF, pixel: float) -> _OutputRow:
        line = self._small.height
        left, right = row.left() + 4, row.right() - 4
        bitmap = QRectF(left, round(row.center().y() - 6 * pixel), 7 * pixel, 12 * pixel)
        left += 7 * pixel + 6 if pixel else 0.0
        top = row.center().y() - (line * self._lines + 9) / 2
        below = top + line + 9
        score = below + line if self._lines == 3 else below
        bar = QRectF(left, round(top + line + 2), right - left, 6)
        return _OutputRow(bitmap, left, right, top, bar, below, score)

    def paint(self, painter: QPainter, shown: Outputs) -> None:
        """All rows; what has one font together, as changing it takes long."""
        self._paint_bitmaps(painter, shown)
        self._paint_bars(painter, shown)
        look, best = self._look, shown.best
        painter.setPen(look.faint if shown.probabilities else look.text)
        painter.setFont(self._name.font)
        for number, row in enumerate(self._rows):
            if number != best:
                self._name.paint(painter, self._titles[number], row.left, row.name)
        if best is None:
            return
        painter.setFont(self._small.font)
        for number, row in enumerate(self._rows):
            if number != best:
                self._paint_percent(painter, shown, number, row)
            self._paint_score(painter, shown, number, row)
        painter.setPen(look.text)
        row = self._rows[best]
        self._paint_percent(painter, shown, best, row)
        painter.setFont(self._best.font)
        self._best.paint(painter, self._titles[best], row.left, row.name)

    def _paint_bitmaps(self, painter: QPainter, shown: Outputs) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for number, image in enumerate(shown.bitmaps):
            place = self._rows[number].bitmap
            painter.drawImage(place, image)
            marked = number == shown.best
            painter.setPen(QPen(self._look.accent if marked else self._look.line, 1 + marked))
            painter.drawRect(place.adjusted(-1, -1, 0, 0))

    def _paint_bars(self, painter: QPainter, shown: Outputs) -> None:
        look, role = self._look, self._look.palette.ColorRole
        ground = look.color(role.AlternateBase)
        for number, row in enumerate(self._rows):
            painter.fillRect(row.bar, ground)
            if not shown.probabilities:
                continue
            filled = QRectF(row.bar)
            filled.setWidth(row.bar.width() * shown.probabilities[number])
            painter.fillRect(filled, look.accent if number == shown.best else look.line)
            if shown.plain:
                # Where it would end with no map held.
                at = row.bar.left() + row.bar.width() * shown.plain[number]
                mark = QRectF(min(at, row.bar.right() - 2), row.bar.top() - 2, 2, 10)
                painter.fillRect(mark, look.above)

    def _paint_percent(
        self, painter: QPainter, shown: Outputs, number: int, row: _OutputRow
    ) -> None:
        text = format_percent(shown.probabilities[number], 1)
        if self._beside:
            self._small.paint_right(painter, text, row.right, row.name)
        else:
            self._small.paint(painter, text, row.left, row.below)

    def _paint_score(self, painter: QPainter, shown: Outputs, number: int, row: _OutputRow) -> None:
        """The score or penalty, and which of them it is if there is room to say so."""
        name, text = _NAMES[shown.penalties], score_text(shown, number)
        if self._named[name]:
            text = f"{_(name)} {text}"
        if self._lines == 3:
            self._small.paint(painter, text, row.left, row.score)
        else:
            self._small.paint_right(painter, text, row.right, row.score)


MANY = 10
"""Classes, of which more have a line each."""


def output_rows(
    tile: Tile, letters: float, look: PageStyle, bitmap: float, classes: tuple[str, ...]
) -> OutputRows | ShortRows:
    """What paints the column; the arguments are as for `OutputRows`."""
    if len(classes) > MANY:
        return ShortRows(tile, letters, look, classes)
    return OutputRows(tile, letters, look, bitmap, classes)


_TOLD = 0.005
"""Less than this is 0 %, which need not be said of forty classes."""


class ShortRows:
    """Paints the column as `OutputRows` does, without scores, bitmaps or second lines.

    Args:
        tile: the whole column, a row for each answer.
        letters: the height of ordinary letters.
        look: colors and font.
        classes: the answers' names.
    """

    def __init__(
        self, tile: Tile, letters: float, look: PageStyle, classes: tuple[str, ...]
    ) -> None:
        self._look, self._tile = look, tile
        self._high = tile.rect.height() / tile.rows
        self._font = look.sized(min(letters * 0.92, self._high * 0.86))
        self._best = QFont(self._font)
        self._best.setWeight(QFont.Weight.Bold)
        metrics = QFontMetricsF(self._best)
        self._down = (self._high + metrics.capHeight()) / 2
        longest = max(map(metrics.horizontalAdvance, classes), default=0.0)
        room = min(longest, tile.rect.width() / 2)  # the bar needs some, too
        self._name = room + 6
        self._titles = [
            metrics.elidedText(name, Qt.TextElideMode.ElideRight, room) for name in classes
        ]
        # Of a hundred classes, as many are named as there is room for.
        self._every = max(1, math.ceil(1.3 * metrics.capHeight() / self._high))
        self._percent = metrics.horizontalAdvance(format_percent(1.0, 0)) + 5
        self._wide = metrics.horizontalAdvance

    def paint(self, painter: QPainter, shown: Outputs) -> None:
        """All rows; what has one font together, as changing it takes long."""
        look, best = self._look, shown.best
        bars = [self._bar(number) for number in range(len(shown.classes))]
        ground = look.color(look.roles.AlternateBase)
        for bar in bars:
            painter.fillRect(bar, ground)
        for number, share in enumerate(shown.probabilities):
            bar = bars[number]
            filled = QRectF(bar)
            filled.setWidth(bar.width() * share)
            painter.fillRect(filled, look.accent if number == best else look.line)
            if shown.plain:
                # Where it would end with no map held.
                at = min(bar.left() + bar.width() * shown.plain[number], bar.right() - 2)
                painter.fillRect(QRectF(at, bar.top() - 1, 2, bar.height() + 2), look.above)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(look.faint if shown.probabilities else look.text)
        painter.setFont(self._font)
        for number in range(len(shown.classes)):
            if number % self._every == 0 and (best is None or abs(number - best) >= self._every):
                self._paint_texts(painter, shown, number)
        if best is not None:
            painter.setPen(look.text)
            painter.setFont(self._best)
            self._paint_texts(painter, shown, best)

    def _bar(self, number: int) -> QRectF:
        """The room of a row's bar."""
        row = self._tile.cells(number, 0, number + 1, 1)
        left, right = row.left() + 4 + self._name, row.right() - 4 - self._percent
        high = min(6.0, self._high * 0.5)
        return QRectF(left, row.center().y() - high / 2, max(4.0, right - left), high)

    def _paint_texts(self, painter: QPainter, shown: Outputs, number: int) -> None:
        """A row's class, and its probability where it is more than nothing."""
        row = self._tile.cells(number, 0, number + 1, 1)
        line = row.top() + self._down
        painter.drawText(QPointF(row.left() + 4, line), self._titles[number])
        if shown.probabilities and shown.probabilities[number] >= _TOLD:
            text = format_percent(shown.probabilities[number], 0)
            painter.drawText(QPointF(row.right() - 4 - self._wide(text), line), text)
