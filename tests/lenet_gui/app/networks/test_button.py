"""The button in the corner opens every way to another network."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QMenu
from pytestqt.qtbot import QtBot

from lenet_gui.app.networks.button import RecentFiles, fill_from_runs
from lenet_gui.app.session import Settings
from lenet_gui.app.window import Window
from tests.support.gui import MakeWindow
from trainer.files import asset


def open_menu(window: Window) -> QMenu:
    menu = window.labels.model.entries
    menu.aboutToShow.emit()
    return menu


def entry(menu: QMenu, name: str) -> QAction:
    action: QAction = menu.findChild(QAction, name)
    return action


def recent_menu(window: Window) -> QMenu:
    submenu: QMenu = open_menu(window).findChild(QMenu, "recent_networks")
    submenu.aboutToShow.emit()
    return submenu


def recent(window: Window) -> list[str]:
    submenu = recent_menu(window)
    return [action.text() for action in submenu.actions() if not action.isSeparator()]


def test_a_long_title_leaves_room_for_the_tabs(window: Window, qtbot: QtBot) -> None:
    button = window.labels.model
    for wide in (1200, 800):
        window.resize(wide, 600)
        button.show_watched("mnist-relu-1998layout, another seed, 23:50:32, epoch 0 (training)" * 2)
        qtbot.waitUntil(lambda: 0 < button.width() <= 0.4 * window.width())
        qtbot.waitUntil(lambda: window.tabs.tabBar().width() > 0.4 * window.width())


def test_a_click_shows_the_menu(window: Window, qtbot: QtBot) -> None:
    menu = window.labels.model.entries
    shown: list[bool] = []

    def look() -> None:
        shown.append(menu.isVisible())
        menu.close()

    QTimer.singleShot(200, look)  # until Qt 6.11, the click returns once the menu was closed
    QTest.mouseClick(window.labels.model, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(shown))
    assert shown == [True]


def test_what_was_opened_comes_back_at_the_next_start(
    window: Window, make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    assert recent(window) == ["None yet"]
    for name in ("a & b", "second"):
        (tmp_path / f"{name}.safetensors").write_bytes(asset("lenet5.safetensors").read_bytes())
        window.model_files.open(tmp_path / f"{name}.safetensors")
        qtbot.waitUntil(lambda name=name: recent(window)[0].startswith(name[0]))
    assert recent(window)[:2] == ["second.safetensors", "a && b.safetensors"]
    entry(open_menu(window), "use_built_in").trigger()
    assert "lenet5" in window.labels.model.text()
    window.close()
    again = make_window()
    submenu = recent_menu(again)
    again.start()
    qtbot.waitUntil(lambda: again.shipped is not None, timeout=30_000)
    submenu.actions()[0].trigger()
    qtbot.waitUntil(lambda: "second" in again.labels.model.text())


def test_a_file_that_is_no_network_is_not_listed(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "foreign.safetensors").write_bytes(b"no network")
    window.model_files.open(tmp_path / "foreign.safetensors")
    qtbot.waitUntil(lambda: "foreign.safetensors" in window.statusBar().currentMessage())
    assert recent(window) == ["None yet"]


def test_another_name_is_kept(window: Window, make_window: MakeWindow, qtbot: QtBot) -> None:
    entry(open_menu(window), "rename_network").trigger()
    dialog: QInputDialog = window.findChild(QInputDialog, "rename_dialog")
    dialog.setTextValue("class 4b")
    dialog.accept()
    assert "class 4b" in window.labels.model.text()
    folder = window.my_digits_file.parent / "networks" / "in use"
    qtbot.waitUntil(lambda: (folder / "network.safetensors").is_file())
    window.close()
    again = make_window()
    again.start()
    qtbot.waitUntil(lambda: "class 4b" in again.labels.model.text(), timeout=30_000)


def test_what_cannot_be_restored_is_told(
    window: Window, make_window: MakeWindow, qtbot: QtBot
) -> None:
    window.rename_network("class 4b")
    network = window.my_digits_file.parent / "networks" / "in use" / "network.safetensors"
    qtbot.waitUntil(network.is_file)
    window.close()
    network.write_bytes(b"damaged")
    again = make_window()
    again.start()
    told = again.statusBar().currentMessage
    begin = "The network used last, class 4b, can't be opened: "
    qtbot.waitUntil(lambda: told().startswith(begin) and network.name in told(), timeout=30_000)
    qtbot.waitUntil(lambda: again.shipped is not None, timeout=30_000)
    assert again.reader.model is again.shipped


def test_that_learned_networks_cannot_be_listed_is_told(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    window = make_window()
    folder = window.my_digits_file.parent / "networks"
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_bytes(b"no folder")
    window.start()
    told = window.statusBar().currentMessage
    qtbot.waitUntil(lambda: told().startswith(f"{folder} cannot be read: "), timeout=30_000)


def test_runs_are_entries_by_their_titles(qtbot: QtBot) -> None:
    loaded: list[tuple[Path, str]] = []
    menu = QMenu()
    qtbot.addWidget(menu)

    def load(path: Path, name: str) -> None:
        loaded.append((path, name))

    fill_from_runs(menu, [("studio & co 14:15", Path("run/best.safetensors"))], load)
    assert menu.actions()[0].text() == "studio && co 14:15"
    menu.actions()[0].trigger()
    assert loaded == [(Path("run/best.safetensors"), "studio & co 14:15")]
    fill_from_runs(menu, [], load)
    assert not menu.actions()[0].isEnabled()


def test_damaged_settings_are_no_files(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    for text in ("{", "[1, null]", '"a"', "[" * 5000):
        settings.remember("recent", text)
        assert RecentFiles(settings, "recent").paths == []


@pytest.mark.skipif(sys.platform == "win32", reason="not everybody may make links there")
def test_a_learned_network_on_a_disk_that_is_gone_is_listed_all_the_same(
    window: Window, qtbot: QtBot
) -> None:
    folder = window.my_digits_file.parent / "networks"
    folder.mkdir(parents=True)
    (folder / "mine.safetensors").symlink_to(folder / "gone" / "mine.safetensors")
    submenu: QMenu = open_menu(window).findChild(QMenu, "learned_networks")
    submenu.aboutToShow.emit()
    qtbot.waitUntil(lambda: [action.text() for action in submenu.actions()] == ["mine"])
