"""Strokes, undo to any depth, and the eraser's cuts."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.drawing.picture import Picture
from trainer.drawing.sheet import PAPER, PEN_WIDTH, Drawing, Point, fit_to_sheet


def line(y: float) -> list[Point]:
    return [(float(x), y, 1.0) for x in range(20, 261, 20)]


def drawn(*rows: float) -> Drawing:
    drawing = Drawing()
    for y in rows:
        points = line(y)
        drawing.begin(points[0])
        for point in points[1:]:
            drawing.extend(point)
        drawing.end()
    return drawing


def test_undo_and_redo_reach_any_depth() -> None:
    rows = [10.0 * n for n in range(1, 26)]
    drawing = drawn(*rows)
    states = [drawing.strokes]
    while drawing.can_undo:
        drawing.undo()
        states.append(drawing.strokes)
    assert [len(state) for state in states] == list(range(25, -1, -1))
    while drawing.can_redo:
        drawing.redo()
    assert drawing.strokes == states[0]


def test_a_new_stroke_forgets_what_was_undone() -> None:
    drawing = drawn(10, 20)
    drawing.undo()
    drawing.begin((1, 1, 1))
    drawing.end()
    assert not drawing.can_redo
    assert len(drawing.strokes) == 2


def test_clear_can_be_undone_and_clearing_nothing_is_no_step() -> None:
    drawing = drawn(10)
    drawing.clear()
    assert drawing.empty
    drawing.clear()
    drawing.undo()
    assert len(drawing.strokes) == 1
    drawing.undo()
    assert drawing.empty and not drawing.can_undo


def test_the_eraser_cuts_a_stroke_in_two_exactly_at_its_edge() -> None:
    drawing = drawn(100)
    drawing.erase((140, 100), (140, 100), 16)
    drawing.end()
    left, right = drawing.strokes
    # The ends are round, and so lie half a line's width further back.
    assert math.isclose(left[-1][0], 124 - PEN_WIDTH / 2)
    assert math.isclose(right[0][0], 156 + PEN_WIDTH / 2)
    assert left[0] == (20, 100, 1) and right[-1] == (260, 100, 1)
    drawing.undo()
    assert len(drawing.strokes) == 1


def test_a_quick_eraser_leaves_nothing_between_two_points() -> None:
    drawing = drawn(60, 100, 140)
    drawing.erase((140, 20), (140, 240), 10)
    drawing.end()
    assert len(drawing.strokes) == 6
    inside = [p for stroke in drawing.strokes for p in stroke if abs(p[0] - 140) < 9.99]
    assert inside == []


def test_the_eraser_takes_dots_and_leaves_what_it_misses_untouched() -> None:
    drawing = drawn(200)
    drawing.begin((50, 50, 1))
    drawing.end()
    before = drawing.strokes
    drawing.erase((120, 120), (130, 120), 16)
    drawing.end()
    assert drawing.strokes == before
    drawing.erase((55, 55), (55, 55), 16)
    drawing.end()
    assert drawing.strokes == before[:1]


def test_erasing_nothing_is_no_step_to_undo() -> None:
    drawing = drawn(200)
    drawing.erase((10, 10), (10, 10), 5)
    drawing.end()
    drawing.undo()
    assert drawing.empty


def test_strokes_of_any_unit_are_fitted_to_the_middle() -> None:
    strokes = fit_to_sheet([[[1000, 5000], [3000, 5000], [3000, 9000]]])
    xs, ys = zip(*((x, y) for x, y, _ in strokes[0]), strict=True)
    assert math.isclose(max(ys) - min(ys), PAPER * 0.68)
    assert math.isclose((max(xs) - min(xs)) * 2, max(ys) - min(ys))
    assert math.isclose((max(xs) + min(xs)) / 2, PAPER / 2)
    assert fit_to_sheet([]) == () and fit_to_sheet([[]]) == ()
    assert len(fit_to_sheet([[[7, 7]]])[0]) == 1


def picture() -> Picture:
    return Picture(np.zeros((28, 28), np.uint8), np.zeros((28, 28), np.uint8), "nothing")


def test_a_picture_takes_the_strokes_place_and_undo_brings_them_back() -> None:
    drawing, shown = drawn(10, 20), picture()
    strokes = drawing.strokes
    drawing.show_picture(shown)
    assert drawing.picture is shown and drawing.strokes == () and not drawing.empty
    drawing.undo()
    assert drawing.picture is None and drawing.strokes == strokes
    drawing.redo()
    assert drawing.sheet.picture is shown
    drawing.clear()
    assert drawing.empty and drawing.sheet.empty
    drawing.undo()
    assert drawing.picture is shown


def test_a_stroke_on_a_picture_begins_a_new_sheet_and_one_undo_brings_it_back() -> None:
    drawing, shown = Drawing(), picture()
    drawing.show_picture(shown)
    drawing.begin((10, 10, 1))
    assert drawing.picture is None and len(drawing.strokes) == 1  # with the pen still down
    drawing.extend((20, 20, 1))
    drawing.end()
    assert drawing.picture is None and len(drawing.strokes) == 1
    drawing.undo()
    assert drawing.picture is shown and drawing.strokes == ()


def test_the_eraser_does_nothing_to_a_picture() -> None:
    drawing, shown = Drawing(), picture()
    drawing.show_picture(shown)
    before = drawing.sheet
    drawing.erase((10, 10), (200, 200), 16)
    drawing.end()
    assert drawing.sheet is before
    drawing.undo()
    assert drawing.empty and not drawing.can_undo


# Many points


def scribble(points: int, seed: int, jump: float = 6.0) -> tuple[Point, ...]:
    """A long stroke that goes about the paper."""
    steps = np.random.default_rng(seed).normal(0, jump, (points, 2)).cumsum(0) + PAPER / 2
    folded = np.abs((steps + PAPER) % (2 * PAPER) - PAPER)
    return tuple((float(x), float(y), 1.0) for x, y in folded)


def distances(points: NDArray[np.float64], a: Point, b: Point) -> NDArray[np.float64]:
    """Of points to the line from a to b."""
    start, way = np.array(a[:2]), np.array(b[:2]) - np.array(a[:2])
    along = np.clip((points - start) @ way / max(way @ way, 1e-12), 0, 1)
    return np.hypot(*(points - start - along[:, None] * way).T)


def spread(strokes: tuple[tuple[Point, ...], ...], step: float = 0.5) -> NDArray[np.float64]:
    """Points along all strokes, (N, 2), no further apart than `step`."""
    found = []
    for stroke in strokes:
        for a, b in zip(stroke, stroke[1:] or stroke, strict=False):
            shares = np.linspace(0, 1, 2 + int(math.dist(a[:2], b[:2]) / step))[:, None]
            found.append(np.array(a[:2]) * (1 - shares) + np.array(b[:2]) * shares)
    return np.concatenate(found) if found else np.zeros((0, 2))


@pytest.mark.parametrize("points", [30, 150, 400, 2000])  # with and without numpy's help
@pytest.mark.parametrize("seed", range(3))
def test_long_strokes_lose_what_the_eraser_touches_and_nothing_else(points: int, seed: int) -> None:
    strokes = (scribble(points, seed), scribble(points // 2, seed + 10))
    drawing = Drawing()
    drawing.replace(strokes)
    random, radius = np.random.default_rng(seed), 16.0
    reach = radius + PEN_WIDTH / 2
    erased: list[tuple[Point, Point]] = []
    for _ in range(8):
        a, b = ((*random.uniform(0, PAPER, 2).tolist(), 1.0) for _ in range(2))
        drawing.erase(a[:2], b[:2], radius)
        erased.append((a, b))
    drawing.end()
    left = spread(drawing.strokes)
    for a, b in erased:
        # The eraser's circles stand half a radius apart: between them it reaches less far.
        assert np.all(distances(left, a, b) > reach - 1.5)
    before = spread(strokes)
    kept = np.all([distances(before, a, b) > reach + 0.01 for a, b in erased], axis=0)
    for point in before[kept][:: max(1, kept.sum() // 300)]:
        assert np.hypot(*(left - point).T).min() < 0.51
    drawing.undo()
    assert drawing.strokes == strokes


def test_a_dot_and_a_stroke_within_the_eraser_are_gone() -> None:
    for stroke in (((50.0, 50.0, 1.0),), tuple((50.0 + n / 100, 50.0, 1.0) for n in range(300))):
        drawing = Drawing()
        drawing.replace((stroke,))
        drawing.erase((50, 50), (52, 50), 16)
        drawing.end()
        assert drawing.empty and drawing.can_undo


def test_lines_near_a_place_are_those_whose_ink_may_be_there() -> None:
    long = scribble(1000, seed=3)
    drawing = Drawing()
    drawing.replace((long, ((200.0, 200.0, 1.0),), ((20.0, 20.0, 1.0), (30.0, 20.0, 1.0))))
    assert list(drawing.lines_near(300, 300, 310, 310)) == []
    near = set(drawing.lines_near(195, 195, 205, 205))
    assert (((200.0, 200.0, 1.0),) * 2) in near and (
        (20.0, 20.0, 1.0),
        (30.0, 20.0, 1.0),
    ) not in near
    for a, b in itertools.pairwise(long):
        points = spread(((a, b),))
        inked = np.hypot(*np.maximum(np.abs(points - 200) - 5, 0).T).min() < PEN_WIDTH / 2
        assert not inked or (a, b) in near
    assert 0 < len(near) < 500


def test_a_stroke_that_is_missed_stays_the_same_object() -> None:
    drawing = Drawing()
    drawing.replace((scribble(500, seed=1, jump=0.5), tuple(line(270))))
    before = drawing.strokes
    drawing.erase((5, 5), (6, 5), 1)
    drawing.end()
    assert drawing.strokes is before
