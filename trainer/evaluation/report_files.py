"""A report as a folder of files, each of them written whole.

    report.json                       everything
    classes.csv                       precision, recall, F1, support of each class
    confusion.csv                     rows: what the images are; columns: read as
    misread.csv                       index (from 0), label, answer, probability
    calibration.csv, rejection.csv    the points of both curves
    confusion, calibration, rejection, misread, maps    pictures, as .png and .svg
    comparison.json, comparison.csv   of two networks: who reads which images rightly
    second/                           the second network's own report

No file is written before all of them are ready.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.evaluation import export as tables
from trainer.evaluation.comparison import compare
from trainer.evaluation.map_rows import map_rows
from trainer.evaluation.report import Report, ReportError
from trainer.files import check_writable, write_whole, writing
from trainer.progress import Progress, result_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PICTURES = ("confusion", "calibration", "rejection", "misread", "maps")
_MOST_CARDS = 100
_MAP_ROWS = 10


def save(report: Report, folder: Path, second: Report | None = None) -> list[Path]:
    """As `saving`, unseen."""
    return result_of(saving(report, folder, second))


def saving(
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
    with writing(folder, ReportError):  # before any work is done in vain
        folder.mkdir(parents=True, exist_ok=True)
        check_writable(folder)
    works = _works(report, [report] if second is None else [report, second])
    if second is not None:
        comparison = compare(report, second)
        works["comparison.json"] = lambda: tables.as_json(
            tables.compared(report, second, comparison)
        )
        works["comparison.csv"] = lambda: tables.as_csv(
            tables.compared_rows(report, second, comparison)
        )
        works |= {f"second/{k}": v for k, v in _works(second, [second]).items()}
    contents = {}
    for done, (name, content) in enumerate(works.items()):
        yield Progress("drawing the report", done, len(works))
        contents[name] = content()
    yield Progress("writing the report", 0, 0)
    if second is not None:
        with writing(folder / "second", ReportError):
            (folder / "second").mkdir(exist_ok=True)
    for name, data in contents.items():
        with writing(folder / name, ReportError):
            write_whole(folder / name, data)
    return [folder / name for name in contents]


def _works(report: Report, reports: list[Report]) -> dict[str, Callable[[], bytes]]:
    """What to call for each file's content; curves show all of `reports`."""
    works: dict[str, Callable[[], bytes]] = {
        "report.json": lambda: tables.as_json(tables.told(report)),
        "classes.csv": lambda: tables.as_csv(tables.class_rows(report)),
        "confusion.csv": lambda: tables.as_csv(tables.confusion_rows(report)),
        "misread.csv": lambda: tables.as_csv(tables.misread_rows(report)),
        "calibration.csv": lambda: tables.as_csv(tables.calibration_rows(report)),
        "rejection.csv": lambda: tables.as_csv(tables.rejection_rows(report)),
    }
    for name in _PICTURES:
        figure = cache(partial(_figure, name, report, reports))
        for ending in ("png", "svg"):
            works[f"{name}.{ending}"] = partial(_drawn, figure, ending)
    return works


def _drawn(figure: Callable[[], Figure], ending: str) -> bytes:
    from trainer.evaluation import figures as figures

    return figures.encoded(figure(), ending)


def _figure(name: str, report: Report, reports: list[Report]) -> Figure:
    """One of `_PICTURES`; curves show all of `reports`."""
    from trainer.evaluation import figures as figures  # matplotlib takes a moment to import

    if name == "confusion":
        return figures.confusion(report)
    if name == "calibration":
        return figures.calibration(reports)
    if name == "rejection":
        return figures.rejection(reports)
    if name == "misread":
        wrong = len(report.misread)
        title = f"{report.model.name} on {report.title}: {wrong:,} misread, the surest first"
        return figures.gallery(report, report.misread[:_MOST_CARDS], title)
    numbers = list(range(min(_MAP_ROWS, len(report))))
    rows = map_rows(report.model, report.images, report.labels, numbers, report.classes)
    title = f"{report.model.name}: what its convolutions see of {report.title}'s test set"
    return figures.maps(rows, title)
