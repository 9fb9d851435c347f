"""Python's garbage is collected in the window's thread only, between two strokes of the pen.

By itself Python collects in whichever thread happens to make objects, training
ones too, and what it then frees may be Qt's while Qt uses it: the program dies.
The remedy is Kovid Goyal's (PyQt's mailing list, August 2011).

- Without it: a crash now and then, and a collection of some ms within a stroke;
  `test_python_still_collects_in_any_thread` shows an object freed in a thread.
- Versions: Python 3.11.7, PySide6 6.11.3.
- Upstream: "python garbage collector can trigger in any thread",
  https://github.com/napari/napari/issues/1029; it is how CPython works, and no report of Python.
- Off: LENET_STUDIO_NO_WORKAROUNDS=1.
- No longer needed once `test_python_still_collects_in_any_thread` fails.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from trainer.runtime.workarounds import workarounds_enabled

_EVERY = 1000  # ms


class GarbageCollector(QObject):
    """Make one in the window's thread; Python collects by itself again after `end`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY)
        self._timer.timeout.connect(self.collect)
        if workarounds_enabled():
            gc.disable()
            self._timer.start()

    def collect(self) -> int | None:
        """Collect what Python would have by now; returns how old it is at most, None if none."""
        if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            return None  # a stroke is drawn: it may take some ms
        counts, most = gc.get_count(), gc.get_threshold()
        due = [age for age in range(3) if counts[age] > most[age]]
        if not due:
            return None
        gc.collect(max(due))
        return max(due)

    def end(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()
