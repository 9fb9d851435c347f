"""Pictures of several digits: each is found at its place and read, in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.support.pages import PITCH, draw_page, turn_page
from trainer.networks.model import load_shipped
from trainer.pages.components import DigitRow, InkPiece
from trainer.pages.division import Reading, divide_rows
from trainer.pages.page import Page, correct_digit, sort_by_doubt
from trainer.pages.reader import read_page
from trainer.reading.verdict import Verdict

ROWS = ("27503", "48 61", "9270")
WRITTEN = [label for row in ROWS for label in row if label != " "]


def labels(page: object) -> list[str]:
    return list("".join(getattr(page, "texts")).replace(" ", ""))  # noqa: B009  any page


def test_rows_are_read_from_top_to_bottom_and_each_digit_is_where_it_was_written() -> None:
    page = read_page(load_shipped(), draw_page(ROWS))
    assert labels(page) == WRITTEN
    assert [len(line) for line in page.lines] == [5, 4, 4]
    places = [(c, r) for r, row in enumerate(ROWS) for c, label in enumerate(row) if label != " "]
    for digit, (column, row) in zip(page.digits, places, strict=True):
        middle = (digit.box[0] + digit.box[2]) / 2, (digit.box[1] + digit.box[3]) / 2
        wanted = ((column + 1) * PITCH, (row + 1) * PITCH - PITCH // 4)
        assert middle == pytest.approx(wanted, abs=4)
        assert 50 <= max(digit.box[2] - digit.box[0], digit.box[3] - digit.box[1]) <= 75


@pytest.mark.parametrize("angle", [-12, 9])
def test_a_page_that_was_photographed_askew(angle: float) -> None:
    page = read_page(load_shipped(), turn_page(draw_page(ROWS), angle))
    assert labels(page) == WRITTEN


def test_ruled_lines_are_no_digits_and_take_nothing_from_those_on_them() -> None:
    assert labels(read_page(load_shipped(), draw_page(ROWS, ruled=True))) == WRITTEN


def test_boxes_about_digits_on_a_photo_taken_aslant() -> None:
    page = draw_page(["2750", "9486"])
    high, wide = page.shape[:2]
    for row in range(2):
        for column in range(4):
            x, y = PITCH // 2 + column * PITCH, PITCH // 4 + row * PITCH
            cv2.rectangle(page, (x, y), (x + PITCH, y + PITCH), (60, 60, 60), 2)
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    moved = corners + np.array([[6, 0], [-4, 9], [8, 0], [0, -7]], np.float32)
    slant = cv2.getPerspectiveTransform(corners, moved)
    taken = cv2.warpPerspective(page, slant, (wide, high), borderMode=cv2.BORDER_REPLICATE)
    assert labels(read_page(load_shipped(), np.asarray(taken))) == list("27509486")


def test_of_text_nothing_is_cut_or_joined() -> None:
    letters = tuple(InkPiece(20 * n, 0, np.ones((20, 15), bool)) for n in range(12))
    asked: list[int] = []

    def read(pieces: Sequence[InkPiece]) -> list[Reading]:
        asked.append(len(pieces))
        return [Reading(6, 0.9, -1.0 if n % 2 else 2.0) for n in range(len(pieces))]

    assert divide_rows([DigitRow(letters, 20.0)], read) == [list(letters)]
    assert asked == [12, 12]


def test_a_shadow_over_half_the_page() -> None:
    page = draw_page(ROWS).astype(np.float64)
    page[:, : page.shape[1] // 2] *= 0.5
    assert labels(read_page(load_shipped(), page.astype(np.uint8))) == WRITTEN


def test_light_ink_on_dark_paper() -> None:
    assert labels(read_page(load_shipped(), 255 - draw_page(ROWS))) == WRITTEN


def test_digits_that_touch_are_divided() -> None:
    page = draw_page(["25"])
    left, right = page[:, : PITCH * 3 // 2], page[:, PITCH * 3 // 2 :]
    one = left[:, : int(np.flatnonzero((left < 150).any(axis=(0, 2)))[-1]) + 1]
    other = right[:, int(np.flatnonzero((right < 150).any(axis=(0, 2)))[0]) :]
    joined = np.concatenate([one, other], axis=1)
    assert labels(read_page(load_shipped(), joined)) == ["2", "5"]


def test_blank_paper_holds_nothing() -> None:
    page = read_page(load_shipped(), np.full((300, 400, 3), 230, np.uint8))
    assert page.digits == () and page.text == ""


def test_boxes_are_in_pixels_of_the_picture_that_was_made_smaller() -> None:
    colors = draw_page(["27"])
    small = read_page(load_shipped(), colors)
    large = read_page(load_shipped(), colors, (colors.shape[1] * 3, colors.shape[0] * 3))
    for one, other in zip(small.digits, large.digits, strict=True):
        assert other.box == pytest.approx([3 * edge for edge in one.box], abs=4)


@pytest.mark.parametrize(
    ("lefts", "text"),
    [
        ([0, 90, 180, 270], "3333"),  # all as far apart: one number
        ([0, 60, 150, 210], "33 33"),
        ([0, 140, 280], "3 3 3"),  # too far apart for one
        ([0, 90], "3 3"),
        ([0], "3"),
    ],
)
def test_spaces_are_gaps_wider_than_the_others(lefts: list[int], text: str) -> None:
    (digit,) = read_page(load_shipped(), draw_page(["3"])).digits
    digits = tuple(replace(digit, box=(left, 0, left + 50, 50)) for left in lefts)
    page = Page(400, 100, load_shipped().classes, digits)
    assert page.text == text


def test_a_corrected_digit_is_sure_and_listed_last() -> None:
    page = read_page(load_shipped(), draw_page(["275"]))
    first = sort_by_doubt(page)[0]
    corrected = correct_digit(page, first, 4)
    assert corrected.digits[first].digit == 4 and corrected.digits[first].confidence == 1
    assert corrected.digits[first].verdict == Verdict.SURE
    assert corrected.text[first] == "4" and sort_by_doubt(corrected)[-1] == first


@pytest.mark.parametrize("number", ["26", "71"])
def test_leaning_digits_that_touch_are_divided_along_their_lean(number: str) -> None:
    page = draw_page([number])
    lean = np.array([[1, -0.5, 0.5 * len(page)], [0, 1, 0]])
    size = page.shape[1] + len(page) // 2, len(page)
    digits = [page.copy(), page.copy()]
    digits[0][:, PITCH * 3 // 2 :], digits[1][:, : PITCH * 3 // 2] = 240, 240
    one, other = (
        cv2.warpAffine(digit, lean, size, borderValue=(240, 240, 240)) < 150 for digit in digits
    )
    way = 0
    while not (one & np.roll(other, -way, axis=1)).any():
        way += 1
    joined = np.where(one | np.roll(other, -way, axis=1), 40, 240).astype(np.uint8)
    assert labels(read_page(load_shipped(), joined)) == list(number)


def test_a_4_whose_lines_do_not_meet_is_one_digit() -> None:
    page = draw_page(["  25"])
    left, top = PITCH, PITCH * 3 // 4 - 30
    for points in ([(8, 0), (3, 32), (28, 34)], [(42, 4), (41, 60)]):
        line = np.array(points, np.int32) + np.array([left, top], np.int32)
        cv2.polylines(page, [line], False, (40, 40, 60), 5, cv2.LINE_AA)
    assert labels(read_page(load_shipped(), page)) == ["4", "2", "5"]
