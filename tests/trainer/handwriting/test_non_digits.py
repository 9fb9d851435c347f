"""What is not a digit: each form can be drawn, is itself, and is taught or measured, not both."""

from __future__ import annotations

import itertools
import string
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.trainer.handwriting.test_font import Unvaried
from trainer.drawing import rasterize
from trainer.handwriting import non_digits
from trainer.handwriting.non_digits import (
    FOR_TEACHING,
    FOR_TESTING,
    KINDS,
    LIKE_DIGITS,
    SMALLEST,
    WrittenMark,
    write_non_digit,
    write_non_digits,
)

NAMES = [name for forms in KINDS.values() for name in forms]
DRAWN = [*KINDS["letters"], *KINDS["symbols"]]


def _picture(mark: WrittenMark) -> NDArray[np.uint8]:
    return rasterize.rasterize(mark.strokes, width=mark.width, smallest=SMALLEST)


def _several(name: str, count: int = 12) -> list[WrittenMark]:
    rng = np.random.default_rng(3)
    return [write_non_digit(rng, name=name) for _ in range(count)]


def test_there_are_all_letters_and_several_of_the_rest() -> None:
    assert list(KINDS) == ["letters", "symbols", "scribbles", "marks"]
    assert set(KINDS["letters"]) == set(string.ascii_letters)
    assert min(len(forms) for forms in KINDS.values()) >= 12


def test_no_name_is_of_two_kinds() -> None:
    assert len(set(NAMES)) == len(NAMES)


def test_a_form_is_either_taught_or_measured() -> None:
    assert not set(FOR_TEACHING) & set(FOR_TESTING)
    both = [*FOR_TEACHING, *FOR_TESTING]
    assert len(both) == len(set(both))
    assert set(both) == set(NAMES) - set(LIKE_DIGITS)


@pytest.mark.parametrize("kind", KINDS)
def test_each_half_has_about_half_of_each_kind(kind: str) -> None:
    taught = sum(name in FOR_TEACHING for name in KINDS[kind])
    measured = sum(name in FOR_TESTING for name in KINDS[kind])
    assert abs(taught - measured) <= 0.25 * (taught + measured)


def test_a_capital_goes_where_its_small_letter_goes() -> None:
    for half in (FOR_TEACHING, FOR_TESTING):
        for letter in string.ascii_lowercase:
            if not {letter, letter.upper()} & set(LIKE_DIGITS):
                assert (letter in half) == (letter.upper() in half)


def test_letters_like_digits_say_which() -> None:
    assert set(LIKE_DIGITS) < set(KINDS["letters"])
    assert all(reason[0].isdigit() and ": " in reason for reason in LIKE_DIGITS.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_form_can_be_drawn(name: str) -> None:
    for mark in _several(name):
        assert name in KINDS[mark.kind]
        assert mark.name == name
        assert rasterize.THINNEST <= mark.width <= rasterize.THICKEST
        assert mark.strokes
        for stroke in mark.strokes:
            assert stroke.ndim == 2
            assert stroke.shape[1] in (2, 3)
            assert len(stroke)
            assert np.isfinite(stroke).all()
        assert _picture(mark).any()


@pytest.mark.parametrize("name", [*KINDS["letters"], *KINDS["symbols"], *KINDS["scribbles"]])
def test_all_but_marks_are_about_as_large_as_a_digit(name: str) -> None:
    sizes = [
        np.ptp(np.concatenate([stroke[:, :2] for stroke in mark.strokes]), axis=0).max()
        for mark in _several(name)
    ]
    assert min(sizes) > 0.4
    assert max(sizes) < 4


@pytest.mark.parametrize("name", KINDS["marks"])
def test_marks_are_short_or_flat(name: str) -> None:
    for mark in _several(name):
        sizes = np.array([np.ptp(stroke[:, :2], axis=0) for stroke in mark.strokes])
        short = sizes.max(axis=1).sum() < 1.3  # heights of a digit, all strokes together
        assert short or sizes[0, 1] < 0.5 * sizes[0, 0]


def test_a_dot_stays_a_dot() -> None:
    for mark in _several("dot"):
        inked = _picture(mark) > 0
        assert max(inked.any(axis=0).sum(), inked.any(axis=1).sum()) < 16


@pytest.mark.parametrize("name", ["zigzag", "back and forth", "spiral", "coil", "tangle", "blot"])
def test_scribbles_turn_and_turn(name: str) -> None:
    for mark in _several(name):
        path = mark.strokes[0][::4, :2]
        step = np.diff(path, axis=0)
        heading = np.unwrap(np.arctan2(step[:, 1], step[:, 0]))
        assert np.abs(np.diff(heading)).sum() > 3 * np.pi


def test_drawn_forms_are_different_pictures_even_without_any_chance() -> None:
    plain = cast(np.random.Generator, Unvaried())
    pictures = {name: _picture(write_non_digit(plain, name=name)).astype(float) for name in DRAWN}
    for one, other in itertools.combinations(DRAWN, 2):
        if one.lower() != other.lower() and {one, other} != {"I", "l"}:
            # In gray levels of 255, over all pixels.
            assert np.abs(pictures[one] - pictures[other]).mean() > 4, (one, other)


def test_a_form_varies() -> None:
    for name in NAMES:
        drawn = {_picture(mark).tobytes() for mark in _several(name, 6)}
        assert len(drawn) > (1 if name == "dot" else 5), name


def _same(a: WrittenMark, b: WrittenMark) -> bool:
    return (a.kind, a.name, a.width) == (b.kind, b.name, b.width) and all(
        np.array_equal(p, q) for p, q in zip(a.strokes, b.strokes, strict=True)
    )


def test_the_same_seed_writes_the_same() -> None:
    first, again = (list(write_non_digits(60, seed=8)) for _ in range(2))
    assert all(map(_same, first, again))
    other = list(write_non_digits(60, seed=9))
    assert [mark.name for mark in first] != [mark.name for mark in other]


@pytest.mark.parametrize("count", [0, 3, 200])
def test_kinds_come_by_turns(count: int) -> None:
    kinds = [mark.kind for mark in write_non_digits(count, seed=2)]
    assert kinds == (list(KINDS) * count)[:count]


@pytest.mark.parametrize("half", [FOR_TEACHING, FOR_TESTING])
def test_only_what_is_asked_for_is_written_and_all_of_it(half: tuple[str, ...]) -> None:
    assert {mark.name for mark in write_non_digits(1500, 5, half)} == set(half)


def test_letters_like_digits_are_written_only_when_asked_for() -> None:
    assert not {mark.name for mark in write_non_digits(1000, 5)} & set(LIKE_DIGITS)
    assert {mark.name for mark in write_non_digits(300, 5, LIKE_DIGITS)} == set(LIKE_DIGITS)


def test_a_kind_or_a_name_can_be_asked_for() -> None:
    rng = np.random.default_rng(1)
    assert {write_non_digit(rng, "marks").kind for _ in range(20)} == {"marks"}
    assert {write_non_digit(rng).kind for _ in range(60)} == set(KINDS)
    mark = write_non_digit(rng, "letters", "A")
    assert (mark.kind, mark.name) == ("letters", "A")


@pytest.mark.parametrize(
    ("kind", "name", "what"),
    [
        ("digits", None, "no kind 'digits'; there are letters"),
        (None, "7", "no form '7' among all kinds"),
        ("marks", "A", "no form 'A' among marks"),
    ],
)
def test_what_there_is_not_is_refused(kind: str | None, name: str | None, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        write_non_digit(np.random.default_rng(0), kind, name)


@pytest.mark.parametrize("names", [[], ["7", "8"]])
def test_names_that_are_no_forms_are_refused(names: list[str]) -> None:
    with pytest.raises(ValueError, match="no form among"):
        list(non_digits.write_non_digits(1, 0, names))
