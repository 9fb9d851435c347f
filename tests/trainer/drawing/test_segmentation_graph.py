from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from trainer.drawing.segmentation_graph import Group, SegmentationGraph


def all_groups(count: int) -> list[Group]:
    pieces = range(count)
    return [group for size in range(1, count + 1) for group in combinations(pieces, size)]


def divisions(pieces: tuple[int, ...]) -> list[list[Group]]:
    """Every way to divide pieces, made another way than the graph does."""
    if not pieces:
        return [[]]
    first, *rest = pieces
    found = []
    for size in range(len(rest) + 1):
        for others in combinations(rest, size):
            left = tuple(n for n in rest if n not in others)
            found += [[(first, *others), *division] for division in divisions(left)]
    return found


def test_the_best_path_of_a_row() -> None:
    graph = SegmentationGraph(3, [(0,), (1,), (2,), (0, 1), (1, 2)])
    merits = {(0,): -1.0, (1,): -1.0, (2,): -1.0, (0, 1): -0.5, (1, 2): -3.0}
    assert graph.best_paths(merits) == [([(0, 1), (2,)], -1.5)]


def test_groups_need_not_be_of_neighbors() -> None:
    graph = SegmentationGraph(3, [(0,), (1,), (2,), (0, 2)])
    merits = {(0,): -1.0, (1,): -1.0, (2,): -1.0, (0, 2): -0.5}
    assert graph.best_paths(merits) == [([(0, 2), (1,)], -1.5)]


@pytest.mark.parametrize("seed", range(5))
def test_the_best_paths_are_those_of_all_divisions(seed: int) -> None:
    groups = all_groups(5)
    values = np.random.default_rng(seed).normal(size=len(groups)).tolist()
    merits = dict(zip(groups, values, strict=True))
    ways = divisions(tuple(range(5)))
    assert len(ways) == 52  # Bell's number
    all_merits = sorted((sum(merits[group] for group in way) for way in ways), reverse=True)
    graph = SegmentationGraph(5, groups)
    for most in (1, 4):
        found = graph.best_paths(merits, most)
        assert [merit for _, merit in found] == pytest.approx(all_merits[:most])
        for path, merit in found:
            assert sorted(n for group in path for n in group) == list(range(5))
            assert sum(merits[group] for group in path) == pytest.approx(merit)
    through = graph.best_through(merits)
    for group in groups:
        best = max(sum(merits[g] for g in way) for way in ways if group in way)
        assert through[group] == pytest.approx(best)


def test_arcs_that_are_on_no_path_are_told_from_others() -> None:
    graph = SegmentationGraph(3, [(0,), (1, 2), (0, 1)])
    assert set(graph.best_through({(0,): 0.0, (1, 2): 0.0, (0, 1): 9.0})) == {(0,), (1, 2)}


def test_there_may_be_no_path() -> None:
    assert SegmentationGraph(2, [(0,)]).best_paths({(0,): 1.0}) == []
    assert SegmentationGraph(0, []).best_paths({}) == []
