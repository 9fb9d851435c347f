"""All quick benchmarks, one after the other, each in a process of its own.

    python -m benchmarks [NAME ...] [--out FILE.md]

Prints what each prints, below the machine, the versions and the date; with
`--out` also into a file. Names choose some of them; `--list` tells them. Those
that need a display run under QT_QPA_PLATFORM=offscreen where there is none.
The slow ones (hours: accuracy, ablation, recipes, corrections ...) are run by
hand, as their first lines tell.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from trainer.environment import versions
from trainer.files import write_whole

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One run of a script."""

    title: str
    script: str
    options: tuple[str, ...] = ()

    @property
    def command(self) -> list[str]:
        """What is run."""
        return [sys.executable, str(HERE / f"{self.script}.py"), *self.options]

    @property
    def written(self) -> str:
        """What a person would type."""
        return " ".join(["python", f"benchmarks/{self.script}.py", *self.options])


BENCHMARKS = {
    "training": Benchmark("Seconds an epoch, beside the textbook loop", "training_speed"),
    "goals": Benchmark(
        "Time to 98.79 % and to 99 %", "training_speed", ("--goals", "--rounds", "1")
    ),
    "evaluation": Benchmark("Reading 10,000 images", "training_speed", ("--evaluation",)),
    "gpu": Benchmark("Training and reading on a GPU", "gpu"),
    "start": Benchmark("Process start to first window and first answer", "first_window"),
    "draw": Benchmark("Pen move to screen, Draw tab", "pen_to_screen"),
    "inspect": Benchmark(
        "Pen move to screen, Inspect tab",
        "pen_to_screen",
        ("--tab", "inspect", "--size", "1600x1000"),
    ),
    "draw-training": Benchmark(
        "Pen move to screen while a run trains", "pen_to_screen", ("--training", "1")
    ),
    "memory": Benchmark("Memory over ten trainings and 1,000 drawings", "memory"),
    "data": Benchmark("From 60,000 to 2,400,000 images", "data_scale"),
}


def main() -> int:
    """Run them; returns 1 if one of them failed."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all, if none is given")
    parser.add_argument("--out", type=Path, metavar="FILE.md")
    parser.add_argument("--list", action="store_true", help="tell the names")
    given = parser.parse_args()
    if given.list:
        for name, benchmark in BENCHMARKS.items():
            print(f"{name:16}{benchmark.title}: {benchmark.written}")
        return 0
    unknown = [name for name in given.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no {unknown[0]}: --list tells the names")
    told, failed = [_machine()], False
    print(told[0], flush=True)
    for name in given.names or BENCHMARKS:
        text, status = _run(BENCHMARKS[name])
        failed = failed or status != 0
        told.append(text)
        print(text, flush=True)
        if given.out is not None:  # after each: a run that is cut off has told something
            write_whole(given.out, "\n".join(told).encode())
    return int(failed)


def _machine() -> str:
    parts = ", ".join(f"{name} {version}" for name, version in versions().items())
    return f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {parts}\n"


def _run(benchmark: Benchmark) -> tuple[str, int]:
    """What it printed, as a section, and its exit status."""
    environment = dict(os.environ)
    if sys.platform.startswith("linux") and not environment.get("DISPLAY"):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    began = time.monotonic()
    done = subprocess.run(
        benchmark.command, cwd=HERE.parent, env=environment, capture_output=True, text=True
    )
    lines = [line for line in done.stdout.splitlines() if "does not support" not in line]
    if done.returncode:
        lines += ["FAILED", *done.stderr.splitlines()[-5:]]
    seconds = time.monotonic() - began
    text = "\n".join(
        [f"## {benchmark.title}", f"`{benchmark.written}` ({seconds:.0f} s)", "", *lines, ""]
    )
    return text, done.returncode


if __name__ == "__main__":
    sys.exit(main())
