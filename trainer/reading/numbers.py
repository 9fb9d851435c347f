"""Read several digits written on one sheet: "2026"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainer.drawing import sheet
from trainer.drawing.cuts import Piece, cut_at, find_cuts, joins_two
from trainer.drawing.rasterize import Stroke, as_points, even_pen_widths
from trainer.drawing.segmentation import (
    extent,
    find_parts,
    leave_whole,
    measure,
    measure_links,
    usual_height,
)
from trainer.drawing.segmentation_graph import Group, is_dropped
from trainer.networks.model import Model
from trainer.reading import predict
from trainer.reading.arcs import ArcReader
from trainer.reading.interpretation import (
    DrawnGraph,
    Interpretation,
    draw_graph,
    put_in_order,
)
from trainer.reading.punctuation import Box, Mark, find_marks, write_out
from trainer.reading.verdict import Verdict

Floats = NDArray[np.float64]

_WIDE = 1.3
"""A digit beyond doubt is left whole up to this width, in its height or the usual one."""
_WIDE_ALONE, _UNLIKE = 1.0, -2.5
"""One that is all that is drawn, up to this width if the gate's score is not so far below its
threshold: a careless digit is likelier than two in one stroke."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberDigit:
    """One digit of a number."""

    pieces: tuple[Piece, ...]  # its ink, ascending
    box: Box  # of the pen's points, without the line's width
    prediction: predict.Prediction
    lines: tuple[sheet.Stroke, ...]  # the drawing's own strokes, or those parts of them

    @property
    def strokes(self) -> tuple[int, ...]:
        """Indices into the drawing's strokes, ascending; one may be of two digits."""
        return tuple(dict.fromkeys(piece.stroke for piece in self.pieces))


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """What a model makes of a sheet; no digits where nothing is drawn."""

    digits: tuple[NumberDigit, ...]  # left to right
    text: str  # their classes, one after the other, with the marks
    marks: tuple[Mark, ...] = ()
    graph: DrawnGraph | None = None  # where it was asked for


@dataclass(frozen=True, slots=True)
class NumberOptions:
    """How a drawing is read."""

    punctuation: bool = False  # read decimal point, comma, minus and space
    gate: bool = True  # whether a digit's verdict may be `REJECTED`
    graph: bool = False  # tell the segmentation graph, too
    growing: bool = False  # the last stroke goes on: cut it only where it was cut before


_USUAL_OPTIONS = NumberOptions()


class NumberReader:
    """Reads drawings one after the other, and of each only what is new; for one thread."""

    def __init__(self) -> None:
        self._arcs = ArcReader()
        # The points of the last stroke when it was last looked through for cuts, and those found.
        self._cut: tuple[Floats, list[float]] = (np.empty((0, 2)), [])

    def may_be_several(self, strokes: Sequence[Stroke], growing: bool = False) -> bool:
        """Whether a drawing can be more than one digit.

        Args:
            strokes: as for `read`.
            growing: as in `NumberOptions`.

        Raises:
            StrokesError: as for `read`.
        """
        if len(strokes) > 1:
            return True
        if growing and not self._cut[1]:
            return False  # asked with each point of a moving pen: nothing is measured for it
        return bool(self._find_cuts([as_points(stroke) for stroke in strokes], growing))

    def read(
        self,
        model: Model,
        strokes: Sequence[Stroke],
        smallest: float = 0.0,
        options: NumberOptions = _USUAL_OPTIONS,
    ) -> Number:
        """Divide a drawing into digits and read each.

        Args:
            model: on any device; it also reads what may be a digit.
            strokes: in drawing order, in any one unit.
            smallest: as for `trainer.drawing.rasterize.rasterize`, for each digit.
            options: what else is read and told.

        Raises:
            StrokesError: a stroke is not what `rasterize` takes.
        """
        lines = even_pen_widths(strokes)
        marks = find_marks(lines) if options.punctuation else []
        aside = {mark.stroke for mark in marks}
        kept = [line[:0] if n in aside else line for n, line in enumerate(lines)]
        found = self.interpret(model, kept, smallest, options.growing)
        paths = found.best_paths(2 if options.graph else 1)
        best = found.best_division(paths)
        digits = tuple(
            _make_digit(found, strokes, group, options.gate)
            for group in put_in_order(found.ink, best)
        )
        labels = [model.classes[digit.prediction.digit] for digit in digits]
        text = "".join(labels)
        if options.punctuation:
            boxes = [digit.box for digit in digits]
            said = list(zip(labels, boxes, strict=True))
            text = write_out(said, marks, usual_height(kept))
        graph = draw_graph(found, paths, model.classes) if options.graph else None
        return Number(digits, text, tuple(marks), graph)

    def interpret(
        self, model: Model, lines: list[Floats], smallest: float = 0.0, growing: bool = False
    ) -> Interpretation:
        """The segmentation graph of a drawing, each arc read.

        Args:
            model: as for `read`.
            lines: as `even_pen_widths` gives them.
            smallest: as for `read`.
            growing: as in `NumberOptions`.
        """
        self._arcs.begin(model)
        found = self._read_pieces(lines, [Piece(n) for n in range(len(lines))], smallest)
        if found.links is None:
            return found
        cuts = self._find_cuts(lines, growing)
        everything = found.read.get(tuple(range(len(found.ink.owners))))
        if cuts and everything is not None and everything.sure and found.ink.owners[1:]:
            return found  # several strokes that are one digit together: none is two
        if cuts:
            alone, usual = len(found.ink.owners) == 1, usual_height(lines)
            for n in _left_whole(found):
                if n in cuts and (alone or not joins_two(lines[n], usual)):
                    del cuts[n]
        if not cuts:
            return found
        pieces = [piece for n in range(len(lines)) for piece in cut_at(n, cuts.get(n, []))]
        # What was read whole stays an arc: it may still be the best.
        whole = [{found.pieces[found.ink.numbers[n]].stroke for n in g} for g in found.groups()]
        cut = self._read_pieces(lines, pieces, smallest, whole)
        return found if cut.links is None else cut

    def _find_cuts(self, lines: Sequence[Floats], growing: bool) -> dict[int, list[float]]:
        """Where each stroke that may be cut is.

        A stroke that goes on is not looked through anew with each point: each piece is a
        drawing to read, and the pen would wait for twenty of them.
        """
        looked_at = lines[:-1] if growing else lines
        usual = usual_height(lines) if looked_at else 0.0
        found = [find_cuts(line, usual) for line in looked_at]
        if growing:
            before, places = self._cut
            found.append(places if np.array_equal(lines[-1][: len(before), :2], before) else [])
        elif lines:
            self._cut = lines[-1][:, :2], found[-1]
        return {n: places for n, places in enumerate(found) if places}

    def _read_pieces(
        self,
        lines: list[Floats],
        pieces: list[Piece],
        smallest: float,
        whole: Sequence[set[int]] = (),
    ) -> Interpretation:
        taken = [piece.take(lines[piece.stroke]) for piece in pieces]
        ink = measure(taken, [piece.stroke for piece in pieces])
        links = measure_links(ink)
        certain = [tuple(n for n, of in enumerate(ink.owners) if of in each) for each in whole]
        parts = [leave_whole(ink)] if links is None else find_parts(ink, links, certain=certain)
        found = Interpretation(lines, pieces, ink, links, parts, {})
        asked = [group for group in found.groups() if not is_dropped(group)]
        inks = [found.lines_of(group) for group in asked]
        found.read.update(zip(asked, self._arcs.read(inks, smallest), strict=True))
        return found


def _left_whole(found: Interpretation) -> Iterator[int]:
    """Strokes that are read as one digit, or as a part of one, beyond doubt."""
    for group in found.best_division(found.best_paths()):
        arc = found.read[group]
        width, height = extent(found.ink, group)
        width /= max(height, 1.0)  # which is the usual height
        alone = len(group) == len(found.ink.owners) and width <= _WIDE_ALONE
        if (arc.sure and width <= _WIDE) or (alone and arc.margin > _UNLIKE):
            yield from (found.pieces[found.ink.numbers[n]].stroke for n in group)


def read_number(
    model: Model,
    strokes: Sequence[Stroke],
    smallest: float = 0.0,
    options: NumberOptions = _USUAL_OPTIONS,
) -> Number:
    """As `NumberReader.read`, of one drawing."""
    return NumberReader().read(model, strokes, smallest, options)


def _make_digit(
    found: Interpretation, strokes: Sequence[Stroke], group: Group, gate: bool
) -> NumberDigit:
    pieces, prediction = found.pieces_of(group), found.read[group].prediction
    return NumberDigit(
        pieces,
        _box(found.lines_of(group)),
        prediction if gate else _ungated(prediction),
        tuple(_own_line(piece, strokes) for piece in pieces),
    )


def _own_line(piece: Piece, strokes: Sequence[Stroke]) -> sheet.Stroke:
    stroke = strokes[piece.stroke]
    if piece.whole and isinstance(stroke, tuple):
        return stroke
    return tuple((x, y, width) for x, y, width in piece.take(as_points(stroke)).tolist())


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
