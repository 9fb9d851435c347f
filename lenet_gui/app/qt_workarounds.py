"""Two properties of PySide6 and Python that this window works around.

**The import hook.** PySide6 replaces `builtins.__import__` by `__feature_import__`, which reads
the source of each module that is imported from then on, and keeps it, to know whether the module
may use `from __feature__ import`. Nothing here does. Only this hook is taken out: PySide6's other
one, which `from PySide6.QtCore import *` needs, and those of other programs stay.

- Without it: `import torch` takes 10 % longer (1.26 s, not 1.13 s) and 40 MB more, by
  `python -c "import PySide6.QtCore, torch"` with the peak of memory that
  `resource.getrusage` gives, and the same with `remove_import_hook()` between the two.
- Versions: PySide6 6.11.3.
- Upstream: "Very slow startup of the bundled app on Windows 11",
  https://github.com/napari/napari/issues/8584, is of this hook, and
  https://github.com/pyzo/pyzo/pull/851 of a crash by it; none found at Qt.
- Off: LENET_STUDIO_NO_WORKAROUNDS=1.
- No longer needed once `test_pyside_still_reads_sources` fails.

**Garbage.** By itself Python collects in whichever thread happens to make objects, training
ones too, and what it then frees may be Qt's while Qt uses it: the program dies. Here it is
collected in the window's thread only, between two strokes of the pen. The remedy is Kovid
Goyal's (PyQt's mailing list, August 2011).

- Without it: a crash now and then, and a collection of some ms within a stroke;
  `test_python_still_collects_in_any_thread` shows an object freed in a thread.
- Versions: Python 3.11.7, PySide6 6.11.3.
- Upstream: "python garbage collector can trigger in any thread",
  https://github.com/napari/napari/issues/1029; it is how CPython works, and no report of Python.
- Off: LENET_STUDIO_NO_WORKAROUNDS=1.
- No longer needed once `test_python_still_collects_in_any_thread` fails.
"""

from __future__ import annotations

import builtins
import gc

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from trainer.runtime.workarounds import workarounds_enabled

_EVERY = 1000  # ms


def remove_import_hook() -> None:
    """Take PySide6's hook out, where it is the outermost one; importing PySide6 put it in."""
    hook = getattr(builtins, "__feature_import__", None)
    # PySide6 keeps what was there before in `__orig_import__`, and calls it.
    if workarounds_enabled() and hook is not None and builtins.__import__ is hook:
        builtins.__import__ = getattr(builtins, "__orig_import__")  # noqa: B009  not typed


def collect_what_is_due() -> int | None:
    """Collect what Python would have by now; returns how old it is at most, None if none."""
    counts, most = gc.get_count(), gc.get_threshold()
    due = [age for age in range(3) if counts[age] > most[age]]
    if not due:
        return None
    gc.collect(max(due))
    return max(due)


class GarbageCollector(QObject):
    """Make one in the window's thread; Python collects by itself again after `end`."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY)
        self._timer.timeout.connect(self.collect)
        if workarounds_enabled():
            gc.disable()
            self._timer.start()
        else:
            gc.enable()  # the program's start goes without

    def collect(self) -> int | None:
        """As `collect_what_is_due`, but not during a stroke."""
        if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            return None  # a stroke is drawn: it may take some ms
        return collect_what_is_due()

    def end(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()
