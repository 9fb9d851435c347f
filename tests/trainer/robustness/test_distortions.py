"""Distorting one digit, drawn or a picture, and whole batches, against computations by hand."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.conftest import pen_digits
from trainer.drawing.rasterize import PEN, Stroke, rasterize
from trainer.handwriting import font
from trainer.robustness.distortions import PARAMETERS, Distortion, DistortionError, parameter
from trainer.robustness.drawings import Distorter
from trainer.robustness.images import distort, overlay_scribbles, scribble

SMALLEST = 0.1
Pixels = NDArray[np.uint8]


def digit(number: int = 0) -> tuple[list[NDArray[np.float64]], Pixels]:
    """A built-in digit's strokes, with pressure, and its picture."""
    strokes = [d.strokes for d in font.write_digits(number + 1, seed=5)][number]
    return strokes, rasterize(strokes, smallest=SMALLEST)


def drawn(number: int = 0) -> Distorter:
    strokes, image = digit(number)
    made = Distorter(image, strokes, SMALLEST)
    assert made.of_strokes
    return made


def as_picture(number: int = 0) -> Distorter:
    made = Distorter(digit(number)[1])
    assert not made.of_strokes
    return made


def box(image: Pixels) -> tuple[int, int]:
    """Width and height of what is at least half dark."""
    rows, columns = np.flatnonzero((image > 127).any(1)), np.flatnonzero((image > 127).any(0))
    return int(columns[-1] - columns[0]) + 1, int(rows[-1] - rows[0]) + 1


def center(image: Pixels) -> tuple[float, float]:
    """The center of mass, across and down."""
    mass = image.astype(float)
    y, x = np.mgrid[: image.shape[0], : image.shape[1]] + 0.5
    return float((mass * x).sum() / mass.sum()), float((mass * y).sum() / mass.sum())


def moved(image: Pixels, right: int, down: int) -> Pixels:
    """Shifted by whole pixels, paper coming in."""
    wide = np.pad(image, 20)
    return wide[20 - down : 48 - down, 20 - right : 48 - right]


@pytest.mark.parametrize("number", range(6))
def test_nothing_done_is_exactly_the_picture(number: int) -> None:
    nothing = Distortion(refit=True, seed=7)
    for name, amount in PARAMETERS.items():
        nothing = nothing.with_value(name, amount.value(0))
    assert nothing.nothing
    for distorter in (drawn(number), as_picture(number)):
        found = distorter.picture(nothing)
        assert (found == digit(number)[1]).all()
        found[:] = 0  # what is handed out is not the original
        assert (distorter.picture(nothing) == digit(number)[1]).all()


def test_nothing_done_to_a_batch_is_the_batch_itself() -> None:
    images = pen_digits(20, seed=1).images
    assert distort(images, Distortion(seed=3)) is images


def test_next_to_nothing_is_next_to_the_picture() -> None:
    strokes, image = digit()
    for name in ("across", "down", "rotation", "shear"):
        found = drawn().picture(Distortion().with_value(name, 1e-7)).astype(int)
        assert np.abs(found - image).max() <= 1, name
    assert len(strokes) >= 1


@pytest.mark.parametrize(("right", "down"), [(3, 0), (-4, 0), (0, 5), (0, -2), (6, -7)])
def test_a_shift_by_whole_pixels_moves_the_pixels(right: int, down: int) -> None:
    how = Distortion(across=right, down=down)
    for number in range(3):
        wanted = moved(digit(number)[1], right, down)
        assert (drawn(number).picture(how) == wanted).all()
        assert (as_picture(number).picture(how) == wanted).all()
    images = pen_digits(5, seed=2).images
    found = distort(images, how).numpy()
    for before, after in zip(images.numpy(), found, strict=True):
        assert (after == moved(before, right, down)).all()


def test_a_quarter_turn_is_clockwise() -> None:
    for number in range(3):
        wanted = np.rot90(digit(number)[1], -1).astype(int)
        found = as_picture(number).picture(Distortion(rotation=90.0)).astype(int)
        assert np.abs(found - wanted).max() <= 1
        # Lines are drawn anew: what differs is at their edges.
        again = drawn(number).picture(Distortion(rotation=90.0)).astype(int)
        assert np.abs(again - wanted).mean() < 4


@pytest.mark.parametrize(
    ("how", "point", "wanted"),
    [
        (Distortion(shear=1.0), (0, -5), (5, -5)),
        (Distortion(squeeze=2.0), (3, 6), (6, 3)),
        (Distortion(scale=0.5), (6, -4), (3, -2)),
        (Distortion(rotation=90.0), (5, 0), (0, 5)),
        (Distortion(rotation=90.0, across=2.0, down=1.0), (5, 0), (2, 6)),
        (Distortion(shear=0.5, scale=2.0), (1, 2), (0, 4)),
        (Distortion(squeeze=2.0, rotation=90.0), (3, 4), (-2, 6)),
    ],
)
def test_where_a_spot_goes(
    how: Distortion, point: tuple[int, int], wanted: tuple[int, int]
) -> None:
    image = np.zeros((28, 28), np.uint8)
    x, y = point
    image[y + 13 : y + 15, x + 13 : x + 15] = 255  # two pixels about the place
    there = distort(torch.from_numpy(image)[None], how)[0].numpy()
    assert center(there) == pytest.approx((wanted[0] + 14, wanted[1] + 14), abs=0.1)


def test_scale_and_squeeze_change_the_box_of_a_drawn_digit() -> None:
    width, height = box(digit()[1])
    for how, across, down in (
        (Distortion(scale=0.5), 0.5, 0.5),
        (Distortion(squeeze=1.3, scale=0.7), 0.7 * 1.3, 0.7 / 1.3),
    ):
        for distorter in (drawn(), as_picture()):
            assert box(distorter.picture(how)) == pytest.approx(
                (width * across, height * down), abs=1.6
            )


def test_a_small_picture_keeps_its_ink() -> None:
    image = digit()[1].astype(float)
    for scale in (0.4, 0.5, 0.7):
        found = as_picture().picture(Distortion(scale=scale)).astype(float)
        assert found.sum() == pytest.approx(image.sum() * scale**2, rel=0.02)


def test_fitting_again_undoes_shift_and_scale() -> None:
    how = Distortion(across=6.0, down=-5.0, scale=0.6, refit=True)
    for number in range(4):
        image = digit(number)[1]
        again = drawn(number).picture(how)
        assert np.abs(again.astype(int) - image).mean() < 3
        smeared = as_picture(number).picture(how)
        assert max(box(smeared)) == pytest.approx(20, abs=1.5)
        assert center(smeared) == pytest.approx(center(image), abs=0.5)
        turned = drawn(number).picture(dataclasses.replace(how, rotation=35.0))
        assert max(box(turned)) == pytest.approx(20, abs=1.1)
        assert center(turned) == pytest.approx((14, 14), abs=0.5)


def test_fitting_again_of_a_batch_fits_each() -> None:
    images = torch.cat([pen_digits(6, seed=4).images, torch.zeros(1, 28, 28, dtype=torch.uint8)])
    found = distort(images, Distortion(scale=0.5, rotation=20.0, refit=True)).numpy()
    for image in found[:-1]:
        assert max(box(image)) == pytest.approx(20, abs=2)
        assert center(image) == pytest.approx((14, 14), abs=0.6)
    assert not found[-1].any()


def test_drawn_lines_get_thinner_and_wider() -> None:
    strokes: list[Stroke] = [[(0.0, 0.0), (0.0, 1.0)]]
    image = rasterize(strokes)
    distorter = Distorter(image, strokes)
    widths = []
    for factor in (0.4, 1.0, 1.7, 2.5):
        row = distorter.picture(Distortion(width=factor))[14].astype(float)
        widths.append(row.sum() / 255)
    line = 19 / 8  # Pillow's lines are of odd widths, here in eighths of a pixel
    assert widths == pytest.approx([line * f for f in (0.4, 1.0, 1.7, 2.5)], abs=0.126)


def test_ink_of_pictures_grows_and_shrinks_between_its_neighbors() -> None:
    """By one pixel: between the largest of four neighbors and that of eight."""
    one_wider, one_thinner = 1 + 2 / PEN, 1 - 2 / PEN
    images = pen_digits(8, seed=6).images
    wide = distort(images, Distortion(width=one_wider)).numpy()
    thin = distort(images, Distortion(width=one_thinner)).numpy()
    padded = np.pad(images.numpy(), ((0, 0), (1, 1), (1, 1)))
    around = {
        (y, x): padded[:, 1 + y : 29 + y, 1 + x : 29 + x] for y in (-1, 0, 1) for x in (-1, 0, 1)
    }
    four = [around[at] for at in ((0, 0), (0, 1), (1, 0), (0, -1), (-1, 0))]
    assert (wide >= np.max(four, axis=0)).all()
    assert (wide <= np.max(list(around.values()), axis=0)).all()
    assert (thin <= np.min(four, axis=0)).all()
    assert (thin >= np.min(list(around.values()), axis=0)).all()
    assert (wide != thin).any()


def test_a_bar_of_a_picture_grows_by_what_its_line_would() -> None:
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 12:16] = 255
    for factor in (0.5, 0.8, 1.3, 2.0, 3.0):
        grown = Distorter(image).picture(Distortion(width=factor))[14].astype(float).sum() / 255
        assert grown == pytest.approx(4 + PEN * (factor - 1), abs=0.02)


def test_noise_inverts_so_many_pixels_and_does_not_flicker() -> None:
    image = digit()[1]
    few, more = (drawn().picture(Distortion(noise=p, seed=4)) for p in (0.1, 0.3))
    assert (few == drawn().picture(Distortion(noise=0.1, seed=4))).all()
    inverted, inverted_more = few != image, more != image
    assert (few[inverted] == 255 - image[inverted]).all()
    assert (inverted_more | ~inverted).all()  # with more noise, those stay inverted
    assert inverted.mean() == pytest.approx(0.1, abs=3 * math.sqrt(0.09 / 784))
    assert (few != drawn().picture(Distortion(noise=0.1, seed=5))).any()


def test_each_image_of_a_batch_has_noise_of_its_own() -> None:
    images = torch.zeros(50, 28, 28, dtype=torch.uint8)
    found = distort(images, Distortion(noise=0.2), first=1000)
    assert (found == distort(images, Distortion(noise=0.2), first=1000)).all()
    assert (found != distort(images, Distortion(noise=0.2), first=0)).any()
    assert (found[0] != found[1]).any()
    assert set(found.unique().tolist()) == {0, 255}
    share = float((found == 255).float().mean())
    assert share == pytest.approx(0.2, abs=4 * math.sqrt(0.16 / found.numel()))


def test_a_scribble_grows_over_the_digit() -> None:
    ink = [scribble(3, share).astype(int) for share in (0.1, 0.3, 0.6, 1.0)]
    for less, more in itertools.pairwise(ink):
        assert more.sum() > less.sum()
        assert (more >= less - 40).all()  # but for how the line's end is rounded
    image = digit()[1]
    found = overlay_scribbles(image, Distortion(scribble=0.3, seed=3))
    assert (found == np.maximum(image, scribble(3, 0.3))).all()
    assert (scribble(4, 1.0) != scribble(3, 1.0)).any()


def test_a_batch_has_scribbles_by_turns() -> None:
    images = torch.zeros(70, 28, 28, dtype=torch.uint8)
    found = distort(images, Distortion(scribble=0.5, seed=2)).numpy()
    assert (found[0] == scribble(2, 0.5)).all()
    assert (found[3] == scribble(5, 0.5)).all()
    assert (found[64] == found[0]).all()


def test_pictures_in_colors_are_distorted_alike() -> None:
    source = torch.Generator().manual_seed(1)
    images = torch.randint(0, 256, (4, 3, 32, 32), generator=source, dtype=torch.uint8)
    how = Distortion(across=3.0, noise=0.3, scribble=0.2)
    found = distort(images, how)
    assert found.shape == images.shape
    assert found.dtype == torch.uint8
    plain = distort(images, Distortion(across=3.0))
    assert (plain[..., 3:] == images[..., :-3]).all()
    assert not plain[..., :3].any()
    # Inverted in all three colors, or in none.
    noisy = distort(images, Distortion(noise=0.3))
    inverted = noisy == 255 - images
    assert (inverted.all(1) | (noisy == images).all(1)).all()
    turned = distort(images, Distortion(rotation=10.0, width=1.5, refit=True))
    assert turned.shape == images.shape


def test_strokes_that_are_not_what_is_read_leave_the_picture() -> None:
    strokes, _ = digit(0)
    other = digit(1)[1]
    distorter = Distorter(other, strokes, SMALLEST)
    assert not distorter.of_strokes
    assert (distorter.picture(Distortion(across=2.0)) == moved(other, 2, 0)).all()


def test_sliders_and_charts_have_nothing_exactly_in_the_middle() -> None:
    for amount in PARAMETERS.values():
        assert amount.value(0) == amount.nothing
        assert amount.value(amount.stops) == pytest.approx(amount.high)
        assert amount.value(amount.first_stop) == pytest.approx(amount.low)
        swept = amount.list_values()
        assert len(swept) == 41
        assert amount.nothing in swept
        assert swept == tuple(sorted(swept))
        assert amount.nothing in amount.measured
        for value in amount.measured:
            assert amount.value(amount.stop(value)) == pytest.approx(value)


def test_amounts_are_told_in_words() -> None:
    told = {name: PARAMETERS[name].describe for name in PARAMETERS}
    assert told["across"](3.5) == "+3.5 px"
    assert told["down"](-0.01) == "0.0 px"
    assert told["rotation"](-40.2) == "−40°"
    assert told["scale"](1.25) == "×1.25"
    assert told["noise"](0.12) == "12 %"
    assert PARAMETERS["shear"].short(-0.5) == "−0.5"
    assert PARAMETERS["scale"].short(0.5) == "×0.5"
    with pytest.raises(DistortionError, match="no distortion 'twist'; there are across, down"):
        parameter("twist")
