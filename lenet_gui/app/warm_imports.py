"""The window's other modules, imported one after the other while nothing is drawn.

A tab that is seen for the first time then takes a moment less. They are not
imported in the background: Qt's types are made when a module first names them,
and two threads that make some at once bring the program down.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cached_property

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

import lenet_gui

_EVERY = 30  # ms
_NOT = "lenet_gui.curves.canvas"
"""It imports matplotlib, which takes too long for the window's thread."""


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
            if not module.ispkg and module.name not in (_NOT, "lenet_gui.__main__")
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
