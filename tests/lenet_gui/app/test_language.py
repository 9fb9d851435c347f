"""The language: chosen at the start, and anew while the program runs."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from lenet_gui.app.language import Language, Windows, chosen
from lenet_gui.app.window import Window
from lenet_gui.widgets import formatting, theme
from lenet_gui.widgets.file_dialogs import PICTURE_KINDS, ask_where_to_save
from tests.support.gui import ONE, MakeWindow, draw
from trainer import files, translation
from trainer.recipes.catalog import find_recipe

SLOW = dataclasses.replace(
    find_recipe("mnist-sigmoid-adamw"), dataset="pen", batch_size=100, epochs=1000
)


def open_windows(make_window: MakeWindow, language: Language, qtbot: QtBot) -> Windows:
    """One window, whose network is loaded."""
    first = make_window()
    with qtbot.waitSignal(first.reader.loaded, timeout=30_000):
        first.start()
    return Windows(first, language, lambda _new: None)


def choose(window: Window, name: str) -> None:
    """As from View > Language."""
    action = window.findChild(QAction, f"language_{name}")
    assert isinstance(action, QAction)
    action.trigger()


def test_another_language_leaves_runs_drawing_and_tab(
    make_window: MakeWindow, language: Language, small_pen: None, qtbot: QtBot
) -> None:
    windows = open_windows(make_window, language, qtbot)
    first = windows.current
    draw(first.draw.canvas, ONE)
    strokes = first.draw.canvas.drawing.strokes
    run = first.train.start(SLOW)
    qtbot.waitUntil(lambda: run.epochs > 0, timeout=60_000)
    first.tabs.setCurrentIndex(3)
    choose(first, "zh_CN")
    second = windows.current
    assert second is not first and not first.isVisible() and second.isVisible()
    assert second.lazy_train.built is None  # it comes once the window is seen
    assert language.used == "zh_CN" and chosen(second.settings) == "zh_CN"
    assert second.draw.canvas.drawing.strokes == strokes and second.tabs.currentIndex() == 3
    second.close()  # Train was not opened; the run is asked about all the same
    question = second.findChild(QMessageBox, "quit_question")
    assert isinstance(question, QMessageBox) and second.isVisible()
    question.reject()
    epoch = run.epochs
    assert second.train.list.runs == [run] and run.under_way
    with qtbot.waitSignal(second.train.list.dataChanged, timeout=30_000):
        qtbot.waitUntil(lambda: run.epochs > epoch, timeout=30_000)
    assert run.thread is not None
    run.thread.stop()
    qtbot.waitUntil(lambda: not run.under_way, timeout=30_000)
    second.close()
    assert all(thread.wait(30_000) for thread in second.ending)
    second.deleteLater()


def test_a_language_chosen_before_the_window_is_complete_leaves_runs_and_network(
    make_window: MakeWindow, language: Language, small_pen: None, qtbot: QtBot
) -> None:
    windows = open_windows(make_window, language, qtbot)
    first = windows.current
    first.train.train_at_once(1)
    watched, queued = first.train.start(SLOW), first.train.start(SLOW)
    qtbot.waitUntil(lambda: watched.epochs > 0, timeout=60_000)
    first.use_model(dataclasses.replace(first.reader.model, name="another"))
    first.watch_run(watched)
    for name in ("zh_CN", "en"):
        choose(windows.current, name)
    third = windows.current
    assert len(windows.all) == 3 and third.lazy_train.built is None
    qtbot.waitUntil(lambda: third.draw.bar.isVisible(), timeout=30_000)
    assert third.watching.run is watched and third.train.list.runs == [queued, watched]
    qtbot.waitUntil(lambda: windows.all == [third], timeout=30_000)
    assert watched.thread is not None
    watched.thread.stop()
    qtbot.waitUntil(lambda: queued.epochs > 0, timeout=60_000)  # it was its turn
    third.watching.stop()
    assert third.reader.model is not None and third.reader.model.name == "another"
    third.closing.close_now()
    assert all(thread.wait(30_000) for thread in third.ending)
    third.deleteLater()


def test_what_train_remembers_outlasts_a_window_that_does_not_show_it(
    make_window: MakeWindow, language: Language, small_pen: None, qtbot: QtBot
) -> None:
    windows = open_windows(make_window, language, qtbot)
    first = windows.current
    run = first.train.start(SLOW)
    qtbot.waitUntil(lambda: run.epochs > 0, timeout=60_000)
    assert run.thread is not None and run.folder is not None
    run.thread.stop()
    qtbot.waitUntil(lambda: not run.under_way, timeout=30_000)
    first.tabs.setCurrentIndex(0)
    choose(first, "zh_CN")
    second = windows.current
    assert second.lazy_train.built is None and second.settings is not None
    second.close()
    assert json.loads(second.settings.text("ticked_runs", "")) == [run.folder.name]
    assert all(thread.wait(30_000) for thread in second.ending)
    second.deleteLater()


def test_windows_in_languages_before_do_not_stay(
    make_window: MakeWindow, language: Language, qtbot: QtBot
) -> None:
    of_other_tests = live_windows()
    windows = open_windows(make_window, language, qtbot)
    for name in ("zh_CN", "en", "zh_CN"):
        choose(windows.current, name)
    left = [*of_other_tests, windows.current]
    qtbot.waitUntil(lambda: all(window in left for window in live_windows()), timeout=30_000)
    windows.current.close()
    assert all(thread.wait(30_000) for thread in windows.current.ending)
    windows.current.deleteLater()


def test_a_dialog_that_asks_whether_to_replace_a_file_ends_before_its_window(
    make_window: MakeWindow, language: Language, qtbot: QtBot, tmp_path: Path
) -> None:
    first = make_window()
    first.show()
    windows = Windows(first, language, lambda _new: None)
    (tmp_path / "net.png").write_bytes(b"mine")
    saved: list[Path] = []
    asked = ask_where_to_save(first, "Save", tmp_path / "net.png", PICTURE_KINDS, saved.append)
    gone = QSignalSpy(first.destroyed)
    QTimer.singleShot(300, lambda: windows.show_in("zh_CN"))
    asked.accept()  # returns once Qt's question, whether to replace it, was answered
    qtbot.waitUntil(lambda: gone.count() == 1, timeout=30_000)
    assert not saved and (tmp_path / "net.png").read_bytes() == b"mine"
    assert len(windows.all) == 1
    windows.current.close()


def live_windows() -> list[Window]:
    """Those that Qt still has."""
    return [top for top in QApplication.topLevelWidgets() if isinstance(top, Window)]


@pytest.mark.parametrize(
    ("environment", "used"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "zh"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANGUAGE": "fr:zh_CN:en"}, "zh_CN"),
        ({"LANGUAGE": "en:zh_CN"}, "en"),
        ({"LANG": "zh_TW.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_environment_asks_for_a_language(environment: dict[str, str], used: str) -> None:
    assert translation.match_language(translation.wanted_languages(environment)) == used


def test_numbers_are_written_as_the_country_does(language: Language) -> None:
    formatting.use_locale(QLocale("de_DE"))
    assert formatting.format_rounded(-1234.5, 2) == "−1234,50"
    assert formatting.format_count(10_652) == "10.652"
    assert formatting.format_day("2026-11-21") == "21.11.26"
    formatting.use_locale(QLocale.c())
    assert formatting.format_percent(0.98765) == "98.77 %"
    assert formatting.format_day("2026-11-21") == "2026-11-21"


def test_qt_and_the_catalog_are_translated(language: Language) -> None:
    language.use("zh_CN")
    assert translation.gettext("Undo") != "Undo"
    assert theme.application().translate("QPlatformTheme", "Cancel") != "Cancel"
    language.use("en")
    assert translation.gettext("Undo") == "Undo"


def test_there_is_a_catalog_of_each_language() -> None:
    for name in translation.LANGUAGES:
        folder: Path = files.asset("locale")
        assert translation.use_language(name, folder) == name
    translation.use_language("en", files.asset("locale"))
