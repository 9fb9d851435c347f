"""What the window's tests share: a window of their own, and a hand to draw with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import (
    QLibraryInfo,
    QLocale,
    QMimeData,
    QPoint,
    QPointF,
    Qt,
    QUrl,
    QVersionNumber,
)
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from lenet_gui.app.language import Language
from lenet_gui.app.session import FIRST_SIZE, Settings
from lenet_gui.app.window import Window
from lenet_gui.draw.canvas import Canvas
from lenet_gui.train.tab import TrainTab
from lenet_gui.widgets import formatting, theme
from lenet_gui.workers.serial import BackgroundTask
from tests.support.file_access import no_files_in_this_thread
from trainer.drawing.sheet import PAPER

_QT = QLibraryInfo.version()
ONE = [(140.0, 60.0 + 16 * n) for n in range(11)]
SEVEN = [(80.0 + 12 * n, 70.0) for n in range(11)] + [
    (200.0 - 8 * n, 70.0 + 15 * n) for n in range(11)
]


@contextmanager
def restore_look(app: QApplication) -> Iterator[None]:
    """Take back at the end what is done to the application's colors and style."""
    sheet, palette, style = app.styleSheet(), app.palette(), app.style().name()
    yield
    app.setStyleSheet("")
    QGuiApplication.styleHints().unsetColorScheme()
    app.setStyle(style)
    app.setPalette(palette)
    app.setStyleSheet(sheet)


def on_canvas(canvas: Canvas, x: float, y: float) -> QPoint:
    """A place on the paper as the widget's pixel."""
    sheet = canvas.sheet()
    scale = sheet.width() / PAPER
    return QPoint(round(sheet.x() + x * scale), round(sheet.y() + y * scale))


def draw(
    canvas: Canvas,
    points: Sequence[tuple[float, float]],
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
) -> None:
    """One stroke with the mouse."""
    places = [on_canvas(canvas, x, y) for x, y in points]
    QTest.mousePress(canvas, button, Qt.KeyboardModifier.NoModifier, places[0])
    for place in places[1:]:
        QTest.mouseMove(canvas, place)
    QTest.mouseRelease(canvas, button, Qt.KeyboardModifier.NoModifier, places[-1])


def make_drag(kind: type[QDragMoveEvent], at: int, data: QMimeData) -> QDragMoveEvent:
    """Something comes into a widget, or moves over it: `at` pixels from its corner, both ways."""
    # Since 6.12 a place between two pixels is wanted, before it one of whole pixels.
    place: Any = QPointF(at, at) if QVersionNumber(6, 12) <= _QT else QPoint(at, at)
    left, free = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    return kind(place, Qt.DropAction.CopyAction, data, left, free)


def drop(onto: QWidget, *paths: Path) -> bool:
    """Drag files in and let them go; whether they were welcome."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    free = Qt.KeyboardModifier.NoModifier
    enter = make_drag(QDragEnterEvent, 5, data)
    QApplication.sendEvent(onto, enter)
    QApplication.sendEvent(onto, QDropEvent(QPointF(5, 5), copy, data, left, free))
    return enter.isAccepted()


def wait_until_active(qtbot: QtBot, window: QWidget) -> None:
    """Keys reach a window only once it is the active one."""
    with qtbot.waitActive(window):
        window.activateWindow()


def show_active(qtbot: QtBot, widget: QWidget, width: int, height: int) -> None:
    """Show a widget as a window of its own, closed at the test's end, that keys reach."""
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    wait_until_active(qtbot, widget)


@pytest.fixture
def language() -> Iterator[Language]:
    """To change the language; English again at the end."""
    language = Language(theme.application())
    yield language
    language.use("en")
    formatting.use_locale(QLocale.c())


MakeWindow = Callable[[], Window]


@pytest.fixture
def make_window(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeWindow]:
    """Windows that share settings, data and runs; all are closed at the end.

    None may have read files in its own thread.
    """
    made: list[Window] = []

    def make() -> Window:
        first = not (tmp_path / "settings.ini").exists()
        settings = Settings(tmp_path / "settings.ini")
        settings.remember("welcomed", 1)
        window = Window(tmp_path / "data", tmp_path / "runs", settings)
        made.append(window)
        if first:  # no size is remembered yet
            window.resize(FIRST_SIZE)  # whatever the screen has room for
        window.show()
        wait_until_active(qtbot, window)
        return window

    with no_files_in_this_thread(monkeypatch):
        yield make
        for window in made:
            if not isValid(window):  # another language took its place
                continue
            window.closing.close_now()
            assert not window.reader.isRunning()
            # One that is importing matplotlib, say, on a busy machine must not outlive its window.
            assert all(thread.wait(30_000) for thread in window.ending)
            window.deleteLater()


@pytest.fixture
def train_tab(qtbot: QtBot, tmp_path: Path) -> Iterator[TrainTab]:
    """A Train tab by itself; its threads have ended at the end."""
    tab = TrainTab(tmp_path / "data", tmp_path / "runs")
    qtbot.addWidget(tab)
    tab.resize(960, 560)
    tab.show()
    yield tab
    tab.close()
    assert all(thread.wait(30_000) for thread in [*tab.end(), *BackgroundTask.running()])


@pytest.fixture
def window(make_window: MakeWindow, qtbot: QtBot) -> Window:
    """A window whose network is ready."""
    made = make_window()
    with qtbot.waitSignal(made.reader.loaded, timeout=30_000):
        made.start()
    return made


def steady_picture(widget: QWidget, qtbot: QtBot) -> QImage:
    """What it looks like once nothing changes any more."""
    seen = [QImage()]

    def is_steady() -> bool:
        seen.append(widget.grab().toImage())
        return len(seen) > 3 and seen[-1] == seen[-2] == seen[-3]

    qtbot.waitUntil(is_steady)
    return seen[-1]
