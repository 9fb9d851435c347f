"""The watchdog barks when the window's thread stops, and only then."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from benchmarks.window.watchdog import Watchdog


def keep_busy(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


def test_a_stop_is_measured_and_its_stack_written(qtbot: QtBot, tmp_path: Path) -> None:
    stopped: list[bool] = []
    with (tmp_path / "stacks.txt").open("w+") as file, Watchdog(file, seconds=0.1) as dog:
        QTimer.singleShot(0, lambda: (keep_busy(0.3), stopped.append(True)))
        qtbot.waitUntil(lambda: bool(stopped))
        qtbot.waitUntil(lambda: dog.stops == 1)
        file.seek(0)
        assert "keep_busy" in file.read()
    assert dog.longest >= 0.3


def test_a_loop_that_turns_is_no_stop(qtbot: QtBot, tmp_path: Path) -> None:
    turns: list[None] = []
    timer = QTimer()
    timer.timeout.connect(lambda: turns.append(None))
    with (tmp_path / "stacks.txt").open("w+") as file, Watchdog(file, seconds=20) as dog:
        timer.start(1)
        qtbot.waitUntil(lambda: len(turns) > 50)
    assert dog.stops == 0 and (tmp_path / "stacks.txt").read_text() == ""
