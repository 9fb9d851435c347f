"""A run's history: the rows of history.csv, and the curves made of them. Needs no torch."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple


class Row(NamedTuple):
    """One line of history.csv."""

    epoch: int  # from 1
    step: int  # batches since the start of the run
    split: str  # "train" or "validation"
    loss: float
    accuracy: float  # 0 to 1
    learning_rate: float
    seconds: float  # trained since the start of the run

    def line(self) -> str:
        """The line of history.csv, with a line feed."""
        return ",".join((*map(str, self[:3]), *(f"{value:.6g}" for value in self[3:]))) + "\n"


HISTORY_COLUMNS = Row._fields
HEADER = ",".join(HISTORY_COLUMNS) + "\n"
_MOST = 2**53  # of epochs and steps: up to there, a float holds every number


def parse_rows(text: str) -> Iterator[Row]:
    """The rows of a history.csv, up to the first that is damaged or incomplete."""
    whole = text[: text.rfind("\n") + 1]
    try:
        for cells in csv.DictReader(io.StringIO(whole)):
            if None in cells.values():
                return
            row = Row(
                int(cells["epoch"]),
                int(cells["step"]),
                cells["split"],
                *(float(cells[name]) for name in HISTORY_COLUMNS[3:]),
            )
            counted = 0 <= row.epoch <= _MOST and 0 <= row.step <= _MOST
            finite = all(map(math.isfinite, row[3:]))
            if row.split not in ("train", "validation") or not (counted and finite):
                return
            yield row
    except (ValueError, TypeError, KeyError, csv.Error):
        return


def _lists() -> dict[str, list[Any]]:
    return {"train": [], "validation": []}


@dataclass(frozen=True, slots=True)
class History:
    """A run's curves; for each split equally long lists."""

    epochs: dict[str, list[float]] = field(default_factory=_lists)
    losses: dict[str, list[float]] = field(default_factory=_lists)
    accuracies: dict[str, list[float]] = field(default_factory=_lists)
    steps: dict[str, list[int]] = field(default_factory=_lists)
    seconds: dict[str, list[float]] = field(default_factory=_lists)  # of training
    learning_rates: dict[str, list[float]] = field(default_factory=_lists)

    def add(
        self,
        split: str,
        epochs: float,
        loss: float,
        accuracy: float,
        *,
        step: int,
        seconds: float,
        learning_rate: float,
    ) -> None:
        """Add a point; later ones, of steps that a resumed run repeats, are removed first.

        Args:
            split: "train" or "validation".
            epochs: the number of epochs trained by then, with a fraction.
            loss: mean of the steps since the last point, or on the validation split.
            accuracy: likewise, 0 to 1.
            step: batches since the start of the run.
            seconds: trained since the start of the run.
            learning_rate: of the last step.
        """
        columns: tuple[tuple[dict[str, list[Any]], float], ...] = (
            (self.epochs, epochs),
            (self.losses, loss),
            (self.accuracies, accuracy),
            (self.steps, step),
            (self.seconds, seconds),
            (self.learning_rates, learning_rate),
        )
        while self.epochs[split] and self.epochs[split][-1] >= epochs:
            for column, _ in columns:
                column[split].pop()
        for column, value in columns:
            column[split].append(value)

    @staticmethod
    def of(text: str, steps_per_epoch: int) -> History:
        """The history in the text of a history.csv, as far as it can be read."""
        history = History()
        for row in parse_rows(text):
            history.add(
                row.split,
                row.step / max(1, steps_per_epoch),
                row.loss,
                row.accuracy,
                step=row.step,
                seconds=row.seconds,
                learning_rate=row.learning_rate,
            )
        return history

    def thinned(self, most: int) -> History:
        """At most about `most` points of each split, evenly chosen; itself if there are no more.

        The first and the last, and the best accuracy and the lowest loss, are always among them.
        """
        if all(len(points) <= most for points in self.epochs.values()):
            return self
        thinned = History()
        for split, epochs in self.epochs.items():
            count = len(epochs)
            kept = set(range(0, count, max(1, math.ceil(count / most))))
            if count:
                accuracies, losses = self.accuracies[split], self.losses[split]
                kept |= {count - 1, accuracies.index(max(accuracies)), losses.index(min(losses))}
            numbers = sorted(kept)
            for name in (each.name for each in fields(self)):
                column = getattr(self, name)[split]
                getattr(thinned, name)[split] = [column[number] for number in numbers]
        return thinned
