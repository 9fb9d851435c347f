"""Where everything stands in the network's picture, for any size of it, and what is where.

Eight columns from left to right. Their widths grow together with the view;
each map is as large as its column and the height allow. Knows nothing of
values or of painting.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSizeF

from trainer.networks.anatomy import Stage, Unit


@dataclass(frozen=True)
class Tile:
    """One map in the picture; of a flat stage, all its units as a grid, row by row."""

    stage: int
    map: int | None  # None: a flat stage
    rect: QRectF
    rows: int
    columns: int

    @cached_property
    def source(self) -> QRectF:
        """Where its values are in the picture of all of a stage's maps, one below the other."""
        return QRectF(0, (self.map or 0) * self.rows, self.columns, self.rows)

    @cached_property
    def between(self) -> list[QRectF]:
        """Lines between its cells."""
        rect, line = self.rect, 1.0
        across, down = rect.width() / self.columns, rect.height() / self.rows
        lines = [
            QRectF(rect.left() + n * across, rect.top(), line, rect.height())
            for n in range(1, self.columns)
        ]
        return lines + [
            QRectF(rect.left(), rect.top() + n * down, rect.width(), line)
            for n in range(1, self.rows)
        ]

    def unit(self, row: int, column: int) -> Unit:
        """The unit of one cell."""
        if self.map is None:
            return Unit(self.stage, row * self.columns + column, 0, 0)
        return Unit(self.stage, self.map, row, column)

    def place(self, unit: Unit) -> tuple[int, int]:
        """The row and column of one of its units."""
        if self.map is None:
            return divmod(unit.map, self.columns)
        return unit.y, unit.x

    def cells(self, top: int, left: int, bottom: int, right: int) -> QRectF:
        """Where some cells are painted; `bottom` and `right` are the first outside."""
        across, down = self.rect.width() / self.columns, self.rect.height() / self.rows
        return QRectF(
            self.rect.left() + left * across,
            self.rect.top() + top * down,
            (right - left) * across,
            (bottom - top) * down,
        )

    def cell(self, unit: Unit) -> QRectF:
        """Where one of its units is painted."""
        row, column = self.place(unit)
        return self.cells(row, column, row + 1, column + 1)

    def at(self, point: QPointF) -> Unit | None:
        """The unit painted there; None outside."""
        if not self.rect.contains(point):
            return None
        across = (point.x() - self.rect.left()) / self.rect.width()
        down = (point.y() - self.rect.top()) / self.rect.height()
        return self.unit(
            min(self.rows - 1, int(down * self.rows)),
            min(self.columns - 1, int(across * self.columns)),
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each part of the picture stands, in points."""

    tiles: tuple[tuple[Tile, ...], ...]  # for each stage: its maps, or one tile for a flat one
    bands: tuple[QRectF, ...]  # each stage's part of the width, all of the height
    first_kernels: tuple[QRectF, ...]  # left of each map of C1
    second_kernels: tuple[QRectF, ...]  # right of each map of S2: the chosen C3 map's
    letters: float  # the height of ordinary letters
    caption: float  # the height of what stands over the columns
    bitmap: float  # a pixel of the outputs' bitmaps; 0 where there are none

    def tile(self, unit: Unit) -> Tile:
        """Where a unit's map stands."""
        tiles = self.tiles[unit.stage]
        return tiles[0] if tiles[0].map is None else tiles[unit.map]

    def map_rect(self, unit: Unit) -> QRectF:
        """Where all of a unit's map is painted; of a flat stage, the unit."""
        tile = self.tile(unit)
        return tile.cell(unit) if tile.map is None else tile.rect

    def block(self, stage: int) -> QRectF:
        """What a stage's maps cover together."""
        tiles = self.tiles[stage]
        return tiles[0].rect.united(tiles[-1].rect)

    def at(self, point: QPointF) -> Unit | None:
        """The unit painted there."""
        for stage, band in enumerate(self.bands):
            if band.left() <= point.x() < band.right():
                units = (tile.at(point) for tile in self.tiles[stage])
                return next((unit for unit in units if unit is not None), None)
        return None


_MAPS = {"input": 152.0, "C1": 112.0, "S2": 84.0, "C3": 74.0, "S4": 56.0}
"""Maps' sides in a view about 1080 wide, in points."""
_FLAT = {"C5": 72.0, "F6": 96.0, "output": 136.0}
"""And the columns' widths."""
_GAP, _KERNEL, _LETTERS = 15.0, 5.2, 13.0  # a gap, a kernel's pixel, and letters in that view
_LEAST_LETTERS, _MOST_LETTERS = 9.0, 15.0
_LEAST_GAP, _MARGIN = 6.0, 4.0
_CAPTION = 4.0  # of a column of maps, in letters, where its caption has three lines
_OUTPUT_LEAST = 7.2  # of the outputs' column, in letters
_CRISP = 0.87  # a map is made this much smaller if its pixels then are whole ones
_F6 = (12, 7)  # rows and columns: the bitmaps that it is compared with


class TextPlaces(NamedTuple):
    """What the outputs' column needs to say, by which it is laid out."""

    longest: int  # letters of the longest class
    bitmaps: bool  # each output is compared with a bitmap of 7x12
    larger: float = 1.0  # than usual, letters are: the window's text can be enlarged


def lay_out_network(
    stages: tuple[Stage, ...], size: QSizeF, words: TextPlaces, ratio: float = 1.0, lines: int = 2
) -> Layout:
    """Lay a network out.

    Args:
        stages: its anatomy.
        size: of the view, in points.
        words: what the outputs say.
        ratio: screen pixels to a point; maps are made of whole screen pixels.
        lines: of the captions.
    """
    rows = ((1, 1), (1, 2), (2, 2), (2, 4), (3, 4))  # columns of C1 and S2, and of C3 and S4
    tried = [_Sizes(stages, size, words, ratio, lines, *each) for each in rows]
    best = max(tried, key=lambda sizes: sizes.score)
    return best.laid_out()


class _Sizes:
    """The sizes of everything for a number of columns of maps.

    Args:
        stages: to `lines`: as for `layout`.
        early: columns of the six maps of C1 and S2.
        late: of the sixteen of C3 and S4.
    """

    def __init__(
        self,
        stages: tuple[Stage, ...],
        size: QSizeF,
        words: TextPlaces,
        ratio: float,
        lines: int,
        early: int,
        late: int,
    ) -> None:
        self.stages, self.size, self.words, self.ratio = stages, size, words, ratio
        self.lines = lines
        self.columns = (1, early, early, late, late)
        self.scale = self._largest_scale()
        self._fix(self.scale, True)
        # What whole pixels left over goes to the gaps.
        spare = size.width() - 2 * _MARGIN - sum(self.widths())
        self.gap = spare / (len(stages) - 1)

    @property
    def score(self) -> float:
        """How large the maps are, as shares of what they should be; the worst counts twice."""
        named = zip(self.stages[1:5], self.sides[1:5], strict=True)
        shares = [side / _MAPS[stage.name] for stage, side in named]
        return min(shares) + sum(shares) / len(shares)

    def _largest_scale(self) -> float:
        """The largest at which all columns fit, with a gap between each two."""
        low, high = 0.05, 4.0
        for _ in range(16):
            middle = (low + high) / 2
            low, high = (middle, high) if self._fits(middle, False) else (low, middle)
        # Whole pixels leave something over: it goes to whatever gains a pixel by it.
        tried = (low * (1.3 - 0.01 * n) for n in range(30))
        return next((scale for scale in tried if self._fits(scale, True)), low)

    def _fits(self, scale: float, whole: bool) -> bool:
        self._fix(scale, whole)
        gaps = (len(self.stages) - 1) * max(_LEAST_GAP, min(scale, 1.5) * _GAP)
        return sum(self.widths()) + gaps <= self.size.width() - 2 * _MARGIN

    def _fix(self, scale: float, whole: bool) -> None:
        """All sizes at a scale; `whole`: as whole screen pixels."""
        least = min(11.0, max(_LEAST_LETTERS, self.size.width() / 58))
        self.letters = self.words.larger * min(_MOST_LETTERS, max(least, scale * _LETTERS))
        self.between = max(2.0, scale * 5)
        self.caption = math.ceil(self.letters * (1.45 + 1.3 * (self.lines - 1))) + 6.0
        self.room = self.size.height() - self.caption - 2 * _MARGIN
        self.kernel = 5.0 * max(2, round(scale * _KERNEL))
        self.sides = [self._side(number, scale, whole) for number in range(5)]
        self.hidden = self._grid(120, scale * _FLAT["C5"], 0.72, scale, whole)
        cell = min(scale * _FLAT["F6"] / _F6[1], self.room * 0.7 / _F6[0])
        self.last = (*_F6, self._whole(cell) if whole else cell)
        outputs = self.stages[7].shape[0]
        wanted = self.letters * (6.5 if self.words.bitmaps else 5.2)
        self.pitch = min(self.room / outputs, wanted)
        self.bitmap = self._whole((self.pitch - 6) / 12) if self.words.bitmaps else 0.0
        letters = max(_OUTPUT_LEAST, 0.66 * self.words.longest) * self.letters
        self.output = max(scale * _FLAT["output"], letters) + 7 * self.bitmap

    def _whole(self, length: float) -> float:
        """The next smaller number of whole screen pixels, as points; at least one."""
        return max(1, math.floor(length * self.ratio + 1e-6)) / self.ratio

    def _side(self, number: int, scale: float, whole: bool) -> float:
        """A map's side in one of the first five stages."""
        maps, cells, _ = self.stages[number].shape
        rows = math.ceil(maps / self.columns[number])
        wanted = _MAPS[self.stages[number].name] * scale * (1.0 if number or maps == 1 else 0.75)
        side = min(wanted, (self.room - (rows - 1) * self.between) / rows)
        if not whole:
            return side
        crisp = self._whole(side / cells) * cells
        return crisp if _CRISP * side <= crisp <= side else self._whole(side)

    def _grid(
        self, units: int, width: float, share: float, scale: float, whole: bool
    ) -> tuple[int, int, float]:
        """Rows, columns and a cell's side of a full layer, its cells as large as fit."""
        most = max(4.0, 20 * scale)

        def cell(columns: int) -> float:
            rows = units // columns
            side = min(width / columns, self.room * share / rows, most)
            return self._whole(side) if whole else side

        columns = max((4, 5, 6, 8, 10, 12), key=lambda n: (cell(n), n))
        return units // columns, columns, cell(columns)

    def widths(self) -> list[float]:
        """Each column's, kernels and caption included."""
        # Large captions are painted smaller rather than leave the maps no room.
        least = min(self.letters * _CAPTION, self.size.width() / 10) if self.lines > 2 else 0.0
        first, *maps = self._maps_widths()
        kernels = (self.kernel + 3, self.kernel + 3, 0.0, 0.0)  # captions don't stand over them
        return [
            first,
            *(max(least + beside, width) for width, beside in zip(maps, kernels, strict=True)),
            self.hidden[1] * self.hidden[2],
            self.last[1] * self.last[2],
            self.output,
        ]

    def _maps_widths(self) -> list[float]:
        """Of the columns of maps, kernels included."""
        widths = [
            columns * side + (columns - 1) * self.between
            for columns, side in zip(self.columns, self.sides, strict=True)
        ]
        widths[1] += self.columns[1] * (self.kernel + 3)
        widths[2] += self.columns[2] * (self.kernel + 3)
        return widths

    # Places

    def laid_out(self) -> Layout:
        """Everything in its place."""
        widths = self.widths()
        lefts = [*itertools.accumulate(widths[:-1], lambda x, w: x + w + self.gap, initial=_MARGIN)]
        tiles: list[tuple[Tile, ...]] = [
            self._maps(number, lefts[number] + (widths[number] - width) / 2)
            for number, width in enumerate(self._maps_widths())
        ]
        for number, (rows, columns, cell) in ((5, self.hidden), (6, self.last)):
            block = QSizeF(columns * cell, rows * cell)
            tiles.append((self._block(number, lefts[number], block, rows, columns),))
        rows = self.stages[7].shape[0]
        outputs = QSizeF(self.output, rows * self.pitch)
        tiles.append((self._block(7, lefts[7], outputs, rows, 1),))
        return Layout(
            tuple(tiles),
            self._bands(lefts, widths),
            tuple(self._beside(tile.rect, -3 - self.kernel) for tile in tiles[1]),
            tuple(self._beside(tile.rect, tile.rect.width() + 3) for tile in tiles[2]),
            self.letters,
            self.caption,
            self.bitmap,
        )

    def _maps(self, number: int, left: float) -> tuple[Tile, ...]:
        """A stage's maps, spread over the height; a pooling's stand level with what it pools."""
        maps, height, width = self.stages[number].shape
        columns = self.columns[number]
        rows = math.ceil(maps / columns)
        largest = self.sides[number - 1 if number in (2, 4) else number]
        pitch = min(self.room / rows, largest * 1.3 + 4)
        kernel = self.kernel + 3 if number in (1, 2) else 0.0
        side = self.sides[number]
        sides = []
        for map_ in range(maps):
            row, column = divmod(map_, columns)
            x = left + column * (side + kernel + self.between) + (kernel if number == 1 else 0)
            y = self._middle() + (row + 0.5 - rows / 2) * pitch - side / 2
            place = self._place(QRectF(x, y, side, side))
            sides.append(Tile(number, map_, place, height, width))
        return tuple(sides)

    def _block(self, number: int, left: float, size: QSizeF, rows: int, columns: int) -> Tile:
        place = QRectF(QPointF(left, self._middle() - size.height() / 2), size)
        return Tile(number, None, self._place(place), rows, columns)

    def _middle(self) -> float:
        return self.caption + _MARGIN + self.room / 2

    def _place(self, rect: QRectF) -> QRectF:
        """Moved to where a screen pixel begins."""
        x, y = (round(at * self.ratio) / self.ratio for at in (rect.x(), rect.y()))
        return QRectF(x, y, rect.width(), rect.height())

    def _beside(self, rect: QRectF, across: float) -> QRectF:
        y = rect.center().y() - self.kernel / 2
        return self._place(QRectF(rect.left() + across, y, self.kernel, self.kernel))

    def _bands(self, lefts: Sequence[float], widths: Sequence[float]) -> tuple[QRectF, ...]:
        middles = [at + w + self.gap / 2 for at, w in zip(lefts, widths, strict=True)]
        edges = [0.0, *middles[:-1], self.size.width()]
        return tuple(QRectF(a, 0, b - a, self.size.height()) for a, b in itertools.pairwise(edges))
