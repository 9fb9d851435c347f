"""What was found about robustness, as tables, as JSON and as pictures for files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from trainer.robustness.sweep import Robustness, Sweep


def as_json(found: Robustness) -> dict[str, Any]:
    """What `lenet robustness --json` prints."""
    return {
        "dataset": found.dataset,
        "count": found.count,
        "networks": list(found.names),
        "refit": found.refit,
        "seed": found.seed,
        "distortions": [
            {
                "name": curve.parameter.name,
                "unit": curve.parameter.unit,
                "values": list(curve.values),
                "accuracies": [list(row) for row in curve.accuracies],
            }
            for curve in found.curves
        ],
    }


def table(found: Robustness | Sweep) -> bytes:
    """CSV in UTF-8, a row for each network and value.

    Of a dataset: network, distortion, value, accuracy, images. Of one digit: network,
    distortion, value, answer, and each class's probability.
    """
    return _csv(_measured_rows(found) if isinstance(found, Robustness) else _swept_rows(found))


def _measured_rows(found: Robustness) -> Iterable[Iterable[Any]]:
    yield "network", "distortion", "value", "accuracy", "images"
    for curve in found.curves:
        for name, row in zip(found.names, curve.accuracies, strict=True):
            for value, accuracy in zip(curve.values, row, strict=True):
                yield name, curve.parameter.name, f"{value:.6g}", f"{accuracy:.6g}", found.count


def _swept_rows(found: Sweep) -> Iterable[Iterable[Any]]:
    yield "network", "distortion", "value", "answer", *found.classes
    for name, rows in zip(found.names, found.probabilities, strict=True):
        for value, row in zip(found.values, rows, strict=True):
            shares = (f"{share:.6g}" for share in row)
            answer = found.classes[int(row.argmax())]
            yield name, found.parameter.name, f"{value:.6g}", answer, *shares


def _csv(rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def content(found: Robustness | Sweep, ending: str) -> bytes:
    """What a file that ends in ".png", ".svg" or ".csv" holds of it."""
    return table(found) if ending.lower() == ".csv" else picture(found, ending)


def picture(found: Robustness | Sweep, ending: str) -> bytes:
    """The curves as what a file that ends in ".png" or ".svg" holds."""
    # matplotlib takes a moment to import, and a table does not need it.
    from trainer.evaluation import figures
    from trainer.robustness import export

    figure = export.measured(found) if isinstance(found, Robustness) else export.swept(found)
    return figures.encoded(figure, ending.lower().lstrip("."))
