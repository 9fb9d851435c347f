"""How a drawing becomes 28x28: each step's picture, and what leaving one out does."""

from __future__ import annotations

import hashlib
import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer import files
from trainer.drawing.preprocessing import (
    Paper,
    PreprocessingStages,
    preprocess_picture,
    preprocess_strokes,
)
from trainer.drawing.rasterize import StrokesError, rasterize
from trainer.drawing.sheet import PreprocessingOptions
from trainer.handwriting.font import WrittenDigit, write_digits
from trainer.networks import model as weights
from trainer.reading import predict

PAPER = Paper(side=280.0, line=17.0)
ALL = [PreprocessingOptions(*taken) for taken in itertools.product((True, False), repeat=3)]

Points = NDArray[np.float64]


def on_paper(digit: WrittenDigit, size: float, x: float, y: float) -> list[Points]:
    """A digit of that size with its upper left corner there, drawn with the usual pen."""
    points = np.concatenate(digit.strokes)[:, :2]
    low, scale = points.min(axis=0), size / np.ptp(points, axis=0).max()
    return [
        np.column_stack([(np.asarray(stroke)[:, :2] - low) * scale + (x, y), np.ones(len(stroke))])
        for stroke in digit.strokes
    ]


def ink(image: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """The box around all ink: left, top, right, bottom, in pixels."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@pytest.fixture(scope="module")
def digits() -> list[WrittenDigit]:
    return list(write_digits(300, seed=21))


def test_with_every_step_it_is_rasterize_bit_for_bit(digits: list[WrittenDigit]) -> None:
    rng = np.random.default_rng(2)
    hashes = (hashlib.sha256(), hashlib.sha256())
    for digit in digits:
        strokes = on_paper(digit, *rng.uniform((20, 0, 0), (200, 80, 80)))
        for stroke in strokes:
            stroke[:, 2] = rng.choice([0.5, 1.0, 1.6]) * rng.uniform(0.9, 1.1, len(stroke))
        options = {"width": rng.choice([0.1, 1.0, 4.0]), "smallest": rng.choice([0.0, 60.0])}
        hashes[0].update(preprocess_strokes(strokes, paper=PAPER, **options).image.tobytes())
        hashes[1].update(rasterize(strokes, **options).tobytes())
    assert hashes[0].digest() == hashes[1].digest()


@pytest.mark.parametrize("steps", ALL, ids=str)
@pytest.mark.parametrize("nothing", [[], [[]]])
def test_a_clean_sheet_is_paper_at_every_step(
    steps: PreprocessingOptions, nothing: list[list[float]]
) -> None:
    made = preprocess_strokes(nothing, paper=PAPER, options=steps)
    assert not any(p.any() for p in (made.paper, made.box, made.fitted, made.image))


@pytest.mark.parametrize("steps", ALL, ids=str)
@pytest.mark.parametrize(
    "strokes",
    [
        [[(0, 0)]],
        [[(280, 280), (280, 280)]],
        [[(0, 0), (280, 280)]],
        [[(-500, 20), (900, 20)]],
        [[(1e99, 1e99)]],
        [[(140, 140, 50.0)]],
    ],
)
def test_ink_anywhere_gives_a_picture_of_each_step(
    steps: PreprocessingOptions, strokes: list[list[tuple[float, ...]]]
) -> None:
    made = preprocess_strokes(strokes, paper=PAPER, options=steps)
    assert made.image.shape == (28, 28) and made.paper.shape == (224, 224)
    assert made.fitted.shape[0] == made.fitted.shape[1] <= 28
    assert min(made.box.shape) >= 1
    left, top, right, bottom = made.bounds
    assert 0 <= left <= right <= 1 and 0 <= top <= bottom <= 1


def test_the_box_is_that_of_the_ink_on_the_paper() -> None:
    made = preprocess_strokes([[(40, 60), (140, 60), (140, 200)]], paper=PAPER)
    half = 17 / 2
    expected = np.array([40 - half, 60 - half, 140 + half, 200 + half]) / 280
    assert made.bounds == pytest.approx(expected)
    left, top, right, bottom = ink(made.paper)
    assert np.abs(np.array([left, top, right, bottom]) - expected * 224).max() <= 1.5
    assert made.box.shape == pytest.approx((bottom - top, right - left), abs=2)


def corner(digit: WrittenDigit, **left_out: bool) -> PreprocessingStages:
    """A digit drawn at a third of the paper, in its upper left corner."""
    steps = PreprocessingOptions(**{name: not out for name, out in left_out.items()})
    return preprocess_strokes(on_paper(digit, 84, 12, 12), paper=PAPER, options=steps)


def test_without_the_box_a_small_digit_becomes_tiny(digits: list[WrittenDigit]) -> None:
    for digit in digits[:20]:
        made = corner(digit, box=True)
        left, top, right, bottom = ink(made.image)
        assert max(right - left, bottom - top) <= 84 / 280 * 20 + 4
        assert made.bounds == (0, 0, 1, 1) and np.array_equal(made.box, made.paper)
        # In the corner it stays there, and centering alone brings it back.
        assert made.fitted[12:].sum() == 0 and made.fitted[:, 12:].sum() == 0
        assert not corner(digit, box=True, center=True).image[:, 16:].any()


def test_without_20_pixels_the_papers_scale_and_line_stay(digits: list[WrittenDigit]) -> None:
    stem = [[(30, 30), (30, 130)]]
    made = preprocess_strokes(stem, paper=PAPER, options=PreprocessingOptions(fit=False))
    line, length = (side / 280 * 28 for side in (17.0, 100.0 + 17.0))
    assert made.image.astype(float).sum() / 255 == pytest.approx(line * length, rel=0.1)
    assert made.fitted.shape == (12, 12)
    fitted = preprocess_strokes(stem, paper=PAPER)
    assert ink(fitted.image)[3] - ink(fitted.image)[1] >= 20


@pytest.mark.parametrize("fit", [True, False])
@pytest.mark.parametrize(("x", "y"), [(9, 9), (9, 220), (220, 9), (220, 220), (110, 110)])
def test_without_centering_ink_stays_where_it_lay(fit: bool, x: float, y: float) -> None:
    square = [[(x, y), (x + 50, y), (x + 50, y + 50), (x, y + 50), (x, y)]]
    steps = PreprocessingOptions(fit=fit, center=False)
    left, top, right, bottom = ink(preprocess_strokes(square, paper=PAPER, options=steps).image)
    for low, high, at in ((left, right, x), (top, bottom, y)):
        room_before, room_after = low, 28 - high
        if at == 110:
            assert abs(room_before - room_after) <= 2
        else:
            assert (room_before < room_after) == (at == 9)
            assert min(room_before, room_after) <= 1


def test_with_no_step_at_all_the_paper_is_read_as_it_is() -> None:
    stroke = [[(70, 70), (210, 70), (210, 210)]]
    made = preprocess_strokes(
        stroke, paper=PAPER, options=PreprocessingOptions(False, False, False)
    )
    averaged = made.paper.reshape(28, 8, 28, 8).mean(axis=(1, 3))
    assert np.abs(made.image - averaged).max() <= 0.5
    assert np.array_equal(made.fitted, made.image)


def read(model: weights.Model, digits: list[WrittenDigit], steps: PreprocessingOptions) -> float:
    """The share read rightly of small digits in a corner."""
    drawn = [on_paper(digit, 84, 12, 12) for digit in digits]
    images = [preprocess_strokes(d, paper=PAPER, options=steps, smallest=20).image for d in drawn]
    found = np.argmax(predict.read_many(model, np.stack(images)), axis=1)
    return float((found == [digit.label for digit in digits]).mean())


def test_reading_breaks_without_a_step_and_recovers_with_it(digits: list[WrittenDigit]) -> None:
    model = weights.load(files.asset("lenet5.safetensors"))
    whole = read(model, digits, PreprocessingOptions())
    assert whole > 0.97
    for left_out in ("box", "fit", "center"):
        assert read(model, digits, PreprocessingOptions(**{left_out: False})) < whole - 0.2, (
            left_out
        )
    assert read(model, digits, PreprocessingOptions(False, False, False)) < 0.4


def test_a_picture_shows_its_box_and_what_was_fitted() -> None:
    shown = np.zeros((200, 200), np.uint8)
    shown[100:180, 20:40] = 255
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 11:16] = 255
    made = preprocess_picture(shown, image)
    assert made.bounds == (0.1, 0.5, 0.2, 0.9)
    assert made.box.shape == (80, 20)
    assert made.fitted.shape == (20, 20) and ink(made.fitted) == (7, 0, 12, 20)
    assert made.image is image
    blank = preprocess_picture(shown * 0, image * 0)
    assert blank.bounds == (0, 0, 1, 1)


def test_what_is_no_stroke_is_refused() -> None:
    with pytest.raises(StrokesError, match="a stroke must be a list"):
        preprocess_strokes([[(1,)]], paper=PAPER)
