"""What was closed is gone, Python's part of it as well: nothing comes with each time."""

from __future__ import annotations

import gc
import weakref
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from lenet_gui.app import building
from lenet_gui.app.language import Language, Windows
from lenet_gui.app.window import Window
from lenet_gui.help.window import ShortcutsWindow
from lenet_gui.workers.latest import DetachedWorker
from lenet_gui.workers.serial import BackgroundTask
from tests.support.gui import SEVEN, MakeWindow, draw

Act = Callable[[Window, Path], object]


def living() -> Counter[str]:
    """How many objects there are of each of the window's classes, also such as Qt has deleted."""
    for _ in range(3):
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
        gc.collect()
    found = (one for one in gc.get_objects() if isinstance(one, QObject))
    return Counter(
        f"{type(one).__name__}{'' if isValid(one) else ', deleted'}"
        for one in found
        if type(one).__module__.startswith("lenet_gui")
    )


def is_quiet() -> bool:
    """Whether nothing is done in the background."""
    return not BackgroundTask.running() and not DetachedWorker.end_all()


def build_all(window: Window) -> None:
    """All tabs, and what is only there once something was drawn."""
    for _tab in (window.inspect, window.train, window.evaluate, window.my_digits):
        pass
    window.my_classes.isVisible()
    draw(window.draw.canvas, SEVEN[:9])


def test_a_window_in_another_language_takes_nothing_with_it(
    make_window: MakeWindow, language: Language, qtbot: QtBot
) -> None:
    first = make_window()
    windows = Windows(first, language, lambda _new: None)
    with qtbot.waitSignal(first.reader.loaded, timeout=30_000):
        first.start()
    counts, before = [], []
    for name in ("zh_CN", "en", "zh_CN"):
        build_all(windows.current)
        before.append(weakref.ref(windows.current))
        windows.show_in(name)
        qtbot.waitUntil(lambda: len(windows.all) == 1 and is_quiet(), timeout=30_000)
        counts.append(living())
    windows.current.close()
    assert all(thread.wait(30_000) for thread in windows.current.ending)
    windows.current.deleteLater()
    assert counts[2] - counts[0] == Counter()
    assert [each() for each in before[1:]] == [None, None]  # the fixture holds the first


def open_shortcuts(window: Window, _path: Path) -> None:
    ShortcutsWindow(window, window.findChildren(QAction)).open()


def adjust(window: Window, _path: Path) -> None:
    building.show_adjusting(window, window)


DIALOGS: dict[str, Act] = {
    "preferences": lambda window, _path: building.build_preferences(window, window).open(),
    "export": lambda window, _path: window.model_files.show_export(),
    "import": lambda window, path: window.model_files.import_file(path),
    "pages": lambda window, path: window.draw.pictures.several_found.emit([path]),
    "own data": lambda window, path: window.evaluate.panel.own_data.read(path),
    "open a file": lambda window, _path: window.model_files.ask_what_to_open(),
    "results": lambda window, _path: window.train.show_results(),
    "shortcuts": open_shortcuts,
    "adjust": adjust,
}


def close_dialogs(window: Window) -> bool:
    """Whether there was one."""
    shown = [each for each in window.findChildren(QDialog) if each.isVisible()]
    for dialog in shown:
        dialog.close()
    return bool(shown)


def test_a_dialog_that_was_closed_leaves_nothing(
    window: Window, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "gray.png"
    page = QImage(200, 120, QImage.Format.Format_RGB32)
    page.fill(0xF0F0F0)
    page.save(str(path))
    window.draw.pictures.take_file(path)
    qtbot.waitUntil(is_quiet, timeout=30_000)

    def open_and_close(act: Act) -> Counter[str]:
        act(window, path)
        opened = close_dialogs(window)
        qtbot.waitUntil(is_quiet, timeout=30_000)
        assert opened
        return living()

    for act in DIALOGS.values():
        open_and_close(act)
    before = living()
    grown = {name: open_and_close(act) - before for name, act in DIALOGS.items()}
    assert not any(grown.values()), grown
