"""Run benchmarks, and make the tables of README.md and docs/ from their results.

    python -m benchmarks [NAME ...]     run these, or all quick ones
    python -m benchmarks --list         show the names
    python -m benchmarks --format       only make the tables

Each benchmark runs in a process of its own. Its figures are stored in
benchmarks/results/NAME.json, and a summary is printed. `--readme` makes the
tables afterwards as well. Benchmarks that open a window run with Qt's offscreen
platform where there is no display. Options of a single benchmark are given to
its own command: `python -m benchmarks.window.first_window --help`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.documents import DOCUMENTS, update_documents
from benchmarks.measurement import RESULTS, read_measurements
from benchmarks.registry import BENCHMARKS

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Do what the command line asks for; returns 1 if a benchmark failed."""
    options = _options()
    if options.list:
        for name, benchmark in BENCHMARKS.items():
            slow = "" if benchmark.quick else " (slow)"
            print(f"{name:24}{benchmark.title}{slow}")
        return 0
    failed = []
    if not options.format:
        quick = [name for name, benchmark in BENCHMARKS.items() if benchmark.quick]
        failed = [name for name in options.names or quick if _run(name)]
    if options.format or options.readme:
        for path in update_documents(ROOT, read_measurements()):
            print(f"updated: {path.relative_to(ROOT)}")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


def _options() -> argparse.Namespace:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=formatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="see --list")
    parser.add_argument("--list", action="store_true", help="show the names")
    places = ", ".join(DOCUMENTS)
    parser.add_argument("--format", action="store_true", help=f"make the tables of {places}")
    parser.add_argument("--readme", action="store_true", help="run, then make the tables")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in BENCHMARKS]:
        parser.error(f"unknown: {', '.join(unknown)}; --list shows the names")
    if options.format and (options.names or options.readme):
        parser.error("--format runs no benchmark; use --readme to do both")
    return options


def _run(name: str) -> int:
    """Run one benchmark, which writes its measurement; returns its exit status."""
    benchmark = BENCHMARKS[name]
    print(f"\n== {name}: {benchmark.title}", flush=True)
    environment = dict(os.environ)
    if sys.platform.startswith("linux") and not environment.get("DISPLAY"):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    command = [*benchmark.arguments, "--json", str(RESULTS / f"{name}.json")]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
