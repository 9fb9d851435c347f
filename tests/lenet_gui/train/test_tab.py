"""The Train tab: runs taken up again, handed on, compared with ReLU; and what may be broken."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from lenet_gui.train import plateau_note
from lenet_gui.train.run_item import RowState, RunItem
from lenet_gui.train.run_model import RUN
from lenet_gui.train.tab import MOST_POINTS, TrainTab
from lenet_gui.workers.serial import BackgroundTask
from tests.trainer.curves.test_export import history
from tests.trainer.recipes.test_published_results import table as results_table
from trainer import progress
from trainer.curves.series import find_plateau
from trainer.data import pen
from trainer.recipes import published_results, sharing
from trainer.recipes.catalog import edit_recipe, find_recipe
from trainer.recipes.recipe import Recipe
from trainer.runs import lifecycle
from trainer.runs.listing import PastRun
from trainer.runs.record import Record, RunState
from trainer.training.history import HEADER, History, Row

QUICK = Recipe(name="quick", dataset="pen", epochs=3, batch_size=32, learning_rate=3e-3)
ENDLESS = dataclasses.replace(QUICK, name="endless", epochs=1000)
SIGMOID = dataclasses.replace(find_recipe("mnist-sigmoid-adamw"), dataset="pen", batch_size=100)


@pytest.fixture
def tab(train_tab: TrainTab) -> TrainTab:
    return train_tab


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A run's folder, as it is after Stop; to be copied, not touched."""
    folder = tmp_path_factory.mktemp("stopped")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pen, "WRITTEN", {"train": 300, "test": 100})
        patch.setattr(progress, "shared_results", {})
        cpu = torch.device("cpu")
        with closing(lifecycle.run(QUICK, data=folder, runs=folder, device=cpu)) as events:
            for event in events:
                if getattr(event, "step", 0) == 12:
                    break
    (made,) = folder.iterdir()
    yield made


@pytest.fixture
def crashed(stopped: Path, tmp_path: Path) -> Path:
    """A run's folder among the tab's, as it is after a crash."""
    copied = shutil.copytree(stopped, tmp_path / "copied")
    record = json.loads((copied / "run.json").read_text())
    (copied / "run.json").write_text(json.dumps(record | {"state": "running"}))
    (tmp_path / "runs").mkdir(exist_ok=True)
    return copied.rename(tmp_path / "runs" / stopped.name)  # the tab may look at any moment


def click(tab: TrainTab, name: str) -> None:
    button = tab.findChild(QPushButton, name)
    assert button is not None and button.isVisible() and button.isEnabled(), name
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def trigger(tab: TrainTab, name: str) -> None:
    """Choose an entry of the run's menu."""
    entry = tab.findChild(QAction, name)
    assert entry is not None and entry.isEnabled()
    entry.trigger()


def select(tab: TrainTab, row: int = 0) -> RunItem:
    place = tab.table.visualRect(tab.list.index(row, RUN)).center()
    QTest.mouseClick(tab.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    run = tab.selected()
    assert run is tab.list.runs[row]
    return run


def list_past(tab: TrainTab, qtbot: QtBot, count: int = 1) -> RunItem:
    """Find the runs of earlier, and select the newest."""
    tab.look_for_past_runs()
    qtbot.waitUntil(lambda: len(tab.list.runs) == count, timeout=10_000)
    return select(tab)


def wait_for(qtbot: QtBot, run: RunItem, state: str) -> None:
    qtbot.waitUntil(lambda: run.state == state, timeout=30_000)


# Taken up again


@pytest.mark.usefixtures("small_pen")
def test_an_interrupted_run_is_listed_as_such_and_resumed(
    tab: TrainTab, qtbot: QtBot, crashed: Path
) -> None:
    run = list_past(tab, qtbot)
    assert run.state == "interrupted" and 0 < run.progress < 1
    assert not tab.buttons.pause.isVisible()
    click(tab, "resume_button")
    wait_for(qtbot, run, "finished")
    assert tab.list.runs == [run] and run.folder == crashed  # in its row, in its folder
    assert run.progress == 1.0 and run.test is not None
    assert run.history is not None
    assert run.history.epochs["validation"] == [1, 2, 3]
    steps = run.history.steps["train"]
    assert steps == sorted(set(steps)) and steps[0] == 1  # none lost, none twice
    assert tab.buttons.pause.isVisible() and not tab.buttons.pause.isEnabled()


@pytest.mark.usefixtures("small_pen")
def test_after_stop_the_same_run_goes_on_in_its_row(tab: TrainTab, qtbot: QtBot) -> None:
    run = tab.start(ENDLESS)
    qtbot.waitUntil(lambda: run.best is not None, timeout=30_000)
    click(tab, "stop_button")
    wait_for(qtbot, run, "stopped")
    assert run.history is not None
    before = run.history.steps["train"][-1]
    click(tab, "resume_button")
    qtbot.waitUntil(
        lambda: run.history is not None and run.history.steps["train"][-1] > before + 3,
        timeout=30_000,
    )
    assert tab.list.runs == [run] and run.state == "training"
    assert run.history.steps["train"][0] == 1
    click(tab, "stop_button")
    wait_for(qtbot, run, "stopped")
    assert tab.buttons.resume.isVisible() and tab.buttons.resume.isEnabled()


@pytest.mark.usefixtures("small_pen")
def test_a_run_that_another_program_trains_is_left_to_it(
    tab: TrainTab, qtbot: QtBot, tmp_path: Path
) -> None:
    cpu = torch.device("cpu")
    with closing(
        lifecycle.run(ENDLESS, data=tmp_path, runs=tmp_path / "runs", device=cpu)
    ) as events:
        for event in events:
            if getattr(event, "step", 0) == 3:
                break
        run = list_past(tab, qtbot)
        assert run.state == "elsewhere"
        assert not tab.buttons.resume.isEnabled()
        tab.resume(run)  # as if it had looked free: the folder's lock decides
        qtbot.waitUntil(lambda: bool(run.problem), timeout=30_000)
        assert run.state == "elsewhere"
        assert "another window or program" in tab.note.text()
    tab.hide()
    tab.show()  # looks again
    wait_for(qtbot, run, "stopped")
    assert tab.buttons.resume.isEnabled()


@pytest.mark.usefixtures("small_pen")
@pytest.mark.parametrize(
    ("lost", "state", "problem"),
    [
        ("checkpoint.pt", "interrupted", "checkpoint.pt"),
        ("run.json", "finished", ""),  # the checkpoint holds what these two held
        ("history.csv", "finished", ""),
        ("everything", "interrupted", "is not a run's folder"),
    ],
)
def test_a_folder_that_loses_a_file_is_told_and_the_window_goes_on(
    tab: TrainTab, qtbot: QtBot, crashed: Path, lost: str, state: str, problem: str
) -> None:
    run = list_past(tab, qtbot)
    if lost == "everything":
        shutil.rmtree(crashed)
    else:
        (crashed / lost).unlink()
    click(tab, "resume_button")
    qtbot.waitUntil(lambda: not run.under_way, timeout=30_000)
    # Where the list is looked through meanwhile, a run without a folder has merely stopped.
    assert run.state == state or (lost == "everything" and run.state == "stopped")
    assert problem in tab.note.text() and tab.note.isVisible() == bool(problem)
    trigger(tab, "clone_run")
    assert tab.form.recipe() == QUICK


@pytest.mark.usefixtures("small_pen")
def test_a_run_without_what_it_needs_to_go_on_offers_no_resume(
    tab: TrainTab, qtbot: QtBot, crashed: Path
) -> None:
    (crashed / "checkpoint.pt").unlink()
    list_past(tab, qtbot)
    # It may have been listed before the file was gone.
    qtbot.waitUntil(lambda: not tab.buttons.resume.isEnabled(), timeout=10_000)
    assert tab.buttons.resume.isVisible()
    assert tab.buttons.folder.isEnabled()


@pytest.mark.usefixtures("small_pen")
def test_damaged_folders_are_told_and_the_others_listed(
    tab: TrainTab, qtbot: QtBot, crashed: Path
) -> None:
    for name, content in (("2020-a", "{"), ("2020-b", '{"state": "asleep"}')):
        (crashed.parent / name).mkdir()
        (crashed.parent / name / "run.json").write_text(content)
    tab.look_for_past_runs()
    qtbot.waitUntil(tab.banner.isVisible, timeout=10_000)
    assert "2 runs cannot be listed" in tab.banner.text.text()
    details = tab.banner.details.toPlainText()
    assert "2020-a" in details and "2020-b" in details
    assert [run.state for run in tab.list.runs] == ["interrupted"]


@pytest.mark.usefixtures("small_pen")
def test_a_history_cut_in_a_line_is_shown_as_far_as_it_goes(
    tab: TrainTab, qtbot: QtBot, crashed: Path
) -> None:
    content = (crashed / "history.csv").read_bytes()
    (crashed / "history.csv").write_bytes(content[:-7])
    run = list_past(tab, qtbot)
    box = tab.table.visualRect(tab.list.index(0, 0)).center()
    QTest.mouseClick(tab.table.viewport(), Qt.MouseButton.LeftButton, pos=box)
    qtbot.waitUntil(lambda: run.history is not None and bool(run.history.steps["train"]))
    assert run.history is not None
    assert run.history.steps["train"][-1] < 12


@pytest.mark.usefixtures("small_pen")
def test_of_a_history_of_very_many_lines_a_part_is_shown(
    tab: TrainTab, qtbot: QtBot, crashed: Path
) -> None:
    lines = (Row(1, n, "train", 1.0, 0.5, 1e-3, n / 100).line() for n in range(1, 130_001))
    (crashed / "history.csv").write_text(HEADER + "".join(lines))
    run = list_past(tab, qtbot)
    box = tab.table.visualRect(tab.list.index(0, 0)).center()
    QTest.mouseClick(tab.table.viewport(), Qt.MouseButton.LeftButton, pos=box)
    qtbot.waitUntil(lambda: run.history is not None and bool(run.history.steps["train"]))
    assert run.history is not None
    assert len(run.history.steps["train"]) <= MOST_POINTS + 3
    assert run.history.steps["train"][-1] == 130_000


@pytest.mark.usefixtures("small_pen")
def test_a_run_resumed_without_its_data_waits_for_it(
    tab: TrainTab, qtbot: QtBot, crashed: Path
) -> None:
    run = list_past(tab, qtbot)
    tab.waiting.add(run, "mnist", "MNIST is not there", tab.data)
    assert tab.list.runs == [run]
    assert not tab.offer.pen.isVisible()  # it would be another run
    tab.offer.ready.emit()
    wait_for(qtbot, run, "finished")
    assert run.folder == crashed


# Handed on


def test_a_run_is_cloned_into_the_form_with_all_its_numbers(
    tab: TrainTab, qtbot: QtBot, tmp_path: Path
) -> None:
    recipe = edit_recipe(find_recipe("fashion-improved"), seed=77, dropout=1 / 3)
    tab.list.add(RunItem(recipe=recipe, number=0, state=RowState.FINISHED, folder=tmp_path))
    select(tab)
    trigger(tab, "clone_run")
    assert tab.form.recipe() == recipe
    assert "seed 77" in tab.form.changes.text()


def test_a_runs_text_makes_the_same_recipe_elsewhere(
    tab: TrainTab, qtbot: QtBot, tmp_path: Path
) -> None:
    recipe = edit_recipe(find_recipe("studio"), seed=5)
    tab.list.add(RunItem(recipe=recipe, number=0, state=RowState.FINISHED, folder=tmp_path))
    select(tab)
    with qtbot.waitSignal(tab.message):
        trigger(tab, "copy_run")
    assert sharing.read(QGuiApplication.clipboard().text()) == recipe


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)  # with no screen
def test_the_right_button_selects_a_row_and_opens_its_menu(tab: TrainTab, tmp_path: Path) -> None:
    for number in range(2):
        tab.list.add(RunItem(recipe=QUICK, number=number, state=RowState.FINISHED, folder=tmp_path))
    place = tab.table.visualRect(tab.list.index(1, RUN)).center()
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, place, tab.table.viewport().mapToGlobal(place)
    )
    QApplication.sendEvent(tab.table.viewport(), event)
    assert tab.selected() is tab.list.runs[1]
    assert tab.buttons.menu.isVisible()
    tab.buttons.menu.close()


@pytest.mark.parametrize("size", [(960, 520), (1500, 900)])
def test_every_button_has_room_for_its_text(
    tab: TrainTab, tmp_path: Path, size: tuple[int, int]
) -> None:
    tab.resize(*size)
    tab.list.add(RunItem(recipe=QUICK, number=0, state=RowState.STOPPED, folder=tmp_path))
    select(tab)
    shown = [button for button in tab.findChildren(QPushButton) if button.isVisible()]
    assert len(shown) >= 8
    for button in shown:
        assert button.width() >= button.fontMetrics().horizontalAdvance(button.text()) + 8
        assert tab.rect().contains(button.mapTo(tab, button.rect().bottomRight()))


# The plateau


def test_the_plateau_is_seen_while_it_lasts_and_afterwards() -> None:
    judge, none = plateau_note.judge_plateau, plateau_note.NONE
    assert judge(SIGMOID, None) == judge(SIGMOID, History()) == none
    assert judge(SIGMOID, history(epochs=1, flat=9.0)) == plateau_note.NOW
    assert judge(SIGMOID, history(epochs=2, flat=9.0)) == plateau_note.NOW
    assert judge(SIGMOID, history(flat=2.0)) == plateau_note.OVER
    assert judge(SIGMOID, history()) == none
    assert judge(QUICK, history(flat=2.0)) == none


def test_a_run_that_diverges_is_on_no_plateau() -> None:
    run = history(epochs=1, flat=9.0)
    run.losses["validation"][0] = 9.0
    assert plateau_note.judge_plateau(SIGMOID, run) == plateau_note.NONE


@pytest.mark.parametrize("flat", [0.0, 1.5, 9.0])
def test_the_note_says_what_the_curves_shade(flat: float) -> None:
    run = history(flat=flat)
    shaded = find_plateau(run) is not None
    assert (plateau_note.judge_plateau(SIGMOID, run) != plateau_note.NONE) is shaded


@pytest.mark.usefixtures("small_pen")
def test_a_run_on_the_plateau_is_explained_and_trained_with_relu_beside(
    tab: TrainTab, qtbot: QtBot
) -> None:
    slow = edit_recipe(SIGMOID, learning_rate=1e-5, epochs=1000)
    run = tab.start(slow)
    qtbot.waitUntil(tab.plateau.isVisible, timeout=30_000)
    assert "the sigmoids are saturated" in tab.plateau.text.text()
    click(tab, "plateau_why")
    assert "A sigmoid's slope is at most a quarter" in tab.plateau.text.text()
    click(tab, "relu_button")
    beside = tab.list.runs[0]
    assert len(tab.list.runs) == 2 and run.under_way
    assert beside.recipe == edit_recipe(slow, activation="relu")
    assert not tab.plateau.isVisible()  # that is about the other one
    select(tab, row=1)
    assert tab.plateau.isVisible()


# Data, and published results


@pytest.mark.parametrize(("name", "offered"), [("mnist", True), ("fashion", False)])
def test_pen_digits_are_offered_for_digits_alone(
    tab: TrainTab, qtbot: QtBot, name: str, offered: bool
) -> None:
    tab.start(dataclasses.replace(QUICK, dataset=name))
    qtbot.waitUntil(tab.offer.isVisible, timeout=30_000)
    assert tab.offer.pen.isVisible() == offered
    assert tab.list.runs == []


def test_published_results_are_shown_and_chosen_from(
    tab: TrainTab, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "results.json"
    path.write_text(json.dumps(results_table()))
    monkeypatch.setattr(published_results, "asset", lambda _name: path)
    click(tab, "results_button")
    shown = tab.results
    assert shown is not None and shown.isVisible()
    qtbot.waitUntil(lambda: shown.table.rowCount() == 2, timeout=10_000)
    cells = [shown.table.item(0, column).text() for column in range(6)]
    assert cells[:4] == ["mnist-sigmoid-adamw", "98.79 % test", "99.00 ± 1.00 % test", "3"]
    assert shown.table.columnWidth(5) >= shown.table.sizeHintForColumn(5)  # else it is elided
    place = shown.table.visualItemRect(shown.table.item(1, 0)).center()
    QTest.mouseClick(shown.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseClick(shown.take, Qt.MouseButton.LeftButton)
    assert tab.form.recipe() == find_recipe("fashion-paper") and not shown.isVisible()


@pytest.mark.parametrize("content", [None, "{", '{"recipes": {}}'])
def test_results_that_are_missing_or_damaged_are_told(
    tab: TrainTab,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str | None,
) -> None:
    path = tmp_path / "results.json"
    if content is not None:
        path.write_text(content)
    monkeypatch.setattr(published_results, "asset", lambda _name: path)
    tab.show_results()
    shown = tab.results
    assert shown is not None
    expected = "no published results" if content is None else "is damaged"
    qtbot.waitUntil(lambda: expected in shown.caption.text(), timeout=10_000)
    assert not shown.take.isEnabled()
    shown.close()


def test_the_help_menu_leads_there_too(window: Window, qtbot: QtBot) -> None:
    entries = [action for menu in window.menuBar().findChildren(QMenu) for action in menu.actions()]
    (entry,) = (action for action in entries if action.text() == "&Published results")
    entry.trigger()
    assert window.train.results is not None and window.train.results.isVisible()
    qtbot.waitUntil(lambda: not BackgroundTask.running(), timeout=10_000)


def test_states_as_they_stand_on_disk(tmp_path: Path) -> None:
    def past(state: str, busy: bool = False) -> RunItem:
        record = Record(state=RunState(state), started="2020-01-02T03:04:05")
        found = PastRun(tmp_path, QUICK, record, busy=busy, has_checkpoint=True)
        return RunItem.from_disk(found, 0)

    assert past("running").state == "interrupted" and past("running").resumable
    assert past("running", busy=True).state == "elsewhere"
    assert not past("running", busy=True).resumable
    assert past("stopped").resumable and past("failed").resumable
    assert not past("finished").resumable and not past("diverged").resumable
