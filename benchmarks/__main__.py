"""All quick benchmarks, one after the other, each in a process of its own.

    python -m benchmarks [NAME ...] [--readme] [--out FILE.md]

Prints what each prints, below its name, the machine, the versions and the date.
`--out` keeps it in a file as well, a section for each: those of other names that
it holds already stay. `--readme` keeps it in benchmarks/results.md and writes
README's section on speed from all that lies there, so that one benchmark can be
run anew by itself. `--list` tells the names. Those that need a display run under
QT_QPA_PLATFORM=offscreen where there is none. The slow ones (hours: accuracy,
ablation, recipes, corrections ...) are run by hand, as their first lines tell.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from benchmarks.readme_table import Section, put_between, sections, speed
from benchmarks.registry import BENCHMARKS, HERE, Benchmark
from trainer.files import write_whole
from trainer.runtime import devices

RECORD = HERE / "results.md"
README = HERE.parent / "README.md"


def main() -> int:
    """Run them; returns 1 if one of them failed, or printed no figure where one was expected."""
    given = _given()
    if given.list:
        for name, benchmark in BENCHMARKS.items():
            print(f"{name:16}{benchmark.title}: {benchmark.written}")
        return 0
    record: Path | None = RECORD if given.readme and given.out is None else given.out
    kept: dict[str, Section] = {}
    if record is not None and record.exists():
        kept = sections(record.read_text(encoding="utf-8"))
    if given.readme:  # a README with no place for it is told now rather than at the end
        put_between(README.read_text(encoding="utf-8"), "")
    failed = False
    for name in given.names or BENCHMARKS:
        section, status = _run(name, BENCHMARKS[name])
        print(section, flush=True)
        if status:
            failed = True
            continue
        kept[name] = section
        if record is not None:  # after each: a run that is cut off has told something
            write_whole(record, "\n".join(str(kept[n]) for n in BENCHMARKS if n in kept).encode())
    if given.readme and not _write_readme(kept):
        failed = True
    return int(failed)


def _given() -> argparse.Namespace:
    """What the command line asks for."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all, if none is given")
    parser.add_argument("--readme", action="store_true", help="write README's section on speed")
    parser.add_argument("--out", type=Path, metavar="FILE.md")
    parser.add_argument("--list", action="store_true", help="tell the names")
    given = parser.parse_args()
    for name in given.names:
        if name not in BENCHMARKS:
            parser.error(f"there is no {name}: --list tells the names")
    return given


def _write_readme(found: dict[str, Section]) -> bool:
    """Write its section on speed; tells whether every figure was found."""
    rows = {name: benchmark.rows for name, benchmark in BENCHMARKS.items()}
    section, lost = speed([found[name] for name in BENCHMARKS if name in found], rows)
    write_whole(README, put_between(README.read_text(encoding="utf-8"), section).encode())
    for what in lost:
        print(f"not found among what was printed: {what}", file=sys.stderr)
    return not lost


def _run(name: str, benchmark: Benchmark) -> tuple[Section, int]:
    """What it printed, and its exit status."""
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
    seconds = round(time.monotonic() - began)
    text = "\n".join(lines).strip("\n")
    section = Section(name, benchmark.title, benchmark.written, seconds, _where(), text)
    return section, done.returncode


def _where() -> str:
    """Date, machine and versions."""
    cpu = Path("/proc/cpuinfo")
    model = re.search(r"^model name\s*: (.+)$", cpu.read_text() if cpu.exists() else "", re.M)
    processor = model[1] if model else platform.processor() or platform.machine()
    gpus = [device.title for device in devices.available() if not device.problem]
    parts = [
        time.strftime("%Y-%m-%d"),
        f"{os.cpu_count()} cores ({processor})",
        "GPU: " + gpus[0] if len(gpus) > 1 else "no GPU",  # the processor is the last of them
        f"Python {platform.python_version()}",
        *(f"{name} {version(name)}" for name in ("torch", "torchvision", "PySide6-Essentials")),
    ]
    return ", ".join(parts)


if __name__ == "__main__":
    sys.exit(main())
