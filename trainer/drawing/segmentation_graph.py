"""The segmentation graph: every way to divide a drawing's pieces of ink into digits, and the best.

An arc is a group of pieces that may be one digit. A node is the set of pieces that are covered so
far; the arcs from it are those that cover the leftmost piece left. So a path from the empty set
to the full one is a division of the drawing, and each division is one path.
With pieces in one row and only neighbors joined this is the graph of the paper (LeCun,
Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998,
section VII); where strokes reach over one another, as a bar over the next digit, a group
need not be of neighbors. Knows neither strokes nor networks.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

Group = tuple[int, ...]
"""Indices of the pieces of one digit, ascending; or (~n,) for piece n that is of no digit."""
Path = tuple[list[Group], float]
"""A division and its merit, the sum of its arcs' merits."""


def is_dropped(group: Group) -> bool:
    """Whether a group is a piece that is of no digit."""
    return group[0] < 0


def members_of(group: Group) -> Group:
    """The pieces of a group, whether they are of a digit or of none."""
    return (~group[0],) if is_dropped(group) else group


class SegmentationGraph:
    """Arcs over pieces that are numbered from left to right.

    Args:
        count: pieces; the last node covers all of them.
        groups: the arcs. Pieces that no path can cover leave the graph without a path.
    """

    def __init__(self, count: int, groups: Sequence[Group]) -> None:
        self._full = (1 << count) - 1
        self._masks = {g: sum(1 << piece for piece in members_of(g)) for g in groups}
        first: dict[int, list[Group]] = {}
        for group in groups:
            first.setdefault(min(members_of(group)), []).append(group)
        arcs: dict[int, list[tuple[int, Group]]] = {}
        edge = {0}
        while edge:
            reached: set[int] = set()
            for node in edge:
                if node == self._full or node in arcs:
                    continue
                leftmost = (~node & (node + 1)).bit_length() - 1
                arcs[node] = [
                    (node | self._masks[group], group)
                    for group in first.get(leftmost, ())
                    if not node & self._masks[group]
                ]
                reached.update(end for end, _ in arcs[node])
            edge = reached
        # A node that covers more comes after one that covers less, so that a path only ascends.
        self._arcs = {node: arcs[node] for node in sorted(arcs, key=int.bit_count)}

    def best_paths(self, merits: Mapping[Group, float], most: int = 1) -> list[Path]:
        """The best divisions by Viterbi's algorithm, the best first.

        Args:
            merits: of each arc; larger is better.
            most: how many to return.
        """
        # Each path: its merit, its last arc, and the node and index of the path before that arc.
        best: dict[int, list[tuple[float, Group, int, int]]] = {0: [(0.0, (), 0, 0)]}
        for node, arcs in self._arcs.items():
            paths = best.get(node)
            if not paths:
                continue
            for end, group in arcs:
                merit = merits[group]
                ways = [(path[0] + merit, group, node, n) for n, path in enumerate(paths)]
                known = best.get(end)
                if known is None:
                    best[end] = ways
                elif most == 1:
                    if ways[0][0] > known[0][0]:
                        best[end] = ways
                else:
                    best[end] = heapq.nlargest(most, known + ways, key=lambda way: way[0])
        complete: list[Path] = []
        for merit, group, node, n in best.get(self._full, []) if self._full else []:
            division: list[Group] = []
            while group:
                division.append(group)
                _, group, node, n = best[node][n]
            complete.append((division[::-1], merit))
        return complete

    def best_through(self, merits: Mapping[Group, float]) -> dict[Group, float]:
        """The merit of the best division with each arc, for all arcs that are on a path."""
        before = {0: 0.0}
        for node, arcs in self._arcs.items():
            if node in before:
                for end, group in arcs:
                    merit = before[node] + merits[group]
                    before[end] = max(before.get(end, merit), merit)
        after = {self._full: 0.0}
        through: dict[Group, float] = {}
        for node in reversed(self._arcs):
            for end, group in self._arcs[node]:
                if node in before and end in after:
                    rest = merits[group] + after[end]
                    after[node] = max(after.get(node, rest), rest)
                    through[group] = max(
                        through.get(group, before[node] + rest), before[node] + rest
                    )
        return through
