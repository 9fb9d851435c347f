from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.trainer.drawing.test_segmentation import DIGITS, Line, line, ring, row
from trainer.networks.model import load_shipped
from trainer.reading import predict
from trainer.reading.arcs import ArcReader
from trainer.reading.numbers import NumberOptions, NumberReader, read_number


def strokes_of(name: str) -> list[np.ndarray]:
    return [np.column_stack([stroke, np.ones(len(stroke))]) for stroke in DIGITS[name]]


def test_what_was_read_last_is_not_read_again() -> None:
    reader, model = ArcReader(), load_shipped()
    reader.begin(model)
    (first,) = reader.read([strokes_of("plain 2")], 0.0)
    reader.begin(model)
    again, new = reader.read([strokes_of("plain 2"), strokes_of("crossed 7")], 0.0)
    assert again is first
    assert (again.digit, new.digit) == (2, 7)
    assert new.sure
    reader.begin(load_shipped())  # another model has not read it
    assert reader.read([strokes_of("plain 2")], 0.0)[0] is not first


def test_an_arc_is_read_as_the_picture_alone_is() -> None:
    reader, model = ArcReader(), load_shipped()
    reader.begin(model)
    _, arc = reader.read([strokes_of("plain 2"), strokes_of("open 4")], 0.0)
    alone = predict.read(model, arc.prediction.image)
    np.testing.assert_allclose(arc.prediction.probabilities, alone.probabilities, atol=1e-6)
    assert arc.prediction.verdict == alone.verdict


def moved(stroke: Line, right: float) -> Line:
    return [(x + right, y) for x, y in stroke]


TWO, SEVEN, ZERO = DIGITS["plain 2"][0], DIGITS["crossed 7"][0], ring(30, 50, 56, 98)
IN_ONE_STROKE = {
    "20": [*TWO, *moved(ZERO, 80)],
    "27": [*TWO, *moved(SEVEN, 85)],
    "02": [*ZERO, (30, 1), (85, 25), *moved(TWO, 85)],
    "220": [*TWO, *moved(TWO, 95), *moved(ZERO, 180)],
}


@pytest.mark.parametrize("text", IN_ONE_STROKE)
def test_digits_in_one_stroke_are_several(text: str) -> None:
    stroke = IN_ONE_STROKE[text]
    assert NumberReader().may_be_several([stroke])
    number = read_number(load_shipped(), [stroke])
    assert number.text == text
    assert [digit.stroke_indices for digit in number.digits] == [(0,)] * len(text)
    for left, right in pairwise(number.digits):
        assert left.pieces[-1].end <= right.pieces[0].begin
        assert left.box[2] <= right.box[2]
    assert sum(len(digit.strokes[0]) for digit in number.digits) <= len(stroke) + 2 * len(text)


def test_a_stroke_that_goes_on_is_cut_only_where_it_was_before() -> None:
    stroke, reader = IN_ONE_STROKE["20"], NumberReader()
    growing = NumberOptions(growing=True)
    assert not reader.may_be_several([stroke], growing=True)
    assert len(reader.read(load_shipped(), [stroke], options=growing).digits) == 1
    assert reader.read(load_shipped(), [stroke]).text == "20"  # the pen rested
    longer = [*stroke, *moved(TWO[:3], 190)]
    assert reader.may_be_several([longer], growing=True)
    divided = reader.read(load_shipped(), [longer], options=growing)
    cuts = {piece.begin for digit in divided.digits for piece in digit.pieces if piece.begin}
    assert len(divided.digits) > 1 and max(cuts) < len(stroke)
    assert reader.read(load_shipped(), [[*stroke, *moved(TWO, 190)]]).text == "202"
    assert not reader.may_be_several([moved(longer, 1)], growing=True)  # another stroke


def test_only_the_last_stroke_goes_on() -> None:
    strokes = [IN_ONE_STROKE["20"], [(x + 190, y) for x, y in TWO]]
    found = NumberReader().read(load_shipped(), strokes, options=NumberOptions(growing=True))
    assert found.text == "202"


def test_a_ligature_that_leads_back_is_of_neither_digit() -> None:
    joined = line((85, 8), (135, 5), (105, 100), (165, 0), (163, 100))  # 7, and up again to a 1
    number = read_number(load_shipped(), [TWO, joined])
    assert number.text == "271"
    assert [digit.stroke_indices for digit in number.digits] == [(0,), (1,), (1,)]


@pytest.mark.parametrize("again", [line((150, 8), (146, 50), (149, 90)), ring(150, 50, 20, 96)])
def test_a_0_that_was_drawn_over_again_is_one_digit(again: Line) -> None:
    zero = ring(150, 50, 50, 98)
    assert read_number(load_shipped(), [zero, again]).text == "0"
    assert read_number(load_shipped(), [TWO, zero, again]).text == "20"


def test_a_stroke_that_is_a_digit_is_one() -> None:
    for name in ("plain 1", "plain 2", "slashed 0", "two-stroke 5"):
        assert len(read_number(load_shipped(), DIGITS[name]).digits) == 1


def test_the_graph_is_told_if_it_is_asked_for() -> None:
    strokes, _ = row("two-stroke 4", "plain 2", spacing=75)
    reader = NumberReader()
    assert reader.read(load_shipped(), strokes).graph is None
    graph = reader.read(load_shipped(), strokes, options=NumberOptions(graph=True)).graph
    assert graph is not None
    assert (graph.best, len(graph.pieces)) == ("42", 3)
    best = [arc for arc in graph.arcs if arc.best]
    assert [arc.label for arc in best] == ["4", "2"]
    if graph.second:
        second = [arc for arc in graph.arcs if arc.second]
        more = sum(arc.penalty for arc in second) - sum(arc.penalty for arc in best)
        assert np.isclose(more, graph.margin)


def test_a_scribble_of_many_strokes_is_read_soon() -> None:
    strokes = list(np.random.default_rng(1).uniform(0, 280, (60, 12, 2)))
    digits = read_number(load_shipped(), strokes).digits
    assert {n for digit in digits for n in digit.stroke_indices} <= set(range(60))
