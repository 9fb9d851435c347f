"""Starts the program and prints when its window and its first answer are on screen.

`first_window` runs this text by `python -c`, as `python -m lenet_gui` would start,
with the clock's time before the process began as the argument. Prints "window" and
"answer", each with the seconds since then, and closes the window.
"""

import sys
import time

from lenet_gui.__main__ import main  # isort: skip  first, as the program itself does
from PySide6.QtCore import QEvent, QObject, QTimer

from lenet_gui.app.window import Window

began = float(sys.argv.pop(1))
show = Window.show


class Painted(QObject):
    """Waits for the canvas's first painting."""

    def __init__(self, canvas: QObject) -> None:
        super().__init__(canvas)
        self.canvas, self.seen = canvas, False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Once the canvas is painted, and then flushed to the screen, tell the time."""
        if not self.seen and event.type() == QEvent.Type.Paint and watched is self.canvas:
            self.seen = True
            QTimer.singleShot(0, lambda: print("window", time.time() - began, flush=True))
        return False


def show_with_stroke(window: Window) -> None:
    """Show the window with a stroke on its canvas, and close it when that is read."""
    canvas = window.draw.canvas
    canvas.installEventFilter(Painted(canvas))
    canvas.show_strokes((((140.0, 60.0, 1.0), (140.0, 220.0, 1.0)),))

    def tell(reading: object) -> None:
        if getattr(reading, "prediction", None) is not None:
            print("answer", time.time() - began, flush=True)
            window.close()

    window.reader.done.connect(tell)
    show(window)


Window.show = show_with_stroke  # type: ignore[method-assign, assignment]
sys.exit(main([]))
