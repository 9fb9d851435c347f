"""The menu bar, what its File entries do with networks' files, and windows that only tell."""

from __future__ import annotations

import dataclasses
import functools
import html
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QMessageBox, QTabWidget, QWidget

from lenet_gui.draw.tab import DrawTab
from lenet_gui.widgets.file_dialogs import ask_what_to_open, ask_where_to_save
from lenet_gui.workers.serial import BackgroundTask
from trainer import __version__
from trainer.files import convert_write_errors
from trainer.recipes.recipe import list_data_sources

if TYPE_CHECKING:
    from trainer.networks.model import Model
    from trainer.runtime.devices import Device

_TRAINED_ON = "mnist+unipen+pen"
"""The dataset of the built-in network, whose file is not opened to tell it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """What the menus call, of the window."""

    open_network: Callable[[], object]
    save_network: Callable[[], object]
    fill_learned: Callable[[QMenu], object]
    use_shipped: Callable[[], object]
    set_scheme: Callable[[str], object]
    zoom_text: Callable[[int], object]
    start_tour: Callable[[], object]
    show_results: Callable[[], object]
    device_text: Callable[[], str]


def build_menus(
    window: QMainWindow, draw: DrawTab, tabs: QTabWidget, commands: Commands, scheme: str
) -> QMenu:
    """Fill the window's menu bar; returns the device menu, which fills when torch is there.

    Args:
        window: whose menu bar it is.
        draw: the Draw tab, whose actions are entries.
        tabs: each has an entry.
        commands: what the other entries do.
        scheme: the color scheme that is checked: "system", "light" or "dark".
    """
    bar = window.menuBar()
    file = bar.addMenu("&File")
    add_action(file, "&Open network …", "Ctrl+O", commands.open_network)
    add_action(file, "&Save network as …", "Ctrl+S", commands.save_network)
    add_action(file, "Use the &built-in network", "", commands.use_shipped)
    learned = file.addMenu("&Learned networks")
    learned.aboutToShow.connect(lambda: commands.fill_learned(learned))
    file.addSeparator()
    file.addActions((draw.pictures.open, draw.pictures.open_several, draw.pictures.open_folder))
    file.addAction(draw.save)
    file.addSeparator()
    add_action(file, "&Quit", QKeySequence.StandardKey.Quit, window.close)
    edit = bar.addMenu("&Edit")
    for action in (draw.undo, draw.redo, draw.clear, draw.copy, draw.pictures.paste):
        edit.addAction(action)
    edit.addSeparator()
    edit.addAction(draw.several)
    view = bar.addMenu("&View")
    schemes = QActionGroup(window)
    titles = {"system": "Like the s&ystem", "light": "&Light", "dark": "&Dark"}
    for name, title in titles.items():
        action = add_action(view, title, "", lambda chosen=name: commands.set_scheme(chosen))
        action.setCheckable(True)
        action.setChecked(name == scheme)
        schemes.addAction(action)
    view.addSeparator()
    larger = add_action(view, "Zoom &in", "Ctrl++", lambda: commands.zoom_text(1))
    larger.setShortcuts([QKeySequence("Ctrl++"), QKeySequence("Ctrl+=")])
    add_action(view, "Zoom &out", "Ctrl+-", lambda: commands.zoom_text(-1))
    add_action(view, "&Normal size", "Ctrl+0", lambda: commands.zoom_text(0))
    full = Qt.WindowState.WindowFullScreen
    switch = functools.partial(_switch_state, window, full)
    add_action(view, "&Full screen", "F11", switch)
    view.addSeparator()
    view.addAction(draw.kernels)
    for action in draw.browser.actions_of_tab:
        view.addAction(action)
    view.addSeparator()
    for number in range(tabs.count()):
        show = functools.partial(tabs.setCurrentIndex, number)
        add_action(view, f"Show the {tabs.tabText(number)} tab", f"Ctrl+{number + 1}", show)
    device = bar.addMenu("&Device")
    device.setToolTipsVisible(True)
    device.addAction("Looking for devices …").setEnabled(False)
    help_menu = bar.addMenu("&Help")
    add_action(help_menu, "&Guided tour of the network", "F2", commands.start_tour)
    add_action(help_menu, "&Shortcuts", "F1", lambda: show_shortcuts(window, draw))
    add_action(help_menu, "&Published results", "", commands.show_results)
    about = functools.partial(show_about, window, commands.device_text)
    add_action(help_menu, "&About LeNet Studio", "", about)
    return device


def _switch_state(window: QMainWindow, state: Qt.WindowState) -> None:
    window.setWindowState(window.windowState() ^ state)


def add_action(
    menu: QMenu, text: str, shortcut: str | QKeySequence.StandardKey, called: object
) -> QAction:
    """One entry."""
    action = menu.addAction(text)
    if shortcut:
        action.setShortcut(QKeySequence(shortcut))
    action.triggered.connect(lambda: called())  # type: ignore[operator]
    return action


def fill_devices(
    menu: QMenu, devices: list[Device], chosen: str, choose: Callable[[str], object]
) -> None:
    """All kinds of device; those that can't be used are gray and say why.

    Args:
        menu: what it holds is replaced.
        devices: all kinds.
        chosen: the name of the one that is checked.
        choose: called with the name of another one.
    """
    menu.clear()
    group = QActionGroup(menu)
    best = next(device for device in devices if not device.problem)
    entries = [("auto", f"&Automatic ({best.name.upper()})", "")]
    entries += [(d.name, f"{d.name.upper()}: {d.title}", d.problem) for d in devices]
    for name, title, problem in entries:
        text = f"{title} – {problem}" if problem else title
        action = add_action(menu, text, "", lambda wanted=name: choose(wanted))
        action.setObjectName(f"device_{name}")
        action.setCheckable(True)
        action.setEnabled(not problem)
        action.setChecked(name == chosen)
        group.addAction(action)


def show_shortcuts(window: QMainWindow, draw: DrawTab) -> None:
    """All keys, taken from the actions themselves."""
    rows = []
    seen = set()
    menus = [a for menu in window.menuBar().findChildren(QMenu) for a in menu.actions()]
    for action in [*draw.actions(), *menus]:
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        text = action.text().replace("&", "").removesuffix(" …")
        if keys and text not in seen:
            seen.add(text)
            cells = html.escape(text), html.escape(keys)
            rows.append("<tr><td>{}&nbsp;&nbsp;&nbsp;</td><td><b>{}</b></td></tr>".format(*cells))
    rows.append("<tr><td>Train; evaluate&nbsp;&nbsp;&nbsp;</td><td><b>Ctrl+Return</b></td></tr>")
    rows.append("<tr><td>Stop watching a run&nbsp;&nbsp;&nbsp;</td><td><b>Esc</b></td></tr>")
    rows.append("<tr><td>It should be …&nbsp;&nbsp;&nbsp;</td><td><b>0 to 9</b></td></tr>")
    rows.append("<tr><td>My digits: these are …&nbsp;&nbsp;&nbsp;</td><td><b>0 to 9</b></td></tr>")
    rows.append("<tr><td>My digits: delete&nbsp;&nbsp;&nbsp;</td><td><b>Del</b></td></tr>")
    rows.append("<tr><td>Rub out&nbsp;&nbsp;&nbsp;</td><td><b>right mouse button</b></td></tr>")
    _tell(window, "Shortcuts", f"<table>{''.join(rows)}</table>")


def show_about(window: QMainWindow, device_text: Callable[[], str]) -> None:
    """What this is, and which versions and device it runs on."""
    torch = sys.modules.get("torch")
    versions = {
        "LeNet Studio": __version__,
        "PyTorch": getattr(torch, "__version__", "still loading"),
        "Qt": qVersion(),
        "Python": platform.python_version(),
    }
    lines = "<br>".join(f"{name} {version}" for name, version in versions.items())
    sources = "<br>".join(html.escape(line) for line in list_data_sources(_TRAINED_ON))
    _tell(
        window,
        "About LeNet Studio",
        "<p>Draw a digit, watch LeNet-5 read it, and train it again.</p>"
        f"<p>{lines}</p><p>Device: {html.escape(device_text())}</p><p>MIT license.</p>"
        f"<p>The built-in network is trained on pen digits generated by code, and on:<br>{sources}"
        "</p>",
    )


def _tell(window: QMainWindow, title: str, text: str) -> None:
    box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, parent=window)
    box.setTextFormat(Qt.TextFormat.RichText)
    box.setObjectName("told")
    box.open()


_KIND = "LeNet Studio network (*.safetensors)"


class ModelFiles:
    """What the File menu does with networks.

    Args:
        parent: of the dialogs.
        on_show: the network on show, None while there is none.
        use: is given the network that was opened.
        tell: is given what went wrong, and where one was saved.
    """

    def __init__(
        self,
        parent: QWidget,
        on_show: Callable[[], Model | None],
        use: Callable[[Model], None],
        tell: Callable[[str], None],
    ) -> None:
        self._parent, self._on_show, self._use, self._tell = parent, on_show, use, tell

    def ask_what_to_open(self) -> None:
        """Ask for a model file and use it."""
        ask_what_to_open(self._parent, "Open a network", "open_dialog", (_KIND,), self.load)

    def load(
        self, path: Path, refused: Callable[[str], None] | None = None, name: str = ""
    ) -> None:
        """Use a model file, under its own name or this one; the present one stays if it can't be.

        What is wrong with it is told.
        """

        def load() -> Model:
            # Brings torch: not before the window shows.
            from trainer.networks import model as weights

            model = weights.load(path)
            return dataclasses.replace(model, name=name) if name else model

        BackgroundTask.begin(load, self._use, refused or self._tell)

    def ask_where_to_save(self) -> None:
        """Ask for a name and save the network on show."""
        model = self._on_show()
        if model is None:
            self._tell("There is no network to save yet")
            return
        start = Path.home() / f"{model.name.replace(':', '')}.safetensors"
        ask_where_to_save(self._parent, "Save the network", start, (_KIND,), self.save)

    def save(self, path: Path) -> None:
        """Save the network on show, of which there is one."""
        model = self._on_show()
        assert model is not None
        self.write(model, path, self._tell)

    def write(
        self, model: Model, path: Path, saved: Callable[[str], object] = lambda _told: None
    ) -> None:
        """Save a network in the background, in a folder that may be new; `saved` hears of it."""

        def save() -> str:
            # Brings torch: not before the window shows.
            from trainer.networks import model as weights

            with convert_write_errors(path):
                path.parent.mkdir(parents=True, exist_ok=True)
            weights.save(dataclasses.replace(model, name=path.stem), path)
            return f"Saved {path}"

        BackgroundTask.begin(save, saved, self._tell)
