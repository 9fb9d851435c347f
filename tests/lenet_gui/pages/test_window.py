"""The window of several digits: shown, corrected by a click and a key, copied and saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from lenet_gui.pages.window import PageCorrection, PagesWindow
from lenet_gui.workers.serial import BackgroundTask
from tests.support.pages import draw_page, save_page
from trainer.networks.model import load_shipped

Open = Callable[..., PagesWindow]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def open_pages(qtbot: QtBot) -> Open:
    def open_(*sources: Path | QImage) -> PagesWindow:
        window = PagesWindow(None, load_shipped(), sources)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)  # qtbot does
        qtbot.addWidget(window)
        window.show()
        qtbot.waitUntil(window.worker.isFinished, timeout=20_000)
        qtbot.waitUntil(window.bar.isHidden)
        return window

    return open_


def column(window: PagesWindow, number: int) -> list[str]:
    model = window.digits
    return [model.data(model.index(row, number)) for row in range(model.rowCount())]


def test_a_click_and_a_key_correct_a_digit(open_pages: Open, qtbot: QtBot, tmp_path: Path) -> None:
    window = open_pages(save_page(tmp_path / "number.png", "275"))
    told: list[PageCorrection] = []
    window.corrected.connect(told.append)
    QTest.mouseClick(window.view, LEFT, pos=window.view.box_of(1).center().toPoint())
    QTest.keyClick(window.table, Qt.Key.Key_1)
    assert [(each.label, each.read_as) for each in told] == [(1, 7)]
    assert told[0].source == "picture number.png, page 1, line 1, digit 2"
    assert told[0].image.shape == (28, 28) and told[0].image.max() > 200
    assert "corrected" in column(window, 5)
    QTest.mouseClick(window.copy_text, LEFT)
    assert QGuiApplication.clipboard().text().replace(" ", "") == "215"


def press(window: PagesWindow, name: str) -> None:
    button = window.findChild(QToolButton, name)
    assert button is not None and button.isEnabled()
    QTest.mouseClick(button, LEFT)


def test_a_button_corrects_a_digit_or_leaves_it_out(open_pages: Open, tmp_path: Path) -> None:
    window = open_pages(save_page(tmp_path / "number.png", "275"))
    told: list[PageCorrection] = []
    window.corrected.connect(told.append)

    def copied() -> str:
        QTest.mouseClick(window.copy_text, LEFT)
        return QGuiApplication.clipboard().text().replace(" ", "")

    def choose(number: int) -> None:
        QTest.mouseClick(window.view, LEFT, pos=window.view.box_of(number).center().toPoint())

    none = window.findChild(QToolButton, "page_no_digit")
    window.resize(400, 400)  # narrower than all buttons would like to be
    assert none is not None and none.width() >= none.sizeHint().width()
    choose(0)
    press(window, "page_label_3")
    assert [(each.label, each.read_as) for each in told] == [(3, 2)]
    choose(1)
    QTest.keyClick(window.table, Qt.Key.Key_Delete)
    assert copied() == "35" and "left out" in column(window, 5)
    QTest.mouseClick(window.copy_table, LEFT)
    assert len(QGuiApplication.clipboard().text().splitlines()) == 3
    choose(1)
    press(window, "page_no_digit")
    assert copied() == "375" and len(told) == 1
    choose(2)
    press(window, "page_no_digit")
    choose(2)
    QTest.keyClick(window.table, Qt.Key.Key_5)  # a label says that it is a digit after all
    assert copied() == "375"


def test_the_chosen_digit_is_enlarged(open_pages: Open, qtbot: QtBot, tmp_path: Path) -> None:
    window = open_pages(save_page(tmp_path / "number.png", "2750 13"))
    close_up = window.close_up

    def middle() -> list[int]:
        picture = close_up.grab().toImage()
        row = range(picture.width() // 2 - 30, picture.width() // 2 + 30)
        return [
            picture.pixelColor(x, y).lightness()
            for x in row
            for y in range(20, picture.height(), 5)
        ]

    qtbot.waitUntil(lambda: min(middle()) < 100 and max(middle()) > 200)


def test_a_picture_without_digits_is_named(open_pages: Open, tmp_path: Path) -> None:
    blank = tmp_path / "blank.png"
    empty = QImage(200, 200, QImage.Format.Format_RGB888)
    empty.fill(Qt.GlobalColor.white)
    assert empty.save(str(blank))
    window = open_pages(blank, save_page(tmp_path / "number.png", "27"))
    assert "blank.png: no digits found" in window.status.text()


def test_the_table_of_all_pictures_is_sorted_and_saved(
    open_pages: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    save_page(folder / "a.png", "27")
    save_page(folder / "b.png", "50")
    (folder / "c.png").write_bytes(b"no picture")
    window = open_pages(folder)
    assert "c.png" in window.status.text() and "4 digits" in window.status.text()
    window.table.sortByColumn(3, Qt.SortOrder.AscendingOrder)
    assert column(window, 3) == ["0", "2", "5", "7"]
    QTest.mouseClick(window.copy_table, LEFT)
    table = QGuiApplication.clipboard().text()
    QTest.mouseClick(window.save, LEFT)
    dialog = window.findChild(QFileDialog, "save_dialog")
    assert dialog is not None
    name = dialog.findChild(QLineEdit, "fileNameEdit")
    assert name is not None
    name.setText(str(tmp_path / "digits.csv"))
    dialog.accept()
    qtbot.waitUntil(lambda: "Saved" in window.status.text())
    assert (tmp_path / "digits.csv").read_text() == table
    assert len(table.splitlines()) == 5


def test_reading_can_be_canceled_and_what_was_read_stays(qtbot: QtBot, tmp_path: Path) -> None:
    path = save_page(tmp_path / "page.png", "27")
    window = PagesWindow(None, load_shipped(), [path] * 50)
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.digits.rowCount() > 0, timeout=20_000)
    QTest.mouseClick(window.cancel, LEFT)
    qtbot.waitUntil(window.bar.isHidden, timeout=20_000)
    assert 2 <= window.digits.rowCount() < 100
    QTest.mouseClick(window.close_button, LEFT)
    assert not window.isVisible()


def test_a_picture_that_comes_after_the_window_is_closed_is_dropped(
    qtbot: QtBot, tmp_path: Path
) -> None:
    window = PagesWindow(None, load_shipped(), [save_page(tmp_path / "page.png", "27")])
    window.show()
    window.digits.rowsInserted.connect(window.close)  # before the picture is read again to be shown
    qtbot.waitUntil(lambda: not isValid(window), timeout=20_000)
    qtbot.waitUntil(lambda: not BackgroundTask.running(), timeout=20_000)
    QApplication.processEvents()  # what was not caught in there fails the test


def test_pixels_from_the_clipboard(open_pages: Open, tmp_path: Path) -> None:
    window = open_pages(QImage(str(save_page(tmp_path / "page.png", "48"))))
    assert sorted(column(window, 3)) == ["4", "8"]


def test_what_is_chosen_last_is_shown_and_escape_ends_it(
    open_pages: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "scan.tif"
    pages = [Image.fromarray(draw_page([text])) for text in ("27", "513", "8046")]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    window = open_pages(path)
    wanted: list[int] = []
    window.loader.done.connect(lambda loaded: wanted.append(loaded[0]))
    for number in (2, 0, 1):  # faster than any is read
        window.table.selectRow(window.digits.row_of(number, 0))
    qtbot.waitUntil(lambda: wanted[-1:] == [1])
    QTest.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(window.loader.isFinished)
