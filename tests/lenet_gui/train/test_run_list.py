"""The list of runs: the queue, several rows at once, names, sorting, deleting, and the disk."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from lenet_gui.train.run_actions import NotesDialog
from lenet_gui.train.run_item import RowState, RunItem
from lenet_gui.train.run_model import BEST, EPOCHS, PROGRESS_ROLE, RUN, RunModel
from lenet_gui.train.run_queue import RunQueue
from lenet_gui.train.runs_on_disk import delete_for_good, move_to_trash
from lenet_gui.train.tab import TrainTab
from trainer.recipes.catalog import edit_recipe, find_recipe
from trainer.recipes.recipe import Recipe
from trainer.runs import lifecycle
from trainer.runs.record import Notes, Record, RunError, RunState, read_notes, write_notes
from trainer.training.history import HEADER, Row

ENDLESS = Recipe(name="endless", dataset="pen", epochs=1000, batch_size=32, learning_rate=3e-3)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def tab(train_tab: TrainTab) -> TrainTab:
    return train_tab


def seeded(seed: int) -> Recipe:
    return dataclasses.replace(ENDLESS, seed=seed)


def make_run(folder: Path, name: str, state: str = "stopped", step: int = 12) -> Path:
    """A run's folder, of two epochs with 25 steps each."""
    made = folder / name
    made.mkdir(parents=True)
    recipe = Recipe(name=name[11:] or name, dataset="pen", epochs=2)
    record = Record(
        state=RunState(state),
        started=f"2026-01-02T03:04:{int(name[:2]):02}",
        steps_per_epoch=25,
        epochs=step // 25,
    )
    (made / "recipe.json").write_text(recipe.to_json())
    (made / "run.json").write_text(json.dumps(record.to_values()))
    lines = (Row(1, n, "train", 1.0, 0.5, 1e-3, n / 10).line() for n in range(1, step + 1))
    (made / "history.csv").write_text(HEADER + "".join(lines))
    (made / "checkpoint.pt").write_bytes(b"")
    return made


def list_runs(tab: TrainTab, qtbot: QtBot, count: int) -> list[RunItem]:
    tab.look_for_past_runs()
    qtbot.waitUntil(lambda: len(tab.list.runs) == count, timeout=20_000)
    return tab.list.runs


def click_row(tab: TrainTab, row: int, keys: Qt.KeyboardModifier = NONE) -> None:
    place = tab.table.visualRect(tab.list.index(row, RUN)).center()
    QTest.mouseClick(tab.table.viewport(), LEFT, keys, place)


def trigger(tab: TrainTab, name: str) -> None:
    entry = tab.findChild(QAction, name)
    assert entry is not None and entry.isEnabled(), name
    entry.trigger()


def text(tab: TrainTab, row: int, column: int) -> str:
    return str(tab.list.index(row, column).data())


def wait_for(qtbot: QtBot, run: RunItem, state: str) -> None:
    qtbot.waitUntil(lambda: run.state == state, timeout=30_000)


# The queue


@pytest.mark.usefixtures("small_pen")
def test_so_many_runs_train_at_once_and_the_others_wait_in_order(
    tab: TrainTab, qtbot: QtBot
) -> None:
    tab.train_at_once(1)
    first, second, third = (tab.start(seeded(seed)) for seed in range(3))
    assert [first.state, second.state, third.state] == ["waiting", "queued", "queued"]
    assert second.thread is None
    assert text(tab, 1, 2) == "queued"
    click_row(tab, 1)
    assert not tab.buttons.pause.isEnabled()
    QTest.mouseClick(tab.buttons.stop, LEFT)  # takes it out
    assert tab.list.runs == [third, first]
    tab.actions_of_run.stop([first])
    wait_for(qtbot, third, "training")
    assert first.state == "stopped"
    tab.stop_all()
    wait_for(qtbot, third, "stopped")


@pytest.mark.usefixtures("small_pen")
def test_a_larger_number_at_once_lets_those_that_wait_begin(tab: TrainTab) -> None:
    trigger(tab, "at_once_1")
    runs = [tab.start(seeded(seed)) for seed in range(4)]
    trigger(tab, "at_once_3")
    assert [run.state for run in runs] == ["waiting"] * 3 + ["queued"]
    trigger(tab, "stop_all_runs")
    assert runs[3] not in tab.list.runs
    assert {run.state for run in runs[:3]} == {"stopping"}


@pytest.mark.usefixtures("small_pen")
def test_a_resumed_run_that_is_taken_out_is_as_before(tab: TrainTab, tmp_path: Path) -> None:
    tab.train_at_once(1)
    tab.start(ENDLESS)
    past = RunItem(recipe=seeded(5), number=1, state=RowState.INTERRUPTED, folder=tmp_path)
    tab.list.add(past)
    tab.resume(past)
    assert past.state == "queued"
    tab.actions_of_run.stop([past])
    assert past.state == "interrupted" and past in tab.list.runs


def test_a_queue_gives_turns_in_order() -> None:
    queue, turns = RunQueue(), list[RunItem]()
    queue.at_once = 1
    queue.turn.connect(turns.append)
    runs = [RunItem(recipe=seeded(n), number=n) for n in range(3)]
    for run in runs:
        queue.add(run)
    for run in runs:
        assert turns[-1] is run
        queue.leave(run)
    assert turns == runs and queue.waiting == []


# Twins


def question(tab: TrainTab, name: str) -> QMessageBox:
    box = tab.findChild(QMessageBox, name)
    assert box is not None and box.isVisible()
    return box


def answer(box: QMessageBox, number: int | str) -> None:
    button = box.findChild(QPushButton, f"{box.objectName()}_{number}")
    assert button is not None
    QTest.mouseClick(button, LEFT)


@pytest.mark.usefixtures("small_pen")
def test_an_identical_run_is_not_started_unasked(tab: TrainTab, qtbot: QtBot) -> None:
    tab.form.show_recipe(ENDLESS)
    QTest.mouseClick(tab.train_button, LEFT)
    QTest.mouseClick(tab.train_button, LEFT)
    assert len(tab.list.runs) == 1
    answer(question(tab, "twin_question"), "cancel")
    qtbot.waitUntil(lambda: tab.findChild(QMessageBox, "twin_question") is None)
    assert len(tab.list.runs) == 1
    QTest.mouseClick(tab.train_button, LEFT)
    answer(question(tab, "twin_question"), 0)
    first, second = tab.list.runs[1], tab.list.runs[0]
    assert second.recipe.seed != first.recipe.seed
    assert edit_recipe(second.recipe, seed=first.recipe.seed).epochs == 1000


@pytest.mark.usefixtures("small_pen")
def test_an_identical_run_is_started_on_request_under_a_name_of_its_own(tab: TrainTab) -> None:
    tab.start(ENDLESS)
    tab.ask_to_start(ENDLESS)
    answer(question(tab, "twin_question"), 1)
    assert len(tab.list.runs) == 2
    assert len({run.title for run in tab.list.runs}) == 2


def test_a_run_that_stopped_early_is_no_twin() -> None:
    run = RunItem(recipe=ENDLESS, number=0, state=RowState.FINISHED)
    assert run.is_twin(dataclasses.replace(ENDLESS, name="other"))
    assert not run.is_twin(seeded(9))
    run.state = RowState.STOPPED
    assert not run.is_twin(ENDLESS)


# Names


def test_titles_are_unique_and_elided_in_the_middle(tab: TrainTab) -> None:
    runs = [RunItem(recipe=ENDLESS, number=n, started="14:15:00") for n in range(3)]
    for run in runs:
        tab.list.add(run)
    titles = [run.title for run in tab.list.runs]
    assert len(set(titles)) == 3
    assert runs[0].title.endswith("14:15:00") and runs[2].title.endswith("14:15:00 (3)")
    assert tab.table.textElideMode() == Qt.TextElideMode.ElideMiddle
    assert not tab.table.wordWrap()  # else the end is left out all the same
    tab.list.remove(runs[1])
    again = RunItem(recipe=ENDLESS, number=3, started="14:15:00")
    tab.list.add(again)
    assert again.title.endswith("(2)")


def test_a_run_is_renamed_and_noted_in_its_folder(
    tab: TrainTab, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = make_run(tmp_path / "runs", "01_one")
    (run,) = list_runs(tab, qtbot, 1)
    place = tab.table.visualRect(tab.list.index(0, RUN)).center()
    QTest.mouseClick(tab.table.viewport(), LEFT, NONE, place)
    QTest.mouseDClick(tab.table.viewport(), LEFT, NONE, place)
    dialog = tab.findChild(NotesDialog)
    assert dialog is not None and dialog.isVisible()
    QTest.keyClicks(dialog.name, "My best")
    QTest.keyClicks(dialog.note, "with the new pen")
    accept = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    QTest.mouseClick(accept, LEFT)
    qtbot.waitUntil(lambda: run.title == "My best", timeout=10_000)
    assert read_notes(folder) == Notes("My best", "with the new pen")
    assert text(tab, 0, RUN) == "My best" and "with the new pen" in tab.note.text()


def test_what_another_window_noted_is_shown(tab: TrainTab, qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_run(tmp_path / "runs", "01_one")
    (run,) = list_runs(tab, qtbot, 1)
    write_notes(folder, Notes("Elsewhere"))
    tab.look_for_past_runs()
    qtbot.waitUntil(lambda: run.title == "Elsewhere", timeout=10_000)


# Several rows


def test_several_rows_are_selected_by_mouse_and_keys(tab: TrainTab) -> None:
    for number in range(4):
        tab.list.add(RunItem(recipe=seeded(number), number=number, state=RowState.FINISHED))
    click_row(tab, 0)
    click_row(tab, 2, CTRL)
    assert tab.selected_runs() == [tab.list.runs[0], tab.list.runs[2]]
    assert not tab.buttons.use.isEnabled() and not tab.buttons.clone.isEnabled()
    click_row(tab, 0)
    QTest.keyClick(tab.table, Qt.Key.Key_Down, SHIFT)
    QTest.keyClick(tab.table, Qt.Key.Key_Down, SHIFT)
    assert tab.selected_runs() == tab.list.runs[:3]
    QTest.keyClick(tab.table, Qt.Key.Key_Space)
    assert [run.shown for run in tab.list.runs] == [False, False, False, True]
    QTest.keyClick(tab.table, Qt.Key.Key_A, CTRL)
    assert tab.selected_runs() == tab.list.runs


@pytest.mark.usefixtures("small_pen")
def test_pause_resume_and_stop_work_on_all_selected_runs(tab: TrainTab, qtbot: QtBot) -> None:
    runs = [tab.start(seeded(seed)) for seed in range(2)]
    tab.table.selectAll()
    QTest.mouseClick(tab.buttons.pause, LEFT)
    assert {run.state for run in runs} == {"paused"}
    assert not tab.buttons.pause.isVisible() and tab.buttons.resume.text() == "Resume"
    QTest.mouseClick(tab.buttons.resume, LEFT)
    assert {run.state for run in runs} <= {"waiting", "training"}
    QTest.mouseClick(tab.buttons.stop, LEFT)
    for run in runs:
        wait_for(qtbot, run, "stopped")


# Sorting


def test_a_click_on_a_title_sorts_and_a_third_one_ends_it(tab: TrainTab, qtbot: QtBot) -> None:
    for number, best in enumerate((0.5, None, 0.9)):
        run = RunItem(recipe=seeded(number), number=number, state=RowState.FINISHED, best=best)
        run.began = float(number)
        tab.list.add(run)
    newest_first = list(tab.list.runs)
    click_row(tab, 1)
    chosen = tab.selected()
    header = tab.table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(BEST) + 20, header.height() // 2)
    QTest.mouseClick(header.viewport(), LEFT, NONE, place)
    assert [run.best for run in tab.list.runs] == [None, 0.5, 0.9]
    assert tab.selected() is chosen
    QTest.mouseClick(header.viewport(), LEFT, NONE, place)
    assert [run.best for run in tab.list.runs] == [0.9, 0.5, None]
    QTest.mouseClick(header.viewport(), LEFT, NONE, place)
    assert tab.list.runs == newest_first


@pytest.mark.parametrize("column", range(9))
def test_every_column_sorts(column: int) -> None:
    model = RunModel()
    for number in range(3):
        model.add(RunItem(recipe=seeded(number), number=number, progress=(number * 2 % 3) / 3))
    for order in Qt.SortOrder:
        model.sort(column, order)
        assert len({run.number for run in model.runs}) == 3


# Deleting


def test_runs_are_moved_to_the_trash(tab: TrainTab, qtbot: QtBot, tmp_path: Path) -> None:
    Path(os.environ["XDG_DATA_HOME"]).mkdir()
    folders = [make_run(tmp_path / "runs", f"0{number}_run") for number in range(3)]
    list_runs(tab, qtbot, 3)
    click_row(tab, 0)
    QTest.keyClick(tab.table, Qt.Key.Key_Down, SHIFT)
    QTest.keyClick(tab.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(tab.list.runs) == 1, timeout=10_000)
    assert [folder.exists() for folder in folders] == [True, False, False]
    assert tab.selected() is tab.list.runs[0]
    assert tab.findChild(QMessageBox) is None  # it can be undone: from the trash


def test_what_cannot_be_moved_to_the_trash_is_deleted_on_request(
    tab: TrainTab, qtbot: QtBot, tmp_path: Path
) -> None:
    Path(os.environ["XDG_DATA_HOME"]).write_text("no place for a trash")
    folder = make_run(tmp_path / "runs", "01_one")
    list_runs(tab, qtbot, 1)
    click_row(tab, 0)
    for reply, left in (("cancel", 1), (0, 0)):
        trigger(tab, "delete_runs")
        name = "delete_question"
        qtbot.waitUntil(lambda: tab.findChild(QMessageBox, "delete_question") is not None)
        answer(question(tab, name), reply)
        qtbot.waitUntil(lambda: tab.findChild(QMessageBox, "delete_question") is None)
        qtbot.waitUntil(lambda left=left: len(tab.list.runs) == left, timeout=10_000)  # type: ignore[misc]
        assert folder.exists() == bool(left)


@pytest.mark.usefixtures("small_pen")
def test_nothing_is_deleted_that_somebody_trains(tmp_path: Path) -> None:
    cpu = torch.device("cpu")
    recipe = edit_recipe(find_recipe("ninety-nine"), dataset="pen", epochs=1)
    with closing(lifecycle.run(recipe, data=tmp_path, runs=tmp_path, device=cpu)) as events:
        folder = next(event.folder for event in events if isinstance(event, lifecycle.Started))
        for delete in (move_to_trash, delete_for_good):
            with pytest.raises(RunError, match="being trained"):
                delete([folder])
        assert folder.exists()
    assert delete_for_good([folder]).moved == (folder,) and not folder.exists()


# As far as they came


@pytest.mark.parametrize("state", ["stopped", "running"])
def test_a_run_that_ended_early_shows_how_far_it_came(
    tab: TrainTab, qtbot: QtBot, tmp_path: Path, state: str
) -> None:
    make_run(tmp_path / "runs", "01_one", state, step=12)
    (run,) = list_runs(tab, qtbot, 1)
    assert run.state == ("stopped" if state == "stopped" else "interrupted")
    assert tab.list.index(0, 3).data(PROGRESS_ROLE) == pytest.approx(0.24)
    assert text(tab, 0, EPOCHS) == "0.4/2"


# The disk


def test_the_list_follows_the_disk(tab: TrainTab, qtbot: QtBot, tmp_path: Path) -> None:
    tab.disk.timer.setInterval(50)
    make_run(tmp_path / "runs", "01_one")
    list_runs(tab, qtbot, 1)
    newer = make_run(tmp_path / "runs", "02_two")  # as another window leaves it
    qtbot.waitUntil(lambda: len(tab.list.runs) == 2, timeout=10_000)  # by itself
    assert tab.list.runs[0].folder == newer
    shutil.rmtree(newer)
    qtbot.waitUntil(lambda: len(tab.list.runs) == 1, timeout=10_000)
    assert tab.list.runs[0].folder != newer


@pytest.mark.usefixtures("small_pen")
def test_a_run_of_another_program_is_shown_as_it_goes_on(
    tab: TrainTab, qtbot: QtBot, tmp_path: Path
) -> None:
    cpu, runs = torch.device("cpu"), tmp_path / "runs"
    with closing(lifecycle.run(ENDLESS, data=tmp_path, runs=runs, device=cpu)) as events:
        next(event for event in events if getattr(event, "step", 0) == 3)
        (run,) = list_runs(tab, qtbot, 1)
        assert run.state == "elsewhere"
        before = run.progress
        tab.disk.timer.setInterval(50)
        next(event for event in events if getattr(event, "step", 0) == 9)
        qtbot.waitUntil(lambda: run.progress > before, timeout=10_000)
        click_row(tab, 0)
        assert not tab.buttons.delete.isEnabled() and not tab.buttons.stop.isEnabled()
    tab.look_for_past_runs()
    wait_for(qtbot, run, "stopped")


@pytest.mark.usefixtures("small_pen")
def test_a_run_of_this_window_is_listed_once(tab: TrainTab, qtbot: QtBot) -> None:
    run = tab.start(ENDLESS)
    seen, most = 0, [1]

    def looked(_listed: object) -> None:
        nonlocal seen
        seen += 1
        most.append(len(tab.list.runs))
        tab.disk.look()

    tab.disk.listed.connect(looked)
    tab.disk.look()
    qtbot.waitUntil(lambda: run.epochs > 0 and seen > 3, timeout=30_000)
    tab.actions_of_run.stop([run])
    wait_for(qtbot, run, "stopped")
    reached = seen + 2
    qtbot.waitUntil(lambda: seen > reached, timeout=30_000)
    tab.disk.listed.disconnect(looked)
    assert run.state == "stopped" and max(most) == 1


# Errors


@pytest.mark.usefixtures("small_pen")
def test_an_error_stays_in_a_banner_until_something_succeeds(
    tab: TrainTab, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    good, tab.runs_folder = tab.runs_folder, tmp_path / "file"
    run = tab.start(ENDLESS)
    wait_for(qtbot, run, "failed")
    assert tab.banner.isVisible() and "cannot be written" in tab.banner.text.text()
    tab.runs_folder = good
    later = tab.start(seeded(1))
    wait_for(qtbot, later, "training")
    assert not tab.banner.isVisible()


def test_an_unexpected_error_is_told_in_plain_words(
    tab: TrainTab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_named: object) -> None:
        raise ZeroDivisionError("float division by zero")

    monkeypatch.setattr(lifecycle, "run", fail)
    run = tab.start(ENDLESS)
    wait_for(qtbot, run, "failed")
    assert "ZeroDivisionError" not in tab.banner.text.text() + run.problem
    assert not tab.banner.details.isVisible()
    QTest.mouseClick(tab.banner.more, LEFT)
    assert tab.banner.details.isVisible()
    assert "ZeroDivisionError" in tab.banner.details.toPlainText()


# Room


def test_the_tab_fits_800_points_without_scrolling_sideways(tab: TrainTab) -> None:
    tab.resize(800, 480)
    page = tab.table.parentWidget()
    assert page is not None
    for part in (tab.table, tab.buttons, tab.curves, tab.curves.bar, tab.panel):
        right = QRect(part.mapTo(tab, QPoint(0, 0)), part.size()).right()
        assert right <= 800, part.objectName()
    assert tab.table.columnWidth(RUN) > 150
    assert not tab.table.isColumnHidden(BEST) and tab.table.isColumnHidden(EPOCHS)
    tab.resize(1500, 800)
    assert not any(tab.table.isColumnHidden(column) for column in range(9))
