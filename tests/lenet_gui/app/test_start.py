"""What starting costs: which modules are imported, what is built, and when."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.app.lazy import LazyTab, WarmImports
from lenet_gui.app.session import TABS
from lenet_gui.app.window import Window
from lenet_gui.draw.result_view import LOADING
from lenet_gui.widgets.colormap import VIRIDIS
from tests.support.gui import SEVEN, MakeWindow, draw
from tests.support.workarounds import needs_workarounds

ALLOWED = {"PySide6", "shiboken6", "shibokensupport", "platformdirs", "trainer", "lenet_gui"}
"""What may be imported before the window shows, beside Python's own modules."""
SEEN_LATER = {
    *(
        "app.networks.import_dialog",
        "app.networks.export_dialog",
        "help.gallery",
        "help.window",
        "app.preferences",
    ),
    *("adjust.dialog", "pages.window"),
}
"""Modules of the window that its first picture shows nothing of, beside tabs."""
SELDOM_NEEDED = {"datetime", "decimal", "hashlib", "html", "logging.handlers", "pickle", "socket"}
MOST_MODULES = 88
"""Of ours, imported before the window shows; each takes half a millisecond or more."""
SCRIPT = """
import json, linecache, sys
before = set(sys.modules)
processes = []
sys.addaudithook(lambda event, _: event.startswith("subprocess") and processes.append(event))
from lenet_gui import __main__
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from lenet_gui.app import window
from trainer.runtime import preloading
told = {}
def names():
    return sorted({name.partition(".")[0] for name in set(sys.modules) - before})
def plugins():
    with open("/proc/self/maps") as maps:
        return {line.split("/")[-1].strip() for line in maps if "/Qt/plugins/" in line}
class ShownWindows(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget):
            if watched.isWindow():
                told["windows"].append(watched.objectName())
        return False
watcher = ShownWindows()
show, build = window.Window.show, window.Window.__init__
def built(self, *given):
    styled = bool(QApplication.instance().styleSheet())
    told["styled"], told["windows"] = styled and not QApplication.allWidgets(), []
    QApplication.instance().installEventFilter(watcher)
    build(self, *given)
window.Window.__init__ = built
def shown(self):
    QApplication.instance().removeEventFilter(watcher)
    told["processes"] = processes[:]
    told["imported"] = sorted(set(sys.modules) - before)
    loaded = plugins() if sys.platform == "linux" else set()
    told["tabs"] = [self.lazy_train.built is not None, self.lazy_my_digits.built is not None]
    told["reader"] = self.reader.isRunning()
    told["loading"] = preloading.thread is not None
    show(self)
    for number in (1, 2, 3, 4, 0):
        self.tabs.setCurrentIndex(number)
    told["shown"] = names()
    told["whole"] = sorted(set(sys.modules) - before)
    def ready(*_):
        told["ready"] = names()
        told["plugins"] = sorted(plugins() - loaded) if sys.platform == "linux" else []
        told["sources"] = [name for name in linecache.cache if "/numpy/" in name]
        while self.warm_imports.left:
            self.warm_imports.import_next()
        told["warm"] = names()
        self.close()
    self.reader.loaded.connect(ready)
window.Window.show = shown
__main__.main(["--runs", sys.argv[1], "--my-digits", sys.argv[2]])
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What a start in a process of its own imports, until it shows and until it reads."""
    folder = tmp_path_factory.mktemp("start")
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder / "runs"), str(folder / "digits")],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found: dict[str, list[str]] = json.loads(ended.stdout)
    return found


def test_nothing_but_qt_is_imported_by_a_window_clicked_through_at_once(
    told: dict[str, list[str]],
) -> None:
    standard = sys.stdlib_module_names | {"__feature__", "signature_bootstrap"}
    others = {name for name in told["shown"] if name not in standard and name[:1] != "_"}
    assert others <= ALLOWED


def test_the_modules_of_tabs_not_seen_come_later(told: dict[str, list[str]]) -> None:
    for name in (
        "train.tab",
        "train.run_model",
        "evaluate.tab",
        "my_digits.tab",
        "watch.controller",
        "curves.view",
        "inspect.tab",
    ):
        assert f"lenet_gui.{name}" not in told["whole"]
    assert "lenet_gui.draw.tab" in told["whole"]
    assert told["tabs"] == [False, False] and told["reader"] is False


def test_what_the_first_picture_does_not_show_comes_later(told: dict[str, list[str]]) -> None:
    imported = set(told["imported"])
    later = {f"lenet_gui.{name}" for name in SEEN_LATER}
    assert all(importlib.util.find_spec(name) for name in later)
    assert not later & imported
    script = "import sys; from PySide6 import QtWidgets; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    of_qt = set(ended.stdout.split())  # since 6.12, PySide6 imports one of these itself
    assert not (SELDOM_NEEDED - of_qt) & imported
    assert not {"trainer.runs.listing", "trainer.training.history"} & imported
    ours = {name for name in imported if name.startswith(("lenet_gui", "trainer"))}
    assert len(ours) <= MOST_MODULES


def test_no_part_is_a_window_of_its_own_before_the_window_shows(
    told: dict[str, list[str]],
) -> None:
    """As a widget is that is shown before it has a parent: the desktop would make a window."""
    assert told["windows"] == []


def test_the_style_is_set_once_before_there_is_a_widget(told: dict[str, list[str]]) -> None:
    assert told["styled"] is True


def test_no_process_is_started_before_the_window_shows(told: dict[str, list[str]]) -> None:
    assert told["processes"] == []


def test_nothing_of_qts_is_loaded_beside_torchs_libraries(told: dict[str, list[str]]) -> None:
    """The loader does one thing at a time: the first picture would wait for torch."""
    assert told["plugins"] == []


def test_a_digit_is_read_without_matplotlib_and_torchvision(told: dict[str, list[str]]) -> None:
    assert "torch" in told["ready"]
    assert not {"matplotlib", "torchvision", "captum", "tensorboard"} & set(told["ready"])


def test_matplotlib_is_not_imported_by_the_windows_other_modules(
    told: dict[str, list[str]],
) -> None:
    assert not {"matplotlib", "captum"} & set(told["warm"])


@needs_workarounds
def test_no_modules_source_is_read_and_kept(told: dict[str, list[str]]) -> None:
    assert told["sources"] == []


def test_torchs_libraries_are_loaded_while_the_window_is_built(told: dict[str, list[str]]) -> None:
    assert told["loading"] is True


# Tabs built at the first need


def tabs_with_one_later(qtbot: QtBot) -> tuple[QTabWidget, LazyTab[QWidget], list[QWidget]]:
    made: list[QWidget] = []

    def build() -> QWidget:
        made.append(QWidget())
        return made[-1]

    tabs = QTabWidget()
    qtbot.addWidget(tabs)
    tabs.addTab(QWidget(), "First")
    later = LazyTab(tabs, "Later", build)
    tabs.addTab(QWidget(), "Last")
    return tabs, later, made


def test_a_later_tab_is_built_once_when_it_is_chosen(qtbot: QtBot) -> None:
    tabs, later, made = tabs_with_one_later(qtbot)
    tabs.show()
    tabs.setCurrentIndex(1)
    assert later.built is None and not made  # what it needs is not imported yet
    later.allow()
    qtbot.waitUntil(lambda: bool(made))
    assert tabs.currentWidget() is later.built is later.get() is made[0]
    tabs.setCurrentIndex(0)
    tabs.setCurrentIndex(1)
    assert len(made) == 1
    assert [tabs.tabText(n) for n in range(tabs.count())] == ["First", "Later", "Last"]


def test_a_later_tab_is_not_built_once_its_window_closes(qtbot: QtBot) -> None:
    tabs, later, made = tabs_with_one_later(qtbot)
    tabs.show()
    tabs.setCurrentIndex(1)
    later.allow()
    later.forbid()
    QApplication.processEvents()
    assert later.built is None and not made


def test_tabs_say_why_they_are_not_built(make_window: MakeWindow) -> None:
    window = make_window()
    window.tabs.setCurrentIndex(TABS.index("train"))
    page = window.tabs.currentWidget()
    assert isinstance(page, QLabel) and page.text() == LOADING
    window.reader.failed.emit("no module named torch")
    assert window.tabs.currentWidget() is page and "no module named torch" in page.text()


def test_a_later_tab_is_built_without_being_shown(qtbot: QtBot) -> None:
    tabs, later, made = tabs_with_one_later(qtbot)
    tabs.setCurrentIndex(2)
    tabs.show()
    changes: list[int] = []
    tabs.currentChanged.connect(changes.append)
    assert later.get() is made[0]
    assert tabs.currentIndex() == 2 and changes == [] and not made[0].isVisible()
    assert [tabs.tabText(n) for n in range(tabs.count())] == ["First", "Later", "Last"]


def test_a_tab_that_was_seen_last_is_there_at_the_next_start(make_window: MakeWindow) -> None:
    for name in TABS:
        window = make_window()
        window.tabs.setCurrentIndex(TABS.index(name))
        window.close()
        again = make_window()
        assert again.tabs.currentIndex() == TABS.index(name)
        assert again.tabs.currentWidget().isVisible()
        if name in ("train", "mine"):
            built = again.train if name == "train" else again.my_digits
            assert again.tabs.currentWidget() is built
        again.close()


def test_a_folder_and_a_network_chosen_before_reach_a_tab_built_later(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    assert window.lazy_train.built is None and window.lazy_my_digits.built is None
    window.use_data_folder(tmp_path / "elsewhere")
    assert window.train.data == window.my_digits.learning.data == tmp_path / "elsewhere"
    assert window.my_digits.model is window.shipped
    qtbot.waitUntil(lambda: window.devices is not None)
    assert window.train.form.device.findData("cpu") >= 0


def test_a_correction_reaches_my_digits_before_its_tab_was_seen(
    window: Window, qtbot: QtBot
) -> None:
    draw(window.draw.canvas, SEVEN)
    qtbot.waitUntil(lambda: window.draw.prediction.answer == "7")
    with qtbot.waitSignal(window.draw.corrected):
        QTest.keyClicks(window.draw.canvas, "1")
    qtbot.waitUntil(lambda: len(window.my_digits.list.digits) == 1)
    assert window.tabs.currentWidget() is window.draw


def test_the_colors_written_out_are_matplotlibs() -> None:
    import matplotlib

    table = (matplotlib.colormaps["viridis"](range(256))[:, :3] * 255).round().astype("uint8")
    assert b"".join(VIRIDIS) == table.tobytes()


def test_the_windows_other_modules_are_imported_bit_by_bit(window: Window, qtbot: QtBot) -> None:
    left = window.warm_imports.left
    qtbot.waitUntil(lambda: not left, timeout=30_000)
    assert {"lenet_gui.train.tab", "lenet_gui.inspect.tab"} <= set(sys.modules)


def test_no_module_that_knows_qt_is_imported_in_a_stroke(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = WarmImports(window)
    monkeypatch.setattr(QGuiApplication, "mouseButtons", lambda: Qt.MouseButton.LeftButton)
    before = list(later.left)
    later.import_next()
    assert later.left == before
    monkeypatch.undo()
    later.import_next()
    assert later.left == before[1:]
