"""Patch x kernel = products: the part of the arithmetic's page that a convolution is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from lenet_gui.inspect.common.style import Look
from lenet_gui.inspect.unit.grids import GAP, Grids
from lenet_gui.inspect.unit.number_grid import NumberGrid
from lenet_gui.widgets.formatting import number
from trainer.networks.anatomy import Unit

if TYPE_CHECKING:
    from trainer.inspect.workings import Term

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
        captions = ("patch", "× kernel", "= products")
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

    def arrange(self, width: float, look: Look) -> float:
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

    def told(self, key: int) -> str:
        """The product in words."""
        source = self.sources[key]
        value, weight = self._numbers(key)
        if source is None:
            return f"Outside {self._name}: counts as 0 × {number(weight)}"
        product = number(value * weight)
        return (
            f"{self._name}, row {source.y + 1}, column {source.x + 1}: "
            f"{number(value)} × {number(weight)} = {product}. Click to choose that unit."
        )

    def _numbers(self, key: int) -> tuple[float, float]:
        return self.grids[0][1].values[key], self.grids[1][1].values[key]

    def paint(self, painter: QPainter, look: Look, current: int | None) -> None:
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
            number(at, 0) for start in (term.top, term.left) for at in (start + 1, start + size)
        ]
        where = "rows {} to {}, columns {} to {}".format(*ends)
        painter.setFont(look.small)
        painter.setPen(look.faint)
        if across + look.small_metrics.horizontalAdvance(where) <= box.width():
            painter.drawText(box, flags.AlignVCenter | flags.AlignRight, where)
        self._paint_sum(painter, look, current)

    def _account(self, current: int | None) -> list[tuple[str, str]]:
        """The lines beside the grids; the last one is the result."""
        if current is not None:
            value, weight = self._numbers(current)
            return [
                ("patch", number(value)),
                ("× kernel", number(weight)),
                ("= product", number(value * weight)),
            ]
        above = float(self._products[self._products > 0].sum())
        below = float(self._products[self._products < 0].sum())
        return [
            ("above 0", number(above)),
            ("below 0", number(below)),
            ("sum", number(above + below)),
        ]

    def _paint_sum(self, painter: QPainter, look: Look, current: int | None) -> None:
        lines, box, flags = self._account(current), self._box, Qt.AlignmentFlag
        if box.height() <= look.row:
            told = "    ".join(f"{label}  {text}" for label, text in lines)
            painter.setFont(look.font)
            painter.setPen(look.text)
            painter.drawText(box, flags.AlignVCenter | flags.AlignRight, told)
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
