"""The keys of every tab: those of actions are taken from the actions themselves."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.widgets.lists import lay_out_as_table
from trainer.translation import N_
from trainer.translation import gettext as _

_OTHERS = (
    (N_("Draw"), N_("Say which digit it should be"), N_("0 to 9")),
    (N_("Draw"), N_("Erase"), N_("Right mouse button")),
    (N_("Draw"), N_("Stop watching a run"), N_("Esc")),
    (N_("Inspect"), N_("Go to the next unit"), N_("Arrow keys")),
    (N_("Inspect"), N_("Go to the next map"), N_("Ctrl+arrow keys")),
    (N_("Inspect"), N_("Enlarge the map"), N_("Enter")),
    (N_("Inspect"), N_("Leave the enlarged map, or deselect"), N_("Esc")),
    (N_("Inspect"), N_("Go through the tour, or through enlarged maps"), N_("Page Up, Page Down")),
    (N_("Train"), N_("Start training"), N_("Ctrl+Return")),
    (N_("Train"), N_("Show or hide the run's curves"), N_("Space")),
    (N_("Evaluate"), N_("Evaluate"), N_("Ctrl+Return")),
    (N_("My digits"), N_("Label the selected digits"), N_("0 to 9")),
    (N_("My digits"), N_("Delete the selected digits"), N_("Del")),
    (N_("My classes"), N_("Add the drawing"), N_("Enter or Space")),
    (N_("My classes"), N_("Draw the next or previous class"), N_("Down, Up")),
    (N_("My classes"), N_("Rename the selected class"), N_("F2")),
    (N_("My classes"), N_("Delete what is selected"), N_("Del")),
)
"""Keys without an action: tab, what they do, keys."""


def list_shortcuts(actions: Iterable[QAction]) -> list[tuple[str, str, str]]:
    """Where it works ("" for everywhere), what it does, and its keys, without doubles."""
    rows: dict[tuple[str, str], str] = {}
    for action in actions:
        form = QKeySequence.SequenceFormat.NativeText
        keys = ", ".join(key.toString(form) for key in action.shortcuts())
        if not keys:
            continue
        text = action.text().replace("&&", "\0").replace("&", "").replace("\0", "&")
        everywhere = action.shortcutContext() is not Qt.ShortcutContext.WidgetWithChildrenShortcut
        rows.setdefault(("" if everywhere else _("Draw"), text.removesuffix(" …")), keys)
    listed = [(where, what, keys) for (where, what), keys in rows.items()]
    return sorted(listed, key=lambda row: row[0] != "") + [
        (_(where), _(what), _(keys)) for where, what, keys in _OTHERS
    ]


class ShortcutsWindow(QDialog):
    """A table of them.

    Args:
        parent: the window.
        actions: of which the keys are listed.
    """

    def __init__(self, parent: QWidget, actions: Iterable[QAction]) -> None:
        super().__init__(parent)
        self.setObjectName("shortcuts")
        self.setWindowTitle(_("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rows = list_shortcuts(actions)
        self.table = QTableWidget(len(rows), 3)
        self.table.setHorizontalHeaderLabels([_("Tab"), _("Action"), _("Keys")])
        lay_out_as_table(self.table, "shortcuts_table", _("Keyboard shortcuts"))
        self.table.setAlternatingRowColors(True)
        for row, (where, what, keys) in enumerate(rows):
            for column, text in enumerate((where or _("Everywhere"), what, keys)):
                self.table.setItem(row, column, QTableWidgetItem(text))
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column_layout = QVBoxLayout(self)
        column_layout.addWidget(self.table)
        column_layout.addWidget(buttons)
        self.resize(560, 460)
