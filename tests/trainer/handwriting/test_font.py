"""The built-in digits: bounded, balanced, repeatable, and of really different forms."""

import itertools
from typing import cast

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.drawing import rasterize
from trainer.handwriting import font
from trainer.handwriting.allographs import FORMS
from trainer.handwriting.font import ALLOGRAPHS, WrittenDigit
from trainer.handwriting.hand import Hand


def _picture(digit: WrittenDigit) -> NDArray[np.uint8]:
    return rasterize.rasterize(digit.strokes, width=digit.width)


class Unvaried:
    """Stands in for the random generator: every draw is the middle one."""

    def standard_normal(self, size: tuple[int, ...] | None = None) -> float | NDArray[np.float64]:
        return 0.0 if size is None else np.zeros(size)

    def random(self) -> float:
        return 0.5


def _mean_picture(label: int, name: str, seed: int, count: int = 60) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    written = [font.write_digit(label, rng, name) for _ in range(count)]
    mean: NDArray[np.float64] = np.mean([_picture(digit) for digit in written], axis=0)
    return mean


def test_every_digit_has_several_allographs() -> None:
    assert list(ALLOGRAPHS) == list(range(10))
    assert all(len(forms) >= 3 for forms in ALLOGRAPHS.values())


@pytest.mark.parametrize("label", range(10))
def test_shares_of_a_digit_add_up_to_one(label: int) -> None:
    shares = [form.share for form in ALLOGRAPHS[label].values()]
    assert min(shares) > 0
    assert sum(shares) == pytest.approx(1)


@pytest.mark.parametrize(("label", "name"), FORMS)
def test_an_allograph_fills_the_box_and_stays_inside_it(label: int, name: str) -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        digit = font.write_digit(label, rng, name)
        assert (digit.label, digit.allograph) == (label, name)
        assert rasterize.THINNEST <= digit.width <= rasterize.THICKEST
        picture = _picture(digit)
        assert picture.shape == (28, 28)
        assert picture.dtype == np.uint8
        inked = picture > 0
        longest = max(inked.any(axis=0).sum(), inked.any(axis=1).sum())
        # 20 pixels of ink that begin inside a pixel touch 21, and with the little that
        # rounding adds sometimes 22. Were any ink clipped, fewer than 20 would be left.
        assert 20 <= longest <= 22
        # From the thinnest 1 to the fattest 8, as shares of the 28x28 pixels' full ink.
        assert 0.02 < picture.mean() / 255 < 0.4


@pytest.mark.parametrize(("label", "name"), FORMS)
def test_strokes_are_finite_points_with_a_sane_pressure(label: int, name: str) -> None:
    rng = np.random.default_rng(4)
    for _ in range(10):
        for stroke in font.write_digit(label, rng, name).strokes:
            assert stroke.ndim == 2
            assert stroke.shape[1] in (2, 3)
            assert len(stroke) >= 5
            assert np.isfinite(stroke).all()
            assert ((stroke[:, 2:] > 0.5) & (stroke[:, 2:] < 1.5)).all()


def test_the_same_seed_writes_the_same_digits() -> None:
    first = list(font.write_digits(50, seed=8))
    again = list(font.write_digits(50, seed=8))
    for a, b in zip(first, again, strict=True):
        assert (a.label, a.allograph, a.width) == (b.label, b.allograph, b.width)
        assert all(np.array_equal(p, q) for p, q in zip(a.strokes, b.strokes, strict=True))


def test_another_seed_writes_other_digits() -> None:
    first, other = (list(font.write_digits(50, seed)) for seed in (8, 9))
    assert [digit.label for digit in first] != [digit.label for digit in other]
    drawn, drawn_other = ({d.strokes[0].tobytes() for d in digits} for digits in (first, other))
    assert len(drawn) == 50
    assert not drawn & drawn_other


def test_no_two_pictures_are_the_same() -> None:
    pictures = [picture.tobytes() for picture, _ in font.render_digits(300, seed=1)]
    assert len(set(pictures)) == 300


@pytest.mark.parametrize("count", [0, 7, 200, 205])
def test_labels_are_balanced(count: int) -> None:
    labels = [digit.label for digit in font.write_digits(count, seed=2)]
    assert len(labels) == count
    each = np.bincount(labels, minlength=10)
    assert each.max() - each.min() <= 1


def test_labels_are_shuffled() -> None:
    labels = [digit.label for digit in font.write_digits(100, seed=2)]
    assert labels != [n % 10 for n in range(100)]
    assert labels != sorted(labels)


def test_rendered_digits_are_the_written_ones() -> None:
    written = font.write_digits(30, seed=5)
    rendered = font.render_digits(30, seed=5)
    for digit, (picture, label) in zip(written, rendered, strict=True):
        assert label == digit.label
        assert np.array_equal(picture, _picture(digit))


def test_allographs_are_drawn_by_their_share() -> None:
    rng = np.random.default_rng(6)
    drawn = [font.write_digit(7, rng).allograph for _ in range(1500)]
    for name, form in ALLOGRAPHS[7].items():
        # Four standard deviations of a count of 1500.
        allowed = 4 * (form.share * (1 - form.share) / 1500) ** 0.5
        assert abs(drawn.count(name) / 1500 - form.share) < allowed


def test_allographs_are_different_pictures_even_without_any_chance() -> None:
    plain = cast(np.random.Generator, Unvaried())
    written = {form: font.write_digit(form[0], plain, form[1]) for form in FORMS}
    pictures = {form: _picture(digit).astype(float) for form, digit in written.items()}
    for one, other in itertools.combinations(FORMS, 2):
        # In gray levels of 255, over all pixels. Some forms of a digit differ in how
        # they are written more than in what is left on the paper.
        least = 2 if one[0] == other[0] else 8
        assert np.abs(pictures[one] - pictures[other]).mean() > least, (one, other)


def test_a_crossed_7_has_its_bar() -> None:
    difference = _mean_picture(7, "crossed", seed=1) - _mean_picture(7, "plain", seed=2)
    row, _ = np.unravel_index(difference.argmax(), difference.shape)
    assert difference.max() > 80
    assert 11 <= row <= 17


def test_a_slashed_0_has_ink_at_its_center() -> None:
    slashed, oval = (_mean_picture(0, name, seed=1)[12:16, 12:16] for name in ("slashed", "oval"))
    assert slashed.mean() > oval.mean() + 80


def test_a_foot_makes_a_1_broad_below() -> None:
    plain, foot = (_mean_picture(1, name, seed=1) for name in ("plain", "with foot"))
    # The inked columns of the lowest fifth, in which a slanted plain one moves but little.
    for mean, broad in ((plain, False), (foot, True)):
        low = np.flatnonzero(mean.sum(axis=1) > 20)[-4:]
        assert ((mean[low].max(axis=0) > 30).sum() > 10) == broad


def test_a_flag_begins_as_far_down_as_its_form_says() -> None:
    rng = np.random.default_rng(2)
    for name, low, high in (
        ("with flag", 0.05, 0.47),
        ("with long flag", 0.22, 0.75),
        ("wedge", 0.65, 1.02),
    ):
        for _ in range(50):
            (stroke,) = ALLOGRAPHS[1][name].draw(Hand(rng))
            assert low <= stroke[0][1] <= high
            assert stroke[0][0] < 0


def test_a_dotted_0_has_ink_at_its_center() -> None:
    dotted, oval = (_mean_picture(0, name, seed=1)[12:16, 12:16] for name in ("dotted", "oval"))
    assert dotted.mean() > oval.mean() + 50


def test_a_long_slash_leaves_its_0() -> None:
    rng = np.random.default_rng(5)
    for _ in range(30):
        ring, slash = ALLOGRAPHS[0]["with long slash"].draw(Hand(rng))
        tops = [min(point[1] for point in curve) for curve in (ring, slash)]
        sides = [max(point[0] for point in curve) for curve in (ring, slash)]
        assert tops[1] < tops[0] + 0.2 or sides[1] > sides[0] - 0.2


def test_a_bar_apart_touches_nothing() -> None:
    rng = np.random.default_rng(6)
    for _ in range(30):
        body, bar = ALLOGRAPHS[5]["with bar apart"].draw(Hand(rng))
        assert bar[0][1] < body[0][1]


@pytest.mark.parametrize("label", [-1, 10])
def test_an_unknown_label_is_refused(label: int) -> None:
    with pytest.raises(ValueError, match=f"label must be 0 to 9, not {label}"):
        font.write_digit(label, np.random.default_rng(0))


def test_an_unknown_allograph_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="3 has no allograph 'slashed'; it has round, looped"):
        font.write_digit(3, np.random.default_rng(0), "slashed")


def test_touching_digits_are_one_thing_of_two_digits_width() -> None:
    connected, widths = [], []
    for seed in range(60):
        strokes, width = font.write_touching_digits(np.random.default_rng(seed))
        assert len(strokes) >= 2
        assert rasterize.THINNEST <= width <= rasterize.THICKEST
        picture = rasterize.rasterize(strokes, width=width)
        connected.append(cv2.connectedComponents((picture > 60).astype(np.uint8))[0] == 2)
        widths.append(float(np.ptp(np.concatenate(strokes)[:, 0])))
    assert np.mean(connected) > 0.95  # a dot in a 0 stands by itself
    assert 0.7 < np.median(widths) < 1.4  # of a single digit, about 0.6


def test_touching_digits_are_the_same_for_the_same_seed() -> None:
    one, other = (font.write_touching_digits(np.random.default_rng(5)) for _ in range(2))
    assert one[1] == other[1]
    assert all(np.array_equal(a, b) for a, b in zip(one[0], other[0], strict=True))
