"""The button in the corner: which network reads, and every way to another one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6 import QtWidgets
from PySide6.QtCore import QEvent, QObject, QSize, QUrl
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import QMenu, QToolButton

from lenet_gui.app.session import Settings
from lenet_gui.widgets.formatting import (
    cut_text,
    elide_middle,
    format_percent,
    format_tooltip,
)
from lenet_gui.widgets.theme import make_icon
from trainer.networks.builtin import BUILTIN, BuiltinNetwork
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from trainer.networks.model import Model

_MOST_RECENT = 8
_LONGEST_ENTRY = 60
_WIDEST = 34
"""Characters of a network's name that the button shows."""
_MOST_OF_WINDOW = 0.4
"""Share of the window's width that it may take."""


class RecentFiles:
    """The files that were opened or saved last, newest first, in the settings.

    Args:
        settings: None to remember nothing.
        name: of the setting.
    """

    def __init__(self, settings: Settings | None, name: str) -> None:
        self._settings, self._name = settings, name
        self.paths = self._read()

    def _read(self) -> list[Path]:
        try:
            names = json.loads(self._settings.text(self._name, "[]")) if self._settings else []
        except (ValueError, RecursionError):
            return []  # somebody else wrote it
        texts = names if isinstance(names, list) else []
        return [Path(text) for text in texts if isinstance(text, str)][:_MOST_RECENT]

    def add(self, path: Path) -> None:
        """This file is the newest."""
        path = path.absolute()
        self.paths = [path, *(other for other in self.paths if other != path)][:_MOST_RECENT]
        self._write()

    def clear(self) -> None:
        """Forget all files."""
        self.paths = []
        self._write()

    def _write(self) -> None:
        if self._settings is not None:
            self._settings.remember(self._name, json.dumps([str(path) for path in self.paths]))


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkCommands:
    """What the menu calls, of the window."""

    use_shipped: Callable[[], object]
    load_builtin: Callable[[BuiltinNetwork], object]
    import_file: Callable[[], object]
    export: Callable[[], object]
    open: Callable[[], object]
    save: Callable[[], object]
    load: Callable[[Path], object]
    fill_learned: Callable[[QMenu], object]
    fill_runs: Callable[[QMenu], object]
    rename: Callable[[str], object]
    tell: Callable[[str], object]


class NetworkButton(QToolButton):
    """Shows the network on show; a click opens the menu."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("model_name")
        self.setAccessibleName(_("Network"))
        self.setText(_("Network"))
        self.setAutoRaise(True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.entries = QMenu(self)
        self.entries.setObjectName("network_menu")
        self.entries.setToolTipsVisible(True)
        self._commands: NetworkCommands | None = None
        self._recent: RecentFiles | None = None
        self._model: Model | None = None

    def sizeHint(self) -> QSize:
        """No wider than leaves room for the tabs: a run's title may be long, and text large."""
        hint = super().sizeHint()
        return QSize(
            min(hint.width(), round(_MOST_OF_WINDOW * self.window().width())), hint.height()
        )

    def showEvent(self, event: QShowEvent) -> None:
        """The window's width counts from now on."""
        super().showEvent(event)
        self.window().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """There is more or less room."""
        if event.type() == QEvent.Type.Resize:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def connect_commands(self, commands: NetworkCommands, recent: RecentFiles) -> None:
        """From here on it can be opened."""
        self._commands, self._recent = commands, recent
        menu = self.entries
        menu.addAction(_("&Built-in network"), commands.use_shipped).setObjectName("use_built_in")
        for network in [*BUILTIN.values()][1:]:
            entry = menu.addAction(_(network.title), partial(commands.load_builtin, network))
            entry.setObjectName(f"use_{network.name}")
            entry.setToolTip(_(network.description))
        self._submenu(_("&Learned from my digits"), "learned_networks", commands.fill_learned)
        self._submenu(_("From a &run"), "run_networks", commands.fill_runs)
        self._submenu(_("&Recent files"), "recent_networks", self._fill_recent)
        menu.addSeparator()
        menu.addAction(make_icon("folder-open"), _("&Open…"), commands.open)
        menu.addAction(make_icon("save"), _("&Save as…"), commands.save)
        menu.addAction(_("&Import…"), commands.import_file).setObjectName("import_network")
        menu.addAction(_("&Export…"), commands.export).setObjectName("export_network")
        self._rename_entry = menu.addAction(_("Re&name…"), self._ask_for_name)
        self._rename_entry.setObjectName("rename_network")
        self._reveal_entry = menu.addAction(_("Show in &folder"), self._reveal)
        self._reveal_entry.setObjectName("reveal_network")
        menu.aboutToShow.connect(self._update_entries)
        self.setMenu(menu)

    def _submenu(self, title: str, name: str, fill: Callable[[QMenu], object]) -> None:
        menu = self.entries.addMenu(title)
        menu.setObjectName(name)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(lambda: fill(menu))

    def _update_entries(self) -> None:
        self._rename_entry.setEnabled(self._model is not None)
        self._reveal_entry.setEnabled(self._file() is not None)

    def show_model(self, model: Model) -> None:
        """Name this network, with the best that is known of it."""
        self._model = model
        tested = model.history.get("test_accuracy")
        known = tested if tested is not None else model.history.get("val_accuracy")
        name = elide_middle(model.name, _WIDEST)
        if known is None:
            text = name
        elif tested is not None:
            text = _("{network}  {accuracy} test").format(
                network=name, accuracy=format_percent(known)
            )
        else:
            text = _("{network}  {accuracy} validation").format(
                network=name, accuracy=format_percent(known)
            )
        self.setText(text.replace("&", "&&"))
        tip = _("{network} recognizes what you draw. Recipe: {recipe}. Click for other networks.")
        shown = tip.format(network=model.name, recipe=cut_text(model.recipe.name, _LONGEST_ENTRY))
        self.setToolTip(format_tooltip(shown))

    def show_watched(self, name: str) -> None:
        """Name the run that is watched in its place."""
        self.setText(elide_middle(name, 2 * _WIDEST).replace("&", "&&"))
        self.setToolTip(_("This run is being watched. Press Esc to go back to your network."))

    def _fill_recent(self, menu: QMenu) -> None:
        assert self._recent is not None and self._commands is not None
        menu.clear()
        for path in self._recent.paths:
            entry = menu.addAction(
                cut_text(path.name, _LONGEST_ENTRY).replace("&", "&&"),
                partial(self._commands.load, path),
            )
            entry.setToolTip(format_tooltip(str(path)))
        if menu.isEmpty():
            menu.addAction(_("None yet")).setEnabled(False)
            return
        menu.addSeparator()
        menu.addAction(_("Clear this list"), self._recent.clear)

    def _file(self) -> Path | None:
        """The newest recent file of the network's name: it was opened or saved."""
        if self._model is None or self._recent is None:
            return None
        return next((p for p in self._recent.paths if p.stem == self._model.name), None)

    def _reveal(self) -> None:
        path = self._file()
        if path is None or self._commands is None:
            return
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent))):
            self._commands.tell(_("The network is in {folder}").format(folder=path.parent))

    def _ask_for_name(self) -> None:
        assert self._model is not None and self._commands is not None
        dialog = QtWidgets.QInputDialog(self)  # Qt's types are made when first named
        dialog.setObjectName("rename_dialog")
        dialog.setWindowTitle(_("Rename the network"))
        dialog.setLabelText(_("Name:"))
        dialog.setTextValue(self._model.name)
        dialog.textValueSelected.connect(self._rename)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _rename(self, name: str) -> None:
        if name.strip() and self._commands is not None:
            self._commands.rename(name.strip())


def fill_from_runs(menu: QMenu, runs: list[tuple[str, Path]], load: Callable[..., object]) -> None:
    """Entries for runs that have weights.

    Args:
        menu: what it holds is replaced.
        runs: a title and the file of the best weights, newest first.
        load: takes the file and, as `name`, the title.
    """
    menu.clear()
    for title, path in runs:
        text = cut_text(title, _LONGEST_ENTRY).replace("&", "&&")
        menu.addAction(text, partial(load, path, name=title)).setToolTip(format_tooltip(title))
    if menu.isEmpty():
        menu.addAction(_("None yet: train one on the Train tab")).setEnabled(False)
