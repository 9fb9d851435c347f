"""Seconds from process start to the first window on screen, and to the first answer.

    python -m benchmarks.window.first_window [--runs 5] [--before FOLDER]

Starts the program anew each time, after one start that warms the disk's cache,
and in turn with it a process that only imports torch: each run, the medians, and
how much later than `import torch` the answer comes. With `--before`, the checkout
of an earlier state is started in turn as well, and the median of the ratios is
reported. Needs a display, or QT_QPA_PLATFORM=offscreen. The clock starts before
the process does; the window counts as on screen when Qt has painted it and
flushed it to the screen.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.command import run
from benchmarks.measurement import Row, Table, Tables

_PROBE = Path(__file__).with_name("start_probe.py")
_HERE = Path(__file__).resolve().parent.parent.parent
_TORCH = "import time, sys, torch; print('torch', time.time() - float(sys.argv[1]))"
_ENVIRONMENT = {**os.environ, "XDG_CONFIG_HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": ""}
"""No settings of an earlier start, and modules compiled by one, as whoever starts it has them."""


def time_script(script: str, checkout: Path = _HERE) -> dict[str, float]:
    """Seconds to each thing that a script, run from a checkout, prints the time of."""
    began = time.time()
    ended = subprocess.run(
        [sys.executable, "-c", script, str(began)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=checkout,  # the first place where Python looks for modules
        env=_ENVIRONMENT,
        timeout=120,
    )
    lines = (line.split() for line in ended.stdout.splitlines())
    return {name: float(seconds) for name, seconds in lines}


def time_start(checkout: Path = _HERE) -> dict[str, float]:
    """Seconds to the window and to the answer; a checkout's own probe knows its modules."""
    return time_script((checkout / _PROBE.relative_to(_HERE)).read_text(), checkout)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--before", type=Path, metavar="FOLDER")


def measure(options: argparse.Namespace) -> Tables:
    """Start the program in turn with `import torch`."""
    time_start()
    torch, found, before = [], [], []
    for _ in range(options.runs):
        torch.append(time_script(_TORCH)["torch"])
        found.append(time_start())
        if options.before:
            before.append(time_start(options.before.resolve()))
    columns = {name: [one[name] for one in found] for name in ("window", "answer")}
    later = [answer - alone for answer, alone in zip(columns["answer"], torch, strict=True)]
    columns |= {"import torch": torch, "answer after import torch": later}
    tables = {"events": Table({"median": "s", "runs": "s"}, _rows(columns))}
    if before:
        earlier = {name: [one[name] for one in before] for name in ("window", "answer")}
        tables["events_before"] = Table({"median": "s", "runs": "s"}, _rows(earlier))
        ratios = {
            name: [old / new for old, new in zip(earlier[name], columns[name], strict=True)]
            for name in earlier
        }
        tables["ratio_to_before"] = Table({"median": "ratio", "runs": "ratio"}, _rows(ratios))
    return tables


def _rows(columns: dict[str, list[float]]) -> list[Row]:
    return [
        {
            "event": name,
            "median": round(statistics.median(values), 3),
            "runs": [round(value, 3) for value in values],
        }
        for name, values in columns.items()
    ]


if __name__ == "__main__":
    run(__doc__, measure, add_options)
