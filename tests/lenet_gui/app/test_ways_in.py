"""Pictures from a file, the clipboard, or dropped: real drops, keys and clipboard."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QPainter,
    QPen,
    QPixmap,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from lenet_gui.draw.tab import DrawTab
from tests.support.gui import ONE, draw, make_drag, show_active
from trainer.drawing import picture as pictures
from trainer.pages import opening

CONTROL = Qt.KeyboardModifier.ControlModifier
COPY, LEFT = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def tab(qtbot: QtBot) -> DrawTab:
    tab = DrawTab()
    show_active(qtbot, tab, 1000, 640)
    tab.canvas.setFocus()
    return tab


def seven(paper: str = "#e8e4da", ink: str = "#203070") -> QImage:
    """A 7 on a sheet of 400x500."""
    image = QImage(400, 500, QImage.Format.Format_ARGB32)
    image.fill(QColor(paper))
    painter = QPainter(image)
    painter.setPen(QPen(QColor(ink), 22))
    painter.drawPolyline([QPointF(120, 120), QPointF(280, 115), QPointF(190, 380)])
    painter.end()
    return image


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a seven, photographed.jpg"
    assert seven().save(str(path))
    return path


def mime(
    *, files: list[Path] | None = None, image: QImage | None = None, text: str = ""
) -> QMimeData:
    data = QMimeData()
    if files is not None:
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    if image is not None:
        data.setImageData(image)
    if text:
        data.setText(text)
    return data


def enter(widget: QWidget, data: QMimeData) -> bool:
    """Drag it onto the widget; whether it is taken."""
    event = make_drag(QDragEnterEvent, 60, data)
    event.ignore()
    QApplication.sendEvent(widget, event)
    if event.isAccepted():
        move = make_drag(QDragMoveEvent, 70, data)
        QApplication.sendEvent(widget, move)
        assert move.isAccepted()
    return event.isAccepted()


def drop(widget: QWidget, data: QMimeData) -> None:
    assert enter(widget, data)
    event = QDropEvent(QPointF(70, 70), COPY, data, LEFT, PLAIN)
    QApplication.sendEvent(widget, event)
    assert event.isAccepted()


def wait_for_picture(qtbot: QtBot, tab: DrawTab) -> pictures.Picture:
    qtbot.waitUntil(lambda: tab.canvas.drawing.picture is not None, timeout=20_000)
    picture = tab.canvas.drawing.picture
    assert picture is not None
    return picture


def is_the_seven(picture: pictures.Picture) -> bool:
    """As the file's reading, whose own tests say what that is."""
    rgb = seven().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(500, rgb.bytesPerLine())
    wanted = pictures.from_pixels(rows[:, :1200].reshape(500, 400, 3), "").image
    return float(np.abs(wanted.astype(int) - picture.image).mean()) < 3


# Dropping


@pytest.mark.parametrize("onto", ["canvas", "tab", "conv2"])
def test_a_file_dropped_anywhere_on_the_tab_is_shown(
    tab: DrawTab, qtbot: QtBot, file: Path, onto: str
) -> None:
    widget = tab if onto == "tab" else getattr(tab, onto)
    drop(widget, mime(files=[file]))
    picture = wait_for_picture(qtbot, tab)
    assert is_the_seven(picture) and picture.caption == file.name
    tab.undo.trigger()
    assert tab.canvas.drawing.empty


def test_pixels_are_dropped_from_another_program(tab: DrawTab, qtbot: QtBot) -> None:
    drop(tab.canvas, mime(image=seven()))
    assert is_the_seven(wait_for_picture(qtbot, tab))


def test_the_paper_shows_while_dragging_that_it_takes_it(tab: DrawTab, file: Path) -> None:
    def blue() -> int:
        image = tab.canvas.grab().toImage()
        accent = tab.palette().highlight().color()
        row = range(0, image.width(), 1)
        return sum(image.pixelColor(x, 9).rgb() == accent.rgb() for x in row)

    assert blue() == 0
    data = mime(files=[file])
    assert enter(tab.canvas, data)
    assert blue() > 50
    QApplication.sendEvent(tab.canvas, QDragLeaveEvent())
    assert blue() == 0


def test_what_is_no_picture_is_refused_while_it_is_dragged(tab: DrawTab, qtbot: QtBot) -> None:
    with qtbot.waitSignal(tab.message) as told:
        assert not enter(tab.canvas, mime(text="seven"))
    assert "There is no picture there" in told.args[0]


def test_a_picture_on_a_web_page_is_told_to_be_saved_first(tab: DrawTab, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/seven.png")])
    with qtbot.waitSignal(tab.message) as told:
        assert not enter(tab, data)
    assert "https://example.org/seven.png is not on this computer" in told.args[0]


@pytest.mark.parametrize("address", ["file:///a%00b.png", f"data:image/png,{'a' * 100_000}"])
def test_an_address_that_is_no_files_is_told_in_a_line(
    tab: DrawTab, qtbot: QtBot, address: str
) -> None:
    data = QMimeData()
    data.setUrls([QUrl(address)])
    with qtbot.waitSignal(tab.message) as message:
        assert not enter(tab, data)
    assert "not on this computer" in message.args[0] and len(message.args[0]) < 400


def test_a_dropped_file_that_is_no_picture_is_told_and_the_drawing_stays(
    tab: DrawTab, qtbot: QtBot, tmp_path: Path
) -> None:
    draw(tab.canvas, ONE)
    before = tab.canvas.drawing.sheet
    path = tmp_path / "notes.txt"
    path.write_text("seven")
    with qtbot.waitSignal(tab.message) as told:
        drop(tab.canvas, mime(files=[path]))
    assert "notes.txt is not a picture" in told.args[0]
    blank = QImage(300, 300, QImage.Format.Format_RGB32)
    blank.fill(QColor("white"))
    with qtbot.waitSignal(tab.message) as told:
        drop(tab.canvas, mime(image=blank))
    assert "nothing is written there" in told.args[0]
    assert tab.canvas.drawing.sheet is before


def test_the_picture_that_came_last_is_shown_however_long_an_earlier_one_takes(
    tab: DrawTab, qtbot: QtBot, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, slow_done = threading.Event(), threading.Event()
    read = opening.open_file

    def slowly(path: Path, *how: Any, **more: Any) -> opening.OpenedPicture:
        if path.name == "slow.png":
            go_on.wait(10)
            slow_done.set()
        return read(path, *how, **more)

    monkeypatch.setattr(opening, "open_file", slowly)
    slow = file.with_name("slow.png")
    seven("#202020", "#f0f0f0").save(str(slow))
    with qtbot.waitSignal(tab.pictures.notice, check_params_cb=lambda text: "Reading" in text):
        drop(tab, mime(files=[slow]))
    drop(tab, mime(files=[file]))
    assert wait_for_picture(qtbot, tab).caption == file.name
    go_on.set()
    qtbot.waitUntil(slow_done.is_set)
    drop(tab, mime(image=seven()))  # what comes after it is not held up either
    qtbot.waitUntil(lambda: getattr(tab.canvas.drawing.picture, "caption", "") != file.name)
    assert getattr(tab.canvas.drawing.picture, "caption", "") == "picture dropped here"


# The clipboard


def paste(tab: DrawTab, data: QMimeData) -> None:
    QGuiApplication.clipboard().setMimeData(data)
    QTest.keyClick(tab.canvas, Qt.Key.Key_V, CONTROL)


def test_pasting_pixels_a_file_or_its_name(tab: DrawTab, qtbot: QtBot, file: Path) -> None:
    shown = []
    tab.pictures.found.connect(shown.append)
    for data in (
        mime(image=seven()),
        mime(files=[file]),
        mime(text=str(file)),
        mime(text=f"'{file}'\n"),
        mime(text=QUrl.fromLocalFile(str(file)).toString()),
    ):
        with qtbot.waitSignal(tab.pictures.found, timeout=20_000):
            paste(tab, data)
    assert len(shown) == 5 and all(is_the_seven(picture) for picture in shown)


def test_a_files_own_pixels_count_and_not_the_icon_beside_its_name(
    tab: DrawTab, qtbot: QtBot, file: Path
) -> None:
    icon = QImage(64, 64, QImage.Format.Format_RGB32)
    icon.fill(QColor("green"))
    paste(tab, mime(files=[file], image=icon))
    assert wait_for_picture(qtbot, tab).caption == file.name


def test_transparent_pixels_are_paper(tab: DrawTab, qtbot: QtBot) -> None:
    paste(tab, mime(image=seven("#00000000", "#000000")))
    assert is_the_seven(wait_for_picture(qtbot, tab))


@pytest.mark.parametrize("text", ["", "seven", "photo.png", "two\nlines"])
def test_pasting_what_is_no_picture_says_so(tab: DrawTab, qtbot: QtBot, text: str) -> None:
    with qtbot.waitSignal(tab.message) as told:
        paste(tab, mime(text=text))
    assert "There is no picture on the clipboard" in told.args[0]


@pytest.mark.parametrize("picture", [None, QImage(), "pixmap", b"no picture"])
def test_pasting_an_empty_picture_or_nothing_at_all_says_so(
    tab: DrawTab, qtbot: QtBot, picture: QImage | str | bytes | None
) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    if isinstance(picture, QImage):
        clipboard.setImage(picture)
    elif isinstance(picture, bytes):
        data = QMimeData()
        data.setData("application/x-qt-image", picture)
        clipboard.setMimeData(data)
    elif picture is not None:
        clipboard.setPixmap(QPixmap())
    with qtbot.waitSignal(tab.message) as told:
        tab.pictures.paste.trigger()
    assert told.args[0].startswith("There is no picture on the clipboard")


def test_the_name_of_a_file_that_is_not_there_is_told(tab: DrawTab, qtbot: QtBot) -> None:
    with qtbot.waitSignal(tab.message) as told:
        paste(tab, mime(text=str(Path.home() / "none.png")))
    assert "none.png cannot be read: No such file" in told.args[0]


def test_what_is_copied_can_be_pasted_again(tab: DrawTab, qtbot: QtBot) -> None:
    draw(tab.canvas, ONE)
    QTest.keyClick(tab.canvas, Qt.Key.Key_C, CONTROL)
    QTest.keyClick(tab.canvas, Qt.Key.Key_V, CONTROL)
    assert wait_for_picture(qtbot, tab).image.any()


# A file


def test_a_picture_is_opened_by_a_dialog_that_does_not_hold_the_window(
    tab: DrawTab, qtbot: QtBot, file: Path
) -> None:
    QTest.keyClick(tab.canvas, Qt.Key.Key_O, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    dialog = tab.findChild(QFileDialog, "picture_dialog")
    assert dialog is not None and dialog.isVisible()
    name = dialog.findChild(QLineEdit, "fileNameEdit")
    assert name is not None
    name.setText(str(file))
    dialog.accept()
    assert is_the_seven(wait_for_picture(qtbot, tab))


def test_a_picture_is_read_by_the_network_and_shown_from_any_tab(
    window: Window, qtbot: QtBot, file: Path
) -> None:
    window.tabs.setCurrentWidget(window.train)
    window.draw.pictures.take_file(file)
    qtbot.waitUntil(lambda: window.draw.prediction.answer == "7", timeout=20_000)
    assert window.tabs.currentWidget() is window.draw
    menus = window.menuBar().findChildren(QMenu)
    entries = [action for menu in menus for action in menu.actions()]
    assert window.draw.pictures.open in entries and window.draw.pictures.paste in entries


def test_events_that_are_no_drags_go_on(tab: DrawTab) -> None:
    assert not tab.pictures.eventFilter(tab, QEvent(QEvent.Type.User))
