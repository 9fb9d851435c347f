"""What is left after kill -9: a run as if it had never been killed, every digit, only whole files.

    python -m benchmarks.reliability.kill [--seconds 120] [--moments 40] [--seed 1]

For `--seconds` each, or until so many of each were killed, programs are killed at random moments,
through the real command line where there is one for it:

- training: `lenet train` and then `lenet resume`, each killed, until one may end: weights, history
  and test must be those of a run that nobody disturbed;
- keeping digits: each digit that was reported as kept must be there;
- saving a network, exporting digits: the file must be whole, the one before or the new one;
- `lenet evaluate --report`: each file of the report must be whole.

Linux and macOS only. A loss is named with its folder, which then stays.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import os
import queue
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.command import progress, run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.reliability import victims
from trainer.errors import UserError
from trainer.my_digits.digit import read_export
from trainer.my_digits.store import MyDigits
from trainer.networks import model as weights
from trainer.recipes.recipe import AUGMENTATIONS, Recipe
from trainer.runs import checkpoint

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["benchmarks.reliability.victims", "trainer.cli.train", "trainer.cli.evaluate"]
)
_PATIENCE = 240.0  # seconds that a program may take that nobody kills
_WRITING = 0.3  # seconds for which what is written again and again may go on
RECIPE = Recipe(
    name="killed",
    dataset="pen",
    epochs=15,
    batch_size=20,
    arithmetic="plain",
    augmentation=AUGMENTATIONS["affine"],
    weight_average=0.9,
)


@dataclass(slots=True)
class Outcome:
    """What came of the kills of one kind."""

    kind: str
    trials: int = 0  # after each of which all that was promised was looked for
    kills: int = 0  # of processes that were still at work
    lost: int = 0  # runs that ended otherwise, digits that are gone
    half: int = 0  # files that can't be read
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    def row(self) -> Row:
        """Its figures."""
        return {name: v for name, v in asdict(self).items() if name != "problems"}

    def tell(self, problem: str) -> None:
        """Remember what went wrong."""
        self.problems.append(problem)
        progress(f"  {self.kind}: {problem}")


class Victim:
    """A program that is to be killed, forked from one that has imported what all of them need.

    Args:
        arguments: as `victims` takes them.
    """

    def __init__(self, arguments: list[str]) -> None:
        self._output, writing = _FORKS.Pipe(duplex=False)
        self._process = _FORKS.Process(target=victims.begin, args=(arguments, writing))
        self._process.start()
        writing.close()  # else its output would have no end
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._printed: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with os.fdopen(os.dup(self._output.fileno()), errors="replace") as stream:
            for line in stream:
                self._printed.append(line)
                self._lines.put(line)
        self._lines.put("")

    def wait_for_line(self) -> None:
        """Until it has printed one more, or ended."""
        if not self._lines.get():
            self._lines.put("")

    def end(self, seconds: float) -> tuple[int | None, str]:
        """Kill it unless it ends before; returns its exit status, None if killed, and its text."""
        self._process.join(seconds)
        status = self._process.exitcode
        self._process.kill()
        self._process.join()
        self._reader.join()
        self._output.close()
        return status, "".join(self._printed)


def finish(arguments: list[str]) -> float:
    """Run a victim to its end; returns how many seconds it took.

    Raises:
        UserError: it failed.
    """
    began = time.monotonic()
    status, printed = Victim(arguments).end(_PATIENCE)
    if status != 0:
        raise UserError(f"{' '.join(arguments)}: status {status}: {printed[-400:]}")
    return time.monotonic() - began


# Whole files


def find_half(folder: Path) -> list[str]:
    """The files under a folder that are not whole; what is being written beside its place apart."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith((".part", ".lock")):
            try:
                _check_whole(path)
            except Exception as error:  # of any kind, as half a file may be anything
                found.append(f"{path.name}: {error}")
    return found


def _check_whole(path: Path) -> None:
    if path.suffix == ".safetensors":
        weights.load(path)
    elif path.suffix == ".json":
        json.loads(path.read_text())
    elif path.name == checkpoint.NAME:
        checkpoint.load(path.parent)
    elif path.suffix == ".png":
        with Image.open(path) as picture:
            picture.load()
    elif path.suffix == ".svg" and not path.read_text().rstrip().endswith("</svg>"):
        raise ValueError("it has no end")
    elif path.name == "history.csv":  # which grows: its last line may be short
        list(csv.reader(path.read_text().splitlines()[:-1]))
    elif path.suffix == ".csv" and not path.read_text().endswith("\n"):
        raise ValueError("its last line has no end")


# Training


def left_behind(folder: Path) -> dict[str, Any]:
    """All of a finished run's folder that may not depend on whether it was ever killed."""
    rows = csv.DictReader((folder / "history.csv").read_text().splitlines())
    record = json.loads((folder / "run.json").read_text())
    models: dict[str, Any] = {}
    for path in sorted(folder.rglob("*.safetensors")):
        model = weights.load(path)
        state = {n: w.numpy().tobytes() for n, w in model.network.state_dict().items()}
        models[str(path.relative_to(folder))] = (model.recipe, model.history, state)
    return {
        "history": [{k: v for k, v in row.items() if k != "seconds"} for row in rows],
        "record": {k: record[k] for k in ("state", "epochs", "best_epoch", "test_accuracy")},
        "test": json.loads((folder / "test.json").read_text()),
        "parts": [path.name for path in folder.rglob("*.part")],
        **models,
    }


def _only(runs: Path) -> Path | None:
    """The one run's folder; None before it is made."""
    folders = list(runs.iterdir()) if runs.is_dir() else []
    whole = [folder for folder in folders if (folder / checkpoint.NAME).exists()]
    return whole[0] if whole else None


class Training:
    """`lenet train`, killed and resumed."""

    def __init__(self, place: Path) -> None:
        self.recipe, self.place = place / "recipe.json", place
        self.recipe.write_text(RECIPE.to_json())
        self.seconds = finish(self._train(place / "undisturbed"))
        folder = _only(place / "undisturbed")
        assert folder is not None
        self.expected = left_behind(folder)
        self.work = float(json.loads((folder / "run.json").read_text())["seconds"])
        self.startup = self.seconds - self.work  # until it begins
        assert not self.expected["parts"]

    def _train(self, runs: Path) -> list[str]:
        told = ["--device", "cpu", "--threads", "1", "--json", "--data", str(self.place)]
        return ["lenet", "train", "--recipe", str(self.recipe), "--runs", str(runs), *told]

    def _go_on(self, runs: Path) -> list[str]:
        folder = _only(runs)
        if folder is None:
            shutil.rmtree(runs, ignore_errors=True)  # what was killed while it made its folder
            return self._train(runs)
        return ["lenet", "resume", str(folder), "--json", "--data", str(self.place)]

    def _left(self, runs: Path) -> int:
        """How many of its epochs are still to be trained."""
        folder = _only(runs)
        if folder is None:
            return RECIPE.epochs
        return RECIPE.epochs - int(json.loads((folder / "run.json").read_text())["epochs"])

    def trial(self, chance: random.Random, outcome: Outcome) -> None:
        """Kill one run up to three times, let it end, and compare."""
        runs = self.place / f"runs-{outcome.trials}"
        for _ in range(chance.randint(1, 3)):
            # A line is an epoch: so a machine that is busy or idle is met at the same places.
            lines = chance.randrange(self._left(runs) + 1)
            wait = chance.random() * (self.work / RECIPE.epochs if lines else self.startup)
            victim = Victim(self._go_on(runs))
            for _ in range(lines):
                victim.wait_for_line()
            outcome.kills += victim.end(wait)[0] is None
            for half in find_half(runs) if runs.exists() else ():
                outcome.half += 1
                outcome.tell(f"{runs.name}: half a file: {half}")
        try:
            finish(self._go_on(runs))
        except UserError as error:
            outcome.lost += 1
            outcome.tell(str(error))
            return
        folder = _only(runs)
        found = left_behind(folder) if folder is not None else {}
        if found != self.expected:
            outcome.lost += 1
            names = {*found} ^ {*self.expected}
            names |= {n for n in found if n in self.expected and found[n] != self.expected[n]}
            outcome.tell(f"{runs}: another {', '.join(sorted(names))}")
        else:
            shutil.rmtree(runs)


# Files that are written again and again


class Loop:
    """A loop that writes one file, killed again and again."""

    def __init__(self, what: str, place: Path, name: str, read: Callable[[Path], object]) -> None:
        self.what, self.path, self.read = what, place / name, read
        self.began = 0.0  # seconds until its first line
        began = time.monotonic()
        first = Victim([what, str(self.path)])
        first.wait_for_line()
        self.began = time.monotonic() - began
        first.end(0)
        self.path.unlink(missing_ok=True)
        self.told: set[str] = set()

    def trial(self, chance: random.Random, outcome: Outcome) -> None:
        """Kill it once, and look at the file."""
        wait = self.began * 0.9 + chance.random() * _WRITING
        status, printed = Victim([self.what, str(self.path)]).end(wait)
        outcome.kills += status is None
        whole = printed.rpartition("\n")[0].split()  # the last line may be short
        self.told |= {*whole}
        try:
            found = self.read(self.path)
        except (UserError, OSError) as error:
            if self.told or self.path.exists():
                outcome.half += 1
                outcome.tell(str(error))
            return
        if isinstance(found, set) and (gone := self.told - found):
            outcome.lost += len(gone)
            outcome.tell(f"{len(gone)} digits are gone")


def read_kept(path: Path) -> set[str]:
    """The ids of the digits in My digits' file."""
    return {digit.id for digit in MyDigits(path).load()}


class Report:
    """`lenet evaluate --report`, killed."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.seconds = finish(self._evaluate(place / "undisturbed"))
        self.names = {path.name for path in (place / "undisturbed").rglob("*")}

    def _evaluate(self, folder: Path) -> list[str]:
        told = ["--dataset", "pen", "--device", "cpu", "--data", str(self.place)]
        return ["lenet", "evaluate", *told, "--report", str(folder)]

    def trial(self, chance: random.Random, outcome: Outcome) -> None:
        """Kill it once, and look at the files."""
        folder = self.place / f"report-{outcome.trials}"
        wait = chance.uniform(0.4, 1.0) * self.seconds
        status, _printed = Victim(self._evaluate(folder)).end(wait)
        outcome.kills += status is None
        if status is not None:  # it was quicker than the first one
            self.seconds = min(self.seconds, wait)
        half = find_half(folder) if folder.exists() else []
        outcome.half += len(half)
        for each in half:
            outcome.tell(f"half a file: {each}")
        shutil.rmtree(folder, ignore_errors=True)


def campaign(kind: str, make: Callable[[], Any], options: argparse.Namespace) -> Outcome:
    """All trials of one kind, at least one."""
    outcome, until = Outcome(kind), time.monotonic() + options.seconds
    victim, chance = make(), random.Random(f"{options.seed} {kind}")
    began = time.monotonic()
    while not outcome.trials or (time.monotonic() < until and outcome.kills < options.moments):
        victim.trial(chance, outcome)
        outcome.trials += 1
    outcome.seconds = round(time.monotonic() - began)
    progress(str(outcome.row()))
    return outcome


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of this campaign."""
    parser.add_argument("--seconds", type=float, default=120, help="for each kind, at most [120]")
    parser.add_argument("--moments", type=int, default=40, help="of each kind, at most [40]")
    parser.add_argument("--seed", type=int, default=1, help="decides all moments [1]")


def measure(options: argparse.Namespace) -> Tables:
    """Kill each kind of program."""
    place = Path(tempfile.mkdtemp(prefix="killed-"))
    folders = {}
    for name in ("training", "report"):
        folders[name] = place / name
        folders[name].mkdir()
    kinds: dict[str, Callable[[], Any]] = {
        "training and resuming": lambda: Training(folders["training"]),
        "keeping digits": lambda: Loop("keep", place, "mine.jsonl", read_kept),
        "saving a network": lambda: Loop("save", place, "saved.safetensors", weights.load),
        "exporting digits": lambda: Loop("export", place, "exported.json", read_export),
        "report of an evaluation": lambda: Report(folders["report"]),
    }
    found = [campaign(k, make, options) for k, make in kinds.items()]
    if not any(outcome.problems for outcome in found):
        shutil.rmtree(place)
    return {"kills": Table({"seconds": "s"}, [outcome.row() for outcome in found])}


if __name__ == "__main__":
    run(__doc__, measure, add_options)
