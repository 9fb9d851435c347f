"""The times to an accuracy, from the epochs of all runs."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.measurement import RESULTS, read_measurement
from benchmarks.speed.time_to_accuracy import TEXTBOOK, summarize


def rows() -> list[dict[str, Any]]:
    return list(read_measurement(RESULTS / "time-to-accuracy.json").tables["epochs"].rows)


def test_committed_goals_follow_from_the_committed_epochs() -> None:
    goals = read_measurement(RESULTS / "time-to-accuracy.json").tables["goals"].rows
    for goal, found in zip(goals, summarize(rows()), strict=True):
        assert goal.keys() == found.keys()
        for key, value in goal.items():
            if isinstance(value, float):
                assert found[key] == pytest.approx(value, rel=0.01)
            else:
                assert found[key] == value or found[key] == pytest.approx(value, rel=0.01)


def test_a_goal_that_nobody_reaches_has_no_time() -> None:
    slow = [row | {"accuracy": 0.98} for row in rows()]
    first, second = summarize(slow)
    assert (first["reached"], first["seconds"], first["seconds_ratio"]) == (0, None, None)
    assert first["textbook_accuracy"] == 0.98  # below the goal: it stopped there
    assert second["textbook_seconds"] is None


def test_our_time_is_the_median_of_the_runs_that_reach_it() -> None:
    ours = [row for row in rows() if row["recipe"] != TEXTBOOK]
    one = next(row for row in ours if row["accuracy"] > 0.99)
    name = one["recipe"]
    others = [one | {"seed": 2, "seconds": 5.0}, one | {"seed": 3, "seconds": 90.0}]
    (goal,) = [row for row in summarize(rows() + others) if row["recipe"] == name]
    assert goal["runs"] == goal["reached"] == 3
    assert goal["seconds"] == 5.0
