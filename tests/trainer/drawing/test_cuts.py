from __future__ import annotations

import numpy as np
import pytest

from tests.trainer.drawing.test_segmentation import DIGITS, line, ring
from trainer.drawing.cuts import Piece, cut_at, find_cuts, join_pieces, joins_two

TWO_STEMS = line((0, 0), (0, 100), (60, 100), (60, 0))
ZERO_AND_ONE = [*ring(25, 50, 50, 100), *line((25, 0), (90, 0), (90, 100))]


@pytest.mark.parametrize("stroke", [TWO_STEMS, ZERO_AND_ONE])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_a_stroke_is_cut_between_what_stands_side_by_side(
    stroke: list[tuple[float, float]], scale: float
) -> None:
    points = np.array(stroke) * scale
    cuts = find_cuts(points, 100 * scale)
    assert cuts == sorted(cuts)
    assert cuts
    x = np.interp(cuts, np.arange(len(points)), points[:, 0])
    assert (x <= 90 * scale).all()
    assert ((x >= 20 * scale) | (x < 10 * scale)).all()


SEVEN_AND_ONE = line((0, 8), (50, 5), (20, 100), (80, 0), (78, 100))
"""The pen goes back up, along a straight line, from the 7's foot to the 1's top."""


def test_a_ligature_that_leads_back_is_cut_off_at_both_ends() -> None:
    points = np.array(SEVEN_AND_ONE)
    cuts = find_cuts(points, 100)
    assert {(20, 100), (80, 0)} <= {tuple(points[int(cut)].tolist()) for cut in cuts}
    assert joins_two(points, 100)


@pytest.mark.parametrize("name", DIGITS)
def test_no_digits_stroke_joins_two(name: str) -> None:
    assert not any(joins_two(stroke, 100) for stroke in DIGITS[name])


@pytest.mark.parametrize("name", ["plain 1", "plain 2", "crossed 7", "two-stroke 5"])
def test_a_digits_strokes_have_no_cuts(name: str) -> None:
    assert [find_cuts(stroke, 100) for stroke in DIGITS[name]] == [[]] * len(DIGITS[name])


@pytest.mark.parametrize("stroke", [[], [(0, 0)], [(3, 3)] * 5, line((0, 0), (200, 0))])
def test_what_has_no_height_is_not_cut(stroke: list[tuple[float, float]]) -> None:
    assert find_cuts(stroke, 100) == []
    assert find_cuts(stroke, 0) == []


def test_pieces_take_their_part_and_join_again() -> None:
    points = np.array([(0, 0, 1), (2, 0, 1), (4, 0, 3)], float)
    first, second, third = cut_at(0, [0.5, 1.5])
    assert first.take(points).tolist() == [[0, 0, 1], [1, 0, 1]]
    assert second.take(points).tolist() == [[1, 0, 1], [2, 0, 1], [3, 0, 2]]
    assert third.take(points).tolist() == [[3, 0, 2], [4, 0, 3]]
    assert join_pieces([second, first]) == [Piece(0, 0.0, 1.5)]
    assert join_pieces([third, first, Piece(1)]) == [first, third, Piece(1)]
    assert join_pieces([third, second, first])[0].whole
    assert Piece(0).take(points) is points
