"""Where the arcs of a segmentation graph are drawn: in lanes below the pieces that they span."""

from __future__ import annotations

from collections.abc import Sequence

from trainer.reading.interpretation import DrawnArc


def arrange_lanes(arcs: Sequence[DrawnArc]) -> list[int]:
    """The lane of each arc, from 0: the best path's in the first, the others below.

    Arcs that span the same piece are in different lanes.
    """
    lanes = [0] * len(arcs)
    taken: list[list[tuple[int, int]]] = []
    ranks = sorted(
        range(len(arcs)),
        key=lambda n: (not arcs[n].best, not arcs[n].second, len(arcs[n].pieces), arcs[n].pieces),
    )
    for n in ranks:
        first, last = arcs[n].pieces[0], arcs[n].pieces[-1]
        free = (
            lane
            for lane, spans in enumerate(taken)
            if all(last < begin or end < first for begin, end in spans)
        )
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((first, last))
        lanes[n] = lane
    return lanes
