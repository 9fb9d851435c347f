"""What becomes of runs that train when the window is to close, and who hears when one ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow, QSystemTrayIcon

from lenet_gui.widgets.controls import ask
from lenet_gui.widgets.formatting import format_percent
from lenet_gui.widgets.theme import application
from trainer.translation import gettext as _
from trainer.translation import ngettext

if TYPE_CHECKING:
    from lenet_gui.train.run_item import RunItem
    from lenet_gui.train.tab import TrainTab

_SHOWN = 10_000  # ms that a message of the desktop is seen


class Closing(QObject):
    """Asks before a window closes in which runs train, and tells the desktop of their ends.

    Args:
        window: the window.
        tell: shows a text in its status bar.
    """

    def __init__(self, window: QMainWindow, tell: Callable[[str], object]) -> None:
        super().__init__(window)
        self._window, self._tell = window, tell
        self._tab: TrainTab | None = None
        self._decided = False
        self._tray: QSystemTrayIcon | None = None
        self.in_background = False
        """Whether the window is out of sight, and closes when the last run has ended."""
        window.installEventFilter(self)

    def follow(self, tab: TrainTab) -> None:
        """From now on there may be runs that train."""
        self._tab = tab
        tab.run_ended.connect(self._ended)
        tab.run_gone.connect(self._gone)

    # Closing

    def may_close(self) -> bool:
        """Whether the window may close now; if not, the user is asked."""
        app, tab = QGuiApplication.instance(), self._tab
        saving = isinstance(app, QGuiApplication) and app.isSavingSession()  # nobody could answer
        if tab is None or self._decided or saving or not tab.runs_under_way():
            return True
        runs = tab.runs_under_way()
        text = ngettext("{n} run is training", "{n} runs are training", len(runs))
        sentence = _(
            "Keep training in the background: LeNet Studio quits by itself when the last run is "
            "done. Or stop now: a run can be resumed later exactly where it stopped."
        )
        if any(run.folder is None for run in runs):
            sentence += "\n\n" + _("Runs that have not begun yet are listed at the next start.")
        ask(
            self._window,
            "quit_question",
            text.format(n=len(runs)),
            sentence,
            {
                _("Keep training"): self.go_to_background,
                _("Stop and quit"): self.close_now,
            },
        )
        return False

    def close_now(self) -> None:
        """Close the window; runs that train are stopped, and can be resumed later."""
        self._decided = True
        hidden = self.in_background and not self._window.isVisible()
        self._window.close()
        if self._tray is not None:
            self._tray.hide()
        if hidden:  # it was the last window already, and nobody is told so again
            application().setQuitOnLastWindowClosed(True)
            application().quit()

    def go_to_background(self) -> None:
        """Take the window out of sight, and close it when the last run has ended."""
        assert self._tab is not None
        paused = [run for run in self._tab.list.runs if run.state == "paused"]
        self._tab.actions_of_run.stop(paused)  # which would never end
        self.in_background = True
        tray = self._shown_tray()
        if tray is None:
            self._window.showMinimized()
            return
        application().setQuitOnLastWindowClosed(False)
        tray.setToolTip(_("LeNet Studio is training"))
        self._window.hide()

    def come_back(self) -> None:
        """Show the window again, which then stays open."""
        self.in_background = False
        application().setQuitOnLastWindowClosed(True)
        self._window.showNormal()
        self._window.raise_()
        self._window.activateWindow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whoever opens the minimized window wants it to stay."""
        if event.type() == QEvent.Type.WindowStateChange and self.in_background:
            self.in_background = bool(self._window.windowState() & Qt.WindowState.WindowMinimized)
        return False

    def _gone(self) -> None:
        if self.in_background and self._tab is not None and not self._tab.runs_under_way():
            self.close_now()

    # Telling

    def _ended(self, run: RunItem) -> None:
        text = describe_end(run)
        if not text or self._tab is None:
            return
        seen = self._window.isActiveWindow()
        wanted = self._tab.buttons.notify.isChecked()
        tray = self._shown_tray() if wanted and not seen else None
        if tray is not None and tray.supportsMessages():
            tray.showMessage(self._window.windowTitle(), text, self._window.windowIcon(), _SHOWN)
        else:
            self._tell(text)

    def _shown_tray(self) -> QSystemTrayIcon | None:
        """The desktop's place for icons, with ours; None if it has none."""
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return None
        if self._tray is None:
            self._tray = QSystemTrayIcon(QApplication.windowIcon(), self)
            self._tray.activated.connect(self.come_back)
            self._tray.messageClicked.connect(self.come_back)
        self._tray.show()
        return self._tray


def describe_end(run: RunItem) -> str:
    """How a run ended, for whoever does not look at it; empty if the user ended it."""
    if run.state == "finished" and run.test is not None:
        text = _("{run} is finished: {accuracy} on the test images")
        return text.format(run=run.title, accuracy=format_percent(run.test))
    texts = {
        "finished": _("{run} is finished"),
        "failed": _("{run} failed"),
        "diverged": _("{run} diverged: its loss is no longer a number"),
    }
    return texts.get(run.state, "").format(run=run.title)
