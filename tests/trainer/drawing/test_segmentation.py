from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest

from trainer.drawing.rasterize import Stroke, StrokesError
from trainer.drawing.segmentation import (
    LINK,
    find_near_pairs,
    find_parts,
    link_features,
    measure,
    measure_links,
)
from trainer.drawing.segmentation_graph import Group
from trainer.reading.interpretation import put_in_order

Line = list[tuple[float, float]]


def segment(strokes: Sequence[Stroke]) -> list[Group]:
    """What geometry alone makes of strokes: each digit's, in reading order."""
    ink = measure(strokes)
    found = [group for part in find_parts(ink) for group in part.best_paths()[0][0]]
    return [tuple(ink.numbers[n] for n in group) for group in put_in_order(ink, found)]


def line(*corners: tuple[float, float]) -> Line:
    """A stroke through the corners, with as many points as a pen reports."""
    points: Line = [corners[0]]
    for (x, y), (u, v) in itertools.pairwise(corners):
        points += [(x + (u - x) * n / 8, y + (v - y) * n / 8) for n in range(1, 9)]
    return points


def ring(x: float, y: float, width: float, height: float) -> Line:
    angles = [math.tau * n / 24 for n in range(25)]
    return [(x + width / 2 * math.sin(a), y - height / 2 * math.cos(a)) for a in angles]


# In a box 60 wide and 100 high, as people write them.
DIGITS: dict[str, list[Line]] = {
    "crossed 7": [line((2, 0), (55, 0), (20, 100)), line((12, 50), (52, 48))],
    "two-stroke 4": [line((25, 0), (2, 60), (60, 60)), line((42, 20), (40, 100))],
    "open 4": [line((5, 5), (3, 55), (50, 55)), line((48, 0), (46, 100))],
    "two-stroke 5": [
        line((10, 8), (8, 45), (40, 45), (52, 70), (40, 98), (5, 95)),
        line((12, 3), (55, 0)),
    ],
    "bar of 5 apart": [
        line((10, 16), (8, 45), (40, 45), (52, 70), (40, 98), (5, 95)),
        line((16, 3), (55, 0)),
    ],
    "two rings": [ring(30, 24, 40, 48), ring(30, 74, 54, 52)],
    "1 with a foot": [line((12, 22), (30, 0), (30, 94)), line((8, 100), (54, 99))],
    "1 in three": [line((12, 22), (29, 2)), line((30, 0), (30, 95)), line((8, 100), (54, 99))],
    "slashed 0": [ring(30, 50, 58, 98), line((52, 6), (8, 94))],
    "lifted pen": [line((5, 10), (50, 5), (55, 30), (36, 55)), line((34, 58), (5, 98), (58, 98))],
    "3 in two": [line((8, 4), (50, 10), (22, 45)), line((22, 46), (54, 65), (45, 95), (6, 98))],
    "plain 2": [line((5, 20), (30, 0), (55, 25), (5, 98), (58, 98))],
    "plain 1": [line((35, 0), (28, 100))],
}


def moved(strokes: Sequence[Line], right: float, down: float = 0, scale: float = 1) -> list[Line]:
    return [[(x * scale + right, y * scale + down) for x, y in stroke] for stroke in strokes]


def row(*names: str, spacing: float = 85, rise: float = 0) -> tuple[list[Line], list[Group]]:
    """Digits side by side in writing order, and which strokes each has."""
    strokes: list[Line] = []
    groups: list[Group] = []
    for place, name in enumerate(names):
        added = moved(DIGITS[name], place * spacing, -place * rise)
        groups.append(tuple(range(len(strokes), len(strokes) + len(added))))
        strokes += added
    return strokes, groups


@pytest.mark.parametrize("name", DIGITS)
def test_a_digit_is_one_group_however_many_strokes(name: str) -> None:
    strokes = DIGITS[name]
    assert segment(strokes) == [tuple(range(len(strokes)))]


@pytest.mark.parametrize("name", DIGITS)
def test_it_is_one_among_others(name: str) -> None:
    strokes, groups = row("plain 2", name, "plain 1", name)
    assert segment(strokes) == groups


@pytest.mark.parametrize("rise", [-14, 14])
def test_a_line_may_rise_or_fall(rise: float) -> None:
    strokes, groups = row("crossed 7", "two-stroke 4", "plain 1", "slashed 0", rise=rise)
    assert segment(strokes) == groups


@pytest.mark.parametrize("slant", [-0.3, 0.3])
def test_slanted_digits(slant: float) -> None:
    strokes, groups = row("crossed 7", "two-stroke 5", "plain 2", "two-stroke 4")
    assert segment([[(x - slant * y, y) for x, y in s] for s in strokes]) == groups


def test_two_sizes() -> None:
    small = moved(DIGITS["crossed 7"], 90, 40, 0.6)
    strokes = [*DIGITS["two-stroke 4"], *small, *moved(DIGITS["plain 2"], 145)]
    assert segment(strokes) == [(0, 1), (2, 3), (4,)]


def test_digits_written_out_of_order_are_read_from_the_left() -> None:
    strokes = [
        *moved(DIGITS["plain 2"], 170),
        *moved(DIGITS["crossed 7"], 0),
        *moved(DIGITS["two-stroke 4"], 85),
    ]
    assert segment(strokes) == [(1, 2), (3, 4), (0,)]


@pytest.mark.parametrize("name", ["crossed 7", "two-stroke 5", "slashed 0"])
def test_a_stroke_added_later_goes_to_its_digit(name: str) -> None:
    body, bar = DIGITS[name]
    others = [*moved(DIGITS["plain 2"], 85), *moved(DIGITS["plain 1"], 170)]
    assert segment([body, *others, bar]) == [(0, 3), (1,), (2,)]


def test_two_lines_are_taken_one_after_the_other() -> None:
    upper, _ = row("crossed 7", "plain 2")
    lower = moved(row("plain 1", "two-stroke 4")[0], 0, 170)
    assert segment([*upper, *lower]) == [(0, 1), (2,), (3,), (4, 5)]


def test_close_ones_are_two() -> None:
    assert segment([line((0, 0), (0, 100)), line((22, 0), (22, 100))]) == [(0,), (1,)]


# The graph's arcs


def test_what_is_far_from_all_others_has_one_arc() -> None:
    strokes, _ = row("open 4", "plain 1", "open 4", spacing=150)
    arcs = [set(part.groups.values()) for part in find_parts(measure(strokes))]
    assert {(2,)} in arcs
    assert any({(0, 1), (0,), (1,)} <= part for part in arcs)


@pytest.mark.parametrize("whole", [True, False])
def test_merits_decide_where_geometry_can_not(whole: bool) -> None:
    ink = measure(row("open 4", "plain 1", spacing=200)[0])
    part = next(part for part in find_parts(ink) if (0, 1) in part.groups.values())
    merits = dict.fromkeys(part.groups.values(), -3.0) | {(0, 1): 0.0 if whole else -9.0}
    assert part.best_paths(merits)[0][0] == ([(0, 1)] if whole else [(0,), (1,)])


def test_strokes_without_points_are_in_no_digit() -> None:
    body, bar = DIGITS["open 4"]
    assert segment([[], body, [], bar]) == [(1, 3)]


def test_all_that_is_drawn_is_always_an_arc_where_it_has_a_digits_shape() -> None:
    rings = [ring(20, 20, 40, 40), ring(20, 75, 40, 40)]
    (part,) = find_parts(measure(rings))
    assert (0, 1) in part.groups.values()


def test_pieces_of_one_stroke_are_joined_in_their_order_only() -> None:
    one, between, other = ring(25, 50, 50, 100), line((25, 0), (80, 0)), line((80, 0), (80, 100))
    ink = measure([one, between, other], [0, 0, 0])
    assert ink.ligatures == [False, True, False]
    groups = {group for part in find_parts(ink) for group in part.groups.values()}
    assert {(0,), (~1,), (2,), (0, 1), (1, 2), (0, 1, 2)} == groups  # a ligature is no digit
    assert put_in_order(ink, [(0,), (~1,), (2,)]) == [(0,), (2,)]


def test_what_lies_between_two_corners_of_one_stroke_is_a_ligature_or_a_1() -> None:
    two, stem, seven = DIGITS["plain 2"][0], line((58, 98), (80, 2)), moved(DIGITS["crossed 7"], 80)
    ink = measure([two, stem, seven[0]], [0, 0, 0])
    assert (ink.ligatures, ink.straight) == ([False] * 3, [False, True, False])
    groups = {group for part in find_parts(ink) for group in part.groups.values()}
    assert {(1,), (~1,)} <= groups


# Whatever is drawn


def test_nothing_drawn_is_no_digit() -> None:
    assert segment([]) == []
    assert segment([[], []]) == []


def test_a_dot_alone_is_kept_and_one_beside_digits_is_a_slip() -> None:
    dot: Line = [(300.0, 90.0)]
    assert segment([dot]) == [(0,)]
    assert segment([dot, [(5.0, 5.0)]]) == [(1,), (0,)]
    assert segment([*DIGITS["plain 2"], dot]) == [(0,)]


@pytest.mark.parametrize("scale", [1e-80, 1e-6, 1e6, 1e97])
def test_the_unit_does_not_matter(scale: float) -> None:
    strokes, groups = row("crossed 7", "plain 2", "open 4")
    assert segment([[(x * scale, y * scale) for x, y in s] for s in strokes]) == groups


def test_a_scribble_of_many_strokes_ends_soon() -> None:
    rng = np.random.default_rng(1)
    strokes = list(rng.uniform(0, 280, (120, 12, 2)))
    found = segment(strokes)
    assert sorted(n for group in found for n in group) == list(range(120))


def test_many_digits_close_together() -> None:
    strokes, groups = row(*["plain 1", "crossed 7"] * 8, spacing=75)
    assert segment(strokes) == groups


def test_what_is_no_stroke_is_refused() -> None:
    with pytest.raises(StrokesError):
        segment([[(0, 0), (1, 1)], [(math.nan, 0)]])


# What is measured


def test_links_are_symmetric_and_only_of_what_is_near() -> None:
    ink = measure(row("crossed 7", "plain 2", spacing=300)[0])
    links = measure_links(ink)
    assert links is not None
    odds = links.weigh(list(LINK.values()))
    assert np.array_equal(odds, odds.T)
    assert odds[0, 1] > 1
    assert odds[0, 2] == odds[1, 2] == -30
    assert [side.tolist() for side in find_near_pairs(ink)] == [[0], [1]]


def test_evidence_is_measured_in_heights() -> None:
    ink = measure([line((0, 0), (0, 100)), line((50, 0), (50, 50))])
    assert ink.high[0, 1] - ink.low[0, 1] == pytest.approx(100 / 75)  # the median's unit
    values = dict(zip(LINK, link_features(ink, np.array([0]), np.array([1]))[0], strict=True))
    assert values["distance"] == pytest.approx(0.5, abs=1e-6)
    assert values["overlap"] == values["gap"] == pytest.approx(-0.5)
    assert values["rows"] == pytest.approx(0.5)
    assert values["tall"] == pytest.approx(0.25)
    assert values["not next"] == 0
    assert values["one"] == 1
