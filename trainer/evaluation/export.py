"""A report as JSON, as tables, and as a folder of files, each of them written whole.

    report.json                       everything
    classes.csv                       precision, recall, F1, support of each class
    confusion.csv                     rows: what the images are; columns: read as
    misread.csv                       index (from 0), label, answer, probability
    calibration.csv, rejection.csv    the points of both curves
    confusion, calibration, rejection, misread, maps    pictures, as .png and .svg
    comparison.json, comparison.csv   of two networks: who reads which images correctly
    second/                           the second network's own report

No file is written before all of them are ready.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Generator, Iterable
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trainer.errors import as_cell
from trainer.evaluation.report import Comparison, Report, ReportError, compare
from trainer.files import check_writable, convert_write_errors, save_file
from trainer.progress import Progress, result_of
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_JSON_POINTS = 200
Row = Iterable[Any]
_ERRORS = (0.01, 0.005, 0.001)


def report_to_json(report: Report) -> dict[str, Any]:
    """The report as JSON has it."""
    model = report.model
    return {
        "format": "lenet-studio report",
        "version": 1,
        "model": {
            "name": model.name,
            "recipe": model.recipe.name,
            "network": model.recipe.network,
            "classes": model.classes,
            "temperature": model.temperature,
            "history": model.history,
        },
        "dataset": {
            "name": report.dataset,
            "title": report.title,
            "split": "test",
            "classes": report.classes,
            "count": len(report),
        },
        "note": report.note,
        "accuracy": report.accuracy,
        "loss": report.loss,
        "right": int(report.right.sum()),
        "wrong": len(report.misread),
        "seconds": report.seconds,
        "images_per_second": report.images_per_second,
        "classes": [asdict(figures) for figures in report.per_class],
        "confusion": report.confusion.tolist(),
        "calibration": {
            "error": report.calibration_error,
            "bins": [asdict(each) for each in report.bins],
        },
        "rejection": _rejection(report),
        "misread": [
            dict(zip(("index", "label", "answer", "probability"), row, strict=True))
            for row in misread(report)
        ],
        "environment": report.environment,
    }


def _rejection(report: Report) -> dict[str, Any]:
    curve = report.rejection.thinned(_JSON_POINTS)
    points = zip(curve.shares, curve.accuracies, curve.thresholds, strict=True)
    return {
        "rule": curve.rule,
        "left_out_for_error": {
            f"{error:g}": report.rejection.rejected_share_for(error) for error in _ERRORS
        },
        "points": [
            {"share_answered": float(s), "accuracy": float(a), "margin": float(t)}
            for s, a, t in points
        ],
    }


def comparison_to_json(first: Report, second: Report, comparison: Comparison) -> dict[str, Any]:
    """Two reports side by side, as JSON has them."""
    return {
        "first": {"model": first.model.name, "accuracy": first.accuracy, "loss": first.loss},
        "second": {"model": second.model.name, "accuracy": second.accuracy, "loss": second.loss},
        "difference": second.accuracy - first.accuracy,
        "both_right": len(comparison.both),
        "only_first_right": len(comparison.only_first),
        "only_second_right": len(comparison.only_second),
        "neither_right": len(comparison.neither),
        "p_value": comparison.p_value,
        "verdict": comparison.verdict,
    }


def class_rows(report: Report) -> Iterable[Row]:
    """A row for each class."""
    yield "class", "precision", "recall", "f1", "support", "answered"
    for each in report.per_class:
        yield asdict(each).values()


def confusion_rows(report: Report) -> Iterable[Row]:
    """A row for what the images are, a column for what they are read as."""
    yield "is \\ read as", *report.model.classes
    for name, row in zip(report.classes, report.confusion.tolist(), strict=True):
        yield name, *row


def misread(report: Report) -> Iterable[tuple[int, str, str, float]]:
    """Number, class, answer and its probability of each misread image."""
    for number in report.misread.tolist():
        yield (
            number,
            report.classes[report.labels[number]],
            report.model.classes[report.answers[number]],
            float(report.confidences[number]),
        )


def misread_rows(report: Report) -> Iterable[Row]:
    """A row for each misread image, the surest answer first."""
    yield "index", "label", "answer", "probability"
    yield from misread(report)


def calibration_rows(report: Report) -> Iterable[Row]:
    """A row for each bin."""
    yield "above", "up_to", "confidence", "accuracy", "count"
    for each in report.bins:
        yield asdict(each).values()


def rejection_rows(report: Report) -> Iterable[Row]:
    """A row for each margin, the largest first."""
    yield "share_answered", "accuracy", "margin"
    curve = report.rejection
    yield from zip(
        curve.shares.tolist(), curve.accuracies.tolist(), curve.thresholds.tolist(), strict=True
    )


def comparison_rows(first: Report, second: Report, comparison: Comparison) -> Iterable[Row]:
    """The images on which the two differ, and those that both misread."""
    yield "index", "label", "first", "first_probability", "second", "second_probability", "right"
    for right, numbers in (
        ("first", comparison.only_first),
        ("second", comparison.only_second),
        ("neither", comparison.neither),
    ):
        for n in numbers.tolist():
            row: list[Any] = [n, first.classes[first.labels[n]]]
            for report in (first, second):
                row += [report.model.classes[report.answers[n]], float(report.confidences[n])]
            yield *row, right


def as_csv(rows: Iterable[Row]) -> bytes:
    """As Excel and pandas read it: what is not known is left empty."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    for row in rows:
        table.writerow([f"{v:.6g}" if isinstance(v, float) else as_cell(v) for v in row])
    return text.getvalue().encode()


def as_json(values: Any) -> bytes:
    """The content of a JSON file."""
    return (json.dumps(_finite(values), indent=1) + "\n").encode()


def _finite(value: Any) -> Any:
    """The same with null for what JSON has no number for."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float | np.floating) and not math.isfinite(value):
        return None
    return value


def save(report: Report, folder: Path, second: Report | None = None) -> list[Path]:
    """As `save_with_progress`, to the end."""
    return result_of(save_with_progress(report, folder, second))


def save_with_progress(
    report: Report, folder: Path, second: Report | None = None
) -> Generator[Progress, None, list[Path]]:
    """Write a report, and with `second` the comparison of two.

    Args:
        report: the report.
        folder: where; made if it is not there. Files of these names are replaced.
        second: another network's report on the same images.

    Returns:
        (of the generator) the files written.

    Raises:
        ReportError: the folder can't be made or written.
    """
    with convert_write_errors(folder, ReportError):  # before any work is done in vain
        folder.mkdir(parents=True, exist_ok=True)
        check_writable(folder)
    works = _works(report, [report] if second is None else [report, second])
    if second is not None:
        comparison = compare(report, second)
        works["comparison.json"] = lambda: as_json(comparison_to_json(report, second, comparison))
        works["comparison.csv"] = lambda: as_csv(comparison_rows(report, second, comparison))
        works |= {f"second/{k}": v for k, v in _works(second, [second]).items()}
    contents = {}
    for done, (name, content) in enumerate(works.items()):
        yield Progress(_("drawing the report"), done, len(works))
        contents[name] = content()
    yield Progress(_("writing the report"), 0, 0)
    if second is not None:
        with convert_write_errors(folder / "second", ReportError):
            (folder / "second").mkdir(exist_ok=True)
    for name, data in contents.items():
        save_file(folder / name, data, ReportError)
    return [folder / name for name in contents]


def _works(report: Report, reports: list[Report]) -> dict[str, Callable[[], bytes]]:
    """What to call for each file's content; curves show all of `reports`."""
    # matplotlib takes most of a second to import, and a report can be printed without it.
    from trainer.evaluation.figures import FIGURES, draw_figure, encode_figure

    works: dict[str, Callable[[], bytes]] = {
        "report.json": lambda: as_json(report_to_json(report)),
        "classes.csv": lambda: as_csv(class_rows(report)),
        "confusion.csv": lambda: as_csv(confusion_rows(report)),
        "misread.csv": lambda: as_csv(misread_rows(report)),
        "calibration.csv": lambda: as_csv(calibration_rows(report)),
        "rejection.csv": lambda: as_csv(rejection_rows(report)),
    }

    def encode(figure: Callable[[], Figure], ending: str) -> bytes:
        return encode_figure(figure(), ending)

    for name in FIGURES:
        figure = cache(partial(draw_figure, name, report, reports))
        for ending in ("png", "svg"):
            works[f"{name}.{ending}"] = partial(encode, figure, ending)
    return works
