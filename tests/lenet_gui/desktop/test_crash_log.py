"""Errors that nobody caught: in the file, in a dialog, and the program goes on."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from lenet_gui.desktop.crash_log import FAULTS_NAME, CrashLog, ErrorDialog
from trainer import __version__


@pytest.fixture
def log(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CrashLog]:
    # pytest's own hooks would take the errors for the test's.
    monkeypatch.setattr(sys, "excepthook", lambda *_error: None)
    monkeypatch.setattr(threading, "excepthook", lambda _error: None)
    made = CrashLog(tmp_path / "log")
    yield made
    if made.dialog is not None:
        made.dialog.close()
    made.end()


def fail(number: int = 0) -> None:
    raise ValueError(f"<b>odd</b> {number}")


def raise_uncaught(number: int = 0) -> None:
    """As Python does where an error leaves the outermost function."""
    try:
        fail(number)
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)


def dialog_of(log: CrashLog) -> ErrorDialog:
    assert log.dialog is not None and log.dialog.isVisible()
    return log.dialog


def click(dialog: ErrorDialog, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_versions_and_the_device_are_noted(log: CrashLog) -> None:
    log.note_device("cpu", "")
    text = log.file.read_text(encoding="utf-8")
    assert f"LeNet Studio {__version__}" in text and "read on cpu" in text


def test_an_error_is_in_the_file_and_in_one_dialog(log: CrashLog) -> None:
    raise_uncaught()
    raise_uncaught(1)
    text = log.file.read_text(encoding="utf-8")
    assert "ValueError: <b>odd</b> 0" in text and "ValueError: <b>odd</b> 1" in text
    dialog = dialog_of(log)
    assert not dialog.details.isVisible()
    click(dialog, "error_details")
    assert dialog.details.isVisible() and "in fail" in dialog.details.toPlainText()
    click(dialog, "error_copy")
    assert QGuiApplication.clipboard().text() == dialog.details.toPlainText()
    click(dialog, "error_close")
    assert log.dialog is None
    raise_uncaught(2)
    assert "odd</b> 2" in dialog_of(log).details.toPlainText()


def test_a_threads_error_is_told_in_the_windows_thread(log: CrashLog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(log.failed):
        threading.Thread(target=fail, name="worker").start()
    qtbot.waitUntil(lambda: log.dialog is not None)
    assert "nobody caught in worker" in log.file.read_text(encoding="utf-8")


@pytest.mark.parametrize("opens", [True, False])
def test_the_log_is_shown(log: CrashLog, monkeypatch: pytest.MonkeyPatch, opens: bool) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or opens)
    raise_uncaught()
    click(dialog_of(log), "error_log")
    assert [Path(url.toLocalFile()) for url in opened] == [log.file.parent]
    assert (str(log.file) in dialog_of(log).details.toPlainText()) == (not opens)


def test_the_interrupt_key_is_no_error(log: CrashLog) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert log.dialog is None


def test_the_file_does_not_grow_without_end(log: CrashLog) -> None:
    for _ in range(3000):
        logging.getLogger("lenet_gui.test").warning("x" * 1000)
    sizes = [path.stat().st_size for path in log.file.parent.glob("lenet-gui.log*")]
    assert len(sizes) == 4 and max(sizes) <= 500_000


def test_without_a_place_for_the_file_errors_are_told(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    log = CrashLog(tmp_path / "file" / "log")
    log.failed.emit("Traceback: odd")
    dialog_of(log).close()
    log.end()


def test_what_ends_python_itself_leaves_the_stacks(tmp_path: Path) -> None:
    script = (
        "import faulthandler, sys\n"
        "from pathlib import Path\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from lenet_gui.desktop.crash_log import CrashLog\n"
        "app = QApplication([])\n"
        "log = CrashLog(Path(sys.argv[1]))\n"
        "faulthandler._sigabrt()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, timeout=60, check=False
    )
    assert ended.returncode != 0
    assert "<module>" in (tmp_path / FAULTS_NAME).read_text(encoding="utf-8")
