"""The parts that the arithmetic's page is made of: words, and rows of numbers that add up.

Each is as wide as the page. Some of what a part shows can be pointed at: such
places have keys, numbers that are its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from lenet_gui.inspect.common.style import PageStyle
from trainer.networks.anatomy import Unit


@dataclass(frozen=True, slots=True)
class Jump:
    """Where a click leads: another part of the page."""

    block: int


@dataclass(frozen=True, slots=True)
class Unfold:
    """A click shows the rows that were left out, or leaves them out again."""


Target = Unit | Jump | Unfold


class Block:
    """A part of the page; its coordinates begin at its own top left."""

    def arrange(self, width: float, look: PageStyle) -> float:
        """Be so wide from now on.

        Returns:
            the height that this takes.
        """
        raise NotImplementedError

    def paint(self, painter: QPainter, look: PageStyle, current: int | None) -> None:
        """Paint all of it; the key `current` is pointed at."""
        raise NotImplementedError

    def pointable(self) -> Sequence[int]:
        """What can be pointed at."""
        return ()

    def key_at(self, point: QPointF) -> int | None:
        """The key of what is painted at a point."""
        return next((key for key in self.pointable() if self.place(key).contains(point)), None)

    def place(self, key: int) -> QRectF:
        """Where that is."""
        raise NotImplementedError

    def describe(self, key: int) -> str:
        """What is there, in words."""
        return ""

    def target(self, key: int) -> Target | None:
        """Where a click on that leads."""
        return None


class TextBlock(Block):
    """A caption, or a sentence that explains.

    Args:
        text: may take more than one line.
        caption: bold, and with room above.
    """

    def __init__(self, text: str, caption: bool = False) -> None:
        self.text, self._caption = text, caption
        self._box = QRectF()

    def arrange(self, width: float, look: PageStyle) -> float:
        """As many lines as it takes."""
        metrics = look.bold_metrics if self._caption else look.small_metrics
        above = 10.0 if self._caption else 2.0
        wrap = int(Qt.TextFlag.TextWordWrap)
        high = metrics.boundingRect(QRectF(0, 0, width, 1e4), wrap, self.text).height()
        self._box = QRectF(0, above, width, float(round(high + 2)))
        return self._box.bottom() + 2

    def paint(self, painter: QPainter, look: PageStyle, current: int | None) -> None:
        """The text."""
        painter.setFont(look.bold if self._caption else look.small)
        painter.setPen(look.text if self._caption else look.faint)
        painter.drawText(self._box, int(Qt.TextFlag.TextWordWrap), self.text)


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A line of an account."""

    label: str
    number: str
    amount: float | None = None  # what the bar shows; None for no bar
    detail: str = ""  # between the two
    strong: bool = False  # a result: bold; a line parts it from what it is the result of
    marked: bool = False  # the one that the page is about
    target: Target | None = None
    description: str = ""


class BlockRows(Block):
    """Lines with a label, a number and its bar, all bars on one scale.

    Args:
        rows: from above.
        signed: whether amounts may be below zero; bars then begin in the middle.
        limit: the amount with the longest bar; None for the largest one here.
    """

    def __init__(
        self, rows: Sequence[BlockRow], signed: bool = True, limit: float | None = None
    ) -> None:
        self.rows = tuple(rows)
        self._signed = signed
        largest = max((abs(row.amount or 0.0) for row in rows), default=0.0)
        self._limit = max(1e-9, largest if limit is None else limit)
        self._width = self._high = 0.0

    def arrange(self, width: float, look: PageStyle) -> float:
        """A line's height for each."""
        self._width, self._high = width, look.row
        return self._high * len(self.rows) + 4

    def pointable(self) -> Sequence[int]:
        """Those rows that lead somewhere."""
        return [n for n, row in enumerate(self.rows) if row.target is not None]

    def key_at(self, point: QPointF) -> int | None:
        """The row there, where it leads somewhere."""
        number = int(point.y() // self._high)
        inside = 0 <= number < len(self.rows) and 0 <= point.x() < self._width
        return number if inside and self.rows[number].target is not None else None

    def place(self, key: int) -> QRectF:
        """Where a row is painted."""
        return QRectF(0, key * self._high, self._width, self._high)

    def describe(self, key: int) -> str:
        """What its tooltip says."""
        return self.rows[key].description

    def target(self, key: int) -> Target | None:
        """Where it leads."""
        return self.rows[key].target

    def paint(self, painter: QPainter, look: PageStyle, current: int | None) -> None:
        """All rows."""
        bar = min(84.0, self._width * 0.2) if any(r.amount is not None for r in self.rows) else 0.0
        right = self._width - bar - (8 if bar else 0)
        widest = max((look.bold_metrics.horizontalAdvance(r.number) for r in self.rows), default=0)
        for number, row in enumerate(self.rows):
            box = self.place(number)
            if number == current or row.marked:
                ground = look.color(look.roles.AlternateBase)
                painter.fillRect(box.adjusted(-4, 0, 4, 0), ground)
            if number == current:
                painter.fillRect(QRectF(box.x() - 4, box.y(), 2, box.height()), look.accent)
            if row.strong and not (number and self.rows[number - 1].strong):
                painter.fillRect(QRectF(0, box.top(), right, 1), look.line)
            self._paint_row(painter, look, row, box, (right, widest))
            if row.amount is not None:
                room = QRectF(self._width - bar, box.y(), bar, box.height())
                self._paint_bar(painter, look, row.amount, room)

    def _paint_row(
        self,
        painter: QPainter,
        look: PageStyle,
        row: BlockRow,
        box: QRectF,
        columns: tuple[float, float],
    ) -> None:
        right, widest = columns
        flags, metrics = Qt.AlignmentFlag, look.bold_metrics if row.strong else look.metrics
        room = right - widest - 8
        detail = look.metrics.horizontalAdvance(row.detail) + 8 if row.detail else 0.0
        label = metrics.elidedText(row.label, Qt.TextElideMode.ElideRight, int(room - detail))
        painter.setFont(look.bold if row.strong else look.font)
        painter.setPen(look.text)
        painter.drawText(box, flags.AlignVCenter | flags.AlignLeft, label)
        number = QRectF(0, box.y(), right, box.height())
        painter.drawText(number, flags.AlignVCenter | flags.AlignRight, row.number)
        if row.detail:
            painter.setFont(look.font)
            painter.setPen(look.faint)
            middle = QRectF(0, box.y(), room, box.height())
            painter.drawText(middle, flags.AlignVCenter | flags.AlignRight, row.detail)

    def _paint_bar(self, painter: QPainter, look: PageStyle, amount: float, box: QRectF) -> None:
        full = box.width() / 2 if self._signed else box.width()
        zero = box.left() + (full if self._signed else 0.0)
        length = full * min(1.0, abs(amount) / self._limit)
        left = zero - length if amount < 0 else zero
        deep = box.height() * 0.25
        painter.fillRect(
            QRectF(left, box.y() + deep, length, box.height() - 2 * deep),
            look.below if amount < 0 else look.above,
        )
        painter.fillRect(QRectF(zero - 0.5, box.y() + 2, 1, box.height() - 4), look.line)
