"""Help finds topics, terms and commands, and lists every key."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.help.window import (
    HelpWindow,
    ShortcutsWindow,
    Topic,
    list_shortcuts,
    read_topics,
    search,
    split_sections,
    split_terms,
)


def test_sections_lose_pictures_and_inner_links() -> None:
    document = (
        "# Guide\n\n## Draw\n\n![The tab](a.png)\n\nSee [Train](#train) or [x](https://x.y).\n"
    )
    assert split_sections(document) == [Topic("Draw", "See Train or [x](https://x.y).")]


def test_terms_come_from_tables() -> None:
    table = "| Word | Meaning | In the code |\n|---|---|---|\n| kernel | the weights | `a.py` |\n"
    assert split_terms(table) == [Topic("kernel", "the weights\n\n`a.py`", term=True)]


def test_titles_come_before_texts() -> None:
    topics = Topic("A", "about kernels"), Topic("Kernel size", ""), Topic("B", "")
    assert [topic.title for topic in search(topics, "KERNEL")] == ["Kernel size", "A"]
    assert search(topics, "kernel nothing") == []
    assert len(search(topics, "")) == 3


def test_the_documents_that_ship_are_read() -> None:
    titles = {topic.title for topic in read_topics()}
    assert {"Draw", "Inspect", "Train", "receptive field", "epoch"} <= titles


def test_a_term_is_read_and_a_command_done(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    done: list[str] = []
    action = QAction("&Frobnicate the kernel", parent)
    action.setShortcut("Ctrl+J")
    action.triggered.connect(lambda: done.append("done"))
    window = HelpWindow(parent, [action])
    window.show()
    qtbot.waitUntil(lambda: window.list.count() > 10)
    QTest.keyClicks(window.field, "receptive")
    qtbot.waitUntil(lambda: "receptive field" in window.list.item(0).text())
    assert "computed from" in window.text.toPlainText()
    window.field.clear()
    QTest.keyClicks(window.field, "frob")
    assert window.list.item(0).text() == "Frobnicate the kernel  Ctrl+J"
    QTest.keyClick(window.field, Qt.Key.Key_Return)
    assert done == ["done"] and not window.isVisible()


def test_a_command_that_cannot_be_used_is_not_done(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    action = QAction("Frobnicate", parent)
    action.setEnabled(False)
    action.triggered.connect(lambda: pytest_fail())
    window = HelpWindow(parent, [action])
    window.show()
    QTest.keyClicks(window.field, "frobnicate")
    QTest.keyClick(window.field, Qt.Key.Key_Return)
    assert window.isVisible() and "can't be used" in window.text.toPlainText()
    QTest.keyClicks(window.field, "qqqq")
    assert window.list.count() == 0 and "Try a shorter one" in window.text.toPlainText()


def pytest_fail() -> None:
    raise AssertionError("a disabled command was done")


def test_keys_of_actions_and_of_pages_are_listed(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    everywhere, on_page = QAction("&Open…", parent), QAction("Pen && ink", parent)
    everywhere.setShortcuts(["Ctrl+O", "Ctrl+P"])
    on_page.setShortcut("P")
    on_page.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    rows = list_shortcuts([on_page, everywhere, everywhere, QAction("No keys", parent)])
    assert rows[:2] == [("", "Open", "Ctrl+O, Ctrl+P"), ("Draw", "Pen & ink", "P")]
    window = ShortcutsWindow(parent, [everywhere, on_page])
    window.show()
    assert window.table.rowCount() == len(rows)
    assert window.table.item(0, 1).text() == "Open"
    assert {"Draw", "Inspect", "Train", "Evaluate", "My digits"} <= {row[0] for row in rows}
