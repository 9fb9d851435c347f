"""Speed and memory of this checkout, compared with another one.

    python -m benchmarks.compare OLD_CHECKOUT [--only NAME ...] [--rounds N]

OLD_CHECKOUT is a folder with another commit, such as one that
`git worktree add ../old v0.1.0` makes. Each checkout's own benchmarks run there,
with this Python, one after the other: old and new in turn, the first of them
changing from pair to pair, so that other load on the machine falls on both. For each
figure the medians are printed, and the median of the pairs' own ratios, new over
old, with the least and the greatest: below 1, this checkout is faster or smaller.

All of it takes about 25 minutes on two idle cores. Needs MNIST in LENET_DATA for
`epoch` and `memory`. Where there is no display, windows open on Qt's offscreen
platform; `xvfb-run -a python -m benchmarks.compare ...` opens them on an X server.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
TEXT_PATTERNS = {
    "window": r"^window: median ([\d.]+) s",
    "answer": r"^answer: median ([\d.]+) s",
    "p50": r"moves seen.*?p50 ([\d.]+) ms",
    "p99": r"moves seen.*?p99 ([\d.]+) ms",
    "predict": r"drawings: ([\d.]+) s",
    "memory at first": r"^after the start: (\d+) MB",
    "memory at last": r"^after round \d+: (\d+) MB",
}
"""Where each figure is in the text that the benchmarks of version 0.1.0 print; the last match
counts. Those of later versions write JSON documents."""

_EPOCHS = 4
"""Trained in a run to time an epoch; the first of them also warms up."""
_RECIPE = {"name": "plain", "dataset": "mnist", "mean": 0.1307, "std": 0.3081, "validation": 0.02}
"""The recipe of `training_speed`."""

Tables = dict[str, list[dict[str, Any]]]
"""The rows of a benchmark's JSON document, by the name of their table."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that a benchmark reports.

    Attributes:
        title: what it is.
        unit: of it.
        pattern: its key in `TEXT_PATTERNS`.
        find: takes it from a JSON document.
    """

    title: str
    unit: str
    pattern: str
    find: Callable[[Tables], float]


@dataclass(frozen=True, slots=True)
class Measure:
    """What is compared by one kind of run.

    Attributes:
        units: of the figures, by their titles.
        run: takes the figures in a checkout, in this order.
        rounds: pairs of runs, unless asked otherwise.
    """

    units: dict[str, str]
    run: Callable[[Path], list[float]]
    rounds: int


def measures(seconds: float, drawings: int, trainings: int) -> dict[str, Measure]:
    """All measures by name.

    Args:
        seconds: of pen moves.
        drawings: for `lenet predict`.
        trainings: in the window whose memory is measured.
    """
    start = (
        Figure("first window", "s", "window", lambda t: _row(t["events"], "window")["median"]),
        Figure("first answer", "s", "answer", lambda t: _row(t["events"], "answer")["median"]),
    )
    pen = (
        Figure("pen to screen, p50", "ms", "p50", lambda t: t["moves"][0]["median"]),
        Figure("pen to screen, p99", "ms", "p99", lambda t: t["moves"][0]["p99"]),
    )
    predict = Figure(
        f"lenet predict, {drawings:,} drawings",
        "s",
        "predict",
        lambda t: t["command"][0]["seconds"],
    )
    memory = (
        Figure("memory at start", "MB", "memory at first", lambda t: t["rounds"][0]["memory"]),
        Figure(
            f"memory after {trainings} trainings",
            "MB",
            "memory at last",
            lambda t: t["rounds"][-1]["memory"],
        ),
    )
    pen_options = ("--seconds", f"{seconds:g}")
    memory_options = ("--trainings", str(trainings), "--drawings", str(100 * trainings))
    predict_options = ("--runs", "1", "--drawings", str(drawings))
    return {
        "start": _benchmark("first_window", ("--runs", "1"), start, rounds=10),
        "pen": _benchmark("pen_to_screen", pen_options, pen, rounds=3),
        "epoch": Measure({f"epoch, batch {batch}": "s" for batch in (128, 512)}, run_epochs, 8),
        "predict": _benchmark("predict_many", predict_options, (predict,), rounds=5),
        "memory": _benchmark("memory", memory_options, memory, rounds=2),
    }


def _row(rows: Iterable[dict[str, Any]], event: str) -> dict[str, Any]:
    """The row of an event."""
    return next(row for row in rows if row["event"] == event)


def _benchmark(
    script: str, options: tuple[str, ...], figures: tuple[Figure, ...], rounds: int
) -> Measure:
    """What a benchmark of the checkout measures."""
    units = {figure.title: figure.unit for figure in figures}
    return Measure(units, partial(run_benchmark, script, options, figures), rounds)


class CompareError(Exception):
    """A run that cannot be made, failed, or reported no figure; the message says which."""


def run_benchmark(
    name: str, options: tuple[str, ...], figures: tuple[Figure, ...], checkout: Path
) -> list[float]:
    """Run a checkout's own benchmark there.

    Args:
        name: of its file, wherever it is in the folder `benchmarks`.
        options: of its command line.
        figures: what to take from it.
        checkout: where it runs.

    Raises:
        CompareError: it is not there, fails, or lacks a figure.
    """
    folder = checkout / "benchmarks"
    script = next(folder.rglob(f"{name}.py"), None)
    if script is None:
        raise CompareError(f"{folder} has no {name}.py")
    if script.parent == folder:  # as in version 0.1.0: a script that prints text
        text = _run_python([str(script), *options], checkout)
        return [_find_in_text(figure, text) for figure in figures]
    module = ".".join(script.relative_to(checkout).with_suffix("").parts)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / f"{name}.json"
        _run_python(["-m", module, *options, "--json", str(file)], checkout)
        document = json.loads(file.read_text(encoding="utf-8"))
    tables = {title: table["rows"] for title, table in document["tables"].items()}
    return [_find_in_tables(figure, tables) for figure in figures]


def _find_in_text(figure: Figure, text: str) -> float:
    matches = re.findall(TEXT_PATTERNS[figure.pattern], text, re.MULTILINE)
    if not matches:
        raise CompareError(f"{figure.title}: not in what the benchmark printed:\n{text}")
    return float(matches[-1])


def _find_in_tables(figure: Figure, tables: Tables) -> float:
    try:
        return float(figure.find(tables))
    except (KeyError, IndexError, StopIteration, TypeError) as error:
        raise CompareError(f"{figure.title}: not in the tables {list(tables)}") from error


def run_epochs(checkout: Path) -> list[float]:
    """Seconds that `lenet train` takes for an epoch of MNIST at batches of 128 and 512.

    As `training_speed` does, but for the textbook loop beside it, which takes most of
    that benchmark's time.
    """
    seconds = []
    with tempfile.TemporaryDirectory() as scratch:
        recipe = Path(scratch) / "recipe.json"
        recipe.write_text(json.dumps(_RECIPE))
        options = ["--recipe", str(recipe), "--runs", scratch, "--device", "cpu"]
        for batch in (128, 512):
            size = ["--batch-size", str(batch), "--epochs", str(_EPOCHS), "--threads", "2"]
            text = _run_python(["-m", "trainer", "train", *options, *size, "--json"], checkout)
            *epochs, _end = map(json.loads, text.splitlines())
            ends = [epoch["seconds"] for epoch in epochs]  # since the start of the run
            seconds.append(statistics.median(end - begin for begin, end in pairwise(ends)))
    return seconds


def _run_python(arguments: list[str], checkout: Path) -> str:
    """What Python prints there, where a checkout's own modules come before installed ones."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    if sys.platform.startswith("linux") and not environment.get("DISPLAY"):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    ended = subprocess.run(
        [sys.executable, *arguments], cwd=checkout, env=environment, capture_output=True, text=True
    )
    if ended.returncode:
        last = "\n".join(ended.stderr.splitlines()[-8:])
        raise CompareError(f"{' '.join(arguments)} failed in {checkout}:\n{last}")
    return ended.stdout


def check_checkout(checkout: Path) -> None:
    """Verify that what runs in a checkout imports the checkout's own packages.

    Raises:
        CompareError: it does not.
    """
    if not (checkout / "benchmarks").is_dir():
        raise CompareError(f"{checkout} is not a checkout: it has no folder benchmarks")
    for package in ("trainer", "lenet_gui"):
        place = _run_python(["-c", f"import {package}; print({package}.__file__)"], checkout)
        if not Path(place.strip()).resolve().is_relative_to(checkout):
            raise CompareError(f"in {checkout}, {package} is {place.strip()}")


def measure_pairs(
    measure: Measure, old: Path, new: Path, rounds: int
) -> Iterator[tuple[list[float], list[float]]]:
    """The figures of both checkouts, old and new, for each round."""
    for number in range(rounds):
        order = (old, new) if number % 2 == 0 else (new, old)
        figures = {checkout: measure.run(checkout) for checkout in order}
        yield figures[old], figures[new]


HEADER = f"{'':34}{'old':>9} {'new':>9}     {'new/old':>7}  {'least to greatest':18}pairs"


def table_line(title: str, unit: str, pairs: list[tuple[float, float]]) -> str:
    """A figure's line: both medians, the median of the pairs' ratios, and their range.

    Args:
        title: of the figure.
        unit: of the figure.
        pairs: its values in the old and in the new checkout.
    """
    old, new = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratios = sorted(after / before for before, after in pairs)
    medians = f"{title:34}{old:9.4g} {new:9.4g} {unit:<3} {statistics.median(ratios):7.3f}"
    return f"{medians}  {f'{ratios[0]:.3f} to {ratios[-1]:.3f}':18}{len(pairs):>5}"


def compare(name: str, measure: Measure, old: Path, rounds: int) -> bool:
    """Compare by one measure and print a line per figure; returns whether no run failed."""
    pairs = []
    problem = ""
    try:
        for pair in measure_pairs(measure, old, HERE, rounds):
            pairs.append(pair)
            print(f"{name}, pair {len(pairs)} of {rounds}: {pair}", file=sys.stderr, flush=True)
    except CompareError as error:
        problem = str(error)
        print(problem, file=sys.stderr)
    for place, (title, unit) in enumerate(measure.units.items()):
        of_figure = [(before[place], after[place]) for before, after in pairs]
        if of_figure:
            print(table_line(title, unit, of_figure), flush=True)
    return not problem


def main(arguments: list[str] | None = None) -> int:
    """Compare; returns 1 if a benchmark failed, 2 if there is nothing to compare with."""
    options = _options(arguments)
    old = options.old.resolve()
    chosen = measures(options.seconds, options.drawings, options.trainings)
    try:
        if old == HERE:
            raise CompareError(f"{old} is this checkout itself")
        for checkout in (old, HERE):
            check_checkout(checkout)
    except CompareError as error:
        print(error, file=sys.stderr)
        return 2
    began = time.monotonic()
    print(HEADER, flush=True)
    good = [
        compare(name, chosen[name], old, options.rounds or chosen[name].rounds)
        for name in options.only or chosen
    ]
    print(f"{time.monotonic() - began:.0f} s in all", flush=True)
    return int(not all(good))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare", description=__doc__, formatter_class=formatter
    )
    names = tuple(measures(seconds=60, drawings=10_000, trainings=10))
    parser.add_argument("old", type=Path, metavar="OLD_CHECKOUT")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--rounds", type=int, metavar="N", help="pairs of runs [2 to 10]")
    parser.add_argument("--seconds", type=float, default=60, help="of pen moves [60]")
    parser.add_argument("--drawings", type=int, default=10_000, help="for predict [10000]")
    parser.add_argument("--trainings", type=int, default=10, help="for memory [10]")
    options = parser.parse_args(arguments)
    if options.rounds is not None and options.rounds < 1:
        parser.error("--rounds must be 1 or more")
    return options


if __name__ == "__main__":
    sys.exit(main())
