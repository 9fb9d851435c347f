"""The whole program under real events: draw, read, train, use, close."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QThread
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from lenet_gui.train.recipe_fields import set_field
from lenet_gui.train.run_item import RunItem
from lenet_gui.workers.serial import BackgroundTask
from tests.support.gui import ONE, SEVEN, MakeWindow, draw, on_canvas
from trainer.drawing.sheet import Sheet
from trainer.reading.sheet_reading import SheetReading
from trainer.recipes.recipe import Recipe
from trainer.runs.record import Finished

QUICK = Recipe(name="quick", dataset="pen", epochs=2, batch_size=32, learning_rate=3e-3)
ENDLESS = dataclasses.replace(QUICK, name="endless", epochs=1000)
OTHER = dataclasses.replace(ENDLESS, epochs=999)


def click(window: Window, name: str) -> None:
    button = window.findChild(QPushButton, name)
    assert button is not None and button.isVisible() and button.isEnabled(), name
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def train(window: Window, recipe: Recipe) -> RunItem:
    """Press Train with a recipe's numbers in the form."""
    window.tabs.setCurrentWidget(window.train)
    for name in ("dataset", "epochs", "batch_size", "optimizer", "learning_rate"):
        set_field(window.train.form.numbers.fields[name], getattr(recipe, name))
    click(window, "train_button")
    return window.train.list.runs[0]


def wait_for_state(qtbot: QtBot, run: RunItem, state: str) -> None:
    qtbot.waitUntil(lambda: run.state == state, timeout=30_000)


def wait_for_best(qtbot: QtBot, run: RunItem) -> None:
    qtbot.waitUntil(lambda: run.best is not None, timeout=30_000)


# Drawing and reading


def test_strokes_drawn_before_the_network_is_ready_are_read_when_it_is(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    window = make_window()
    assert "Loading" in window.draw.prediction.note
    draw(window.draw.canvas, ONE)
    window.start()
    qtbot.waitUntil(lambda: window.draw.prediction.answer == "1", timeout=30_000)


def test_a_seven_is_read_while_the_pen_is_still_down(window: Window, qtbot: QtBot) -> None:
    canvas = window.draw.canvas
    assert window.draw.conv1.empty and window.draw.prediction.answer == ""
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=on_canvas(canvas, *SEVEN[0]))
    for point in SEVEN[1:]:
        QTest.mouseMove(canvas, on_canvas(canvas, *point))
    qtbot.waitUntil(lambda: window.draw.prediction.answer == "7")
    assert abs(sum(window.draw.probabilities.values) - 1) < 1e-6
    assert not window.draw.conv1.empty and not window.draw.conv2.empty
    qtbot.waitUntil(lambda: not window.draw.preprocessing.read.empty)  # images of the steps follow
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=on_canvas(canvas, *SEVEN[-1]))


def test_clear_takes_the_answer_away_and_undo_brings_it_back(window: Window, qtbot: QtBot) -> None:
    draw(window.draw.canvas, SEVEN)
    qtbot.waitUntil(lambda: window.draw.prediction.answer == "7")
    QTest.keyClick(window.draw.canvas, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: window.draw.prediction.answer == "")
    assert window.draw.conv1.empty and window.draw.preprocessing.read.empty
    assert window.draw.probabilities.values == ()
    QTest.keyClick(window.draw.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.draw.prediction.answer == "7")


def test_keys_on_another_tab_leave_the_drawing_alone(window: Window, qtbot: QtBot) -> None:
    draw(window.draw.canvas, SEVEN)
    window.tabs.setCurrentWidget(window.train)
    table = window.train.table
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Delete)
    QTest.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(window.draw.canvas.drawing.strokes) == 1
    window.tabs.setCurrentWidget(window.draw)
    qtbot.waitUntil(window.draw.canvas.hasFocus)
    QTest.keyClick(window.draw.canvas, Qt.Key.Key_Delete)
    assert window.draw.canvas.drawing.empty


def test_the_last_of_many_drawings_is_the_one_shown(window: Window, qtbot: QtBot) -> None:
    one = tuple((x, y, 1.0) for x, y in ONE)
    seven = tuple((x, y, 1.0) for x, y in SEVEN)
    shown: list[SheetReading] = []
    window.reader.done.connect(shown.append)
    for _ in range(200):
        window.reader.read(Sheet((one,)))
    window.reader.read(Sheet((seven,)))
    qtbot.waitUntil(lambda: window.draw.prediction.answer == "7")
    assert len(shown) < 150  # older requests were dropped, not queued


def test_parts_have_names_for_tests_and_screen_readers(window: Window) -> None:
    names = (
        "canvas", "prediction", "probabilities", "conv1", "conv2", "network_input",
        "train_button", "stop_button", "runs", "curves", "tabs",
    )  # fmt: skip
    for number in range(window.tabs.count()):  # some are built when they are first seen
        window.tabs.setCurrentIndex(number)
    for name in names:
        part = window.findChild(QWidget, name)
        assert part is not None, name
        assert part.accessibleName() or isinstance(part, QPushButton), name


# Training


@pytest.mark.usefixtures("small_pen")
def test_train_watch_and_use_the_network(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    run = train(window, QUICK)
    with qtbot.waitSignal(window.train.curves.painted, timeout=30_000):
        wait_for_state(qtbot, run, "finished")
    assert run.history is not None
    assert run.history.epochs["validation"] == [1, 2]
    assert run.progress == 1.0 and run.test is not None and run.best is not None
    (curve,) = window.train.curves.curves
    epochs = curve.history.epochs["train"]
    assert epochs[-1] == 2 and 0 < epochs[0] < 1  # live within an epoch
    assert run.folder is not None and run.folder.parent == tmp_path / "runs"
    with qtbot.waitSignal(window.train.use_model):
        click(window, "use_button")
    assert window.reader.model is not window.shipped
    assert run.title in window.labels.model.toolTip()
    assert window.labels.model.text().split("  ")[0].endswith(run.title[-8:])
    window.tabs.setCurrentWidget(window.draw)
    draw(window.draw.canvas, ONE)
    qtbot.waitUntil(lambda: window.draw.prediction.answer != "")


@pytest.mark.usefixtures("small_pen")
def test_pause_resume_and_stop(window: Window, qtbot: QtBot) -> None:
    run = train(window, ENDLESS)
    wait_for_best(qtbot, run)
    click(window, "pause_button")
    assert run.state == "paused"
    heard: list[object] = []
    assert run.thread is not None
    # At most one event was under way; after it the thread is silent.
    qtbot.waitUntil(lambda: run.thread is not None and run.thread.waiting, timeout=5000)
    run.thread.yielded.connect(heard.append)
    click(window, "resume_button")
    assert run.state == "training"
    qtbot.waitUntil(lambda: len(heard) > 3)
    click(window, "stop_button")
    wait_for_state(qtbot, run, "stopped")
    qtbot.waitUntil(lambda: run.thread is not None and run.thread.isFinished())
    assert run.folder is not None and (run.folder / "best.safetensors").is_file()
    assert not window.train.buttons.stop.isEnabled() and window.train.buttons.use.isEnabled()


@pytest.mark.usefixtures("small_pen")
def test_a_run_paused_at_its_very_end_still_ends(window: Window, qtbot: QtBot) -> None:
    run = train(window, QUICK)
    assert run.thread is not None
    thread = run.thread

    def pause_at_the_end(event: object) -> None:
        if isinstance(event, Finished):
            thread.pause()

    with qtbot.waitSignal(thread.finished, timeout=30_000):
        thread.yielded.connect(pause_at_the_end, Qt.ConnectionType.DirectConnection)
    qtbot.waitUntil(lambda: run.state == "finished")


@pytest.mark.usefixtures("small_pen")
def test_stop_while_paused_and_resume_while_preparing(window: Window, qtbot: QtBot) -> None:
    run = train(window, ENDLESS)
    click(window, "pause_button")
    click(window, "resume_button")
    assert run.state == ("training" if run.folder else "waiting")
    wait_for_best(qtbot, run)
    click(window, "pause_button")
    click(window, "stop_button")
    wait_for_state(qtbot, run, "stopped")


@pytest.mark.usefixtures("small_pen")
def test_runs_are_named_by_what_was_changed(window: Window, qtbot: QtBot) -> None:
    run = train(window, ENDLESS)
    assert "1000 epochs" in run.title and "pen" in run.title and "batch 32" in run.title


@pytest.mark.usefixtures("small_pen")
def test_two_runs_at_once_while_drawing(window: Window, qtbot: QtBot) -> None:
    first, second = train(window, ENDLESS), train(window, OTHER)
    wait_for_best(qtbot, first)
    wait_for_best(qtbot, second)
    assert first.folder != second.folder
    assert first.style != second.style
    qtbot.waitUntil(lambda: len(window.train.curves.curves) == 2)
    window.tabs.setCurrentWidget(window.draw)
    draw(window.draw.canvas, SEVEN)
    qtbot.waitUntil(lambda: window.draw.prediction.answer == "7")


@pytest.mark.usefixtures("small_pen")
def test_closing_while_runs_train_keeps_their_weights_and_leaves_no_thread(
    window: Window, qtbot: QtBot
) -> None:
    runs = [train(window, ENDLESS), train(window, OTHER)]
    for run in runs:
        wait_for_best(qtbot, run)
    window.closing.close_now()
    for run in runs:  # on a busy machine the window is gone before its threads are
        assert run.thread is not None and run.thread.wait(30_000)
        assert run.folder is not None and (run.folder / "best.safetensors").is_file()
        assert '"state": "stopped"' in (run.folder / "run.json").read_text()
    assert not window.reader.isRunning() and not BackgroundTask.running()
    assert [t for t in threading.enumerate() if "training" in t.name] == []


@pytest.mark.usefixtures("small_pen")
def test_a_run_that_diverges_says_so_in_its_row(window: Window, qtbot: QtBot) -> None:
    absurd = dataclasses.replace(QUICK, optimizer="sgd", learning_rate=10.0, epochs=20)
    run = train(window, absurd)
    wait_for_state(qtbot, run, "diverged")
    qtbot.waitUntil(lambda: "learning rate" in window.train.note.text())
    assert "learning rate" in run.problem


@pytest.mark.usefixtures("small_pen")
def test_a_runs_folder_that_cannot_be_written_is_told(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    window.train.runs_folder = tmp_path / "file"
    run = train(window, QUICK)
    wait_for_state(qtbot, run, "failed")
    assert "cannot be written" in run.problem
    assert "cannot be written" in window.train.banner.text.text()


@pytest.mark.usefixtures("small_pen")
def test_runs_of_earlier_days_are_listed_and_shown(
    window: Window, make_window: MakeWindow, qtbot: QtBot
) -> None:
    run = train(window, QUICK)
    wait_for_state(qtbot, run, "finished")
    window.close()
    later = make_window()
    with qtbot.waitSignal(later.reader.loaded, timeout=30_000):
        later.start()
    qtbot.waitUntil(lambda: len(later.train.list.runs) == 1)
    past = later.train.list.runs[0]
    assert (past.state, past.best, past.test) == ("finished", run.best, run.test)
    later.tabs.setCurrentWidget(later.train)
    table = later.train.table
    box = table.visualRect(later.train.list.index(0, 0))
    curves = later.train.curves
    qtbot.waitUntil(lambda: len(curves.curves) == 1)  # it was ticked when the window was closed
    for count in (0, 1):
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
        assert len(curves.curves) == count
    assert past.history is not None and run.history is not None
    assert past.history.epochs["validation"] == run.history.epochs["validation"]
    with qtbot.waitSignal(later.train.use_model):
        click(later, "use_button")


@pytest.mark.usefixtures("small_pen")
def test_curves_are_saved(
    window: Window, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = train(window, QUICK)
    wait_for_state(qtbot, run, "finished")
    begins = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".csv": b"run,split,epoch"}
    for ending, begin in begins.items():
        with qtbot.waitSignal(window.train.curves.saved, timeout=30_000):
            window.train.curves.save(tmp_path / f"curves{ending}")
        assert (tmp_path / f"curves{ending}").read_bytes().startswith(begin)
    monkeypatch.setenv("PATH", str(tmp_path))  # LaTeX is not there
    with qtbot.waitSignal(window.train.curves.failed, timeout=30_000) as failed:
        window.train.curves.save(tmp_path / "curves.pgf")
    assert "LaTeX" in failed.args[0] and not (tmp_path / "curves.pgf").exists()


@pytest.mark.usefixtures("small_pen")
def test_data_that_is_not_there_is_offered_and_pen_taken_instead(
    window: Window, qtbot: QtBot
) -> None:
    train(window, dataclasses.replace(QUICK, dataset="mnist"))
    qtbot.waitUntil(lambda: window.train.offer.isVisible(), timeout=30_000)
    assert "MNIST is not in" in window.train.offer.text.text()
    assert window.train.list.runs == []
    click(window, "pen_button")
    assert not window.train.offer.isVisible()
    wait_for_state(qtbot, window.train.list.runs[0], "finished")


# Networks, settings, devices


def test_a_foreign_file_is_refused_and_the_network_stays(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "foreign.safetensors").write_bytes(b"not a model at all")
    before = window.reader.model
    window.model_files.load(tmp_path / "foreign.safetensors")
    qtbot.waitUntil(lambda: "foreign.safetensors" in window.statusBar().currentMessage())
    assert window.reader.model is before


def test_a_network_is_saved_and_opened_again(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    window.model_files.save(path)
    qtbot.waitUntil(lambda: "Saved" in window.statusBar().currentMessage())
    window.model_files.load(path)
    qtbot.waitUntil(lambda: "mine" in window.labels.model.text())
    window.use_shipped()
    assert "lenet5" in window.labels.model.text()


def test_the_device_menu_says_why_a_device_cannot_be_used(window: Window, qtbot: QtBot) -> None:
    from trainer.runtime import devices

    found = {device.name: device for device in devices.list_devices()}

    def entries() -> dict[str, tuple[str, bool]]:
        actions = window.device_menu.actions()
        return {a.objectName(): (a.text(), a.isEnabled()) for a in actions}

    qtbot.waitUntil(lambda: "device_cpu" in entries())
    assert entries()["device_cpu"][1] and entries()["device_auto"][1]
    for name in ("cuda", "mps"):
        text, enabled = entries()[f"device_{name}"]
        assert enabled == (not found[name].problem)
        assert found[name].problem in text


def test_choices_are_remembered(make_window: MakeWindow, qtbot: QtBot, tmp_path: Path) -> None:
    first = make_window()
    first.tabs.setCurrentWidget(first.train)
    first.draw.width_slider.setValue(150)
    first.resize(1100, 650)
    first.close()
    second = make_window()
    assert second.train is second.tabs.currentWidget()
    assert second.draw.canvas.pen_width == 1.5
    assert second.height() == 650  # the width may be cut by a test machine's small screen


@pytest.mark.parametrize(
    "content",
    [b"\x00\xff broken \x00", b"[General]\ntab=7\npen_width=much\ngeometry=@ByteArray(x)\n"],
)
def test_a_broken_settings_file_is_ignored(
    make_window: MakeWindow, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "settings.ini").write_bytes(content)
    window = make_window()
    assert window.tabs.currentWidget() is window.draw
    assert window.draw.canvas.pen_width == 1.0


def test_a_reader_that_fails_says_so_and_reads_on(window: Window, qtbot: QtBot) -> None:
    window.reader.ask("no request at all")
    qtbot.waitUntil(lambda: "could not read" in window.statusBar().currentMessage())
    draw(window.draw.canvas, SEVEN)
    qtbot.waitUntil(lambda: window.draw.prediction.answer == "7")


def test_closing_before_the_network_is_ready_waits_for_no_window(make_window: MakeWindow) -> None:
    window = make_window()
    window.start()
    window.close()
    assert isinstance(window.reader, QThread) and window.reader.wait(20_000)
