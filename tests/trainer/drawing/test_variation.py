"""Varied drawings stay what they were, and no two are the same."""

import numpy as np
import pytest

from trainer.drawing.rasterize import rasterize
from trainer.drawing.variation import WIDTHS, vary
from trainer.handwriting.font import write_digits


def test_a_seed_decides_all() -> None:
    digit = next(write_digits(1, seed=4))
    one, two = (vary(digit.strokes, np.random.default_rng(9)) for _ in range(2))
    assert one[1] == two[1]
    assert all(np.array_equal(a, b) for a, b in zip(one[0], two[0], strict=True))


def test_each_variation_is_another_one_and_keeps_its_strokes() -> None:
    rng = np.random.default_rng(1)
    digit = next(write_digits(1, seed=4))
    pictures = set()
    for _ in range(20):
        strokes, width = vary(digit.strokes, rng)
        assert len(strokes) == len(digit.strokes)
        assert WIDTHS[0] <= width <= WIDTHS[1]
        pictures.add(rasterize(strokes, width=width).tobytes())
    assert len(pictures) == 20


def test_pictures_stay_near_the_drawing() -> None:
    """A variation overlaps its own drawing far more than other digits do."""
    rng = np.random.default_rng(2)
    digits = list(write_digits(40, seed=5))
    plain = np.stack([rasterize(digit.strokes).ravel() / 255.0 for digit in digits])
    own, others = [], []
    for number, digit in enumerate(digits):
        strokes, _ = vary(digit.strokes, rng)
        likeness = plain @ (rasterize(strokes).ravel() / 255.0)
        own.append(likeness[number])
        others.append(np.delete(likeness, number).mean())
    assert np.mean(own) > 1.7 * np.mean(others)


@pytest.mark.parametrize(
    "strokes",
    [[[(3, 3)]], [[(0, 0), (0, 0)]], [[(5, 0), (5, 9)], []], [[(1, 2, 0.5), (3, 4, 1.5)]]],
)
def test_dots_lines_and_pressure_do_no_harm(strokes: list[list[tuple[float, ...]]]) -> None:
    varied, width = vary(strokes, np.random.default_rng(0))
    assert all(np.isfinite(line).all() and line.shape[1] == 2 for line in varied)
    assert rasterize(varied, width=width).any()


def test_size_and_place_do_not_matter() -> None:
    digit = next(write_digits(1, seed=8))
    moved = [stroke[:, :2] * 300 + 1000 for stroke in digit.strokes]
    one, _ = vary(digit.strokes, np.random.default_rng(3))
    two, _ = vary(moved, np.random.default_rng(3))
    assert all(np.allclose(a, b) for a, b in zip(one, two, strict=True))
