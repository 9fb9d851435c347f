"""A tab that is built when it is first needed: until then the window opens without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QTabWidget, QWidget

T = TypeVar("T", bound=QWidget)


class LazyTab(Generic[T]):
    """Holds a tab's place with an empty page.

    Args:
        tabs: where its place is, behind those that are there already.
        title: on the tab.
        build: makes what the tab shows; called once, and before the tab is shown.
    """

    def __init__(self, tabs: QTabWidget, title: str, build: Callable[[], T]) -> None:
        self._tabs, self._title, self._build = tabs, title, build
        self._page = QWidget()
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

    def _chosen(self, number: int) -> None:
        if self.built is None and self._tabs.widget(number) is self._page:
            self.get()

    def _take_place(self, built: T) -> None:
        """Put it where the empty page was; no other tab is shown in between."""
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
