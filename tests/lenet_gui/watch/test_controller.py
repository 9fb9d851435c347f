"""Watching a run learn on the Draw tab: live, and epoch by epoch afterwards."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from lenet_gui.train.run_item import RowState, RunItem
from lenet_gui.watch import controller
from lenet_gui.watch.controller import (
    EpochModels,
    EpochRequest,
    EpochResult,
    LiveEpoch,
    SavedEpoch,
)
from lenet_gui.workers.serial import BackgroundTask
from tests.support.gui import ONE, SEVEN, MakeWindow, draw
from trainer.data.loading import FASHION_CLASSES
from trainer.networks import factory
from trainer.networks import model as weights
from trainer.reading import predict
from trainer.reading.sheet_reading import SheetReading
from trainer.recipes.recipe import DIGIT_CLASSES, Recipe
from trainer.runs import lifecycle, listing, record
from trainer.training.events import Epoch, Snapshot, Step

LEFT = Qt.MouseButton.LeftButton
QUICK = Recipe(name="quick", dataset="pen", epochs=3, batch_size=32, learning_rate=3e-3)
ENDLESS = dataclasses.replace(QUICK, name="endless", epochs=1000)
LETTERS = tuple("ABCDEFGHIJ")


def until(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    """Wait, on a busy machine for long."""
    qtbot.waitUntil(condition, timeout=30_000)


def network_of(seed: int, recipe: Recipe = QUICK) -> factory.Network:
    return factory.build(recipe, torch.Generator().manual_seed(seed)).eval()


def past_run(
    folder: Path, name: str = "old", seed: int = 0, classes: tuple[str, ...] = DIGIT_CLASSES
) -> RunItem:
    """A run of earlier with epochs 0 to 5."""
    recipe = dataclasses.replace(QUICK, name=name, epochs=5)
    for epoch in range(6):
        path = listing.epoch_path(folder / name, epoch)
        path.parent.mkdir(parents=True, exist_ok=True)
        history = {"val_accuracy": 0.5 + epoch / 20}
        network = network_of(seed + epoch, recipe)
        weights.save(weights.Model(network, recipe, classes, history, temperature=0.5), path)
    return RunItem(
        recipe=recipe, number=0, state=RowState.FINISHED, folder=folder / name, started="14:15:00"
    )


def begin(window: Window, run: RunItem) -> None:
    """Put a run in the list, select it, and press the button."""
    if run not in window.train.list.runs:
        window.train.list.add(run)
    window.tabs.setCurrentWidget(window.train)
    window.train.table.selectRow(window.train.list.runs.index(run))
    QTest.mouseClick(window.train.buttons.watch, LEFT)


def newest(window: Window) -> SheetReading:
    """What is on show."""
    assert window.draw.reading is not None
    return window.draw.reading


def shows(window: Window, model: weights.Model) -> bool:
    """Whether the bars are those of this model's reading of the drawing."""
    expected = predict.read(model, newest(window).image).probabilities
    shown = window.draw.probabilities.values
    return len(shown) == 10 and np.allclose(shown, expected, atol=1e-6)


def wait_for_epoch(qtbot: QtBot, window: Window, run: RunItem, epoch: int) -> None:
    """Until the drawing is read by an epoch's file."""
    assert run.folder is not None
    model = weights.load(listing.epoch_path(run.folder, epoch))
    until(qtbot, lambda: shows(window, model))


def press_slider(window: Window, stop: int) -> None:
    slider = window.draw.bar.slider
    at = QPoint(round(slider.place(stop)), slider.height() // 2)
    QTest.mouseClick(slider, LEFT, pos=at)


def wait_for_state(qtbot: QtBot, run: RunItem, *states: str) -> None:
    until(qtbot, lambda: run.state in states)


@pytest.fixture
def seven(window: Window, qtbot: QtBot) -> Window:
    """A window with a drawing that has been read."""
    draw(window.draw.canvas, SEVEN)
    until(qtbot, lambda: window.draw.prediction.answer == "7")
    return window


# As it learns


@pytest.mark.usefixtures("small_pen")
def test_the_drawing_is_read_anew_as_the_run_learns(seven: Window, qtbot: QtBot) -> None:
    window = seven
    run = window.train.start(ENDLESS)
    begin(window, run)
    assert window.tabs.currentWidget() is window.draw and window.draw.bar.isVisible()
    models: list[weights.Model] = []
    window.watching.show_model.connect(models.append)
    seen: list[tuple[float, ...]] = []
    window.reader.done.connect(lambda _: seen.append(window.draw.probabilities.values))
    # Within epochs, too: more often than an epoch's end would do it.
    until(qtbot, lambda: "step" in window.draw.bar.moment.whole)
    until(qtbot, lambda: len(set(seen)) > 5)
    assert f"{run.short_title}, epoch" in window.labels.model.text()
    assert "(training)" in window.labels.model.text()
    assert run.thread is not None
    run.thread.pause()
    until(qtbot, lambda: run.thread is not None and run.thread.waiting)
    until(qtbot, lambda: window.reader.model is models[-1])
    until(qtbot, lambda: shows(window, models[-1]))
    run.thread.stop()
    wait_for_state(qtbot, run, "stopped")


@pytest.mark.usefixtures("small_pen")
def test_a_run_watched_to_its_end_leaves_its_last_epoch_on_show(
    seven: Window, qtbot: QtBot
) -> None:
    window = seven
    run = window.train.start(QUICK)
    begin(window, run)
    wait_for_state(qtbot, run, "finished")
    wait_for_epoch(qtbot, window, run, 3)
    assert window.draw.bar.slider.maximum() == 3  # how it began, and its epochs
    assert not window.draw.bar.now.isVisible()
    assert window.draw.bar.moment.whole.startswith("after epoch 3 of 3, ")
    press_slider(window, 0)
    wait_for_epoch(qtbot, window, run, 0)
    assert window.draw.bar.moment.whole == "before its first step"


@pytest.mark.usefixtures("small_pen")
def test_an_earlier_epoch_stays_on_show_while_the_run_goes_on(seven: Window, qtbot: QtBot) -> None:
    window = seven
    run = window.train.start(ENDLESS)
    begin(window, run)
    bar, thread = window.draw.bar, run.thread
    assert thread is not None
    until(qtbot, lambda: bar.slider.maximum() >= 3)
    press_slider(window, 1)
    assert not thread.watching and not bar.now.isChecked()  # nobody needs its weights now
    wait_for_epoch(qtbot, window, run, 1)
    epochs = bar.slider.maximum()
    until(qtbot, lambda: bar.slider.maximum() > epochs + 1)
    assert bar.slider.value() == 1 and bar.moment.whole.startswith("after epoch 1 of")
    QTest.mouseClick(bar.now, LEFT)
    assert thread.watching and bar.slider.value() == bar.slider.maximum()
    until(qtbot, lambda: "step" in bar.moment.whole)
    window.tabs.setCurrentWidget(window.train)
    assert not thread.watching  # nobody sees it
    window.tabs.setCurrentWidget(window.draw)
    assert thread.watching
    QTest.keyClick(bar.slider, Qt.Key.Key_Escape)
    assert not thread.watching and not bar.isVisible()
    thread.stop()
    wait_for_state(qtbot, run, "stopped")


@pytest.mark.usefixtures("small_pen")
def test_paused_and_taken_up_again_while_it_is_watched(seven: Window, qtbot: QtBot) -> None:
    window = seven
    run = window.train.start(dataclasses.replace(ENDLESS, name="again"))
    begin(window, run)
    moment = window.draw.bar.moment
    until(qtbot, lambda: run.epochs > 1 and "step" in moment.whole)
    QTest.mouseClick(window.train.buttons.pause, LEFT)
    until(qtbot, lambda: moment.whole.endswith(", paused"))
    assert "(paused)" in window.labels.model.text()
    QTest.mouseClick(window.train.buttons.stop, LEFT)
    wait_for_state(qtbot, run, "stopped")
    until(qtbot, lambda: moment.whole.startswith("after epoch"))
    assert "paused" not in moment.whole and not window.draw.bar.now.isVisible()
    window.train.resume(run)
    until(qtbot, lambda: "step" in moment.whole)
    assert window.draw.bar.now.isChecked() and run.thread is not None and run.thread.watching
    run.thread.stop()
    wait_for_state(qtbot, run, "stopped")


@pytest.mark.usefixtures("small_pen")
def test_a_run_that_diverges_leaves_what_can_be_read(seven: Window, qtbot: QtBot) -> None:
    window = seven
    recipe = dataclasses.replace(QUICK, optimizer="sgd", learning_rate=10, weight_decay=1)
    run = window.train.start(dataclasses.replace(recipe, epochs=50))
    begin(window, run)
    wait_for_state(qtbot, run, "diverged")
    assert run.folder is not None
    wait_for_epoch(qtbot, window, run, listing.list_epochs(run.folder)[-1][0])
    assert all(np.isfinite(window.draw.probabilities.values))


@pytest.mark.usefixtures("small_pen")
def test_the_window_closes_at_once_while_a_run_is_watched(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    window = make_window()
    with qtbot.waitSignal(window.reader.loaded, timeout=30_000):
        window.start()
    begin(window, window.train.start(ENDLESS))
    until(qtbot, lambda: window.watching.model is not None)
    window.closing.close_now()
    assert window.watching.models in window.ending
    assert all(thread.wait(30_000) for thread in window.ending)


# The saved epochs of a run


def test_the_mouse_and_the_arrow_keys_go_through_the_epochs(
    seven: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    window, run = seven, past_run(tmp_path)
    begin(window, run)
    slider = window.draw.bar.slider
    wait_for_epoch(qtbot, window, run, 5)
    assert slider.hasFocus() and slider.maximum() == 5
    for key, epoch in ((Qt.Key.Key_Left, 4), (Qt.Key.Key_Home, 0), (Qt.Key.Key_Right, 1)):
        QTest.keyClick(slider, key)
        wait_for_epoch(qtbot, window, run, epoch)
    middle = slider.height() // 2
    QTest.mousePress(slider, LEFT, pos=QPoint(round(slider.place(2)), middle))
    wait_for_epoch(qtbot, window, run, 2)
    QTest.mouseMove(slider, QPoint(round(slider.place(4)), middle))
    wait_for_epoch(qtbot, window, run, 4)
    QTest.mouseRelease(slider, LEFT, pos=QPoint(round(slider.place(4)), middle))
    assert window.draw.bar.moment.whole == "after epoch 4 of 5, 70.00 %"
    assert window.labels.model.text() == "old 14:15:00, epoch 4"


def test_another_drawing_is_read_by_the_epoch_on_show(
    seven: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    window, run = seven, past_run(tmp_path)
    begin(window, run)
    press_slider(window, 1)
    wait_for_epoch(qtbot, window, run, 5)  # until its files are found there is one place only
    press_slider(window, 1)
    wait_for_epoch(qtbot, window, run, 1)
    before = newest(window).image
    draw(window.draw.canvas, ONE)
    until(qtbot, lambda: not np.array_equal(newest(window).image, before))
    wait_for_epoch(qtbot, window, run, 1)


def test_playing_goes_through_all_epochs_in_order(
    seven: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    window, run = seven, past_run(tmp_path)
    window.watching.player.setInterval(20)
    begin(window, run)
    wait_for_epoch(qtbot, window, run, 5)
    names: list[str] = []
    window.watching.show_model.connect(lambda model: names.append(model.name))
    QTest.mouseClick(window.draw.bar.play, LEFT)
    until(qtbot, lambda: not window.draw.bar.play.isChecked())
    wait_for_epoch(qtbot, window, run, 5)
    assert names == [f"old 14:15:00, epoch {epoch}" for epoch in range(6)]


def test_escape_brings_the_network_before_back(seven: Window, qtbot: QtBot, tmp_path: Path) -> None:
    window, run = seven, past_run(tmp_path)
    before, label = window.reader.model, window.labels.model.text()
    places = [part.geometry() for part in (window.draw.canvas, window.draw.conv2)]
    begin(window, run)
    wait_for_epoch(qtbot, window, run, 5)
    assert not window.draw.correction.isVisible()
    QTest.keyClick(window.draw.canvas, Qt.Key.Key_Escape)
    assert window.reader.model is before and window.labels.model.text() == label
    until(qtbot, lambda: window.draw.prediction.answer == "7")
    until(qtbot, lambda: window.draw.bar.isHidden() and window.draw.correction.isVisible())
    until(
        qtbot,
        lambda: places == [part.geometry() for part in (window.draw.canvas, window.draw.conv2)],
    )


def test_an_epoch_can_be_kept_on_show(seven: Window, qtbot: QtBot, tmp_path: Path) -> None:
    window, run = seven, past_run(tmp_path)
    begin(window, run)
    wait_for_epoch(qtbot, window, run, 5)
    press_slider(window, 2)
    wait_for_epoch(qtbot, window, run, 2)
    QTest.mouseClick(window.draw.bar.use, LEFT)
    assert window.watching.run is None and window.draw.bar.isHidden()
    assert window.reader.model is not None
    assert window.reader.model.name == "old 14:15:00, epoch 2"
    assert window.labels.model.text() == "old 14:15:00, epoch 2  60.00 % validation"
    wait_for_epoch(qtbot, window, run, 2)


def test_another_network_put_on_show_ends_the_watching(
    seven: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    window, run = seven, past_run(tmp_path)
    begin(window, run)
    wait_for_epoch(qtbot, window, run, 5)
    window.use_shipped()
    assert window.draw.bar.isHidden() and window.reader.model is window.shipped
    until(qtbot, lambda: window.draw.prediction.answer == "7")


def test_of_two_runs_the_one_asked_for_last_is_shown(
    seven: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    window = seven
    first, second = past_run(tmp_path, "first"), past_run(tmp_path, "second", seed=100)
    before = window.reader.model
    for run in (first, second, first, second):
        begin(window, run)
    wait_for_epoch(qtbot, window, second, 5)
    assert window.labels.model.text() == "second 14:15:00, epoch 5"
    QTest.mouseClick(window.draw.bar.stop, LEFT)
    assert window.reader.model is before  # not the first run's


def test_a_deleted_folder_costs_only_what_was_not_read(
    seven: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    window, run = seven, past_run(tmp_path)
    begin(window, run)
    wait_for_epoch(qtbot, window, run, 5)
    before = weights.load(listing.epoch_path(tmp_path / "old", 5))
    shutil.rmtree(tmp_path / "old")
    press_slider(window, 3)
    until(qtbot, lambda: "cannot be read" in window.statusBar().currentMessage())
    assert shows(window, before)
    press_slider(window, 5)
    until(qtbot, lambda: "epoch 5" in window.draw.bar.moment.whole)
    assert shows(window, before)


def test_a_run_that_left_nothing_says_so(seven: Window, qtbot: QtBot, tmp_path: Path) -> None:
    window, run = seven, past_run(tmp_path)
    shutil.rmtree(tmp_path / "old")
    begin(window, run)
    assert window.draw.bar.moment.whole == "no epoch of it is kept"
    assert not window.draw.bar.use.isEnabled() and not window.draw.bar.play.isEnabled()
    until(qtbot, lambda: not BackgroundTask.running())
    assert window.draw.prediction.answer == "7"  # the network before is still there


def test_a_run_taken_off_the_list_is_watched_no_longer(
    seven: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    window, run = seven, past_run(tmp_path)
    before = window.reader.model
    begin(window, run)
    wait_for_epoch(qtbot, window, run, 5)
    window.train.list.remove(run)
    assert window.draw.bar.isHidden() and window.reader.model is before


def test_a_network_of_other_things_shows_its_classes(
    seven: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    window, run = seven, past_run(tmp_path, classes=LETTERS)
    begin(window, run)
    wait_for_epoch(qtbot, window, run, 5)
    assert newest(window).classes == LETTERS
    assert window.draw.prediction.answer in (*LETTERS, "?")


# Making models


@pytest.fixture
def models(qtbot: QtBot) -> EpochModels:
    """Not started: its work is called in the test's thread."""
    return EpochModels()


def test_what_was_read_is_kept_within_a_limit(
    models: EpochModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controller, "MOST_KEPT", 2)
    run = past_run(tmp_path)
    files = [SavedEpoch(*found) for found in listing.list_epochs(tmp_path / "old")]
    made = [models.work(EpochRequest(run, "old", file)) for file in files]
    assert len(models.cached) == 2
    shutil.rmtree(tmp_path / "old")
    again = models.work(EpochRequest(run, "old", files[-1]))
    assert again.model.network is made[-1].model.network
    with pytest.raises(weights.ModelError, match="cannot be read"):
        models.work(EpochRequest(run, "old", files[0]))


def test_a_file_written_anew_is_read_anew(models: EpochModels, tmp_path: Path) -> None:
    run = past_run(tmp_path)
    wanted = EpochRequest(run, "old", SavedEpoch(1, listing.epoch_path(tmp_path / "old", 1)))
    before = models.work(wanted).model
    shutil.copy(listing.epoch_path(tmp_path / "old", 2), wanted.what.path)  # type: ignore[union-attr]
    after = models.work(wanted).model
    assert not torch.equal(before.network.conv1.weight, after.network.conv1.weight)


def test_weights_on_the_way_get_the_latest_epochs_temperature(
    models: EpochModels, tmp_path: Path
) -> None:
    run = past_run(tmp_path)
    state = network_of(9).state_dict()
    live = EpochRequest(run, "old", LiveEpoch(Snapshot(2, 50, state, LETTERS), QUICK))
    assert models.work(live).model.temperature == 1.0
    models.work(EpochRequest(run, "old", SavedEpoch(1, listing.epoch_path(tmp_path / "old", 1))))
    made: EpochResult = models.work(live)
    assert made.model.temperature == 0.5
    assert (made.model.name, made.model.classes) == ("old, step 50", LETTERS)


def test_weights_that_are_not_numbers_make_no_model(models: EpochModels) -> None:
    state = {name: w * torch.nan for name, w in network_of(9).state_dict().items()}
    with pytest.raises(Exception, match="no longer numbers"):
        models.work(
            EpochRequest(None, "old", LiveEpoch(Snapshot(2, 50, state, DIGIT_CLASSES), QUICK))
        )


# Training


@pytest.mark.usefixtures("small_pen")
def test_being_watched_changes_nothing_of_a_run(tmp_path: Path) -> None:
    recipe = dataclasses.replace(QUICK, epochs=1, weight_average=0.9)
    found: dict[str, list[object]] = {}
    for name, watched in (("watched", lambda: True), ("alone", None)):
        events = lifecycle.run(
            recipe,
            data=tmp_path,
            runs=tmp_path / name,
            device=torch.device("cpu"),
            watched=watched,
        )
        with closing(events):
            found[name] = list(events)
    snapshots = [event for event in found["watched"] if isinstance(event, Snapshot)]
    steps = [event for event in found["watched"] if isinstance(event, Step)]
    assert [event.step for event in snapshots] == [event.step for event in steps]
    assert not any(isinstance(event, Snapshot) for event in found["alone"])
    (epoch,) = (event for event in found["watched"] if isinstance(event, Epoch))
    (other,) = (event for event in found["alone"] if isinstance(event, Epoch))
    for name, values in epoch.weights.items():
        assert torch.equal(values, other.weights[name])
        assert torch.equal(values, snapshots[-1].weights[name])  # what is kept is what is shown
    assert not torch.equal(snapshots[0].weights["fc3.bias"], snapshots[1].weights["fc3.bias"])


@pytest.mark.usefixtures("small_pen")
def test_a_run_keeps_how_it_began(tmp_path: Path) -> None:
    still = dataclasses.replace(QUICK, epochs=1, learning_rate=1e-6)
    device = torch.device("cpu")
    events = list(lifecycle.run(still, data=tmp_path, runs=tmp_path / "runs", device=device))
    folder = next(event.folder for event in events if isinstance(event, record.Started))
    assert [epoch for epoch, _ in listing.list_epochs(folder)] == [0, 1]
    began = weights.load(listing.epoch_path(folder, 0)).network.state_dict()
    (epoch,) = (event for event in events if isinstance(event, Epoch))
    assert all(torch.allclose(w, began[name], atol=1e-4) for name, w in epoch.weights.items())


# Kernels, and room


def test_kernels_are_a_choice_of_the_view_that_is_remembered(
    window: Window, make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    view = next(m for m in window.menuBar().findChildren(QMenu) if m.title() == "&View")
    draw_tab = window.draw
    assert draw_tab.kernels in view.actions() and not draw_tab.view.kernels.isVisible()
    QTest.keyClick(draw_tab.canvas, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert draw_tab.view.kernels.isVisible()
    begin(window, past_run(tmp_path))
    assert draw_tab.bar.kernels.isChecked()
    box = draw_tab.bar.kernels
    QTest.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))
    assert not draw_tab.view.kernels.isVisible() and not draw_tab.kernels.isChecked()
    draw_tab.bar.stop.click()
    assert draw_tab.view.kernels.isVisible()
    window.close()
    other = make_window()
    assert other.draw.kernels.isChecked() and other.draw.view.kernels.isVisible()
    assert other.draw.kernels_wanted == {False: True, True: False}


def test_a_clean_sheet_shows_an_epochs_kernels_all_the_same(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    run = past_run(tmp_path)
    begin(window, run)
    shown = window.draw.view.kernels
    for epoch in (5, 1):
        expected = network_of(epoch, run.recipe).conv1.weight.detach().numpy()
        until(
            qtbot,
            lambda expected=expected: (
                shown.kernels is not None and np.array_equal(shown.kernels.conv1, expected)
            ),
        )
        press_slider(window, 1)


def test_a_click_on_a_map_of_conv2_shows_its_kernels(
    seven: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    window, run = seven, past_run(tmp_path)
    begin(window, run)
    wait_for_epoch(qtbot, window, run, 5)
    view = window.draw.view
    QTest.mouseClick(view.conv2, LEFT, pos=view.conv2.tile(9).center().toPoint())
    assert view.conv2.chosen == 9 and view.kernels.chosen == 9
    _, second = view.kernels.places(3)
    assert view.kernels.tooltip_at(second.center()).startswith(
        "Through this kernel, map 10 of conv2"
    )
    view.conv2.setFocus()
    QTest.keyClick(view.conv2, Qt.Key.Key_Up)
    assert view.kernels.chosen == 1
    press_slider(window, 2)  # another epoch's, of the same map
    wait_for_epoch(qtbot, window, run, 2)
    assert view.kernels.chosen == 1 and view.conv2.chosen == 1


def test_at_the_smallest_size_all_of_it_fits(seven: Window, qtbot: QtBot, tmp_path: Path) -> None:
    window, run = seven, past_run(tmp_path, classes=FASHION_CLASSES)
    window.resize(960, 600)
    begin(window, run)
    wait_for_epoch(qtbot, window, run, 5)
    until(qtbot, lambda: window.height() == 600 and window.draw.bar.isVisible())
    view, bar = window.draw.view, window.draw.bar
    parts: list[QWidget] = [
        *(
            view.preprocessing,
            view.prediction,
            view.probabilities,
            view.conv1,
            view.kernels,
            view.conv2,
        ),
        *(bar.title, bar.play, bar.slider, bar.kernels, bar.use, bar.stop),
    ]
    boxes = []
    for part in parts:
        assert part.width() >= part.minimumSizeHint().width(), part.objectName()
        assert part.height() >= part.minimumHeight(), part.objectName()
        box = part.rect().translated(part.mapTo(window.draw, QPoint()))
        assert window.draw.rect().contains(box), part.objectName()
        assert not any(box.intersects(other) for other in boxes), part.objectName()
        boxes.append(box)
    assert (window.width(), window.height()) == (960, 600)
