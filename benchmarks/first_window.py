"""How long from process start to the first window on screen, and to the first answer.

    python benchmarks/first_window.py [--runs 5]

Starts `python -m lenet_gui` anew each time, after one start that warms the
disk's cache, and prints each run and the medians. Needs a display, or
QT_QPA_PLATFORM=offscreen. The clock starts before the process does; the window
counts as on screen when Qt has painted it and flushed it to the screen.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time

_PROBE = """
import sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication
from lenet_gui import application, window
began = float(sys.argv.pop(1))
class Painted(QObject):
    seen = False
    def eventFilter(self, watched, event):
        if not self.seen and event.type() == QEvent.Type.Paint and watched is made.draw.canvas:
            self.seen = True
            QTimer.singleShot(0, lambda: print("window", time.time() - began, flush=True))
        return False
probe = Painted()
show = window.Window.show
def shown(self):
    global made
    made = self
    self.draw.canvas.installEventFilter(probe)
    stroke = ((140.0, 60.0, 1.0), (140.0, 220.0, 1.0))
    self.draw.canvas.show_strokes((stroke,))
    def answered(reading):
        if reading.prediction is not None:
            print("answer", time.time() - began, flush=True)
            self.close()
    self.reader.done.connect(answered)
    show(self)
window.Window.show = shown
from lenet_gui.__main__ import main
sys.exit(main([]))
"""


def measure() -> dict[str, float]:
    """Seconds to the window and to the answer, of one start."""
    began = time.time()
    ended = subprocess.run(
        [sys.executable, "-c", _PROBE, str(began)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "XDG_CONFIG_HOME": "/nonexistent"},
        timeout=120,
    )
    lines = (line.split() for line in ended.stdout.splitlines())
    return {name: float(seconds) for name, seconds in lines}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    measure()
    found = [measure() for _ in range(runs)]
    for name in ("window", "answer"):
        values = [one[name] for one in found]
        each = "  ".join(f"{value:.3f}" for value in values)
        print(f"{name}: median {statistics.median(values):.3f} s  ({each})")


if __name__ == "__main__":
    main()
