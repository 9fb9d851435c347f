"""The window closes while runs train: it asks, and does as it is told."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from lenet_gui.train.run_item import RowState, RunItem
from lenet_gui.watch.closing import describe_end
from tests.support.gui import MakeWindow
from trainer.recipes.recipe import Recipe

QUICK = Recipe(name="quick", dataset="pen", epochs=2, batch_size=32, learning_rate=3e-3)
ENDLESS = dataclasses.replace(QUICK, name="endless", epochs=1000)


def answer(window: Window, qtbot: QtBot, reply: int | str) -> None:
    """Press a button of the question that is open."""
    box = window.findChild(QMessageBox, "quit_question")
    assert box is not None and box.isVisible()
    button = box.findChild(QPushButton, f"quit_question_{reply}")
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "quit_question") is None)


@pytest.mark.usefixtures("small_pen")
def test_a_window_in_which_runs_train_asks_before_it_closes(window: Window, qtbot: QtBot) -> None:
    run = window.train.start(ENDLESS)
    qtbot.waitUntil(lambda: run.epochs > 0, timeout=30_000)
    window.close()
    answer(window, qtbot, "cancel")
    assert window.isVisible() and run.state == "training"
    window.close()
    answer(window, qtbot, 1)
    assert not window.isVisible() and not window.reader.isRunning()
    assert run.folder is not None
    assert '"state": "stopped"' in (run.folder / "run.json").read_text()


@pytest.mark.usefixtures("small_pen")
def test_training_goes_on_in_the_background_until_all_runs_are_done(
    window: Window, qtbot: QtBot
) -> None:
    window.train.train_at_once(1)
    paused = window.train.start(ENDLESS)
    runs = [window.train.start(dataclasses.replace(QUICK, seed=seed)) for seed in range(2)]
    window.train.actions_of_run.pause([paused])
    window.close()
    answer(window, qtbot, 0)
    assert window.closing.in_background and window.reader.isRunning()
    qtbot.waitUntil(lambda: not window.reader.isRunning(), timeout=60_000)
    assert [run.state for run in (paused, *runs)] == ["stopped", "finished", "finished"]
    assert not window.isVisible()


@pytest.mark.usefixtures("small_pen")
def test_a_window_that_is_opened_again_stays(window: Window, qtbot: QtBot) -> None:
    run = window.train.start(QUICK)
    window.close()
    answer(window, qtbot, 0)
    window.closing.come_back()
    qtbot.waitUntil(lambda: run.state == "finished", timeout=30_000)
    assert window.isVisible() and not window.isMinimized() and window.reader.isRunning()
    # No desktop here: the status bar tells.
    qtbot.waitUntil(lambda: "quick" in window.statusBar().currentMessage())


def test_how_runs_are_trained_is_remembered(window: Window, make_window: MakeWindow) -> None:
    tab = window.train
    assert tab.queue.at_once == 2 and tab.buttons.notify.isChecked()
    tab.train_at_once(3)
    tab.buttons.notify.trigger()
    window.close()
    again = make_window().train
    assert again.queue.at_once == 3 and not again.buttons.notify.isChecked()
    assert [a.data() for a in again.buttons.at_once.actions() if a.isChecked()] == [3]


@pytest.mark.usefixtures("small_pen")
def test_runs_that_had_not_begun_are_listed_at_the_next_start(
    window: Window, make_window: MakeWindow, qtbot: QtBot
) -> None:
    window.train.train_at_once(1)
    first = window.train.start(ENDLESS)
    window.train.start(dataclasses.replace(QUICK, seed=5))
    qtbot.waitUntil(lambda: first.epochs > 0, timeout=30_000)
    window.closing.close_now()
    assert first.folder is not None
    again = make_window().train
    (queued,) = again.list.runs
    assert queued.recipe.seed == 5 and queued.state == "stopped" and queued.resumable
    again.resume(queued)
    qtbot.waitUntil(lambda: queued.state == "finished", timeout=30_000)
    assert queued.folder is not None and queued.title.endswith(queued.started)


def test_ends_that_nobody_asked_for_are_told() -> None:
    run = RunItem(recipe=QUICK, number=0, state=RowState.FINISHED, test=0.9876)
    assert describe_end(run).endswith("is finished: 98.76 % on the test images")
    run.state = RowState.STOPPED
    assert describe_end(run) == ""
    run.state = RowState.FAILED
    assert describe_end(run).endswith(" failed")
