"""Segmentation: which pieces of ink are of one digit, where several are on a sheet.

Geometry decides most. For two strokes near each other it gives the log-odds that they are of
one digit. The merit of a division into digits is the sum of these over all pairs that are
grouped, minus penalties for groups that no digit looks like (too low, too wide). What geometry
cannot rule out stays in a segmentation graph, whose arcs a network then reads.

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
"""Weights of the features of two strokes; lengths are in heights of the larger one."""
SHAPE = {
    "low": -21.19,  # a height less than 0.5
    "wide": -4.87,  # a width of more than 1
    "flat": -4.62,  # wider than high
    "alone": 2.42,  # it is all that is drawn: most drawings are of one digit
}
"""Weights of the features of a group; lengths are in usual heights of a tall stroke."""
CUT = (
    "joined",  # two neighbors on one stroke
    "dropped",  # a ligature that is of no digit
    "dropped length",  # the pen's way along it
    "through",  # a straight one between two others
    "straight",  # most of it is a straight one: likelier a ligature than a 1
)
"""Features of the pieces of one stroke; geometry alone rules nothing out by them."""

_LOWEST = 0.45
"""Least height of a piece between two cuts that may be a digit."""
_STRAIGHT = 0.97
"""Least distance of a straight piece's ends, in lengths of the piece."""
_SAMPLES = 24
"""Points to which a piece is resampled."""
_FAR = (0.8, 1.2)
"""Largest gap between two strokes of one digit, horizontally and vertically."""
_HIGHEST = 2.3
"""Largest height of two strokes of one digit together; two rings, one on the other, are 2."""


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """Pieces with points, in one unit: the usual height of a tall one is 1."""

    numbers: list[int]  # which of the given pieces each is
    owners: list[int]  # which stroke it is of
    ligatures: list[bool]  # between two cuts, and too low for a digit
    straight: list[bool]  # between two cuts, straight, with a corner: a ligature, or a 1
    samples: Floats  # (pieces, _SAMPLES, 2), points at even distances
    low: Floats  # (pieces, 2), each box's left and top
    high: Floats  # (pieces, 2), its right and bottom
    boxes: list[tuple[float, ...]]  # each one's left, top, right and bottom


def measure(pieces: Sequence[Stroke], owners: Sequence[int] | None = None) -> Ink:
    """Resample and scale pieces of ink; those without points are left out.

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
    # Scaled to 1 first: squares of huge or tiny coordinates would overflow or vanish.
    extent = float(np.max([line.max(axis=0) - corner for line in points])) or 1.0
    points = [(line - corner) / extent for line in points]
    low = np.array([line.min(axis=0) for line in points])
    high = np.array([line.max(axis=0) for line in points])
    heights = high[:, 1] - low[:, 1]
    usual = max(_usual(heights), 1e-3)
    samples = np.stack([_resample(line) for line in points]) / usual
    between = [0 < n < len(of) - 1 and of[n - 1] == of[n] == of[n + 1] for n in range(len(of))]
    ligatures = [inner and bool(heights[n] < _LOWEST * usual) for n, inner in enumerate(between)]
    straight = [inner and _is_straight(samples, n) for n, inner in enumerate(between)]
    low, high = low / usual, high / usual
    boxes = [tuple(box) for box in np.hstack([low, high]).tolist()]
    return Ink(numbers, of, ligatures, straight, samples, low, high, boxes)


def _is_straight(samples: Floats, n: int) -> bool:
    """Whether a piece is straight, with a corner at one of its ends."""
    before, points, after = samples[n - 1 : n + 2]
    chord = points[-1] - points[0]
    if float(np.hypot(*chord)) < max(SHORT, _STRAIGHT * _path_length(points)):
        return False
    turns = turn_between(before[-1] - before[-3], chord), turn_between(chord, after[2] - after[0])
    return max(turns) >= CORNER


def _path_length(points: Floats) -> float:
    """The length of a polyline, (n, 2)."""
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def usual_height(strokes: Sequence[Stroke]) -> float:
    """The usual height of a tall stroke, in the strokes' unit; 0 where none has a height.

    Raises:
        StrokesError: as for `measure`.
    """
    columns = [as_points(stroke)[:, 1] for stroke in strokes]
    heights = np.array([np.ptp(column) for column in columns if len(column)])
    return _usual(heights) if len(heights) else 0.0


def _usual(heights: Floats) -> float:
    return float(np.median(heights[heights >= heights.max() / 2]))


def _resample(points: Floats) -> Floats:
    """`_SAMPLES` points along a polyline, at even distances."""
    arc_lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    even_lengths = np.linspace(0, arc_lengths[-1], _SAMPLES)
    return np.stack(
        [np.interp(even_lengths, arc_lengths, points[:, axis]) for axis in (0, 1)], axis=1
    )


def find_near_pairs(ink: Ink) -> tuple[Indices, Indices]:
    """All pairs of strokes, the earlier first, whose boxes are near enough for one digit."""
    gaps = np.maximum(ink.low[:, None] - ink.high, ink.low - ink.high[:, None])
    high = np.maximum(ink.high[:, None, 1], ink.high[:, 1])
    high = high - np.minimum(ink.low[:, None, 1], ink.low[:, 1])
    first, second = np.nonzero(np.triu((gaps <= _FAR).all(axis=2) & (high <= _HIGHEST), 1))
    return first, second


def link_features(ink: Ink, first: Indices, second: Indices) -> Floats:
    """The features of each pair of strokes that `LINK` weighs: shape (pairs, len(LINK))."""
    size = ink.high - ink.low
    scale = np.maximum(np.maximum(size[first, 1], size[second, 1]), 0.5)
    shared = np.minimum(ink.high[first], ink.high[second])
    shared = (shared - np.maximum(ink.low[first], ink.low[second])) / scale[:, None]
    total = np.maximum(ink.high[first, 1], ink.high[second, 1])
    total = (total - np.minimum(ink.low[first, 1], ink.low[second, 1])) / scale
    narrower = np.maximum(np.minimum(size[first, 0], size[second, 0]) / scale, 0.1)
    tall = np.minimum(size[first, 1], size[second, 1]) / scale
    middle = ink.samples[:, :, 0].mean(axis=1)
    apart = np.minimum(np.abs(middle[first] - middle[second]) / scale, 0.8)
    distance = _distance(ink.samples[first], ink.samples[second]) / scale
    ends = _distance(ink.samples[first][:, [0, -1]], ink.samples[second][:, [0, -1]]) / scale
    travel = np.hypot(*(ink.samples[second, 0] - ink.samples[first, -1]).T) / scale
    starts = np.hypot(*(ink.samples[second, 0] - ink.samples[first, 0]).T) / scale
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
    """The least distance between the points of two polylines: (pairs, n, 2) to (pairs,)."""
    offsets = one[:, :, None] - other[:, None]
    return np.asarray(np.sqrt((offsets * offsets).sum(axis=3).min(axis=(1, 2))))


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """The features of each two pieces that are near each other."""

    count: int  # of all pieces
    first: Indices  # (pairs,), the earlier piece
    second: Indices  # (pairs,), the later one
    features: Floats  # (pairs, len(LINK))

    def weigh(self, weights: Sequence[float]) -> Floats:
        """Log-odds that two pieces are of one digit: (n, n), symmetric; -30 where they are far."""
        odds = np.full((self.count, self.count), -30.0)
        merits = self.features @ np.array(weights)
        odds[self.first, self.second] = odds[self.second, self.first] = merits
        return odds


def measure_links(ink: Ink) -> Links | None:
    """All near pairs but those of one stroke, whose pieces are connected in their order.

    None where there are more pieces, or more near pairs, than in a number that somebody wrote:
    such ink is hatching or a scribble, and its segmentation would take a minute.
    """
    if len(ink.owners) > MOST_PIECES:
        return None
    first, second = find_near_pairs(ink)
    if len(first) > MOST_PAIRS:
        return None
    owners = np.array(ink.owners, np.intp)
    different = owners[first] != owners[second]
    first, second = first[different], second[different]
    # 500 pairs at a time: a scribble of many strokes would take gigabytes.
    features = [
        link_features(ink, first[start : start + 500], second[start : start + 500])
        for start in range(0, len(first), 500)
    ]
    return Links(len(owners), first, second, np.concatenate([np.empty((0, len(LINK))), *features]))


def leave_whole(ink: Ink) -> Part:
    """All pieces as one digit, without an alternative."""
    group, whole = (0,), tuple(range(len(ink.owners)))
    return Part(SegmentationGraph(1, [group]), {group: whole}, {group: 0.0})


def outline_features(ink: Ink, group: Group) -> list[float]:
    """The features of one group that `SHAPE` and `CUT` weigh, in their order."""
    if is_dropped(group):
        return [0.0] * len(SHAPE) + [0.0, 1.0, _path_length(ink.samples[~group[0]]), 0.0, 0.0]
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
    longest = max((_path_length(ink.samples[n]) for n in group if ink.straight[n]), default=0.0)
    # Mostly 0, and then nothing more is computed: this is called for each arc while the pen moves.
    straight = longest > 0 and longest > 0.5 * sum(_path_length(ink.samples[n]) for n in group)
    cut = joined, 0.0, 0.0, through, straight
    return [*(shape[name] for name in SHAPE), *map(float, cut)]


def extent(ink: Ink, group: Group) -> tuple[float, float]:
    """A group's width and height, in usual heights."""
    lefts, tops, rights, bottoms = zip(*(ink.boxes[n] for n in group), strict=True)
    return max(rights) - min(lefts), max(bottoms) - min(tops)


APART = -6.0
"""Strokes with lower log-odds are of two digits, unless a third one connects them."""
DOUBT = 6.0
"""Divisions whose geometric merit is lower than the best one's by more than this are dropped."""
MOST = 10
"""Most connected pieces of which all divisions are tried; of more, the surest are joined first."""
MOST_PIECES, MOST_PAIRS = 1000, 12_000
"""Most pieces of a drawing, and most near pairs of them, that are segmented."""
_SLIM = 0.9
"""Largest width of a whole drawing that is always an arc, in heights of its own."""
_MOST_IN_ONE = 4
"""Most pieces of a digit, but for a part that is one digit as a whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Connected pieces: one digit or several."""

    graph: SegmentationGraph
    groups: dict[Group, Group]  # the ink's pieces, by the graph's own numbers of them
    geometry: dict[Group, float]  # merits of the graph's groups by geometry alone

    def best_paths(
        self, merits: Mapping[Group, float] | None = None, most: int = 1
    ) -> list[tuple[list[Group], float]]:
        """The best divisions into groups of the ink's pieces, the best first.

        Args:
            merits: of groups of pieces; None for those of geometry.
            most: how many to return.
        """
        graph_merits = self.geometry
        if merits is not None:
            graph_merits = {group: merits[members] for group, members in self.groups.items()}
        paths = self.graph.best_paths(graph_merits, most)
        return [([self.groups[group] for group in path], merit) for path, merit in paths]


def find_parts(
    ink: Ink,
    links: Links | None = None,
    certain: Collection[Group] = (),
) -> list[Part]:
    """The connected parts of a drawing, each with the arcs that geometry cannot rule out.

    Args:
        ink: what is drawn.
        links: what `measure_links` returned of it; None to compute it.
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
    geometry = _Geometry(ink, odds, tied)
    return [_build_part(geometry, part, certain) for part in parts]


def _may_be_one(ink: Ink, group: Group) -> bool:
    """Whether a group is all that is drawn, and no wider than a digit: then it is always an arc."""
    if not 1 < len(group) == len(ink.owners) <= MOST:
        return False
    width, height = extent(ink, group)
    return width <= _SLIM * height


def tie_pieces(ink: Ink, odds: Floats) -> None:
    """Set the log-odds between pieces of one stroke to 0, in place: `CUT` weighs these pairs."""
    owners = np.array(ink.owners)
    odds[owners[:, None] == owners] = 0.0


def _parts(odds: Floats) -> list[list[int]]:
    """Connected pieces; a part of more than `MOST` is divided at its weaker links."""
    small: list[list[int]] = []
    large = [list(range(len(odds)))]
    for least in (APART, APART / 2, 0.0):
        parts = [piece for part in large for piece in _connect(part, odds, least)]
        small += [part for part in parts if len(part) <= MOST]
        large = [part for part in parts if len(part) > MOST]
    return sorted(small + large)


def _connect(part: list[int], odds: Floats, least: float) -> list[list[int]]:
    """The components of a part that are connected by log-odds of at least `least`."""
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


@dataclass(frozen=True, slots=True, eq=False)
class _Geometry:
    """What geometry says of all pieces of a drawing."""

    ink: Ink
    odds: Floats  # (n, n), log-odds that two pieces are of one digit
    tied: NDArray[np.bool_]  # (n, n), whether they are connected


def _build_part(geometry: _Geometry, part: list[int], certain: Collection[Group]) -> Part:
    """One part's graph, with the arcs that geometry cannot rule out."""
    ink = geometry.ink
    atoms = _join(part, np.where(geometry.tied, geometry.odds, -np.inf))
    middles = {atom: float(ink.samples[list(atom), :, 0].mean()) for atom in atoms}
    atoms.sort(key=middles.__getitem__)
    places = {piece: place for place, atom in enumerate(atoms) for piece in atom}
    kept = {
        tuple(sorted({places[n] for n in group})) for group in certain if places.keys() >= {*group}
    }
    members, merits = _weigh_groups(geometry, atoms, kept)
    through = SegmentationGraph(len(atoms), list(merits)).best_through(merits)
    least = max(through.values()) - DOUBT
    arcs = [
        group
        for group, merit in through.items()
        if merit >= least or group in kept or _may_be_one(ink, members[group])
    ]
    return Part(
        SegmentationGraph(len(atoms), arcs),
        {group: members[group] for group in arcs},
        {group: merits[group] for group in arcs},
    )


def _weigh_groups(
    geometry: _Geometry, atoms: list[Group], kept: Collection[Group]
) -> tuple[dict[Group, Group], dict[Group, float]]:
    """Groups of atoms that may be digits, or are in `kept`: their pieces, and their merits."""
    ink, weights = geometry.ink, [*SHAPE.values(), *[0.0] * len(CUT)]
    # Only the part's own rows: each dot of a page is a part, and n is large there.
    pieces = sorted(piece for atom in atoms for piece in atom)
    own = np.ix_(pieces, pieces)
    odds, tied = geometry.odds[own].tolist(), geometry.tied[own].tolist()
    places = [[pieces.index(piece) for piece in atom] for atom in atoms]
    between = [[sum(odds[n][m] for n in a for m in b) for b in places] for a in places]
    connected = [[any(tied[n][m] for n in a for m in b) for b in places] for a in places]
    links = [{n for n, tie in enumerate(row) if tie and n != m} for m, row in enumerate(connected)]
    members: dict[Group, Group] = {}
    merits: dict[Group, float] = {}
    for group in sorted({*_list_connected_groups(links), *kept}, key=len):
        of = tuple(sorted(piece for atom in group for piece in atoms[atom]))
        merit: float = sum(between[a][b] for a, b in combinations(group, 2))
        merit += sum(w * v for w, v in zip(weights, outline_features(ink, of), strict=True))
        if len(of) == 1 and (ink.ligatures[of[0]] or ink.straight[of[0]]):
            members[~group[0],], merits[~group[0],] = (~of[0],), 0.0
            if ink.ligatures[of[0]]:
                continue
        # Each alone may be so much better that a division with the group is never near the best.
        least = sum(merits.get((n,), 0.0) for n in group) - DOUBT
        if len(group) == 1 or merit >= least or group in kept or _may_be_one(ink, of):
            members[group], merits[group] = of, merit
    return members, merits


def _list_connected_groups(links: Sequence[set[int]]) -> Iterator[Group]:
    """Connected groups, small ones first: of up to `_MOST_IN_ONE` pieces, and of all pieces."""
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
    """Join the two groups with the surest link until there are at most `MOST`."""
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
