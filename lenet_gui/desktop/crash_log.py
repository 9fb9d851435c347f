"""What went wrong, in a file and in a dialog: no error is lost, and none is silent.

The file rotates: it takes two megabytes at most. Where Python itself ends, by a fault in a
library, the stacks of all threads are in a file beside it. Knows nothing of the window.
"""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QObject, QSysInfo, QUrl, Signal, qVersion
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
)

from lenet_gui.widgets.controls import make_push_button
from lenet_gui.widgets.labels import Label
from trainer import __version__
from trainer.translation import gettext as _

_log = logging.getLogger("lenet_gui")
_BYTES, _OLDER = 500_000, 3
LOG_NAME, FAULTS_NAME = "lenet-gui.log", "faults.txt"


class LogFile(logging.Handler):
    """A file that rotates, opened with the first record: the window shows before.

    Versions are above that record. Where the file can't be written, there is no log.

    Args:
        file: the newest; older ones lie beside it.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self._opened: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        if self._opened is None:
            self._opened = self._open()
            versions = _log.makeRecord(
                _log.name, logging.INFO, "", 0, describe_versions(), (), None
            )
            self._opened.handle(versions)
        self._opened.handle(record)

    def _open(self) -> logging.Handler:
        # It brings pickle and sockets, which the first window does not need.
        from logging.handlers import RotatingFileHandler

        try:
            handler = RotatingFileHandler(
                self._file, maxBytes=_BYTES, backupCount=_OLDER, encoding="utf-8"
            )
        except OSError as error:
            _tell_of_no_log(error)
            return logging.NullHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        return handler

    def close(self) -> None:
        """Close the file, if it was opened."""
        if self._opened is not None:
            self._opened.close()
        super().close()


def _tell_of_no_log(error: OSError) -> None:
    print(_("lenet-gui: there is no log: {error}").format(error=error), file=sys.stderr)


def describe_versions() -> str:
    """What an error depends on: of the program, Python, Qt and the system."""
    # Not by `platform.platform`, which starts a process to name the processor.
    system = f"{QSysInfo.prettyProductName()}, {QSysInfo.kernelType()} {QSysInfo.kernelVersion()}"
    programs = f"LeNet Studio {__version__}, Python {sys.version.split()[0]}, Qt {qVersion()}"
    machine = f"{QSysInfo.currentCpuArchitecture()}, {QGuiApplication.platformName()}"
    return f"{programs}, {system} {machine}"


class CrashLog(QObject):
    """Begins when it is made; call `end` when the program ends.

    Args:
        folder: of the log; where it can't be written, errors are told all the same.
    """

    failed = Signal(str)
    """An error's traceback, from any thread."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.file = folder / LOG_NAME
        self.dialog: ErrorDialog | None = None
        self._faults: TextIO | None = None
        self._handler = self._open(folder)
        self._hooks = sys.excepthook, threading.excepthook
        sys.excepthook, threading.excepthook = self._uncaught, self._uncaught_in_thread
        # A slot of this object is called in the window's thread, to which it belongs.
        self.failed.connect(self._tell)

    def _open(self, folder: Path) -> logging.Handler:
        """The file, and the one for faults beside it."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._faults = (folder / FAULTS_NAME).open("a", encoding="utf-8")
        except OSError as error:
            _tell_of_no_log(error)
            return logging.NullHandler()
        faulthandler.enable(self._faults)
        handler = LogFile(self.file)
        logging.getLogger().addHandler(handler)
        _log.setLevel(logging.INFO)
        return handler

    def note_device(self, device: str, problem: str) -> None:
        """Where drawings are read, and why not elsewhere."""
        _log.info("drawings are read on %s %s", device, problem)

    def end(self) -> None:
        """Leave everything as it was."""
        sys.excepthook, threading.excepthook = self._hooks
        logging.getLogger().removeHandler(self._handler)
        self._handler.close()
        if self._faults is not None:
            faulthandler.disable()
            self._faults.close()

    def _uncaught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self._hooks[0](kind, error, trace)
        self._note(error.with_traceback(trace), "nobody caught")

    def _uncaught_in_thread(self, uncaught: threading.ExceptHookArgs) -> None:
        self._hooks[1](uncaught)
        if uncaught.exc_value is not None:
            name = uncaught.thread.name if uncaught.thread else "a thread"
            error = uncaught.exc_value.with_traceback(uncaught.exc_traceback)
            self._note(error, f"nobody caught in {name}")

    def _note(self, error: BaseException, what: str) -> None:
        """Into the file, and on to whoever tells it; an exit or Ctrl-C is no fault."""
        if isinstance(error, Exception):
            _log.error(what, exc_info=error)
            self.failed.emit("".join(traceback.format_exception(error)))

    def _tell(self, details: str) -> None:
        """Show the first of many; the others are in the file."""
        if self.dialog is None:
            self.dialog = ErrorDialog(self.file, details)
            self.dialog.finished.connect(self._closed)
            self.dialog.open()

    def _closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None


class ErrorDialog(QDialog):
    """Says that something went wrong; what, on a click.

    Args:
        file: the log.
        details: the traceback.
    """

    def __init__(self, file: Path, details: str) -> None:
        super().__init__(QApplication.activeWindow())
        self.setObjectName("error_dialog")
        self.setWindowTitle(_("Something went wrong"))
        label = Label(
            _(
                "Something went wrong in LeNet Studio. You can go on; if it does not work as it "
                "should, start it again. To report this, copy the details."
            )
        )
        label.setWordWrap(True)
        self._file = file
        self.details = QPlainTextEdit(details)
        self.details.setReadOnly(True)
        self.details.setMinimumSize(560, 240)
        self.details.hide()
        row = QHBoxLayout()
        for button in self._buttons():
            row.addWidget(button)
        whole = QVBoxLayout(self)
        whole.addWidget(label)
        whole.addWidget(self.details)
        whole.addLayout(row)

    def _buttons(self) -> tuple[QPushButton, ...]:
        details = make_push_button(_("Details"), "error_details", _("What Python says of it"))
        details.setCheckable(True)
        details.toggled.connect(self.details.setVisible)
        copy = make_push_button(_("Copy"), "error_copy", _("Put the details on the clipboard"))
        copy.clicked.connect(self._copy)
        show = make_push_button(
            _("Show log"), "error_log", _("Open {parent}").format(parent=self._file.parent)
        )
        show.clicked.connect(self._show_log)
        close = make_push_button(_("Close"), "error_close", _("Go on"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        return details, copy, show, close

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details.toPlainText())

    def _show_log(self) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._file.parent))):
            self.details.setPlainText(
                _("The log is {file}\n\n{toPlainText}").format(
                    file=self._file, toPlainText=self.details.toPlainText()
                )
            )
            self.details.show()
