"""The parts of the arithmetic's page that are grids of numbers.

`NumberGrid` is one grid: cells colored by sign, with as large a font as its cells take.
Grids side by side make patch x kernel = products of a convolution, the windows of a
pooling, and the bitmaps of the 1998 network's outputs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QPainter, QPalette, QPen

from lenet_gui.inspect.common.style import PageStyle
from lenet_gui.inspect.unit.blocks import Block, Target
from lenet_gui.widgets.colormap import apply_table
from lenet_gui.widgets.formatting import decimals_for, format_number, format_short
from lenet_gui.widgets.live_updates import StaticTextCache
from trainer.inspect.arithmetic import Differences, Pooling, Term
from trainer.networks.anatomy import Unit
from trainer.translation import gettext as _

_WHOLE = 33.0
"""Cells of this width have room for "−0.42" at a font of 10 pixels."""
_NUMBERED = 17.0
"""Narrower cells are only colored."""


class NumberGrid:
    """Numbers in rows and columns, to be painted where there is room.

    Args:
        values: float64, (rows, columns).
        limit: the magnitude that has the strongest color, above 0.
        outside: cells that are no real ones, (rows, columns); None where all are.
        texts: the numbers as they are written, row by row; None for short ones.
    """

    def __init__(
        self,
        values: NDArray[np.float64],
        limit: float,
        outside: NDArray[np.bool_] | None = None,
        texts: list[str] | None = None,
    ) -> None:
        self.rows: int = values.shape[0]
        self.columns: int = values.shape[1]
        self.values: list[float] = values.ravel().tolist()
        self._texts = texts
        self._given, self._limit = values, limit
        self._outside = () if outside is None else outside.ravel().nonzero()[0].tolist()

    def cell(self, place: QRectF, number: int) -> QRectF:
        """Where a cell is painted, counted row by row, with the grid at `place`."""
        row, column = divmod(number, self.columns)
        width, height = place.width() / self.columns, place.height() / self.rows
        return QRectF(place.x() + column * width, place.y() + row * height, width, height)

    def cell_at(self, place: QRectF, point: QPointF) -> int | None:
        """The cell at a point."""
        if not place.contains(point):
            return None
        column = int((point.x() - place.x()) / place.width() * self.columns)
        row = int((point.y() - place.y()) / place.height() * self.rows)
        return min(row, self.rows - 1) * self.columns + min(column, self.columns - 1)

    def paint(self, painter: QPainter, place: QRectF, look: PageStyle) -> None:
        """The whole grid.

        Args:
            painter: that paints on the page.
            place: best of whole pixels for each cell.
            look: of the page.
        """
        numbered = place.width() / self.columns >= _NUMBERED
        table = look.tints if numbered else look.colors
        painter.drawImage(place, apply_table(_levels(self._given, self._limit), table))
        for number in self._outside:
            cell = self.cell(place, number)
            painter.fillRect(cell, look.color(QPalette.ColorRole.Window))
            painter.fillRect(cell, QBrush(look.line, Qt.BrushStyle.BDiagPattern))
        if numbered:
            self._paint_numbers(painter, place, look)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(look.line, 1))
        painter.drawRect(place.adjusted(-0.5, -0.5, 0.5, 0.5))

    def fitted(self, cell: QSizeF, look: PageStyle) -> tuple[list[str], StaticTextCache]:
        """The numbers as they are painted in cells of a size, and the letters they fit with."""
        whole = cell.width() >= _WHOLE
        # Painted, an en dash is a minus that takes less room: the font can be larger.
        written = self._texts or [format_short(value, whole) for value in self.values]
        texts = [text.replace("−", "–") for text in written]
        letters = look.letters(min(cell.height() * 0.62, look.base * 1.2))
        widest = {"–0.88" if whole else "–.88", *(text for text in texts if len(text) > 4)}
        longest = max(map(letters.width, widest))
        if longest > cell.width() - 3:
            letters = look.letters(letters.font.pixelSize() * (cell.width() - 3) / longest)
        return texts, letters

    def _paint_numbers(self, painter: QPainter, place: QRectF, look: PageStyle) -> None:
        cell = QSizeF(place.width() / self.columns, place.height() / self.rows)
        texts, letters = self.fitted(cell, look)
        painter.setFont(letters.font)
        across, down = cell.width(), cell.height()
        left, top = place.x() + across / 2, place.y() + (down - letters.height) / 2
        for faint in (True, False):
            painter.setPen(look.faint if faint else look.text)
            for number, text in enumerate(texts):
                if (text == "0") == faint:
                    row, column = divmod(number, self.columns)
                    x, y = left + column * across, top + row * down
                    letters.paint_centered(painter, text, x, y)

    def mark(self, painter: QPainter, place: QRectF, number: int, look: PageStyle) -> None:
        """Outline a cell."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(look.accent, 2))
        painter.drawRect(self.cell(place, number))


def _levels(values: NDArray[np.float64], limit: float) -> NDArray[np.uint8]:
    """Values as levels around 127.5."""
    scaled = values * (127.5 / max(limit, 1e-9))
    scaled += 127.5
    return scaled.clip(0, 255, out=scaled).round().astype("uint8")


GAP = 12.0
"""Between grids side by side."""


class Grids(Block):
    """Grids of equal shape, a cell of which is pointed at in all of them.

    Args:
        grids: with what is written above each.
        sources: the unit that each cell is of; None where it is of none.
    """

    def __init__(
        self, grids: Sequence[tuple[str, NumberGrid]], sources: Sequence[Unit | None]
    ) -> None:
        self.grids = tuple(grids)
        self.sources = tuple(sources)
        self.places: list[QRectF] = []

    def pointable(self) -> Sequence[int]:
        """All cells."""
        return range(len(self.sources))

    def key_at(self, point: QPointF) -> int | None:
        """The cell there, in whichever grid."""
        for (_other, grid), place in zip(self.grids, self.places, strict=True):
            cell = grid.cell_at(place, point)
            if cell is not None:
                return cell
        return None

    def place(self, key: int) -> QRectF:
        """The cell in the first grid."""
        return self.grids[0][1].cell(self.places[0], key)

    def target(self, key: int) -> Target | None:
        """The unit that its number is of."""
        return self.sources[key]

    def paint(self, painter: QPainter, look: PageStyle, current: int | None) -> None:
        """The grids with their captions."""
        for (caption, grid), place in zip(self.grids, self.places, strict=True):
            grid.paint(painter, place, look)
            painter.setFont(look.small)
            painter.setPen(look.faint)
            painter.drawText(QPointF(place.x(), place.y() - 4), caption)
        if current is not None:
            for (_other, grid), place in zip(self.grids, self.places, strict=True):
                grid.mark(painter, place, current, look)


class WindowGrid(Grids):
    """The four units that a pooling unit takes, and beside them what is made of them.

    Args:
        pooling: of the unit.
        stage: the one before.
        map: of both.
        lines: what is written beside the grid, the last of it bold.
        mine: the cell of the unit that the page is about, if it is one of them.
    """

    def __init__(
        self,
        pooling: Pooling,
        stage: int,
        map: int,
        lines: Sequence[str],
        mine: int | None = None,
    ) -> None:
        window = pooling.window
        self._mine, self._lines = mine, tuple(lines)
        values = window.ravel().tolist()
        self._chosen = values.index(max(values)) if pooling.name == "max" else None
        places = [(pooling.top + n // 2, pooling.left + n % 2) for n in range(4)]
        limit = max(abs(value) for value in values)
        places_ = decimals_for(limit)
        grid = NumberGrid(window, limit, texts=[format_number(value, places_) for value in values])
        super().__init__([("", grid)], [Unit(stage, map, y, x) for y, x in places])
        self._width = 0.0

    def arrange(self, width: float, look: PageStyle) -> float:
        """Four wide cells, and the lines beside them."""
        self._width = width
        across = float(round(min(width * 0.46, look.metrics.horizontalAdvance("−0.888") * 2.9)))
        high = float(round(look.row * 1.5))
        self.places = [QRectF(1, 4, across // 2 * 2, high * 2)]
        return high * 2 + 12

    def describe(self, key: int) -> str:
        """Which unit it is."""
        source = self.sources[key]
        assert source is not None
        if key == self._mine:
            return _("The unit that this is about")
        return _("Row {y}, column {x}. Click to select that unit.").format(
            y=source.y + 1, x=source.x + 1
        )

    def paint(self, painter: QPainter, look: PageStyle, current: int | None) -> None:
        """The grid with the largest or the page's own unit framed, and the lines."""
        super().paint(painter, look, current)
        place, grid = self.places[0], self.grids[0][1]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._chosen is not None:
            painter.setPen(QPen(look.text, 1.5))
            painter.drawRect(grid.cell(place, self._chosen).adjusted(3, 3, -3, -3))
        if self._mine is not None:
            grid.mark(painter, place, self._mine, look)
        left = place.right() + GAP
        top = place.center().y() - look.row * len(self._lines) / 2
        flags = Qt.AlignmentFlag
        for n, text in enumerate(self._lines):
            last = n == len(self._lines) - 1
            box = QRectF(left, top + n * look.row, self._width - left, look.row)
            painter.setFont(look.bold if last else look.font)
            painter.setPen(look.text if last else look.faint)
            painter.drawText(box, flags.AlignVCenter | flags.AlignLeft, text)


class BitmapGrids(Grids):
    """F6 and a digit's bitmap as pictures, and their squared differences as numbers.

    Args:
        differences: of the output.
        stage: F6's.
    """

    def __init__(self, differences: Differences, stage: int) -> None:
        squares = differences.squares
        limit = 1.7159  # F6's largest value
        worst = max(1.0, float(squares.max()))
        grids = [
            ("F6", NumberGrid(differences.values, limit)),
            (_("− bitmap"), NumberGrid(differences.bitmap, limit)),
            (_("= difference"), NumberGrid(differences.values - differences.bitmap, worst**0.5)),
            (_("its squares, which add up to the penalty"), NumberGrid(squares, worst)),
        ]
        super().__init__(grids, [Unit(stage, n, 0, 0) for n in range(squares.size)])

    def arrange(self, width: float, look: PageStyle) -> float:
        """Three small pictures above a large grid."""
        above = look.small_metrics.height() + 4
        rows, columns = self.grids[0][1].rows, self.grids[0][1].columns
        cell = float(int(min(16.0, (width - 2 * GAP) / (3 * columns))))
        spare = (width - 3 * cell * columns) / 2
        self.places = [
            QRectF(round(n * (cell * columns + spare)), above, cell * columns, cell * rows)
            for n in range(3)
        ]
        top = self.places[0].bottom() + above + 4
        large = float(int(width / columns))
        high = float(round(max(18.0, min(30.0, large * 0.6))))
        self.places.append(QRectF(0, top, large * columns, high * rows))
        return self.places[-1].bottom() + 8

    def place(self, key: int) -> QRectF:
        """The cell in the large grid."""
        return self.grids[3][1].cell(self.places[3], key)

    def describe(self, key: int) -> str:
        """The square in words."""
        value, pixel, square = (self.grids[n][1].values[key] for n in (0, 1, 3))
        aim = "− 1" if pixel > 0 else "+ 1"
        return _("F6 unit {key}: ({value} {aim})² = {square}. Click to select that unit.").format(
            key=key + 1, value=format_number(value), aim=aim, square=format_number(square)
        )


_LEAST = 33.0
"""Three grids stand side by side where their cells are as wide as this: below, large numbers
that are read from afar are worth more than a short page."""


class TermGrids(Grids):
    """Patch x kernel = products for one input map; beside them what these add up to.

    Args:
        term: of the convolution.
        name: of the input map.
        stage: the one before.
        limits: the largest magnitude of all the unit's patches, kernels and products.
    """

    def __init__(
        self, term: Term, name: str, stage: int, limits: tuple[float, float, float]
    ) -> None:
        self.term, self._name = term, name
        self._products = term.products
        captions = (_("patch"), _("× kernel"), _("= products"))
        numbers = (term.patch, term.kernel, self._products)
        outside = (~term.inside, None, None)
        size = len(term.patch)
        places = [(term.top + n // size, term.left + n % size) for n in range(size * size)]
        inside = term.inside.ravel().tolist()
        super().__init__(
            [
                (caption, NumberGrid(values, limit, hidden))
                for caption, values, limit, hidden in zip(
                    captions, numbers, limits, outside, strict=True
                )
            ],
            [
                Unit(stage, term.map, y, x) if seen else None
                for (y, x), seen in zip(places, inside, strict=True)
            ],
        )
        self._box = QRectF()  # of the sum

    def arrange(self, width: float, look: PageStyle) -> float:
        """Three grids side by side where there is room, else two above one."""
        top, above = look.row + 8, look.small_metrics.height() + 1
        columns = self.grids[0][1].columns
        rows = self.grids[0][1].rows
        cell = float(int((width - 2 * GAP) / (3 * columns)))
        wide = cell >= _LEAST
        if not wide:
            cell = float(int((width - GAP) / (2 * columns)))
        high = float(round(max(18.0, cell * 0.75)))
        across, down = cell * columns, high * rows
        spots = [(0, 0), (1, 0), (2, 0)] if wide else [(0, 0), (1, 0), (0, 1)]
        self.places = [
            QRectF(x * (across + GAP), top + above + y * (down + above + 6), across, down)
            for x, y in spots
        ]
        products = self.places[2]
        if wide:
            self._box = QRectF(0, products.bottom() + 4, width, look.row)
            return self._box.bottom() + 6
        self._box = QRectF(products.right() + GAP, products.y(), across, down)
        return products.bottom() + 8

    def describe(self, key: int) -> str:
        """The product in words."""
        source = self.sources[key]
        value, weight = self._numbers(key)
        if source is None:
            return _("Outside {name}: counts as 0 × {weight}").format(
                name=self._name, weight=format_number(weight)
            )
        product = format_number(value * weight)
        return _(
            "{name}, row {y}, column {x}: {value} × {weight} = {product}. Click to select "
            "that unit."
        ).format(
            name=self._name,
            y=source.y + 1,
            x=source.x + 1,
            value=format_number(value),
            weight=format_number(weight),
            product=product,
        )

    def _numbers(self, key: int) -> tuple[float, float]:
        return self.grids[0][1].values[key], self.grids[1][1].values[key]

    def paint(self, painter: QPainter, look: PageStyle, current: int | None) -> None:
        """Name, grids, and the sum or the product that is pointed at."""
        super().paint(painter, look, current)
        flags = Qt.AlignmentFlag
        size, term = len(self.term.patch), self.term
        box = QRectF(0, 8, self.places[1].right(), look.row)
        painter.setFont(look.bold)
        painter.setPen(look.text)
        painter.drawText(box, flags.AlignVCenter | flags.AlignLeft, self._name)
        across = look.bold_metrics.horizontalAdvance(self._name) + 10
        ends = [
            format_number(at, 0)
            for start in (term.top, term.left)
            for at in (start + 1, start + size)
        ]
        where = _("rows {top} to {bottom}, columns {left} to {right}").format(
            top=ends[0], bottom=ends[1], left=ends[2], right=ends[3]
        )
        painter.setFont(look.small)
        painter.setPen(look.faint)
        if across + look.small_metrics.horizontalAdvance(where) <= box.width():
            painter.drawText(box, flags.AlignVCenter | flags.AlignRight, where)
        self._paint_sum(painter, look, current)

    def summarize(self, current: int | None) -> list[tuple[str, str]]:
        """The lines beside the grids; the last one is the result."""
        if current is not None:
            value, weight = self._numbers(current)
            return [
                (_("patch"), format_number(value)),
                (_("× kernel"), format_number(weight)),
                (_("= product"), format_number(value * weight)),
            ]
        above = float(self._products[self._products > 0].sum())
        below = float(self._products[self._products < 0].sum())
        return [
            (_("above 0"), format_number(above)),
            (_("below 0"), format_number(below)),
            (_("sum"), format_number(above + below)),
        ]

    def _paint_sum(self, painter: QPainter, look: PageStyle, current: int | None) -> None:
        lines, box, flags = self.summarize(current), self._box, Qt.AlignmentFlag
        if box.height() <= look.row:
            sentence = "    ".join(f"{label}  {text}" for label, text in lines)
            painter.setFont(look.font)
            painter.setPen(look.text)
            painter.drawText(box, flags.AlignVCenter | flags.AlignRight, sentence)
            return
        top = box.center().y() - 1.5 * look.row
        for n, (label, text) in enumerate(lines):
            line = QRectF(box.x() + 4, top + n * look.row, box.width() - 8, look.row)
            last = n == len(lines) - 1
            if last:
                painter.setPen(QPen(look.line, 1))
                painter.drawLine(line.topLeft(), line.topRight())
            painter.setFont(look.bold if last else look.font)
            painter.setPen(look.text if last else look.faint)
            painter.drawText(line, flags.AlignVCenter | flags.AlignLeft, label)
            painter.setPen(look.text)
            painter.drawText(line, flags.AlignVCenter | flags.AlignRight, text)
