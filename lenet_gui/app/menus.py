"""The menu bar and the two windows that only tell something."""

from __future__ import annotations

import functools
import platform
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import qVersion
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMessageBox

from trainer import __version__

if TYPE_CHECKING:
    from lenet_gui.app.window import Window
    from trainer.runtime.devices import Device


def build_menus(window: Window) -> QMenu:
    """Fill the window's menu bar; returns the device menu, which fills when torch is there."""
    bar = window.menuBar()
    file = bar.addMenu("&File")
    add_action(file, "&Open network …", "Ctrl+O", window.model_files.ask_what_to_open)
    add_action(file, "&Save network as …", "Ctrl+S", window.model_files.ask_where_to_save)
    add_action(file, "Use the network that &ships", "", window.use_shipped)
    file.addSeparator()
    file.addAction(window.draw.pictures.open)
    file.addAction(window.draw.save)
    file.addSeparator()
    add_action(file, "&Quit", QKeySequence.StandardKey.Quit, window.close)
    edit = bar.addMenu("&Edit")
    draw = window.draw
    for action in (draw.undo, draw.redo, draw.clear, draw.copy, draw.pictures.paste):
        edit.addAction(action)
    edit.addSeparator()
    edit.addAction(draw.several)
    view = bar.addMenu("&View")
    schemes = QActionGroup(window)
    titles = {"system": "Like the s&ystem", "light": "&Light", "dark": "&Dark"}
    for scheme, title in titles.items():
        action = add_action(view, title, "", lambda chosen=scheme: window.set_scheme(chosen))
        action.setCheckable(True)
        action.setChecked(scheme == window.scheme)
        schemes.addAction(action)
    view.addSeparator()
    view.addAction(draw.kernels)
    for action in draw.browser.actions_of_tab:
        view.addAction(action)
    view.addSeparator()
    for number in range(window.tabs.count()):
        name = window.tabs.tabText(number)
        show = functools.partial(window.tabs.setCurrentIndex, number)
        add_action(view, f"Show the {name} tab", f"Ctrl+{number + 1}", show)
    device = bar.addMenu("&Device")
    device.setToolTipsVisible(True)
    device.addAction("Looking for devices …").setEnabled(False)
    help_menu = bar.addMenu("&Help")
    add_action(help_menu, "&Guided tour of the network", "F2", window.start_tour)
    add_action(help_menu, "&Shortcuts", "F1", lambda: show_shortcuts(window))
    add_action(help_menu, "&Published results", "", lambda: window.train.show_results())
    add_action(help_menu, "&About LeNet Studio", "", lambda: show_about(window))
    return device


def add_action(
    menu: QMenu, text: str, shortcut: str | QKeySequence.StandardKey, called: object
) -> QAction:
    """One entry."""
    action = menu.addAction(text)
    if shortcut:
        action.setShortcut(QKeySequence(shortcut))
    action.triggered.connect(lambda: called())  # type: ignore[operator]
    return action


def fill_devices(menu: QMenu, window: Window, devices: list[Device]) -> None:
    """All kinds of device; those that can't be used are gray and say why."""
    menu.clear()
    group = QActionGroup(menu)
    best = next(device for device in devices if not device.problem)
    entries = [("auto", f"&Automatic ({best.name.upper()})", "")]
    entries += [(d.name, f"{d.name.upper()}: {d.title}", d.problem) for d in devices]
    for name, title, problem in entries:
        text = f"{title} – {problem}" if problem else title
        action = add_action(menu, text, "", lambda chosen=name: window.set_device(chosen))
        action.setObjectName(f"device_{name}")
        action.setCheckable(True)
        action.setEnabled(not problem)
        action.setChecked(name == window.reader.device)
        group.addAction(action)


def show_shortcuts(window: Window) -> None:
    """All keys, taken from the actions themselves."""
    rows = []
    seen = set()
    menus = [a for menu in window.menuBar().findChildren(QMenu) for a in menu.actions()]
    for action in [*window.draw.actions(), *menus]:
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        text = action.text().replace("&", "").removesuffix(" …")
        if keys and text not in seen:
            seen.add(text)
            rows.append(f"<tr><td>{text}&nbsp;&nbsp;&nbsp;</td><td><b>{keys}</b></td></tr>")
    rows.append("<tr><td>Train; evaluate&nbsp;&nbsp;&nbsp;</td><td><b>Ctrl+Return</b></td></tr>")
    rows.append("<tr><td>Stop watching a run&nbsp;&nbsp;&nbsp;</td><td><b>Esc</b></td></tr>")
    rows.append("<tr><td>It should be …&nbsp;&nbsp;&nbsp;</td><td><b>0 to 9</b></td></tr>")
    rows.append("<tr><td>My digits: these are …&nbsp;&nbsp;&nbsp;</td><td><b>0 to 9</b></td></tr>")
    rows.append("<tr><td>My digits: delete&nbsp;&nbsp;&nbsp;</td><td><b>Del</b></td></tr>")
    rows.append("<tr><td>Rub out&nbsp;&nbsp;&nbsp;</td><td><b>right mouse button</b></td></tr>")
    _tell(window, "Shortcuts", f"<table>{''.join(rows)}</table>")


def show_about(window: Window) -> None:
    """What this is, and which versions it runs on."""
    torch = sys.modules.get("torch")
    versions = {
        "LeNet Studio": __version__,
        "PyTorch": getattr(torch, "__version__", "still loading"),
        "Qt": qVersion(),
        "Python": platform.python_version(),
    }
    lines = "<br>".join(f"{name} {version}" for name, version in versions.items())
    _tell(
        window,
        "About LeNet Studio",
        "<p>Draw a digit, watch LeNet-5 read it, and train it again.</p>"
        f"<p>{lines}</p><p>Device: {window.labels.device.text()}</p><p>MIT license.</p>",
    )


def _tell(window: Window, title: str, text: str) -> None:
    box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, parent=window)
    box.setObjectName("told")
    box.open()
