"""Read several digits on one sheet, such as "2026".

Geometry proposes groups of strokes, `arcs` reads them all at once, and the best path through the
segmentation graph is the number. Knows nothing of preprocessing options or pictures.
"""

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
    GraphSummary,
    Interpretation,
    put_in_order,
    summarize_graph,
)
from trainer.reading.punctuation import Box, Mark, find_marks, write_out
from trainer.reading.verdict import Verdict

Floats = NDArray[np.float64]

_WIDE = 1.3
"""A digit beyond doubt is not cut up to this width, in heights of its own or the usual one."""
_WIDE_ALONE, _UNLIKE = 1.0, -2.5
"""All that is drawn is not cut up to this width if the gate's score is above its threshold plus
this: one careless digit is likelier than two in one stroke."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberDigit:
    """One digit of a number."""

    pieces: tuple[Piece, ...]  # its ink, ascending
    box: Box  # of the pen's points, without the width of the ink
    prediction: predict.Prediction
    strokes: tuple[sheet.Stroke, ...]  # the drawing's, or those parts of them

    @property
    def stroke_indices(self) -> tuple[int, ...]:
        """Indices into the drawing's strokes, ascending; a stroke may be of two digits."""
        return tuple(dict.fromkeys(piece.stroke for piece in self.pieces))


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A drawing read as a number; no digits where nothing is drawn."""

    digits: tuple[NumberDigit, ...]  # left to right
    text: str  # their classes and the marks, in reading order
    marks: tuple[Mark, ...] = ()
    graph: GraphSummary | None = None  # where it was asked for


@dataclass(frozen=True, slots=True)
class NumberOptions:
    """How a drawing is read."""

    punctuation: bool = False  # read decimal point, comma, minus and space
    gate: bool = True  # whether a digit's verdict may be `REJECTED`
    graph: bool = False  # return the segmentation graph, too
    growing: bool = False  # the last stroke is not finished: cut it only where it was cut before


_DEFAULT_OPTIONS = NumberOptions()


class NumberReader:
    """Reads drawings one after the other, of each only the groups that are new; for one thread."""

    def __init__(self) -> None:
        self._arcs = ArcReader()
        # The last stroke's points when it was last searched for cuts, and the cuts.
        self._last_cuts: tuple[Floats, list[float]] = (np.empty((0, 2)), [])

    def may_be_several(self, strokes: Sequence[Stroke], *, growing: bool = False) -> bool:
        """Whether a drawing can be more than one digit.

        Args:
            strokes: as for `read`.
            growing: as in `NumberOptions`.

        Raises:
            StrokesError: as for `read`.
        """
        if len(strokes) > 1:
            return True
        if growing and not self._last_cuts[1]:
            return False  # this is called for each point of a moving pen, so nothing is measured
        return bool(self._find_cuts([as_points(stroke) for stroke in strokes], growing=growing))

    def read(
        self,
        model: Model,
        strokes: Sequence[Stroke],
        smallest: float = 0.0,
        options: NumberOptions = _DEFAULT_OPTIONS,
    ) -> Number:
        """Divide a drawing into digits and read each.

        Args:
            model: on any device.
            strokes: in drawing order, in any one unit.
            smallest: as for `trainer.drawing.rasterize.rasterize`, for each digit.
            options: what else is read and returned.

        Raises:
            StrokesError: a stroke is not what `rasterize` takes.
        """
        evened = even_pen_widths(strokes)
        marks = find_marks(evened) if options.punctuation else []
        for mark in marks:
            evened[mark.stroke] = evened[mark.stroke][:0]  # no ink of a digit
        interpretation = self.interpret(model, evened, smallest, growing=options.growing)
        paths = interpretation.best_paths(2 if options.graph else 1)
        groups = put_in_order(interpretation.ink, interpretation.best_division(paths))
        digits = tuple(
            _make_digit(interpretation, strokes, group, gate=options.gate) for group in groups
        )
        labels = [model.classes[digit.prediction.digit] for digit in digits]
        text = "".join(labels)
        if options.punctuation:
            boxes = [digit.box for digit in digits]
            placed = list(zip(labels, boxes, strict=True))
            text = write_out(placed, marks, usual_height(evened))
        graph = summarize_graph(interpretation, paths, model.classes) if options.graph else None
        return Number(digits, text, tuple(marks), graph)

    def interpret(
        self, model: Model, strokes: list[Floats], smallest: float = 0.0, *, growing: bool = False
    ) -> Interpretation:
        """Build the segmentation graph of a drawing, and read each arc.

        Args:
            model: as for `read`.
            strokes: as `even_pen_widths` returns them.
            smallest: as for `read`.
            growing: as in `NumberOptions`.
        """
        self._arcs.begin(model)
        uncut = self._read_pieces(strokes, [Piece(n) for n in range(len(strokes))], smallest)
        if uncut.links is None:
            return uncut
        cuts = self._find_cuts(strokes, growing=growing)
        if not cuts:
            return uncut
        count = len(uncut.ink.owners)
        everything = uncut.read.get(tuple(range(count)))
        if count > 1 and everything is not None and everything.sure:
            return uncut  # several strokes that are one digit together: none is two
        usual = usual_height(strokes)
        for n in _find_uncut_strokes(uncut):
            if n in cuts and (count == 1 or not joins_two(strokes[n], usual)):
                del cuts[n]
        if not cuts:
            return uncut
        pieces = [piece for n in range(len(strokes)) for piece in cut_at(n, cuts.get(n, []))]
        # The groups of whole strokes stay arcs: one of them may still be the best.
        whole = [{uncut.pieces[uncut.ink.numbers[n]].stroke for n in g} for g in uncut.groups()]
        cut = self._read_pieces(strokes, pieces, smallest, whole)
        return uncut if cut.links is None else cut

    def _find_cuts(self, strokes: Sequence[Floats], *, growing: bool) -> dict[int, list[float]]:
        """The cuts of each stroke that may be cut, by the stroke's index.

        A growing stroke is not searched again with each point: every piece is one more drawing
        to read, and the pen would wait for twenty of them.
        """
        finished = strokes[:-1] if growing else strokes
        usual = usual_height(strokes) if finished else 0.0
        cuts = [find_cuts(stroke, usual) for stroke in finished]
        if growing:
            points, places = self._last_cuts
            same = np.array_equal(strokes[-1][: len(points), :2], points)
            cuts.append(places if same else [])
        elif strokes:
            self._last_cuts = strokes[-1][:, :2], cuts[-1]
        return {n: places for n, places in enumerate(cuts) if places}

    def _read_pieces(
        self,
        strokes: list[Floats],
        pieces: list[Piece],
        smallest: float,
        certain: Sequence[set[int]] = (),
    ) -> Interpretation:
        """The graph over these pieces; `certain` are sets of strokes that are arcs in any case."""
        points = [piece.take(strokes[piece.stroke]) for piece in pieces]
        ink = measure(points, [piece.stroke for piece in pieces])
        links = measure_links(ink)
        arcs = [tuple(n for n, of in enumerate(ink.owners) if of in each) for each in certain]
        parts = [leave_whole(ink)] if links is None else find_parts(ink, links, certain=arcs)
        interpretation = Interpretation(strokes, pieces, ink, links, parts, {})
        groups = [group for group in interpretation.groups() if not is_dropped(group)]
        drawings = [interpretation.strokes_of(group) for group in groups]
        readings = self._arcs.read(drawings, smallest)
        interpretation.read.update(zip(groups, readings, strict=True))
        return interpretation


def _find_uncut_strokes(interpretation: Interpretation) -> Iterator[int]:
    """Indices of strokes that are beyond doubt one digit, or a part of one."""
    ink = interpretation.ink
    for group in interpretation.best_division(interpretation.best_paths()):
        arc = interpretation.read[group]
        width, height = extent(ink, group)
        width /= max(height, 1.0)  # 1 is the usual height
        alone = len(group) == len(ink.owners) and width <= _WIDE_ALONE
        if (arc.sure and width <= _WIDE) or (alone and arc.margin > _UNLIKE):
            yield from (interpretation.pieces[ink.numbers[n]].stroke for n in group)


def read_number(
    model: Model,
    strokes: Sequence[Stroke],
    smallest: float = 0.0,
    options: NumberOptions = _DEFAULT_OPTIONS,
) -> Number:
    """As `NumberReader.read`, of one drawing."""
    return NumberReader().read(model, strokes, smallest, options)


def _make_digit(
    interpretation: Interpretation, strokes: Sequence[Stroke], group: Group, *, gate: bool
) -> NumberDigit:
    pieces, prediction = interpretation.pieces_of(group), interpretation.read[group].prediction
    return NumberDigit(
        pieces,
        _box(interpretation.strokes_of(group)),
        prediction if gate else _without_gate(prediction),
        tuple(_take_stroke(piece, strokes) for piece in pieces),
    )


def _take_stroke(piece: Piece, strokes: Sequence[Stroke]) -> sheet.Stroke:
    """A piece of the drawing's own strokes, whose widths are as drawn."""
    stroke = strokes[piece.stroke]
    if piece.whole and isinstance(stroke, tuple):
        return stroke
    return tuple((x, y, width) for x, y, width in piece.take(as_points(stroke)).tolist())


def _without_gate(prediction: predict.Prediction) -> predict.Prediction:
    """The prediction as if the gate had not been asked."""
    if prediction.verdict != Verdict.REJECTED:
        return prediction
    best, second = (prediction.probabilities[n] for n in (prediction.digit, prediction.second))
    verdict = Verdict.UNSURE if best - second < predict.MARGIN else Verdict.SURE
    return replace(prediction, verdict=verdict)


def _box(strokes: Sequence[Floats]) -> Box:
    points = np.concatenate([stroke[:, :2] for stroke in strokes])
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return left, top, right, bottom
