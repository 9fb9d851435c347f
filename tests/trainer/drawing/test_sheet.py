"""Strokes, undo to any depth, and the eraser's cuts."""

from __future__ import annotations

import math

import numpy as np

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
