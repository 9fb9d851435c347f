"""What a run says of itself: its record in run.json, the events of its start and its end.

Pure data: whoever lists runs needs neither torch nor the training.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from trainer.errors import UserError

STATES = ("running", "finished", "stopped", "diverged", "failed")
"""How a run can stand; one that was killed says "running" for ever."""

LOCK = "run.lock"


class RunError(UserError):
    """A run's folder that can't be made, written, read or gone on with; the message says why."""


class FinishedAlready(RunError):
    """A run that has nothing left to do."""


@dataclass(slots=True)
class Record:
    """What run.json holds."""

    state: str = "running"  # one of STATES
    device: str = ""
    processes: int = 1  # that train together
    threads: int = 0  # of each on the CPU; 0 in the runs of older versions, which did not tell
    arithmetic: str = ""  # one of `lenet5.ARITHMETICS`; empty until the first checkpoint
    seed: int = 0
    started: str = ""  # local time, ISO 8601
    resumed: int = 0  # how often
    seconds: float = 0.0
    epochs: int = 0  # done
    steps_per_epoch: int = 0
    best_epoch: int = 0
    best_val_accuracy: float | None = None  # 0 to 1
    test_accuracy: float | None = None
    problem: str = ""
    versions: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(values: Any) -> Record:
        """The record that these values of a JSON object make.

        Raises:
            ValueError, TypeError: they make none.
        """
        record = Record(**values)
        if record.state not in STATES:
            raise ValueError(f"state is {record.state!r}")
        kinds = {
            "str": (str,),
            "int": (int,),
            "float": (int, float),
            "float | None": (int, float, type(None)),
            "dict[str, str]": (dict,),
        }
        for spec in fields(record):
            value = getattr(record, spec.name)
            if not isinstance(value, kinds[str(spec.type)]) or isinstance(value, bool):
                raise ValueError(f"{spec.name} is {value!r}")
        return record


@dataclass(frozen=True, slots=True)
class Started:
    """The run's folder is made, or found, and training begins."""

    folder: Path
    device: str
    step: int = 0  # batches trained before, where a run goes on
    note: str = ""  # why it may not go on exactly as it would have; empty if it does


@dataclass(frozen=True, slots=True)
class Finished:
    """The run went through, or diverged; all its files are written."""

    folder: Path
    test_accuracy: float | None  # of the best epoch; None where there is none
    seconds: float  # from its start, data and test included, but no time between
