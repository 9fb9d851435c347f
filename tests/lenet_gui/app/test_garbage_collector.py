"""Garbage is collected in the window's thread, and not while a stroke is drawn."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from lenet_gui.app.garbage_collector import GarbageCollector
from tests.support.workarounds import needs_workarounds


class Loop:
    """Refers to itself: only the collector frees it, and this tells in which thread."""

    freed: list[int]

    def __init__(self, freed: list[int]) -> None:
        self.itself, self.freed = self, freed

    def __del__(self) -> None:
        self.freed.append(threading.get_ident())


@pytest.fixture
def collecting(qtbot: QtBot) -> Iterator[GarbageCollector]:
    gc.collect()
    made = GarbageCollector()
    yield made
    made.end()
    assert gc.isenabled()


def make_garbage(freed: list[int]) -> list[list[int]]:
    Loop(freed)
    # Alive, so that it is time, even if others are freed meanwhile.
    return [[] for _ in range(20 * gc.get_threshold()[0])]


def test_python_still_collects_in_any_thread() -> None:
    """Where it fails, `GarbageCollector` is no longer needed."""
    freed: list[int] = []
    kept: list[list[list[int]]] = []
    thread = threading.Thread(target=lambda: kept.append(make_garbage(freed)))
    thread.start()
    thread.join()
    assert len(freed) == 1 and freed != [threading.get_ident()]


@needs_workarounds
def test_another_threads_garbage_waits_for_the_windows_thread(
    collecting: GarbageCollector, qtbot: QtBot
) -> None:
    freed: list[int] = []
    kept: list[list[list[int]]] = []
    thread = threading.Thread(target=lambda: kept.append(make_garbage(freed)))
    thread.start()
    thread.join()
    assert freed == []
    qtbot.waitUntil(lambda: freed == [threading.get_ident()], timeout=5000)


def test_nothing_is_collected_before_it_is_time(collecting: GarbageCollector) -> None:
    gc.collect()
    assert collecting.collect() is None


@needs_workarounds
def test_a_stroke_is_not_interrupted(
    collecting: GarbageCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed: list[int] = []
    kept = make_garbage(freed)
    monkeypatch.setattr(QGuiApplication, "mouseButtons", lambda: Qt.MouseButton.LeftButton)
    assert collecting.collect() is None and freed == []
    monkeypatch.undo()
    assert collecting.collect() == 0 and len(freed) == 1
    assert kept


def test_the_old_are_collected_seldom(
    collecting: GarbageCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    ages: list[int] = []
    monkeypatch.setattr(gc, "collect", ages.append)
    for counts in ((10, 0, 0), (9999, 0, 0), (9999, 999, 0), (9999, 999, 999)):
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        collecting.collect()
    assert ages == [0, 1, 2]
