"""What the named recipes reach here, beside what their sources reported.

    python -m trainer.results       README's table

The figures are in assets/results.json, which the program brings along:

    {"machine": "...", "date": "2026-11-21",
     "recipes": {"fashion-paper": {
        "dataset": "fashion", "split": "validation", "reported": 0.8734, "told": "",
        "command": "lenet train --recipe fashion-paper",
        "runs": [{"seed": 1, "test_accuracy": 0.9, "val_accuracy": 0.9,
                  "seconds_per_epoch": 3.5, "epochs": 100}]}}}

Needs neither torch nor Qt.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.errors import UserError
from trainer.files import asset
from trainer.translation import gettext as _

RESULTS = "results.json"
"""The asset's name."""


class ResultsError(UserError):
    """There are no results, or they are damaged; the message says which."""


@dataclass(frozen=True, slots=True)
class Mean:
    """What several runs came to."""

    value: float
    spread: float | None  # standard deviation; None of a single run

    def percent(self) -> str:
        """Such as "98.95 ± 0.06 %"."""
        spread = "" if self.spread is None else f" ± {self.spread * 100:.2f}"
        return f"{self.value * 100:.2f}{spread} %"


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """One recipe's row."""

    recipe: str  # its name
    dataset: str
    split: str  # "test" or "validation": what the source's figure is about
    reported: float | None  # by the source, 0 to 1
    in_words: str  # in the source's own words, where it gives no single figure
    test: Mean
    validation: Mean
    seconds_per_epoch: float  # of the fastest run: what else a machine does is not the recipe's
    epochs: int
    seeds: int  # how many runs
    command: str

    @property
    def ours(self) -> Mean:
        """What is to be compared with `reported`."""
        return self.validation if self.split == "validation" else self.test

    def source_text(self) -> str:
        """The source's figure, such as "98.79 % test"; a dash if it gives none."""
        if self.reported is None:
            return "–"
        figure = _(self.in_words) or f"{self.reported * 100:.2f} %"
        if self.split == "test":
            return _("{figure} test").format(figure=figure)
        return _("{figure} validation").format(figure=figure)

    def ours_text(self) -> str:
        """Our figures: first the one to be compared with the source's."""
        test = _("{figure} test").format(figure=self.test.percent())
        if self.split == "test":
            return test
        return _("{figure} validation, {test}").format(figure=self.validation.percent(), test=test)


@dataclass(frozen=True, slots=True)
class Results:
    """All rows, and where and when they were measured."""

    rows: tuple[PublishedResult, ...]
    machine: str
    date: str


def read(path: Path | None = None) -> Results:
    """The results in a file, or those that the program brings along.

    Raises:
        ResultsError: there are none, or the file is damaged.
    """
    try:
        path = path or asset(RESULTS)
        values: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ResultsError(
            _("there are no published results: the program came without {file}").format(
                file=RESULTS
            )
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ResultsError(
            _("{file} cannot be read: {reason}").format(file=path, reason=reason)
        ) from None
    except (ValueError, RecursionError) as error:
        raise ResultsError(
            _("{file} is damaged: {problem}").format(file=path, problem=error)
        ) from None
    try:
        rows = tuple(_row(name, row) for name, row in values["recipes"].items())
        return Results(rows, str(values["machine"]), str(values["date"]))
    except KeyError as error:
        raise ResultsError(
            _("{file} is damaged: {name} is missing").format(file=path, name=error)
        ) from None
    except (ValueError, TypeError, AttributeError) as error:
        raise ResultsError(
            _("{file} is damaged: {problem}").format(file=path, problem=error)
        ) from None


def format_markdown(results: Results) -> str:
    """The table as README shows it."""
    lines = [
        "| recipe | source's figure | ours | runs | seconds per epoch | command |",
        "|---|---|---|---|---|---|",
    ]
    for row in results.rows:
        cells = (
            f"`{row.recipe}`",
            row.source_text(),
            row.ours_text(),
            f"{row.seeds}",
            f"{row.seconds_per_epoch:.1f}",
            f"`{row.command}`",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", format_caption(results)])


def format_caption(results: Results) -> str:
    """What the figures are, and where and when they were measured."""
    return _(
        "Mean ± standard deviation of the runs, each with a seed of its own. "
        "Measured on {machine}, {date}."
    ).format(machine=results.machine, date=results.date)


def _row(name: str, values: dict[str, Any]) -> PublishedResult:
    """One recipe's row of its runs.

    Raises:
        KeyError, ValueError, TypeError, AttributeError: they are no such values.
    """
    runs: list[dict[str, Any]] = values["runs"]
    if not runs:
        raise ValueError(f"{name} has no runs")
    if values["split"] not in ("test", "validation"):
        raise ValueError(f"{name}'s split is {values['split']!r}")
    reported = values["reported"]
    return PublishedResult(
        recipe=name,
        dataset=str(values["dataset"]),
        split=values["split"],
        reported=None if reported is None else _share(reported),
        in_words=str(values.get("told", "")),
        test=_mean([_share(run["test_accuracy"]) for run in runs]),
        validation=_mean([_share(run["val_accuracy"]) for run in runs]),
        seconds_per_epoch=min(float(run["seconds_per_epoch"]) for run in runs),
        epochs=int(runs[0]["epochs"]),
        seeds=len(runs),
        command=str(values["command"]),
    )


def _mean(values: list[float]) -> Mean:
    return Mean(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None)


def _share(value: object) -> float:
    """An accuracy, checked to be one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"{value!r} is no accuracy from 0 to 1")
    return float(value)


def main(write: Callable[[str], object] = print) -> int:
    """Print README's table; returns the exit status."""
    try:
        write(format_markdown(read()))
    except ResultsError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
