"""Which pieces of ink belong together: several digits written on one sheet.

Geometry decides most. For two strokes near each other it gives the log-odds that
they are of one digit; a division of the drawing into
digits is as good as the sum of these over all pairs that it leaves together, less
what no digit looks like (too low, too wide). What geometry cannot rule out is left
in a segmentation graph, for one who reads digits to add a merit to each arc.

The weights are a conditional random field's, fitted to numbers composed of real
and built-in pen digits by `benchmarks/recognition/fit_segmentation.py`. Knows strokes,
not networks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.cuts import CORNER, SHORT, turn_between
from trainer.drawing.rasterize import Stroke, as_points
from trainer.drawing.segmentation_graph import Group, SegmentationGraph, is_dropped

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

LINK = {
    "distance": -6.53,  # least one between the two inks
    "no touch": -15.07,  # the same, up to where strokes may be said to touch
    "overlap": 5.47,  # of their widths; less than 0 is a gap
    "gap": -9.90,  # only that part of it
    "rows": -5.07,  # overlap of their heights
    "tall": -0.67,  # the smaller one's height, squared
    "tall apart": -2.85,  # the smaller one's height by how far apart their middles are
    "tall over": -1.51,  # the smaller one's height by the overlap
    "tall within": 1.47,  # the smaller one's height by the overlap's share of the narrower
    "travel": -1.70,  # the pen's way from one to the other
    "not next": -1.96,  # something was drawn between them
    "too high": 2.25,  # together, more than 1.2
    "ends": 7.08,  # how far their nearest ends lie apart, up to 0.15
    "bar begins": -2.05,  # how far from where the other begins, for a small one
    "one": 2.88,
}
"""Weights of what is measured of two strokes; lengths are in heights of the larger."""
SHAPE = {
    "low": -21.19,  # a height less than 0.5
    "wide": -4.87,  # a width of more than 1
    "flat": -4.62,  # wider than high
    "alone": 2.42,  # it is all that is drawn: most drawings are of one digit
}
"""Weights of what is measured of a group, in the usual height of a tall stroke."""
CUT = (
    "joined",  # two neighbors on one stroke
    "dropped",  # a ligature that is of no digit
    "dropped length",  # the pen's way along it
    "through",  # a straight one between two others
    "straight",  # most of it is a straight one: likelier a ligature than a 1
)
"""What is measured of the pieces of one stroke; geometry alone rules nothing out by it."""

_LOWEST = 0.45
"""Height of what lies between two cuts from which on it may be a digit."""
_STRAIGHT = 0.97
"""How much of a straight piece's way its ends are apart."""
_SAMPLES = 24
"""Points that stand for a stroke."""
_FAR = (0.8, 1.2)
"""Strokes that leave more paper between them, beside or above, are never of one digit."""
_HIGHEST = 2.3
"""Nor are strokes that are higher together; two rings, one on the other, are 2."""


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """Pieces with points, in one unit: the usual height of a tall one is 1."""

    numbers: list[int]  # which of the given pieces each is
    owners: list[int]  # which stroke it is of
    ligatures: list[bool]  # between two cuts, and too low for a digit
    straight: list[bool]  # between two cuts, straight, with a corner: a ligature, or a 1
    lines: Floats  # (strokes, _SAMPLES, 2), points at even distances
    low: Floats  # (strokes, 2), each box's left and top
    high: Floats  # (strokes, 2), its right and bottom
    boxes: list[tuple[float, ...]]  # each one's left, top, right and bottom


def measure(pieces: Sequence[Stroke], owners: Sequence[int] | None = None) -> Ink:
    """What geometry needs of pieces; those without points are left out.

    Args:
        pieces: in drawing order, in any one unit.
        owners: which stroke each is of; None where each is a stroke.

    Raises:
        StrokesError: a piece is not what `trainer.drawing.rasterize` takes.
    """
    coordinates = [as_points(piece)[:, :2] for piece in pieces]
    numbers = [number for number, points in enumerate(coordinates) if len(points)]
    if not numbers:
        none = np.empty((0, 2))
        return Ink([], [], [], [], np.empty((0, _SAMPLES, 2)), none, none, [])
    of = [numbers.index(n) if owners is None else owners[n] for n in numbers]
    points = [coordinates[number] for number in numbers]
    corner = np.min([line.min(axis=0) for line in points], axis=0)
    # To 1 first: the squares of huge or tiny coordinates would not be numbers.
    extent = float(np.max([line.max(axis=0) - corner for line in points])) or 1.0
    points = [(line - corner) / extent for line in points]
    low = np.array([line.min(axis=0) for line in points])
    high = np.array([line.max(axis=0) for line in points])
    heights = high[:, 1] - low[:, 1]
    usual = max(_usual(heights), 1e-3)
    lines = np.stack([_even(line) for line in points]) / usual
    between = [0 < n < len(of) - 1 and of[n - 1] == of[n] == of[n + 1] for n in range(len(of))]
    ligatures = [inner and bool(heights[n] < _LOWEST * usual) for n, inner in enumerate(between)]
    straight = [inner and _is_straight(lines, n) for n, inner in enumerate(between)]
    low, high = low / usual, high / usual
    boxes = [tuple(box) for box in np.hstack([low, high]).tolist()]
    return Ink(numbers, of, ligatures, straight, lines, low, high, boxes)


def _is_straight(lines: Floats, n: int) -> bool:
    """Whether the pen went straight along a piece, and turned a corner at one of its ends."""
    before, line, after = lines[n - 1 : n + 2]
    chord = line[-1] - line[0]
    if float(np.hypot(*chord)) < max(SHORT, _STRAIGHT * _way(line)):
        return False
    turns = turn_between(before[-1] - before[-3], chord), turn_between(chord, after[2] - after[0])
    return max(turns) >= CORNER


def _way(line: Floats) -> float:
    """How far the pen went."""
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def usual_height(strokes: Sequence[Stroke]) -> float:
    """The usual height of a tall stroke, in their unit; nought where nothing is high.

    Raises:
        StrokesError: as for `measure`.
    """
    columns = [as_points(stroke)[:, 1] for stroke in strokes]
    heights = np.array([np.ptp(column) for column in columns if len(column)])
    return _usual(heights) if len(heights) else 0.0


def _usual(heights: Floats) -> float:
    return float(np.median(heights[heights >= heights.max() / 2]))


def _even(line: Floats) -> Floats:
    """`_SAMPLES` points along a line, at even distances."""
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    wanted = np.linspace(0, way[-1], _SAMPLES)
    return np.stack([np.interp(wanted, way, line[:, axis]) for axis in (0, 1)], axis=1)


def find_near_pairs(ink: Ink) -> tuple[Indices, Indices]:
    """All pairs of strokes, the earlier first, whose boxes are near enough for one digit."""
    gaps = np.maximum(ink.low[:, None] - ink.high, ink.low - ink.high[:, None])
    high = np.maximum(ink.high[:, None, 1], ink.high[:, 1])
    high = high - np.minimum(ink.low[:, None, 1], ink.low[:, 1])
    first, second = np.nonzero(np.triu((gaps <= _FAR).all(axis=2) & (high <= _HIGHEST), 1))
    return first, second


def link_features(ink: Ink, first: Indices, second: Indices) -> Floats:
    """What `LINK` weighs, of each pair of strokes: shape (pairs, len(LINK))."""
    size = ink.high - ink.low
    scale = np.maximum(np.maximum(size[first, 1], size[second, 1]), 0.5)
    shared = np.minimum(ink.high[first], ink.high[second])
    shared = (shared - np.maximum(ink.low[first], ink.low[second])) / scale[:, None]
    total = np.maximum(ink.high[first, 1], ink.high[second, 1])
    total = (total - np.minimum(ink.low[first, 1], ink.low[second, 1])) / scale
    narrower = np.maximum(np.minimum(size[first, 0], size[second, 0]) / scale, 0.1)
    tall = np.minimum(size[first, 1], size[second, 1]) / scale
    middle = ink.lines[:, :, 0].mean(axis=1)
    apart = np.minimum(np.abs(middle[first] - middle[second]) / scale, 0.8)
    distance = _distance(ink.lines[first], ink.lines[second]) / scale
    ends = _distance(ink.lines[first][:, [0, -1]], ink.lines[second][:, [0, -1]]) / scale
    travel = np.hypot(*(ink.lines[second, 0] - ink.lines[first, -1]).T) / scale
    starts = np.hypot(*(ink.lines[second, 0] - ink.lines[first, 0]).T) / scale
    overlap = np.clip(shared[:, 0], -0.5, 0.6)
    columns = {
        "distance": np.minimum(distance, 1),
        "no touch": np.minimum(distance, 0.15),
        "overlap": overlap,
        "gap": np.minimum(overlap, 0),
        "rows": np.clip(shared[:, 1], -1, 1),
        "tall": tall**2,
        "tall apart": tall * apart,
        "tall over": tall * overlap,
        "tall within": tall * np.clip(shared[:, 0] / narrower, -1, 1),
        "travel": np.minimum(travel, 1.5),
        "not next": second - first > 1,
        "too high": np.clip(total, 1.2, 2),
        "ends": np.minimum(ends, 0.15),
        "bar begins": (1 - tall) * np.minimum(starts, 1),
        "one": np.ones(len(first)),
    }
    return np.stack([columns[name] for name in LINK], axis=1)


def _distance(one: Floats, other: Floats) -> Floats:
    """The least distance between the points of two lines each: (pairs, n, 2) to (pairs,)."""
    way = one[:, :, None] - other[:, None]
    return np.asarray(np.sqrt((way * way).sum(axis=3).min(axis=(1, 2))))


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """What is measured of each two pieces that are near each other."""

    count: int  # of all pieces
    first: Indices
    second: Indices
    measured: Floats  # (pairs, len(LINK))

    def weigh(self, weights: Sequence[float]) -> Floats:
        """Log-odds that two pieces are of one digit: shape (n, n), symmetric; far ones -30."""
        odds = np.full((self.count, self.count), -30.0)
        merits = self.measured @ np.array(weights)
        odds[self.first, self.second] = odds[self.second, self.first] = merits
        return odds


def measure_links(ink: Ink) -> Links | None:
    """All near pairs but those of one stroke, which hang together in their order.

    None of more pieces, or more near one another, than there are where people write numbers:
    such ink is hatching, or a scribble, and to take it apart would take a minute.
    """
    if len(ink.owners) > MOST_PIECES:
        return None
    first, second = find_near_pairs(ink)
    if len(first) > MOST_PAIRS:
        return None
    owners = np.array(ink.owners, np.intp)
    apart = owners[first] != owners[second]
    first, second = first[apart], second[apart]
    # 500 at once: a scribble of many strokes needs no gigabytes.
    measured = [
        link_features(ink, first[start : start + 500], second[start : start + 500])
        for start in range(0, len(first), 500)
    ]
    return Links(len(owners), first, second, np.concatenate([np.empty((0, len(LINK))), *measured]))


def leave_whole(ink: Ink) -> Part:
    """All pieces as one digit, in doubt of nothing."""
    group, whole = (0,), tuple(range(len(ink.owners)))
    return Part(SegmentationGraph(1, [group]), {group: whole}, {group: 0.0})


def outline_features(ink: Ink, group: Group) -> list[float]:
    """What `SHAPE` and `CUT` weigh, of one group."""
    if is_dropped(group):
        return [0.0] * len(SHAPE) + [0.0, 1.0, _way(ink.lines[~group[0]]), 0.0, 0.0]
    owners = [ink.owners[n] for n in group]
    joined = sum(
        n + 1 == m and of == other
        for (n, of), (m, other) in pairwise(zip(group, owners, strict=True))
    )
    through = sum(ink.straight[n] and {n - 1, n + 1} <= set(group) for n in group)
    width, height = extent(ink, group)
    shape = {
        "low": max(0.0, 0.5 - height),
        "wide": max(0.0, width - 1),
        "flat": max(0.0, width - max(height, 0.5)),
        "alone": float(len(group) == len(ink.numbers)),
    }
    cut = joined, 0.0, 0.0, through, _is_ligature(ink, group)
    return [*(shape[name] for name in SHAPE), *map(float, cut)]


def _is_ligature(ink: Ink, group: Group) -> bool:
    """Whether most of a group's way is that of one straight piece."""
    straight = [_way(ink.lines[n]) for n in group if ink.straight[n]]
    return bool(straight) and max(straight) > 0.5 * sum(_way(ink.lines[n]) for n in group)


def extent(ink: Ink, group: Group) -> tuple[float, float]:
    """A group's width and height."""
    lefts, tops, rights, bottoms = zip(*(ink.boxes[n] for n in group), strict=True)
    return max(rights) - min(lefts), max(bottoms) - min(tops)


APART = -6.0
"""Strokes whose log-odds are less than this are of two digits, unless another joins them."""
DOUBT = 6.0
"""A division that geometry finds worse than the best by more than this is out of the question."""
MOST = 10
"""Pieces in touch of which all divisions are tried; of more, the surest are joined first."""
MOST_PIECES, MOST_PAIRS = 1000, 12_000
"""Pieces of a drawing, and pairs of them that are near, beyond which it is left whole."""
_SLIM = 0.9
"""All that is drawn may be one digit up to this width, in its height."""
_MOST_IN_ONE = 4
"""Pieces of a digit at most, but for a part that is one as a whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Pieces that hang together: one digit or several."""

    graph: SegmentationGraph
    groups: dict[Group, Group]  # members of the ink, by the graph's own numbers of its pieces
    geometry: dict[Group, float]  # of the graph's groups

    def best_paths(
        self, merits: Mapping[Group, float] | None = None, most: int = 1
    ) -> list[tuple[list[Group], float]]:
        """The best divisions into members of the ink, the best first.

        Args:
            merits: of groups of members; None for geometry's.
            most: how many are wanted.
        """
        own = self.geometry
        if merits is not None:
            own = {group: merits[members] for group, members in self.groups.items()}
        paths = self.graph.best_paths(own, most)
        return [([self.groups[group] for group in path], merit) for path, merit in paths]


def find_parts(
    ink: Ink,
    links: Links | None = None,
    doubt: float = DOUBT,
    certain: Collection[Group] = (),
) -> list[Part]:
    """The parts of a drawing that may be one digit or several, with all arcs in doubt.

    Args:
        ink: what is drawn.
        links: what `measure_links` gave of it, where that is at hand.
        doubt: arcs are left out of which geometry finds every division worse than the
            best by more than this.
        certain: groups that are arcs in any case.
    """
    links = links or measure_links(ink)
    if links is None:
        return [leave_whole(ink)]
    odds = links.weigh(list(LINK.values()))
    tied = odds >= APART
    tie_pieces(ink, odds)
    for one, other in combinations(range(len(ink.owners)), 2):
        if ink.owners[one] == ink.owners[other]:
            tied[one, other] = tied[other, one] = other == one + 1
    everything = tuple(range(len(ink.owners)))
    whole = [list(everything)] if everything and _may_be_one(ink, everything) else []
    parts = whole or _parts(np.where(tied, odds, -30.0))
    return [_graph_of(ink, odds, tied, part, doubt, certain) for part in parts]


def _may_be_one(ink: Ink, group: Group) -> bool:
    """Whether it is all that is drawn, and of a digit's shape: then it is read in any case."""
    if not 1 < len(group) == len(ink.owners) <= MOST:
        return False
    width, height = extent(ink, group)
    return width <= _SLIM * height


def tie_pieces(ink: Ink, odds: Floats) -> None:
    """Between pieces of one stroke there are no odds: `CUT` weighs them."""
    owners = np.array(ink.owners)
    odds[owners[:, None] == owners] = 0.0


def _parts(odds: Floats) -> list[list[int]]:
    """Pieces that hang together; a part of more than `MOST`, only by better links."""
    done: list[list[int]] = []
    large = [list(range(len(odds)))]
    for least in (APART, APART / 2, 0.0):
        parts = [piece for part in large for piece in _connect(part, odds, least)]
        done += [part for part in parts if len(part) <= MOST]
        large = [part for part in parts if len(part) > MOST]
    return sorted(done + large)


def _connect(part: list[int], odds: Floats, least: float) -> list[list[int]]:
    """The pieces of a part that hang together by log-odds of at least `least`."""
    tied = (odds >= least).tolist()
    left, parts = list(part), []
    while left:
        piece = edge = [left.pop(0)]
        while edge:
            edge = [member for member in left if any(tied[n][member] for n in edge)]
            left = [member for member in left if member not in edge]
            piece = piece + edge
        parts.append(sorted(piece))
    return parts


def _graph_of(
    ink: Ink,
    odds: Floats,
    tied: NDArray[np.bool_],
    part: list[int],
    doubt: float,
    certain: Collection[Group],
) -> Part:
    """One part's graph, with the arcs that are in doubt."""
    atoms = _join(part, np.where(tied, odds, -np.inf))
    middles = {atom: float(ink.lines[list(atom), :, 0].mean()) for atom in atoms}
    atoms.sort(key=middles.__getitem__)
    own = np.ix_(part, part)  # each dot of a page is a part, and the page has as many squared
    own_odds, own_tied = odds[own].tolist(), tied[own].tolist()
    places = [[part.index(n) for n in atom] for atom in atoms]
    between = [[sum(own_odds[n][m] for n in a for m in b) for b in places] for a in places]
    hang = [[any(own_tied[n][m] for n in a for m in b) for b in places] for a in places]
    links = [{n for n, tie in enumerate(row) if tie and n != m} for m, row in enumerate(hang)]
    weights = [*SHAPE.values(), *[0.0] * len(CUT)]
    members: dict[Group, Group] = {}
    merits: dict[Group, float] = {}
    of_member = {n: place for place, atom in enumerate(atoms) for n in atom}
    wanted = {
        tuple(sorted({of_member[n] for n in group}))
        for group in certain
        if all(n in of_member for n in group)
    }
    for group in sorted({*_list_connected_groups(links), *wanted}, key=len):
        of = tuple(sorted(n for atom in group for n in atoms[atom]))
        merit: float = sum(between[a][b] for a, b in combinations(group, 2))
        merit += sum(w * v for w, v in zip(weights, outline_features(ink, of), strict=True))
        if len(of) == 1 and (ink.ligatures[of[0]] or ink.straight[of[0]]):
            members[~group[0],], merits[~group[0],] = (~of[0],), 0.0
            if ink.ligatures[of[0]]:
                continue
        # Each by itself is better by so much that a division with these together is never near.
        near = len(group) == 1 or merit >= sum(merits.get((n,), 0.0) for n in group) - doubt
        if near or group in wanted or _may_be_one(ink, of):
            members[group], merits[group] = of, merit
    through = SegmentationGraph(len(atoms), list(merits)).best_through(merits)
    least = max(through.values()) - doubt
    kept = [
        g
        for g, merit in through.items()
        if merit >= least or g in wanted or _may_be_one(ink, members[g])
    ]
    return Part(
        SegmentationGraph(len(atoms), kept),
        {group: members[group] for group in kept},
        {group: merits[group] for group in kept},
    )


def _list_connected_groups(links: Sequence[set[int]]) -> Iterator[Group]:
    """Groups that hang together, small ones first: up to `_MOST_IN_ONE`, and all of them."""
    groups: set[Group] = {(n,) for n in range(len(links))}
    for _ in range(_MOST_IN_ONE):
        yield from sorted(groups)
        size = len(next(iter(groups), ()))
        groups = {
            tuple(sorted((*group, n)))
            for group in groups
            for n in set.union(*(links[member] for member in group)) - set(group)
        }
        if not groups:
            break
    if len(links) > size:
        yield tuple(range(len(links)))


def _join(part: list[int], odds: Floats) -> list[Group]:
    """At most `MOST` groups: the two with the surest link become one, again and again."""
    atoms: list[Group] = [(member,) for member in part]
    surest = odds[np.ix_(part, part)]
    np.fill_diagonal(surest, -np.inf)
    for _ in range(len(part) - MOST):
        one, other = sorted(divmod(int(surest.argmax()), len(part)))
        atoms[one], atoms[other] = tuple(sorted(atoms[one] + atoms[other])), ()
        both = np.maximum(surest[one], surest[other])
        surest[one], surest[:, one] = both, both
        surest[other], surest[:, other] = -np.inf, -np.inf
        surest[one, one] = -np.inf
    return [atom for atom in atoms if atom]
