"""Every tab, panel and dialog in every language, at small and large sizes of window and text.

LENET_SWEEP=all looks at more sizes than continuous integration has time for.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QLocale, QSize
from PySide6.QtGui import QAction, QFontDatabase
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from lenet_gui.app import building
from lenet_gui.app.language import Language
from lenet_gui.app.networks.export_dialog import ExportDialog
from lenet_gui.app.window import Window
from lenet_gui.help.gallery import WidgetGallery
from lenet_gui.help.window import HelpWindow, ShortcutsWindow
from lenet_gui.own_data import OwnDataDialog
from lenet_gui.train.results_window import ResultsWindow
from lenet_gui.train.run_actions import NotesDialog
from lenet_gui.widgets import formatting, theme
from tests.support.clipping import list_faults
from tests.support.gui import SEVEN, MakeWindow, draw, restore_look
from trainer.runs.record import Notes
from trainer.translation import LANGUAGES

SIZES = [(100, 800, 480), (100, 1180, 720), (200, 800, 480), (200, 1180, 720)]
"""Percent of text, and pixels of the window."""
MORE = [
    (percent, width, height)
    for percent in theme.ZOOMS
    for width, height in ((800, 480), (960, 540), (1024, 768), (1366, 768), (1920, 1080))
]
DIALOGS: dict[str, Callable[[Window], QWidget]] = {
    "preferences": lambda window: building.build_preferences(window, window),
    "export": lambda window: ExportDialog(window, window.model, window.data, window.tell),  # type: ignore[arg-type]
    "own data": OwnDataDialog,
    "notes": lambda window: NotesDialog(window, Notes(), "studio"),
    "results": ResultsWindow,
    "help": lambda window: HelpWindow(window, window.findChildren(QAction)),
    "shortcuts": lambda window: ShortcutsWindow(window, window.findChildren(QAction)),
    "gallery": lambda _window: WidgetGallery(),
}


@pytest.fixture(scope="module", autouse=True)
def usual_look(qapp: QApplication) -> Iterator[None]:
    """The program's style, which widgets take their room from; then what was before."""
    with restore_look(qapp):
        theme.apply(qapp, "light")
        yield


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """A language whose characters can be measured here; English again in the end."""
    name: str = request.param
    if name == "zh_CN" and not QFontDatabase.families(
        QFontDatabase.WritingSystem.SimplifiedChinese
    ):
        pytest.skip("no font on this computer has Chinese characters")
    language = Language(theme.application())
    language.use(name)
    yield name
    language.use("en")
    formatting.use_locale(QLocale.c())


@pytest.fixture
def drawn(language: str, make_window: MakeWindow, qtbot: QtBot) -> Iterator[Window]:
    """A window in that language with a digit that was read; text of the usual size in the end."""
    window = make_window()
    with qtbot.waitSignal(window.reader.loaded, timeout=30_000):
        window.start()
    draw(window.draw.canvas, SEVEN)
    qtbot.waitUntil(lambda: window.draw.prediction.answer == "7")
    yield window
    window.zoom.set_percent(100)


def settle() -> None:
    """Let layouts do what they have put off."""
    for _ in range(5):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)


def pages(window: Window, qtbot: QtBot) -> Iterator[str]:
    """Show one tab, panel and page after the other."""
    for name in ("draw", "train", "evaluate", "my_digits", "inspect"):
        window.tabs.setCurrentWidget(getattr(window, name))
        yield name
    inspect = window.inspect
    for number in range(inspect.panels.count()):
        inspect.panels.setCurrentIndex(number)
        if inspect.panel is inspect.why:
            qtbot.waitUntil(lambda: len(inspect.why.attributions) == 3, timeout=30_000)
        yield inspect.panels.tabText(number)
    inspect.panels.setCurrentWidget(inspect.distort)
    for number in range(inspect.distort.tabs.count()):
        inspect.distort.tabs.setCurrentIndex(number)
        yield inspect.distort.tabs.tabText(number)


def test_every_page_has_room_for_its_texts(drawn: Window, qtbot: QtBot) -> None:
    found: dict[str, str] = {}
    for percent, width, height in MORE if os.environ.get("LENET_SWEEP") == "all" else SIZES:
        drawn.zoom.set_percent(percent)
        drawn.resize(width, height)
        settle()
        assert drawn.size() == QSize(width, height)
        for name in pages(drawn, qtbot):
            settle()
            for fault in list_faults(drawn):
                found.setdefault(fault, f"{name} at {width} x {height}, {percent} %: {fault}")
    assert not found, "\n".join(found.values())


def test_every_dialog_has_room_for_its_texts(drawn: Window, qtbot: QtBot) -> None:
    found: dict[str, str] = {}
    for percent, name in itertools.product((100, 200), DIALOGS):
        drawn.zoom.set_percent(percent)
        dialog = DIALOGS[name](drawn)
        qtbot.addWidget(dialog)
        dialog.show()
        settle()
        for fault in list_faults(dialog):
            found.setdefault(fault, f"{name} at {percent} %: {fault}")
        dialog.close()
    assert not found, "\n".join(found.values())


# What is looked for is found


def test_a_text_that_is_cut_is_found(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    row = QHBoxLayout(page)
    button, box, label = QPushButton("Distort"), QCheckBox("Center again"), QLabel("Validation")
    for widget in (button, box, label):
        row.addWidget(widget)
    page.show()
    settle()
    assert list_faults(page) == []
    for widget in (button, box, label):
        widget.setFixedWidth(20)
        settle()
        (fault,) = list_faults(page)
        assert widget.text() in fault
        widget.setFixedWidth(widget.sizeHint().width())


def test_widgets_that_lie_on_one_another_are_found(qtbot: QtBot, tmp_path: Path) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    for name in ("first", "second"):
        label = QLabel(name)
        label.setObjectName(name)
        label.setMinimumHeight(40)
        column.addWidget(label)
    page.show()
    settle()
    assert list_faults(page) == []
    page.setFixedHeight(60)
    settle()
    assert any("lie on one another" in fault for fault in list_faults(page))
