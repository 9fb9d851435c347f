from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer import files
from trainer.drawing import rasterize as strokes
from trainer.drawing.rasterize import StrokesError, even_pen_widths, rasterize
from trainer.handwriting.font import WrittenDigit, write_digits
from trainer.networks import model as weights
from trainer.reading import predict

SEVEN = [[[0.0, 0.0], [40.0, 0.0], [15.0, 70.0]], [[10.0, 35.0], [35.0, 35.0]]]


def height(image: NDArray[np.uint8]) -> float:
    """Of the tallest column of ink, in pixels, to fractions of one."""
    return float(image.astype(float).sum(axis=0).max() / 255)


def width(image: NDArray[np.uint8]) -> float:
    return height(image.T)


def center(image: NDArray[np.uint8]) -> tuple[float, float]:
    """Of mass, as (x, y) in pixel indices."""
    ink = image.astype(float)
    at = np.arange(28)
    return float(ink.sum(0) @ at / ink.sum()), float(ink.sum(1) @ at / ink.sum())


def ellipse(across: float, down: float, points: int = 200) -> NDArray[np.float64]:
    turn = np.linspace(0, 2 * math.pi, points)
    return np.column_stack([np.cos(turn) * across / 2, np.sin(turn) * down / 2])


def digits(count: int) -> list[WrittenDigit]:
    return list(write_digits(count, seed=11))


def moved(
    drawing: Sequence[Any], scale: float = 1.0, x: float = 0.0, y: float = 0.0
) -> list[NDArray[np.float64]]:
    """Scaled, and then moved; pressure is kept."""
    copies = [np.array(stroke) for stroke in drawing]
    for copy in copies:
        copy[:, :2] = copy[:, :2] * scale + (x, y)
    return copies


def rounded(drawing: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """To whole pixels, as a mouse sees them."""
    return [np.column_stack([np.rint(stroke[:, :2]), stroke[:, 2:]]) for stroke in drawing]


# What is defined to be read


@pytest.mark.parametrize("nothing", [[], [[]], [[], []], [np.empty((0, 2))]])
def test_nothing_drawn_is_paper(nothing: list[Any]) -> None:
    assert not rasterize(nothing).any()


@pytest.mark.parametrize(
    "drawing",
    [
        [[[3, 4]]],
        [[[3, 4], [3, 4]]],
        [[[3, 4], [3, 4]], [[3, 4]]],
        [[[0, 0], [0, 5e-324]]],
        [[[1e99, -1e99]]],
    ],
)
def test_points_in_one_place_are_a_dot_of_the_pens_size(drawing: list[Any]) -> None:
    image = rasterize(drawing)
    assert center(image) == pytest.approx((13.5, 13.5), abs=0.05)
    diameter = 2 * math.sqrt(image.astype(float).sum() / 255 / math.pi)
    assert diameter == pytest.approx(strokes.PEN, abs=0.15)
    assert np.array_equal(image, image.T)


@pytest.mark.parametrize("pen", [0.25, 0.5])
def test_thin_lines_fill_the_box_too(pen: float) -> None:
    ink = rasterize([[[0, 0], [0, 9]], [[9, 0], [9, 9]]], width=pen).any(axis=1)
    assert ink.sum() in (20, 21, 22)


def test_two_dots_are_as_far_apart_as_the_box_is_long() -> None:
    ink = np.flatnonzero(rasterize([[[0, 0]], [[9, 0]]]).any(axis=0))
    assert len(ink) < 10
    assert 19 <= ink[-1] - ink[0] <= 21


def test_200_000_points_are_as_good_as_200() -> None:
    few, many = rasterize([ellipse(6, 9)]), rasterize([ellipse(6, 9, 200_000)])
    assert np.abs(few.astype(int) - many.astype(int)).max() < 64


def test_a_scribble_of_200_000_points_fills_the_box() -> None:
    points = np.random.default_rng(1).random((200_000, 2))
    assert (rasterize([points])[5:23, 5:23] == 255).all()


def test_points_may_be_arrays_of_any_number_type() -> None:
    lists = rasterize(SEVEN)
    for kind in (np.float32, np.int16, np.uint8):
        assert np.array_equal(rasterize([np.array(s, kind) for s in SEVEN]), lists)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e101])
def test_a_coordinate_that_is_no_number_is_refused(value: float) -> None:
    for stroke in ([[0, 0], [value, 1]], [[0, 0, 1], [1, 1, value]]):
        with pytest.raises(StrokesError, match="not a finite number"):
            rasterize([stroke])


@pytest.mark.parametrize(
    "stroke",
    [
        *(3, "5", None, {"x": 1}, [1, 2], [[1]], [[]], [[], []], [[1, 2], [3]], [[[1, 2]]]),
        *([["1", "2"]], [[1, None]], [[True, False]], [[10**400, 1]], [[1j, 2]]),
    ],
)
def test_what_is_no_stroke_is_refused(stroke: Any) -> None:
    with pytest.raises(StrokesError, match=r"a stroke must be a list of \[x, y\] points"):
        rasterize([stroke])


# MNIST's rule


@pytest.mark.parametrize(("across", "down"), [(1, 1), (1, 2), (2, 1), (1, 5), (7, 1)])
@pytest.mark.parametrize("pen", [1.0, 3.0])
def test_the_longest_side_is_20_pixels(across: float, down: float, pen: float) -> None:
    corner = [[0, 0], [0, down], [across, down]]  # straight sides, so that columns tell the length
    image = rasterize([corner], width=pen)
    line = strokes.PEN * pen
    room = 20 - line
    longest = max(across, down)
    assert max(height(image), width(image)) == pytest.approx(20, abs=0.5)
    # The aspect of the pen's path is kept.
    assert height(image) == pytest.approx(room * down / longest + line, abs=0.5)
    assert width(image) == pytest.approx(room * across / longest + line, abs=0.5)


@pytest.mark.parametrize("digit", digits(40), ids=lambda d: str(d.label))
def test_the_center_of_mass_is_the_center(digit: WrittenDigit) -> None:
    image = rasterize(digit.strokes, width=digit.width)
    at_edge = image[[0, -1]].any() or image[:, [0, -1]].any()
    assert at_edge or center(image) == pytest.approx((13.5, 13.5), abs=0.05)


def test_centering_never_pushes_ink_out() -> None:
    """A long tail with all its weight at one end: the center of mass would push it off."""
    heavy = [[[x, 0], [x, 60]] for x in range(0, 12, 2)]
    tail = [[0, 30], [60, 30]]
    image = rasterize([*heavy, tail])
    assert width(image) == pytest.approx(20, abs=0.5)
    assert center(image)[0] < 13


def test_ink_is_anti_aliased() -> None:
    image = rasterize([ellipse(6, 9)])
    assert len(np.unique(image)) > 20
    assert image.max() == 255


# The same picture, however it was drawn


@pytest.mark.parametrize("scale", [1 / 3, 0.01, 1e-30, 1e30])
def test_small_or_large_is_the_same_picture(scale: float) -> None:
    for digit in digits(30):
        before = rasterize(digit.strokes, width=digit.width).astype(int)
        after = rasterize(moved(digit.strokes, scale), width=digit.width).astype(int)
        # A fine pixel may be rounded the other way, and it has 1/64 of a pixel's ink.
        assert np.abs(before - after).mean() < 0.1


@pytest.mark.parametrize(("x", "y"), [(0, 0), (500, 0), (0, 500), (500, 500), (-1e4, 1e4)])
def test_in_any_corner_is_the_same_picture(x: float, y: float) -> None:
    for digit in digits(30):
        before = rasterize(moved(digit.strokes, 100), width=digit.width).astype(int)
        after = rasterize(moved(digit.strokes, 100, x, y), width=digit.width).astype(int)
        assert np.abs(before - after).mean() < 0.1


@pytest.fixture(scope="module")
def on_canvas() -> list[tuple[list[NDArray[np.float64]], float]]:
    """Digits as a mouse draws them, 400 pixels large, and their pens' widths."""
    found = []
    for digit in digits(200):
        points = np.concatenate(digit.strokes)[:, :2]
        drawing = moved(digit.strokes, 400 / np.ptp(points, axis=0).max())
        left, top = np.concatenate(drawing)[:, :2].min(axis=0)
        found.append((rounded(moved(drawing, 1, -left, -top)), digit.width))
    return found


def read(model: weights.Model, drawings: list[Any], widths: list[float]) -> NDArray[np.intp]:
    images = [rasterize(d, width=w) for d, w in zip(drawings, widths, strict=True)]
    return np.argmax(predict.read_many(model, np.stack(images)), axis=1)


@pytest.mark.parametrize(
    ("scale", "x", "y"), [(1 / 3, 0, 0), (1 / 3, 400, 400), (1, 0, 180), (1, 180, 0)]
)
def test_scaled_or_moved_digits_are_read_as_before(
    on_canvas: list[tuple[list[NDArray[np.float64]], float]], scale: float, x: float, y: float
) -> None:
    """On a canvas of 600 pixels, with a mouse that knows whole pixels only."""
    try:
        model = weights.load(files.asset("lenet5.safetensors"))
    except FileNotFoundError:
        pytest.skip("assets/lenet5.safetensors is not there yet")
    drawings, widths = map(list, zip(*on_canvas, strict=True))
    before = read(model, drawings, widths)
    after = read(model, [rounded(moved(d, scale, x, y)) for d in drawings], widths)
    assert (before != after).mean() <= 0.01
    assert len(set(before)) == 10


# Pen


def test_width_widens_the_line() -> None:
    stem = [[[0, 0], [0, 9]]]
    for pen in (0.25, 0.5, 1.0, 2.0, 3.0):
        assert width(rasterize(stem, width=pen)) == pytest.approx(strokes.PEN * pen, abs=0.2)


def test_widths_beyond_the_limits_are_brought_to_them() -> None:
    for beyond, limit in ((0.0, strokes.THINNEST), (99.0, strokes.THICKEST)):
        assert np.array_equal(rasterize(SEVEN, width=beyond), rasterize(SEVEN, width=limit))


def test_pressure_of_one_is_neutral() -> None:
    pressed = [np.column_stack([stroke, np.ones(len(stroke))]) for stroke in SEVEN]
    assert np.array_equal(rasterize(pressed), rasterize(SEVEN))


def test_pressure_is_the_local_width() -> None:
    stem = [[0, y, 0.5 if y < 50 else 2.0] for y in range(101)]
    image = rasterize([stem])
    ink = np.flatnonzero(image.any(axis=1))
    thin, thick = (image[row].astype(float).sum() / 255 for row in (ink[0] + 4, ink[-1] - 5))
    assert thin == pytest.approx(strokes.PEN / 2, abs=0.3)
    assert thick == pytest.approx(strokes.PEN * 2, abs=0.3)


@pytest.mark.parametrize("pressures", [(0.1, 4.0, 1.0), (4.0, 4.0, 4.0), (0.0, 0.0, 50.0)])
@pytest.mark.parametrize("pen", [0.25, 1.0, 3.0])
def test_with_any_pressure_the_ink_fits_the_box_and_is_not_mirrored(
    pressures: tuple[float, ...], pen: float
) -> None:
    hook = [[0, 0, pressures[0]], [0, 90, pressures[1]], [30, 90, pressures[2]]]
    image = rasterize([hook], width=pen)
    rows = np.flatnonzero(image.any(axis=1))
    assert 20 <= len(rows) <= 22  # a part of a pixel at either end
    below_left, above_right = image[14:, :14], image[:14, 14:]
    assert below_left.sum() > above_right.sum()


def test_smallest_keeps_a_speck_small() -> None:
    speck = [[[0, 0], [0, 3]]]
    for smallest, length in ((0, 20), (30, strokes.PEN + (20 - strokes.PEN) / 10)):
        rows = rasterize(speck, smallest=smallest).max(axis=1).astype(float)
        assert rows.sum() / rows.max() == pytest.approx(length, abs=0.5)
    assert np.array_equal(rasterize(SEVEN, smallest=30), rasterize(SEVEN))


def test_evened_lines_are_nearer_to_the_usual_width() -> None:
    (line,) = even_pen_widths([[(0, 0, 0.25), (1, 2, 1.0), (3, 4, 2.25)]])
    assert line.tolist() == [[0, 0, 0.5], [1, 2, 1.0], [3, 4, 1.5]]
    assert even_pen_widths([]) == []
    (plain,) = even_pen_widths([SEVEN[0]])
    assert np.array_equal(rasterize([plain]), rasterize([SEVEN[0]]))
