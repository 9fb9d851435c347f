"""Read several digits written on one sheet: "2026"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.cuts import Piece, cut_at, find_cuts, join_pieces
from trainer.drawing.rasterize import Stroke, even_pen_widths
from trainer.drawing.segmentation import (
    Ink,
    Links,
    Part,
    find_parts,
    is_dropped,
    measure,
    measure_links,
    put_in_order,
    usual_height,
)
from trainer.drawing.segmentation_graph import Group
from trainer.networks.model import Model
from trainer.reading import predict
from trainer.reading.arcs import ArcReader, ReadArc, weigh_arcs
from trainer.reading.verdict import Verdict

Floats = NDArray[np.float64]

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in the strokes' unit."""

_WIDE = 1.3
"""A stroke that reads as one sure digit is left whole up to this width, in usual heights."""
_WIDE_ALONE, _UNLIKE = 1.0, -2.5
"""One that is all that is drawn, up to this width if the gate's score is not so far below its
threshold: a careless digit is likelier than two in one stroke."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberDigit:
    """One digit of a number."""

    pieces: tuple[Piece, ...]  # its ink, ascending
    box: Box  # of the pen's points, without the line's width
    prediction: predict.Prediction

    @property
    def strokes(self) -> tuple[int, ...]:
        """Indices into the drawing's strokes, ascending; one may be of two digits."""
        return tuple(dict.fromkeys(piece.stroke for piece in self.pieces))


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """What a model makes of a sheet; no digits where nothing is drawn."""

    digits: tuple[NumberDigit, ...]  # left to right
    text: str  # their classes, one after the other


@dataclass(frozen=True, slots=True, eq=False)
class Interpretation:
    """A drawing's segmentation graph with what was read of its arcs."""

    lines: list[Floats]  # the drawing's strokes, (n, 3) each
    pieces: list[Piece]
    ink: Ink  # whose numbers are indices into `pieces`
    links: Links
    parts: list[Part]
    read: dict[Group, ReadArc]  # of groups of members of the ink; none of a ligature alone

    def groups(self) -> list[Group]:
        """All arcs of all parts."""
        return [group for part in self.parts for group in part.groups.values()]

    def pieces_of(self, group: Group) -> tuple[Piece, ...]:
        """A group's ink, ascending."""
        return tuple(join_pieces([self.pieces[self.ink.numbers[n]] for n in group]))

    def lines_of(self, group: Group) -> list[Floats]:
        """A group's ink as lines, (n, 3) each."""
        return [piece.take(self.lines[piece.stroke]) for piece in self.pieces_of(group)]

    def best_paths(self, most: int = 1) -> list[list[tuple[list[Group], float]]]:
        """Of each part the best divisions, the best first, with their merits."""
        merits = weigh_arcs(self.ink, self.links, self.groups(), self.read)
        return [part.best_paths(merits, most) for part in self.parts]


class NumberReader:
    """Reads drawings one after the other, and of each only what is new; for one thread."""

    def __init__(self) -> None:
        self._arcs = ArcReader()

    def read(
        self, model: Model, strokes: Sequence[Stroke], smallest: float = 0.0, gate: bool = True
    ) -> Number:
        """Divide a drawing into digits and read each.

        Args:
            model: on any device; it also reads what may be a digit.
            strokes: in drawing order, in any one unit.
            smallest: as for `trainer.drawing.rasterize.rasterize`, for each digit.
            gate: whether a digit's verdict may be `REJECTED`.

        Raises:
            StrokesError: a stroke is not what `rasterize` takes.
        """
        found = self.interpret(model, strokes, smallest)
        best = [group for part in found.best_paths() for group in part[0][0]]
        digits = tuple(self._digit(found, group, gate) for group in put_in_order(found.ink, best))
        return Number(digits, "".join(model.classes[digit.prediction.digit] for digit in digits))

    def interpret(
        self, model: Model, strokes: Sequence[Stroke], smallest: float = 0.0
    ) -> Interpretation:
        """The segmentation graph of a drawing, each arc read; as for `read`."""
        self._arcs.begin(model)
        lines = even_pen_widths(strokes)
        pieces = self._cut(lines, smallest)
        taken = [piece.take(lines[piece.stroke]) for piece in pieces]
        ink = measure(taken, [piece.stroke for piece in pieces])
        links = measure_links(ink)
        found = Interpretation(lines, pieces, ink, links, find_parts(ink, links), {})
        asked = [group for group in found.groups() if not is_dropped(ink, group)]
        inks = [found.lines_of(group) for group in asked]
        found.read.update(zip(asked, self._arcs.read(inks, smallest), strict=True))
        return found

    def _digit(self, found: Interpretation, group: Group, gate: bool) -> NumberDigit:
        prediction = found.read[group].prediction
        return NumberDigit(
            found.pieces_of(group),
            _box(found.lines_of(group)),
            prediction if gate else _ungated(prediction),
        )

    def _cut(self, lines: Sequence[Floats], smallest: float) -> list[Piece]:
        """All strokes' pieces; a stroke that reads as one digit beyond doubt stays whole."""
        usual = usual_height(lines)
        cuts = {n: found for n, line in enumerate(lines) if (found := find_cuts(line, usual))}
        read = dict(zip(cuts, self._arcs.read([[lines[n]] for n in cuts], smallest), strict=True))
        for n, arc in read.items():
            width = float(np.ptp(lines[n][:, 0])) / usual
            alone = len(lines) == 1 and width <= _WIDE_ALONE
            if (arc.sure and width <= _WIDE) or (alone and arc.margin > _UNLIKE):
                del cuts[n]
        return [piece for n in range(len(lines)) for piece in cut_at(n, cuts.get(n, []))]


def read_number(
    model: Model, strokes: Sequence[Stroke], smallest: float = 0.0, gate: bool = True
) -> Number:
    """As `NumberReader.read`, of one drawing."""
    return NumberReader().read(model, strokes, smallest, gate)


def may_be_several(strokes: Sequence[Stroke]) -> bool:
    """Whether a drawing can be more than one digit.

    Raises:
        StrokesError: as for `read_number`.
    """
    return len(strokes) > 1 or any(find_cuts(line, usual_height([line])) for line in strokes)


def _ungated(prediction: predict.Prediction) -> predict.Prediction:
    """The same if the gate had not been asked."""
    if prediction.verdict != Verdict.REJECTED:
        return prediction
    best, second = (prediction.probabilities[n] for n in (prediction.digit, prediction.second))
    verdict = Verdict.UNSURE if best - second < predict.MARGIN else Verdict.SURE
    return replace(prediction, verdict=verdict)


def _box(lines: Sequence[Floats]) -> Box:
    points = np.concatenate([line[:, :2] for line in lines])
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return left, top, right, bottom
