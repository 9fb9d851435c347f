"""How long from process start to the first window on screen, and to the first answer.

    python benchmarks/first_window.py [--runs 5] [--before FOLDER]

Starts `python -m lenet_gui` anew each time, after one start that warms the
disk's cache, and in turn with it a process that only imports torch. Prints each
run, the medians, and how much later than `import torch` the answer comes. With
`--before`, the checkout of an earlier state is started in turn as well, and
the median of the ratios is printed. Needs a display, or
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
from pathlib import Path

_PROBE = """
import sys, time
from lenet_gui.__main__ import main
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication
from lenet_gui.app import window
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
sys.exit(main([]))
"""


_TORCH = "import time, sys, torch; print('torch', time.time() - float(sys.argv[1]))"
_HERE = Path(__file__).resolve().parent.parent
_ENVIRONMENT = {**os.environ, "XDG_CONFIG_HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": ""}
"""No settings of an earlier start, and modules compiled by one, as whoever starts it has them."""


def measure(script: str = _PROBE, checkout: Path = _HERE) -> dict[str, float]:
    """Seconds to each thing that a script, run from a checkout, prints the time of."""
    began = time.time()
    ended = subprocess.run(
        [sys.executable, "-c", script, str(began)],
        capture_output=True,
        text=True,
        check=True,
        cwd=checkout,  # the first place where Python looks for modules
        env=_ENVIRONMENT,
        timeout=120,
    )
    lines = (line.split() for line in ended.stdout.splitlines())
    return {name: float(seconds) for name, seconds in lines}


def show(name: str, values: list[float], unit: str = " s") -> None:
    """One line: the median and each."""
    each = "  ".join(f"{value:.3f}" for value in values)
    print(f"{name}: median {statistics.median(values):.3f}{unit}  ({each})")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--before", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    measure()
    torch, found, before = [], [], []
    for _ in range(given.runs):
        torch.append(measure(_TORCH)["torch"])
        found.append(measure())
        if given.before:
            before.append(measure(checkout=given.before))
    for name in ("window", "answer"):
        show(name, [one[name] for one in found])
    show("import torch", torch)
    pairs = zip(found, torch, strict=True)
    show("answer after import torch", [one["answer"] - alone for one, alone in pairs])
    if given.before:
        for name in ("window", "answer"):
            show(f"{name} before", [one[name] for one in before])
            ratios = [old[name] / new[name] for old, new in zip(before, found, strict=True)]
            show(f"{name}, times sooner than before", ratios, "x")


if __name__ == "__main__":
    main()
