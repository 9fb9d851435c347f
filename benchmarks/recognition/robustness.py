"""How much distortion the built-in network tolerates on MNIST's test set.

    python -m benchmarks.recognition.robustness [--data DIR] [--model FILE]

Runs `lenet robustness` for seven distortions, and once without any.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

from benchmarks.command import run
from benchmarks.measurement import Row, Table, Tables
from benchmarks.recognition.inputs import add_model_options
from trainer.errors import UserError

AMOUNTS = {
    "rotation": (0, -40, -20, 20, 40),
    "scale": (0.5, 0.7, 1.4, 2),
    "across": (-8, -4, 4, 8),
    "down": (-10, -4, 4, 10),
    "shear": (-1, -0.5, 0.5, 1),
    "width": (0.5, 1.5, 2, 3),
    "noise": (0.05, 0.1, 0.2),
}
"""How much of each distortion, as `lenet robustness --values` takes it."""


def measure(options: argparse.Namespace) -> Tables:
    """One row for each amount of each distortion."""
    rows: list[Row] = []
    for distortion, amounts in AMOUNTS.items():
        values = ",".join(map(str, amounts))
        command = ["robustness", "--distortion", distortion, f"--values={values}", "--json"]
        for option in ("model", "data"):
            if (path := getattr(options, option)) is not None:
                command += [f"--{option}", str(path)]
        process = subprocess.run(
            [sys.executable, "-m", "trainer", *command], stdout=subprocess.PIPE, check=False
        )
        if process.returncode:
            raise UserError(f"lenet {' '.join(command)} failed")
        found: Any = json.loads(process.stdout.splitlines()[-1])
        (curve,) = found["distortions"]
        for value, accuracy in zip(curve["values"], curve["accuracies"][0], strict=True):
            row: Row = {"distortion": distortion, "amount": value, "correct": round(accuracy, 6)}
            rows.append(row)
    return {"amounts": Table({"correct": "share"}, rows)}


if __name__ == "__main__":
    run(__doc__, measure, add_model_options)
