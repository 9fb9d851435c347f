"""The menu bar, and windows that only tell."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, qVersion
from PySide6.QtGui import QAction, QActionGroup, QDesktopServices, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QMessageBox, QTabWidget

from lenet_gui import help as help_
from lenet_gui.desktop.crash_log import LOG_NAME
from lenet_gui.draw.tab import DrawTab
from lenet_gui.widgets.file_dialogs import ask_what_to_open
from lenet_gui.widgets.formatting import escape_html
from lenet_gui.workers.serial import BackgroundTask
from trainer import __version__
from trainer.errors import UserError
from trainer.files import log_folder, user_folder
from trainer.networks.builtin import BUILTIN
from trainer.recipes.recipe import list_data_sources
from trainer.translation import LANGUAGES
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from lenet_gui.app.networks.files import ModelFiles
    from trainer.runtime.devices import Device

WEBSITE = "https://github.com/lenet-studio/lenet-studio"
_TRAINED_ON = "mnist+unipen+pen"
"""The dataset of the built-in network, whose file is not opened to tell it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """What the menus call, of the window."""

    files: ModelFiles
    actions: Callable[[], list[QAction]]
    open_drawing: Callable[[Path], object]
    present: Callable[[], object]
    preferences: Callable[[], object]
    show_folder: Callable[[Path], object]
    tell: Callable[[str], object]
    fill_learned: Callable[[QMenu], object]
    use_shipped: Callable[[], object]
    set_scheme: Callable[[str], object]
    set_language: Callable[[str], object]
    language: str  # the one that was chosen
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
    _fill_file(bar.addMenu(_("&File")), window, draw, commands)
    _fill_edit(bar.addMenu(_("&Edit")), draw, commands)
    view = bar.addMenu(_("&View"))
    _fill_view(view, window, commands, scheme)
    _add_tabs(view, draw, tabs)
    device = bar.addMenu(_("&Device"))
    device.setToolTipsVisible(True)
    device.addAction(_("Looking for devices…")).setEnabled(False)
    _fill_help(bar.addMenu(_("&Help")), window, commands)
    return device


def _fill_file(menu: QMenu, window: QMainWindow, draw: DrawTab, commands: Commands) -> None:
    """Networks and drawings from and for files."""
    add_action(menu, _("&Open network…"), "Ctrl+O", commands.files.ask_what_to_open)
    add_action(menu, _("&Save network as…"), "Ctrl+S", commands.files.ask_where_to_save)
    add_action(menu, _("Use the &built-in network"), "", commands.use_shipped)
    lessons = menu.addMenu(_("Built-in &networks"))
    for network in BUILTIN.values():
        load = functools.partial(commands.files.load_builtin, network)
        add_action(lessons, _(network.title), "", load).setToolTip(_(network.description))
    lessons.setToolTipsVisible(True)
    learned = menu.addMenu(_("&Learned networks"))
    learned.aboutToShow.connect(lambda: commands.fill_learned(learned))
    add_action(menu, _("&Import network…"), "", commands.files.ask_what_to_import)
    add_action(menu, _("&Export network…"), "", commands.files.show_export)
    menu.addSeparator()
    add_action(menu, _("Open &drawing…"), "", lambda: _ask_for_drawing(window, commands))
    menu.addActions((draw.pictures.open, draw.pictures.open_several, draw.pictures.open_folder))
    menu.addAction(draw.save)
    menu.addSeparator()
    add_action(menu, _("&Quit"), QKeySequence.StandardKey.Quit, window.close)


def _fill_edit(menu: QMenu, draw: DrawTab, commands: Commands) -> None:
    """The drawing, and the preferences."""
    for action in (draw.undo, draw.redo, draw.clear, draw.copy, draw.pictures.paste):
        menu.addAction(action)
    menu.addSeparator()
    menu.addAction(draw.adjust)
    menu.addAction(draw.several)
    menu.addAction(draw.punctuation)
    menu.addSeparator()
    preferences = add_action(menu, _("&Preferences…"), "Ctrl+,", commands.preferences)
    preferences.setMenuRole(QAction.MenuRole.PreferencesRole)


def _fill_view(menu: QMenu, window: QMainWindow, commands: Commands, scheme: str) -> None:
    """Colors, language, and how large all is."""
    schemes = QActionGroup(window)
    titles = {"system": _("Match s&ystem"), "light": _("&Light"), "dark": _("&Dark")}
    for name, title in titles.items():
        action = add_action(menu, title, "", lambda chosen=name: commands.set_scheme(chosen))
        action.setCheckable(True)
        action.setChecked(name == scheme)
        schemes.addAction(action)
    _add_languages(menu.addMenu(_("Lan&guage")), commands)
    menu.addSeparator()
    larger = add_action(menu, _("Zoom &in"), "Ctrl++", lambda: commands.zoom_text(1))
    larger.setShortcuts([QKeySequence("Ctrl++"), QKeySequence("Ctrl+=")])
    add_action(menu, _("Zoom &out"), "Ctrl+-", lambda: commands.zoom_text(-1))
    add_action(menu, _("&Normal size"), "Ctrl+0", lambda: commands.zoom_text(0))
    full = Qt.WindowState.WindowFullScreen
    switch = functools.partial(_switch_state, window, full)
    add_action(menu, _("&Full screen"), "F11", switch)
    presentation = add_action(menu, _("&Presentation"), "F5", commands.present)
    presentation.setToolTip(_("Large text, and nothing but the page. Press Esc to leave."))


def _add_tabs(menu: QMenu, draw: DrawTab, tabs: QTabWidget) -> None:
    """What the Draw tab shows, and an entry for each tab."""
    menu.addSeparator()
    menu.addAction(draw.kernels)
    for action in draw.browser.actions_of_tab:
        menu.addAction(action)
    menu.addSeparator()
    for number in range(tabs.count()):
        show = functools.partial(tabs.setCurrentIndex, number)
        add_action(
            menu,
            _("Show the {tab} tab").format(tab=tabs.tabText(number)),
            f"Ctrl+{number + 1}",
            show,
        )


def _fill_help(menu: QMenu, window: QMainWindow, commands: Commands) -> None:
    """To read, and what to tell whoever writes the program."""
    add_action(menu, _("&Guided tour of the network"), "F2", commands.start_tour)
    add_action(menu, _("&Search help…"), "F1", functools.partial(_open_help, window, commands))
    add_action(
        menu, _("&Keyboard shortcuts"), "Ctrl+F1",
        lambda: help_.window.ShortcutsWindow(window, commands.actions()).open(),
    )  # fmt: skip
    add_action(menu, _("&Published results"), "", commands.show_results)
    menu.addSeparator()
    tell = commands.tell
    add_action(menu, _("&Website"), "", lambda: _visit(WEBSITE, tell))
    add_action(menu, _("Show &data folder"), "", lambda: commands.show_folder(user_folder()))
    add_action(menu, _("&Report a problem…"), "", lambda: _report_problem(window, tell))
    menu.addSeparator()
    about = functools.partial(show_about, window, commands.device_text)
    add_action(menu, _("&About LeNet Studio"), "", about)


def list_actions(window: QMainWindow, draw: DrawTab) -> list[QAction]:
    """Everything in the window's menus and on the Draw tab."""
    menus = [action.menu() for action in window.menuBar().actions()]
    entries = [entry for menu in menus if menu is not None for entry in menu.actions()]  # type: ignore[attr-defined]
    return list(dict.fromkeys([*draw.actions(), *entries]))


def _add_languages(menu: QMenu, commands: Commands) -> None:
    """An entry for each; a language has the name that its speakers give it."""
    group = QActionGroup(menu)
    for name, title in {"system": _("Match &system"), **LANGUAGES}.items():
        action = add_action(menu, title, "", functools.partial(commands.set_language, name))
        action.setObjectName(f"language_{name}")
        action.setCheckable(True)
        action.setChecked(name == commands.language)
        group.addAction(action)


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
    entries = [("auto", _("&Automatic ({name})").format(name=best.name.upper()), "")]
    entries += [(d.name, f"{d.name.upper()}: {d.title}", d.problem) for d in devices]
    for name, title, problem in entries:
        text = f"{title} – {problem}" if problem else title
        action = add_action(menu, text, "", lambda wanted=name: choose(wanted))
        action.setObjectName(f"device_{name}")
        action.setCheckable(True)
        action.setEnabled(not problem)
        action.setChecked(name == chosen)
        group.addAction(action)


def _ask_for_drawing(window: QMainWindow, commands: Commands) -> None:
    kinds = (_("Drawings (*.json *.ndjson *.inkml *.json.gz)"), _("All files (*)"))
    title = _("Open a drawing")
    ask_what_to_open(window, title, "drawing_dialog", kinds, commands.open_drawing)


def _open_help(window: QMainWindow, commands: Commands) -> None:
    """Show the window of help; it is made once."""
    kind = help_.window.HelpWindow
    shown = window.findChild(kind) or kind(window, commands.actions())
    shown.show()
    shown.raise_()
    shown.field.setFocus()
    shown.field.selectAll()


def _visit(address: str, tell: Callable[[str], object]) -> None:
    if not QDesktopServices.openUrl(QUrl(address)):
        tell(_("No browser opens here. The address is {address}").format(address=address))


_LINES_OF_LOG = 200


def _report_problem(window: QMainWindow, tell: Callable[[str], object]) -> None:
    """Put the end of the log on the clipboard, and open the page where problems are reported."""

    def read() -> str:
        try:
            lines = (log_folder() / LOG_NAME).read_text("utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            lines = []  # nothing was logged yet
        except OSError as error:
            problem = _("The log can't be read: {reason}")
            raise UserError(problem.format(reason=error.strerror)) from None
        return "\n".join([f"LeNet Studio {__version__}", *lines[-_LINES_OF_LOG:]])

    def show(log: str) -> None:
        QGuiApplication.clipboard().setText(log)
        address = f"{WEBSITE}/issues/new"
        if QDesktopServices.openUrl(QUrl(address)):
            tell(_("The log is on the clipboard: paste it into your report."))
        else:
            text = _("The log is on the clipboard. Report problems at {address}")
            tell(text.format(address=address))

    BackgroundTask.begin(read, show, tell, context=window)


def show_about(window: QMainWindow, device_text: Callable[[], str]) -> None:
    """What this is, and which versions and device it runs on."""
    torch = sys.modules.get("torch")
    versions = {
        "LeNet Studio": __version__,
        "PyTorch": getattr(torch, "__version__", _("still loading")),
        "Qt": qVersion(),
        "Python": sys.version.split()[0],
    }
    lines = "<br>".join(f"{name} {version}" for name, version in versions.items())
    sources = "<br>".join(escape_html(line) for line in list_data_sources(_TRAINED_ON))
    about = _("The built-in network is trained on pen digits generated by code, and on:")
    parts = (
        escape_html(_("Draw a digit, watch LeNet-5 recognize it, and train it again.")),
        lines,
        escape_html(_("Device: {device}").format(device=device_text())),
        escape_html(_("MIT license.")),
        f"{escape_html(about)}<br>{sources}",
    )
    _tell(
        window,
        _("About LeNet Studio"),
        "".join(f"<p>{part}</p>" for part in parts),
    )


def _tell(window: QMainWindow, title: str, text: str) -> None:
    box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, parent=window)
    box.setTextFormat(Qt.TextFormat.RichText)
    box.setObjectName("told")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
