"""For a projector: the page fills the screen with large text, and nothing surrounds it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QTabWidget, QWidget

from lenet_gui.widgets import theme

_ZOOM = 150
"""The least size of text while it is on, in percent of the usual."""


class PresentationMode(QObject):
    """Hides the menus, the tabs and the status bar, makes text large, and takes all back.

    The keys of all menu entries go on working; so do those from tab to tab.

    Args:
        window: what fills the screen.
        tabs: whose bar is hidden.
        text_zoom: gives the usual size of text, in percent.
    """

    def __init__(self, window: QMainWindow, tabs: QTabWidget, text_zoom: Callable[[], int]) -> None:
        super().__init__(window)
        self._window, self._tabs, self._text_zoom = window, tabs, text_zoom
        self._hidden: list[QWidget] = []
        self._state = Qt.WindowState.WindowNoState
        self.on = False
        window.installEventFilter(self)

    def toggle(self) -> None:
        """Begin, or go back to how it was."""
        self.on = not self.on
        window = self._window
        if self.on:
            self._state = window.windowState()
            bars = (window.menuBar(), window.statusBar(), self._tabs.tabBar())
            self._hidden = [bar for bar in (*bars, self._tabs.cornerWidget()) if bar.isVisible()]
            # A hidden bar's entries lose their keys, a window's do not; those of a tab have theirs
            # from the tab, and of another one the same keys may mean something else.
            menus = [entry.menu() for entry in window.menuBar().actions()]
            entries = [each for menu in menus if isinstance(menu, QMenu) for each in menu.actions()]
            everywhere = Qt.ShortcutContext.WindowShortcut
            window.addActions([e for e in entries if e.shortcutContext() is everywhere])
        for bar in self._hidden:
            bar.setVisible(not self.on)
        usual = self._text_zoom()
        theme.set_text_zoom(theme.application(), max(_ZOOM, usual) if self.on else usual)
        full = self._state | Qt.WindowState.WindowFullScreen
        window.setWindowState(full if self.on else self._state)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc ends it, where no part of the page wants the key."""
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if self.on and pressed and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            self.toggle()
            return True
        return super().eventFilter(watched, event)
