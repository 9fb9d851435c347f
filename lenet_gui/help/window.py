"""The windows of help: a search among topics, with the topic that is read; and the keys.

Topics are the sections of the documents and the terms of the glossary. The documents are those of
the `docs` folder, which come with the program.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QDesktopServices, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.widgets.controls import resize_for_text
from lenet_gui.widgets.lists import lay_out_as_table
from lenet_gui.workers.serial import BackgroundTask
from trainer.files import asset
from trainer.translation import N_
from trainer.translation import gettext as _

DOCUMENTS = ("user-guide.md", "file-formats.md")
GLOSSARY = "glossary.md"
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)\n?")
_LINK = re.compile(r"\[([^\]]*)\]\((?!https?://)[^)]*\)")
_CELLS = 3  # of a row of the glossary: the term, its meaning, and where it is in the code


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to read."""

    title: str
    text: str  # Markdown
    term: bool = False  # of the glossary


def read_topics() -> tuple[Topic, ...]:
    """All topics, in the order of the documents, the glossary's terms last.

    Raises:
        FileNotFoundError: the documents did not come with the program.
    """
    documents = [asset(f"docs/{name}").read_text(encoding="utf-8") for name in DOCUMENTS]
    sections = [topic for text in documents for topic in split_sections(text)]
    return (*sections, *split_terms(asset(f"docs/{GLOSSARY}").read_text(encoding="utf-8")))


def split_sections(document: str) -> list[Topic]:
    """A topic for each heading of the second and third rank, without pictures and inner links.

    Args:
        document: Markdown, its headings written with "#".
    """
    topics = []
    for part in re.split(r"^(?=##)", document, flags=re.MULTILINE)[1:]:
        heading, _, text = part.partition("\n")
        text = _LINK.sub(r"\1", _IMAGE.sub("", text)).strip()
        if text:
            topics.append(Topic(heading.strip("# ").replace("`", ""), text))
    return topics


def split_terms(glossary: str) -> list[Topic]:
    """A topic for each row of the glossary's tables."""
    rows = [line.strip("| ").split("|") for line in glossary.splitlines() if line.startswith("|")]
    topics = []
    for row in rows:
        cells = [cell.strip() for cell in row]
        term = cells[0]
        if len(cells) >= _CELLS - 1 and term != "Word" and not term.startswith("-"):
            text = _LINK.sub(r"\1", "\n\n".join(cell for cell in cells[1:] if cell))
            topics.append(Topic(term, text, term=True))
    return topics


def search(topics: tuple[Topic, ...], query: str) -> list[Topic]:
    """The topics that have each word of `query`: those with one in their title come first."""
    words = query.casefold().split()

    def rank(topic: Topic) -> int:
        title, text = topic.title.casefold(), topic.text.casefold()
        if not all(word in title or word in text for word in words):
            return 3
        if all(word in title for word in words):
            return 0
        return 1 if any(word in title for word in words) else 2

    ranked = sorted(((rank(topic), number) for number, topic in enumerate(topics)))
    return [topics[number] for rank_, number in ranked if rank_ < 3]


_ROLE = Qt.ItemDataRole.UserRole


def plain_title(action: QAction) -> str:
    """An action's text without the marks of its letters."""
    return action.text().replace("&&", "\0").replace("&", "").replace("\0", "&")


class HelpWindow(QDialog):
    """Topics and commands that have the words that are looked for.

    A command is done by Enter or a double click; a topic is read at the right.

    Args:
        parent: the window.
        actions: the commands that can be found.
    """

    def __init__(self, parent: QWidget, actions: Iterable[QAction]) -> None:
        super().__init__(parent)
        self.setObjectName("help")
        self.setWindowTitle(_("Help"))
        self._topics: tuple[Topic, ...] = ()
        self._actions = [a for a in actions if a.text() and not a.isSeparator()]
        self.field = QLineEdit()
        self.field.setObjectName("help_search")
        self.field.setAccessibleName(_("Search help"))
        self.field.setPlaceholderText(_("Search help, the glossary and commands"))
        self.field.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setObjectName("help_results")
        self.list.setAccessibleName(_("Results"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # cut instead
        self.text = QTextBrowser()
        self.text.setObjectName("help_text")
        self.text.setAccessibleName(_("Topic"))
        self.text.setOpenLinks(False)
        halves = QSplitter()
        halves.addWidget(self.list)
        halves.addWidget(self.text)
        halves.setSizes([220, 460])
        halves.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.addWidget(self.field)
        column.addWidget(halves, 1)
        resize_for_text(self, 720, 480)
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list.currentItemChanged.connect(self._show_current)
        self.list.itemActivated.connect(self._activate)
        self.text.anchorClicked.connect(QDesktopServices.openUrl)
        BackgroundTask.begin(read_topics, self._read, self.text.setPlainText, context=self)

    def _read(self, topics: tuple[Topic, ...]) -> None:
        self._topics = topics
        self._fill()

    def _fill(self) -> None:
        """List what has the words; everything where there are none."""
        query = self.field.text()
        words = query.casefold().split()
        self.list.clear()
        for topic in search(self._topics, query):
            title = _("{term} (glossary)").format(term=topic.title) if topic.term else topic.title
            self._add(title, topic)
        for action in self._actions if words else ():
            title = plain_title(action)
            if all(word in title.casefold() for word in words):
                keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
                self._add(f"{title}  {keys}" if keys else title, action)
        if self.list.count():
            self.list.setCurrentRow(0)
        else:
            self.text.setPlainText(_("Nothing has all of these words. Try a shorter one."))

    def _add(self, title: str, what: Topic | QAction) -> None:
        item = QListWidgetItem(title)
        item.setData(_ROLE, what)
        self.list.addItem(item)

    def _show_current(self, item: QListWidgetItem | None) -> None:
        what = item.data(_ROLE) if item is not None else None
        if isinstance(what, Topic):
            self.text.setMarkdown(f"## {what.title}\n\n{what.text}")
        elif isinstance(what, QAction):
            tip = what.toolTip() if what.toolTip() != plain_title(what) else ""
            state = "" if what.isEnabled() else _("It can't be used right now.")
            hint = _("Press Enter or double-click to run this command.")
            self.text.setPlainText("\n\n".join(part for part in (tip, state or hint) if part))

    def _activate(self, item: QListWidgetItem) -> None:
        what = item.data(_ROLE)
        if isinstance(what, QAction) and what.isEnabled():
            self.close()
            what.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In the field, the arrow keys go through the list, and Enter takes its row."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step:
                row = self.list.currentRow() + step
                self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))
                return True
            current = self.list.currentItem()
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current is not None:
                self._activate(current)
                return True
        return super().eventFilter(watched, event)


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
        rows.setdefault(("" if everywhere else _("Draw"), text.removesuffix("…")), keys)
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
        resize_for_text(self, 560, 460)
