"""Training gives way: fewer threads when the machine is busy, and after the window."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Generator, Iterator
from typing import Any

import pytest
import torch

from trainer.progress import Progress
from trainer.runtime import cpu
from trainer.training.events import Step
from trainer.training.training import SlowdownDetector, limit_to_one_thread_when_contended


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def step(speed: float) -> Step:
    return Step(1, 1, 100, 0.1, 0.9, 1e-3, 1.0, speed)


def run(speeds: list[float], ended: list[bool] | None = None) -> Generator[Any, None, None]:
    try:
        for speed in speeds:
            yield step(speed)
    finally:
        if ended is not None:
            ended.append(True)


def test_only_a_lasting_fall_to_a_third_counts() -> None:
    found = SlowdownDetector()
    speeds = [50, 100, 30, 30, 90, 30, 30, 40, 32, 32]
    assert not any(found.update(speed) for speed in speeds)
    assert found.update(32)


@pytest.mark.usefixtures("two_threads")
def test_a_run_that_collapses_goes_on_with_one_thread(caplog: pytest.LogCaptureFixture) -> None:
    events = limit_to_one_thread_when_contended(run([100, 100, 20, 20, 20, 20]))
    threads = [torch.get_num_threads() for _ in events]
    assert threads == [2, 2, 2, 2, 2, 1]
    (told,) = caplog.messages
    assert "one thread" in told


@pytest.mark.usefixtures("two_threads")
def test_a_run_that_keeps_its_pace_keeps_its_threads() -> None:
    assert [
        event.images_per_second
        for event in limit_to_one_thread_when_contended(run([9, 12, 10, 5, 11]))
    ] == [*(9, 12, 10, 5, 11)]
    assert torch.get_num_threads() == 2


def test_other_events_pass_through() -> None:
    events = (event for event in (Progress("reading", 1, 2), step(1)))
    assert [type(event) for event in limit_to_one_thread_when_contended(events)] == [Progress, Step]


def test_a_run_that_is_no_longer_iterated_is_closed_at_once() -> None:
    ended: list[bool] = []
    events = limit_to_one_thread_when_contended(run([1, 2, 3], ended))
    next(events)
    events.close()
    assert ended == [True]


@pytest.mark.parametrize(
    ("cores", "runs", "threads"), [(1, 1, 1), (2, 1, 1), (2, 2, 1), (8, 1, 7), (8, 2, 3), (8, 9, 1)]
)
def test_one_core_is_left_to_the_window(
    monkeypatch: pytest.MonkeyPatch, cores: int, runs: int, threads: int
) -> None:
    monkeypatch.setattr(cpu, "count_cores", lambda: cores)
    assert cpu.threads_per_run(runs) == threads


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a thread's own priority")
def test_only_the_thread_that_gives_way_does() -> None:
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before, found = priority(), []

    def work() -> None:
        cpu.lower_priority()
        found.append(priority())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [max(before, 10)] and priority() == before
