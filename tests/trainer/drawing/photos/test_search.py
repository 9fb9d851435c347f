from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.drawing.photos.components import NoDigitError, NoInkError
from trainer.drawing.photos.preparation import InkSettings
from trainer.drawing.photos.search import FoundDigit, find_digit
from trainer.networks.model import load_shipped
from trainer.reading.pictures import score_digits
from trainer.reading.predict import read
from trainer.reading.verdict import Verdict

Floats = NDArray[np.float32]
TWO = [(0.05, 0.25), (0.25, 0.03), (0.5, 0.02), (0.6, 0.25), (0.3, 0.65), (0.0, 1.0), (0.65, 0.98)]
ZERO = [
    (0.35 + 0.33 * float(np.cos(a)), 0.5 + 0.5 * float(np.sin(a)))
    for a in np.linspace(0, 2 * np.pi, 40)
]
SQUARE_ZERO = [(0, 0.2), (0.2, 0), (0.5, 0), (0.6, 0.2), (0.6, 0.8), (0.4, 1), (0.1, 1), (0, 0.8)]
SQUARE_ZERO.append(SQUARE_ZERO[0])


def inked(
    points: Sequence[tuple[float, float]] = TWO,
    size: tuple[int, int] = (300, 260),
    high: float = 150,
    at: tuple[float, float] = (85, 70),
    pen: int = 14,
) -> Floats:
    """How much ink is where, 0 to 1."""
    page = np.zeros(size, np.uint8)
    places = np.rint((np.array(points) * high + at) * 16).astype(np.int32)
    cv2.polylines(page, [places], False, 255, pen, cv2.LINE_AA, 4)
    return page.astype(np.float32) / 255


def photo(
    ink: Floats, paper: float = 235, black: float = 30, noise: float = 2
) -> NDArray[np.uint8]:
    gray = paper + (black - paper) * ink + np.random.default_rng(1).normal(0, noise, ink.shape)
    return np.repeat(np.clip(gray, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def found(colors: NDArray[np.uint8], settings: InkSettings | None = None) -> FoundDigit:
    digit = find_digit(colors, 640, score_digits, settings or InkSettings())
    assert digit.image.shape == (28, 28) and digit.shown.shape == (448, 448)
    return digit


def said(colors: NDArray[np.uint8], settings: InkSettings | None = None) -> int | None:
    reading = read(load_shipped(), found(colors, settings).image)
    return None if reading.verdict is Verdict.REJECTED else reading.digit


def trimmed(ink: Floats) -> Floats:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def test_ink_that_fades_is_kept_whole() -> None:
    fading = np.linspace(1, 0.12, 300, dtype=np.float32)[:, None]
    assert said(photo(inked() * fading)) == 2
    assert said(photo(inked(ZERO) * fading)) == 0


def test_a_small_scan_in_pencil() -> None:
    small = cv2.resize(inked(), (36, 42), interpolation=cv2.INTER_AREA)
    assert said(photo(np.asarray(small, np.float32), 250, 110)) == 2


@pytest.mark.parametrize("points", [TWO, ZERO])
@pytest.mark.parametrize("high", [16, 200])
def test_a_picture_cut_at_the_ink_of_either_polarity(
    points: list[tuple[float, float]], high: int
) -> None:
    ink = trimmed(inked(points, pen=24))
    size = (max(3, high * ink.shape[1] // ink.shape[0]), high)
    small = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.float32)
    right = 2 if points is TWO else 0
    assert said(photo(small, noise=0)) == right
    assert said(photo(small, 20, 230, noise=0)) == right


def test_a_digit_in_a_corner_and_one_from_top_to_bottom() -> None:
    ink = trimmed(inked())
    assert said(photo(np.pad(ink, ((0, 120), (0, 150))))) == 2
    assert said(photo(np.pad(ink, ((0, 0), (150, 120))))) == 2


@pytest.mark.parametrize("margin", [0, 12])
def test_a_digit_in_a_printed_frame(margin: int) -> None:
    frame = np.zeros((300, 260), np.uint8)
    cv2.rectangle(frame, (margin, margin), (259 - margin, 299 - margin), 255, 3)
    assert said(photo(np.maximum(inked(), frame.astype(np.float32) / 255))) == 2


def test_a_digit_in_a_circle_and_in_a_comb_that_leans() -> None:
    circle, comb = np.zeros((2, 300, 260), np.uint8)
    cv2.circle(circle, (130, 150), 120, 255, 3)
    cv2.polylines(comb, [np.array([[24, 60], [14, 270], [240, 282], [252, 72]])], False, 255, 3)
    for frame in (circle, comb):
        assert said(photo(np.maximum(inked(), frame.astype(np.float32) / 255))) == 2


@pytest.mark.parametrize(("points", "digit"), [(TWO, 2), (ZERO, 0)])
def test_a_digit_that_is_underlined(points: list[tuple[float, float]], digit: int) -> None:
    line = np.zeros((300, 260), np.uint8)
    cv2.line(line, (50, 238), (215, 244), 255, 9)
    assert said(photo(np.maximum(inked(points), line.astype(np.float32) / 255))) == digit


def test_a_digit_in_a_tables_cell_and_on_a_leaning_line() -> None:
    cell, line = np.zeros((300, 260), np.uint8), np.zeros((300, 260), np.uint8)
    for x in (20, 240):
        cv2.line(cell, (x, 0), (x, 300), 255, 2)
    for y in (30, 270):
        cv2.line(cell, (0, y), (260, y), 255, 2)
    cv2.line(line, (0, 217), (260, 223), 255, 3)
    for lines in (cell, line):
        assert said(photo(np.maximum(inked(), lines.astype(np.float32) / 255))) == 2


def test_a_thin_line_in_a_large_picture() -> None:
    assert said(photo(inked(size=(1000, 1000), high=500, at=(300, 250), pen=2))) == 2


def test_a_bold_digit() -> None:
    assert said(photo(inked(ZERO, pen=36))) == 0


def test_specks_at_the_edges_are_no_part_of_a_small_bold_digit() -> None:
    small = cv2.resize(inked(pen=20), (26, 30), interpolation=cv2.INTER_AREA) > 0.5
    specked = small.copy()
    specked[[0, 0, 29, 8], [3, 20, 12, 0]] = True
    plain, spoiled = (
        found(photo(each.astype(np.float32), noise=0)).image for each in (small, specked)
    )
    assert np.abs(plain.astype(int) - spoiled.astype(int)).mean() < 3


def test_what_is_cut_to_the_ink_is_read_whole_and_not_in_part() -> None:
    seven = [(0.0, 0.05), (0.75, 0.05), (0.35, 1.0)]
    ink = trimmed(inked(seven, pen=20))
    square = np.asarray(cv2.resize(ink, (16, 16), interpolation=cv2.INTER_AREA), np.float32)
    assert said(photo(square, 0, 250, noise=0)) == 7
    assert said(photo(square, 250, 0, noise=0)) == 7


def shrunk(ink: Floats, size: tuple[int, int]) -> Floats:
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.float32)


@pytest.mark.parametrize(("paper", "black", "table"), [(235, 30, 60), (20, 240, 250)])
def test_a_sheet_is_told_from_what_it_lies_on(paper: float, black: float, table: float) -> None:
    sheet = np.zeros((480, 460), np.uint8)
    corners = cv2.boxPoints(((230, 240), (260, 300), 7))
    cv2.fillPoly(sheet, [np.rint(corners).astype(np.int32)], 255, cv2.LINE_AA)
    ink = inked(size=(480, 460), high=130, at=(190, 175))
    gray = paper + (black - paper) * ink
    gray = table + (gray - table) * sheet / 255
    assert said(np.repeat(gray.astype(np.uint8)[..., None], 3, axis=2)) == 2


def test_what_comes_in_from_beyond_the_edge_is_no_part_of_the_digit() -> None:
    digit = inked(size=(300, 260), high=180, at=(70, 60))
    neighbors = np.zeros_like(digit)
    cv2.ellipse(neighbors, (-20, 150), (60, 90), 0, 0, 360, 1.0, 14)
    cv2.ellipse(neighbors, (285, 150), (60, 90), 0, 0, 360, 1.0, 14)
    finger = np.zeros_like(digit)
    cv2.line(finger, (10, 300), (50, 235), 0.6, 60)
    for beyond in (neighbors, finger):
        assert said(photo(np.maximum(digit, beyond))) == 2


@pytest.mark.parametrize(
    ("points", "digit", "at"), [(TWO, 2, (50, 143)), (SQUARE_ZERO, 0, (7, 90))]
)
def test_a_long_stroke_along_the_edge_is_ink(
    points: Sequence[tuple[float, float]], digit: int, at: tuple[float, float]
) -> None:
    ink = inked(points, high=150, at=at)
    assert ink[:, 0].any() or ink[-1].any()
    assert said(photo(ink)) == digit


def test_a_tiny_picture_is_read_in_its_grays() -> None:
    for points, digit in ((TWO, 2), (ZERO, 0)):
        small = shrunk(trimmed(inked(points, pen=24)), (8, 8))
        assert said(photo(small, 0, 255, noise=0)) == digit
        assert said(photo(small, 255, 0, noise=0)) == digit


def test_a_1_that_was_stretched_to_a_square() -> None:
    one = trimmed(inked([(0.1, 0.0), (0.0, 1.0)], pen=24))
    assert said(photo(shrunk(one, (16, 16)), 0, 255, noise=0)) == 1


def test_a_wide_line_in_a_picture_cut_near_the_ink() -> None:
    ink = trimmed(
        inked([(0.0, 0.05), (0.75, 0.05), (0.35, 1.0)], high=300, pen=90, size=(500, 500))
    )
    assert said(photo(np.pad(ink, 8))) == 7


@pytest.mark.parametrize(
    ("digit", "bars"),
    [(2, [(0, 0), (0, 2), (0, 4), (1, 1), (-1, 3)]), (3, [(0, 0), (0, 2), (0, 4), (1, 1), (1, 3)])],
)
def test_parts_with_gaps_are_seen_from_farther_away(
    digit: int, bars: list[tuple[int, int]]
) -> None:
    page = np.zeros((300, 260), np.float32)
    for side, half in bars:  # as on a calculator: level ones in the middle, upright ones at a side
        x, y = 125 + 40 * side, 70 + half * 75 // 2
        wide, high = (7, 27) if side else (30, 7)
        cv2.rectangle(page, (x - wide, y - high), (x + wide, y + high), 1.0, -1)
    assert said(photo(page)) == digit


def test_boxes_of_a_form_in_a_lighter_print() -> None:
    boxes = np.zeros((300, 400), np.float32)
    for y in (60, 240):
        cv2.line(boxes, (0, y), (400, y), 0.35, 3)
    for x in (90, 230, 370):
        cv2.line(boxes, (x, 60), (x, 240), 0.35, 3)
    assert said(photo(np.maximum(inked(size=(300, 400), high=110, at=(125, 95)), boxes))) == 2


@pytest.mark.parametrize("axes", [(60, 25), (40, 40), (70, 45)])
def test_a_blot_is_no_digit(axes: tuple[int, int]) -> None:
    page = np.zeros((300, 260), np.uint8)
    cv2.ellipse(page, (130, 140), axes, 30, 0, 360, 255, -1)
    with pytest.raises(NoDigitError):
        find_digit(photo(page.astype(np.float32) / 255), 640, score_digits)


def test_a_reflection_over_the_digit() -> None:
    y, x = np.mgrid[0:300, 0:260].astype(np.float32)
    spot = 0.8 * np.exp(-((x - 130) ** 2 + (y - 120) ** 2) / (2 * 45**2))[..., None]
    gray = photo(inked(), 160, 30).astype(np.float32)
    assert said((gray + (255 - gray) * spot).astype(np.uint8)) == 2


def test_clouds_and_empty_paper_are_no_digits() -> None:
    coarse = np.random.default_rng(2).random((4, 4)).astype(np.float32)
    clouds = cv2.resize(coarse, (260, 300), interpolation=cv2.INTER_CUBIC)
    with pytest.raises(NoDigitError):
        find_digit(photo(np.asarray(clouds, np.float32)), 640, score_digits)
    with pytest.raises(NoInkError):
        find_digit(photo(np.zeros((300, 260), np.float32)), 640, score_digits)


# What a person decides


def test_what_was_taken_for_ink_is_told() -> None:
    digit = found(photo(inked()))
    overlap = (digit.mask & (inked() > 0.5)).sum() / (digit.mask | (inked() > 0.5)).sum()
    assert digit.mask.shape == (300, 260) and overlap > 0.8
    assert digit.settings.inverted is False and digit.settings.threshold is not None


def test_a_crop_box_leaves_out_the_rest_and_a_turn_puts_it_upright() -> None:
    two = np.hstack([inked(), inked(ZERO)])
    with pytest.raises(NoDigitError, match="more than one thing"):
        find_digit(photo(two), 640, score_digits)
    assert said(photo(two), InkSettings(crop=(0, 0, 0.5, 1))) == 2
    assert said(photo(two), InkSettings(crop=(0.5, 0, 1, 1))) == 0
    sideways = np.ascontiguousarray(np.rot90(photo(inked())))
    assert said(sideways, InkSettings(quarter_turns=1)) == 2


def test_a_threshold_decides_how_much_is_ink() -> None:
    fading = np.linspace(1, 0.2, 300, dtype=np.float32)[:, None]
    colors = photo(inked() * fading)
    much = found(colors, InkSettings(threshold=0.1)).mask.sum()
    little = found(colors, InkSettings(threshold=0.6)).mask.sum()
    assert little < 0.8 * much


def test_a_polarity_that_was_chosen_holds() -> None:
    ring = photo(inked(ZERO, pen=30))
    assert found(ring, InkSettings(inverted=False)).settings.inverted is False
    assert found(255 - ring, InkSettings(inverted=True)).settings.inverted is True


@pytest.mark.parametrize("wrong", [{"threshold": 2.0}, {"crop": (0.5, 0, 0.5, 1)}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must"):
        InkSettings(**wrong)  # type: ignore[arg-type]
