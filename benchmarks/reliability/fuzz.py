"""How readers of files take damaged ones: as a refusal in words, or otherwise.

    python -m benchmarks.reliability.fuzz [--seconds 20] [--cases 10000] [--seed 1] [--kind KIND]

Each kind of input is damaged at random (`mutations`) for `--seconds`, or until there were
`--cases`, in a process of its own that may have 1.5 GB of memory. Good is what is read, and what
is refused by an error that a user is told. Counted are other exceptions, readings of more than two
seconds of a processor or twenty by the clock, and processes that died; each with the number of its
case, which `--kind KIND --first NUMBER --seconds 0` does again alone.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from benchmarks.command import progress, run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.reliability.inputs import KINDS, Kind
from trainer.errors import UserError

MEMORY = 3 << 29  # bytes
HANG = 2.0  # seconds of a processor
_STUCK = 20.0  # seconds by the clock, after which a reading is ended
_SHOWN = 300  # characters of a problem
_MOST = 10_000_000  # cases


def limit_memory() -> None:
    """Let this process have `MEMORY` and no more, as far as the system can."""
    import resource  # not on Windows

    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def try_cases(kind: Kind, seed: int, cases: range, seconds: float, place: Path) -> Row:
    """Read damaged inputs until time is up, at least one; returns what came of them.

    Args:
        kind: of input.
        seed: with a case's number, decides its damage.
        cases: their numbers, at least one.
        seconds: how long.
        place: folder for files; in its `case` stands the number of the case under way.
    """
    base = kind.make(place / "input")
    outcome: Counter[str] = Counter()
    problems: list[str] = []
    until, longest, done = time.monotonic() + seconds, 0.0, 0
    for number in cases:
        if done and time.monotonic() >= until:
            break
        (place / "case").write_text(str(number))
        again = kind.damage(base, random.Random(f"{seed} {kind.name} {number}"))
        faulthandler.dump_traceback_later(_STUCK, exit=True)
        began = time.process_time()  # a machine that is busy with other things is no hang
        try:
            again()
            outcome["read"] += 1
        except UserError as error:
            outcome["refused"] += 1
            if "\n" in str(error).strip():
                problems.append(f"case {number}: more than one line: {str(error)[:_SHOWN]!r}")
                outcome["other exceptions"] += 1
        except Exception as error:  # what is looked for
            outcome["other exceptions"] += 1
            where = traceback.extract_tb(error.__traceback__)[-1]
            told = f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {error}"
            problems.append(f"case {number}: {told[:_SHOWN]}")
        faulthandler.cancel_dump_traceback_later()
        took = time.process_time() - began
        longest = max(longest, took)
        if took > HANG:
            outcome["hangs"] += 1
            problems.append(f"case {number}: {took:.1f} s")
        done += 1
    return {"cases": done, "longest": longest, "problems": problems, **outcome}


def fuzz(kind: str, seed: int, cases: range, seconds: float) -> tuple[Row, list[str]]:
    """All cases of a kind, in processes of their own; returns its row and its problems."""
    first = cases.start
    row: Row = {"kind": kind, "cases": 0, "read": 0, "refused": 0}
    row |= {"exceptions": 0, "hangs": 0, "crashes": 0, "longest": 0.0}
    problems: list[str] = []
    until = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        while True:
            command = [sys.executable, "-m", "benchmarks.reliability.fuzz", "--child", folder]
            command += ["--kind", kind, "--seed", str(seed), "--first", str(first)]
            command += ["--cases", str(cases.stop - first)]
            left = max(0.0, until - time.monotonic())
            done = subprocess.run(
                [*command, "--seconds", str(left)], capture_output=True, text=True, check=False
            )
            try:
                found = json.loads(done.stdout.splitlines()[-1])
            except (IndexError, ValueError):
                last = int((Path(folder) / "case").read_text())
                stuck = "Timeout" in done.stderr
                row["hangs" if stuck else "crashes"] += 1
                row["cases"] += last + 1 - first
                problems.append(f"case {last}: status {done.returncode}: {done.stderr[-_SHOWN:]}")
                first = last + 1
                if time.monotonic() < until and first < cases.stop:
                    continue
                return row, problems
            for name in ("cases", "read", "refused", "hangs"):
                row[name] += found.get(name, 0)
            row["exceptions"] += found.get("other exceptions", 0)
            row["longest"] = round(max(row["longest"], found["longest"]), 3)
            return row, problems + found["problems"]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this campaign."""
    parser.add_argument("--seconds", type=float, default=20, help="for each kind [20]")
    parser.add_argument("--cases", type=int, default=_MOST, help="of each kind, at most")
    parser.add_argument("--seed", type=int, default=1, help="decides all damages [1]")
    parser.add_argument("--kind", choices=tuple(KINDS), action="append", help="only this one")
    parser.add_argument("--first", type=int, default=0, help="number of the first case [0]")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)


def measure(options: argparse.Namespace) -> Tables:
    """Damage inputs of each kind."""
    cases = range(options.first, options.first + options.cases)
    if options.child is not None:
        limit_memory()
        (kind,) = options.kind
        found = try_cases(KINDS[kind], options.seed, cases, options.seconds, options.child)
        print(json.dumps(found), flush=True)
        os._exit(0)  # whatever threads a library has left behind
    rows = []
    for kind in options.kind or KINDS:
        row, problems = fuzz(kind, options.seed, cases, options.seconds)
        rows.append(row)
        progress(f"{kind}: {row}")
        for problem in problems:
            progress(f"  {problem}")
    return {"kinds": Table({"longest": "s"}, rows)}


Reader = Callable[[], object]

if __name__ == "__main__":
    run(__doc__, measure, add_options)
