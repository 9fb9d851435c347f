"""What is built or imported only when it is needed, so that the window opens at once.

A tab is built when it is first seen, and not before torch is there, which its modules
import: the window's thread shall not wait for it. These modules are imported one after
the other while nothing is drawn, so that a tab seen for the first time takes a moment
less. They are not imported in the background: Qt's types are made when a module first
names them, and two threads that make some at once bring the program down.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cached_property
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QTabWidget, QWidget

import lenet_gui
from lenet_gui.draw.result_view import LOADING
from lenet_gui.widgets.labels import Label
from trainer.translation import gettext as _

T = TypeVar("T", bound=QWidget)
WITH_DRAWING = ("draw", "inspect")
"""The tabs on which the drawing is seen."""


def make_tabs() -> QTabWidget:
    """The window's tabs, still empty."""
    tabs = QTabWidget()
    tabs.setObjectName("tabs")
    tabs.setAccessibleName(_("Tabs"))
    tabs.setDocumentMode(True)
    tabs.tabBar().setDrawBase(False)
    tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return tabs


class LazyTab(Generic[T]):
    """Holds a tab's place with a page that says what is waited for.

    Args:
        tabs: where its place is, behind those that are there already.
        title: on the tab.
        build: makes what the tab shows; called once, when the tab is chosen after `allow`.
    """

    def __init__(self, tabs: QTabWidget, title: str, build: Callable[[], T]) -> None:
        self._tabs, self._title, self._build = tabs, title, build
        self._page = Label(_(LOADING))
        self._page.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._allowed = self._forbidden = False
        tabs.addTab(self._page, title)
        tabs.currentChanged.connect(self._chosen)
        self.built: T | None = None
        """What the tab shows; None until it was needed."""

    def get(self) -> T:
        """What the tab shows, built now if it was not needed before."""
        if self.built is None:
            self.built = self._build()
            self._take_place(self.built)
        return self.built

    def allow(self) -> None:
        """What it needs is imported: build it when it is chosen, soon if it is.

        Not now: a window in another language has just been built, and this takes as long again.
        """
        self._allowed = not self._forbidden
        QTimer.singleShot(0, self._tabs, lambda: self._chosen(self._tabs.currentIndex()))

    def forbid(self) -> None:
        """Build nothing any more, even if what it needs is only now imported."""
        self._forbidden, self._allowed = True, False

    def refuse(self, problem: str) -> None:
        """What it needs can't be imported: say so in its place."""
        self._page.setText(problem)

    def _chosen(self, number: int) -> None:
        if self._allowed and self.built is None and self._tabs.widget(number) is self._page:
            self.get()

    def _take_place(self, built: T) -> None:
        """Put it where the page was; no other tab is shown in between."""
        tabs = self._tabs
        blocker = QSignalBlocker(tabs)  # to whoever listens, it is the same tab as before
        number = tabs.indexOf(self._page)
        seen = tabs.currentIndex() == number
        tabs.insertTab(number, built, self._title)
        if seen:
            tabs.setCurrentIndex(number)
        tabs.removeTab(number + 1)
        self._page.deleteLater()
        blocker.unblock()


_EVERY = 30  # ms
_NOT = ("lenet_gui.__main__", "lenet_gui.curves.canvas", "lenet_gui.adjust.", "lenet_gui.pages.")
"""How the names of modules begin that are left: matplotlib takes too long for the window's thread,
and the libraries that read pictures take 30 MB, of which whoever draws has no use."""


class WarmImports(QObject):
    """Call `start` once torch is imported: until then it would only be waited for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY)
        self._timer.timeout.connect(self.import_next)

    @cached_property
    def left(self) -> list[str]:
        """What is still to be imported; looked for when needed, not while the window opens."""
        return [
            module.name
            for module in pkgutil.walk_packages(lenet_gui.__path__, "lenet_gui.")
            if not module.ispkg and not module.name.startswith(_NOT)
        ]

    def start(self) -> None:
        """Begin; it ends by itself."""
        self._timer.start()

    def end(self) -> None:
        """Leave the others to whoever needs them."""
        self._timer.stop()

    def import_next(self) -> None:
        """Import one more module, unless a mouse button is down."""
        if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            return  # a stroke is drawn
        if self.left:
            importlib.import_module(self.left.pop(0))
        else:
            self._timer.stop()
