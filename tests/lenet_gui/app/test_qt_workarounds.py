"""PySide6's import hook is taken out; garbage is collected in the window's thread."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from lenet_gui.app.qt_workarounds import GarbageCollector
from tests.support.workarounds import needs_workarounds, run_python


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
    gc.enable()
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


# The import hook: everybody else's stays

HOOKED = """
import builtins
calls, import_before = [], builtins.__import__
def record(name, *args, **kwargs):
    calls.append(name)
    return import_before(name, *args, **kwargs)
"""


def test_pyside_still_reads_sources() -> None:
    """Where it fails, `lenet_gui.app.qt_workarounds` is no longer needed."""
    script = "import linecache, PySide6.QtCore, colorsys; print(len(linecache.cache) > 0)"
    assert run_python(script) == "True"


@needs_workarounds
def test_no_source_is_read() -> None:
    script = (
        "import linecache; from lenet_gui.app import qt_workarounds\n"
        "qt_workarounds.remove_import_hook()\n"
        "before = set(linecache.cache); import colorsys; print(set(linecache.cache) - before)"
    )
    assert run_python(script) == "set()"


def test_everything_of_a_module_can_still_be_imported() -> None:
    script = (
        "from lenet_gui.app import qt_workarounds; qt_workarounds.remove_import_hook()\n"
        "from PySide6.QtWidgets import *\nprint(QPushButton.__name__)"
    )
    assert run_python(script) == "QPushButton"


def test_a_hook_from_before_pyside_stays() -> None:
    script = HOOKED + (
        "builtins.__import__ = record\n"
        "from lenet_gui.app import qt_workarounds; qt_workarounds.remove_import_hook()\n"
        "calls.clear(); import colorsys; print(calls)"
    )
    assert "colorsys" in run_python(script)


def test_a_hook_from_after_pyside_stays() -> None:
    script = (
        "import PySide6.QtCore\n" + HOOKED + "builtins.__import__ = record\n"
        "from lenet_gui.app import qt_workarounds; qt_workarounds.remove_import_hook()\n"
        "print(builtins.__import__ is record)"
    )
    assert run_python(script) == "True"
