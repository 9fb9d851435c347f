"""`lenet evaluate --report`: a network tested in full, alone or beside another one."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from trainer import files

if TYPE_CHECKING:
    from pathlib import Path

    import torch

    from trainer.comparison import Comparison
    from trainer.report import Report

Shown = Callable[[Generator[Any, None, Any], bool], Any]
"""Runs a generator, with a bar of its progress unless it shall be quiet; its result."""


def evaluate(given: argparse.Namespace, shown: Shown) -> int:
    """Test the network, beside `--compare`'s if there is one; write and print what comes out."""
    from trainer import commands, comparison, datasets, report, report_files, weights
    from trainer.recipes import DATASETS

    if given.report is not None:
        with files.writing(given.report):
            files.check_writable(given.report)
    models = [commands.model_of(given)]
    if given.compare is not None:
        models.append(weights.load(given.compare))
    dataset = given.dataset.split("+")[0]  # a sum is tested on its first part
    data = files.data_folder(given.data)
    for name in datasets.missing(dataset, data):
        shown(datasets.download(name, data), given.json)
    digits = shown(datasets.load(dataset, "test", data), given.json)
    for model in models:
        report.check(model, digits.classes, DATASETS[dataset])

    def test(device: torch.device) -> list[Report]:
        there = digits.to(device)
        works = (report.reporting(model.to(device), there, dataset) for model in models)
        return [shown(work, given.json) for work in works]

    reports = commands.on_device(given.device, test)
    second = reports[1] if len(reports) > 1 else None
    compared = None if second is None else comparison.compare(reports[0], second)
    if given.report is not None:
        shown(report_files.saving(reports[0], given.report, second), given.json)
    for each in reports:
        if each.note:
            print(f"lenet: {each.note}", file=sys.stderr)
    if given.json:
        print(json.dumps(_summary(reports, compared, given.report)))
    else:
        _tell(reports, compared, given.report)
    return 0


def _summary(
    reports: list[Report], compared: Comparison | None, folder: Path | None
) -> dict[str, Any]:
    """What is printed as JSON."""
    from trainer import report_tables

    first = reports[0]
    found: dict[str, Any] = {
        "accuracy": first.accuracy,
        "loss": first.loss,
        "count": len(first),
        "calibration_error": first.calibration_error,
        "seconds": first.seconds,
    }
    if compared is not None:
        found["comparison"] = report_tables.compared(first, reports[1], compared)
    if folder is not None:
        found["report"] = str(folder)
    return found


def _tell(reports: list[Report], compared: Comparison | None, folder: Path | None) -> None:
    """The headline figures, for people."""
    first = reports[0]
    for each in reports:
        name = f"{each.model.name}: " if compared is not None else ""
        print(
            f"{name}{each.title}: {each.accuracy:.2%} of {len(each):,} right, "
            f"{len(each.misread):,} wrong, loss {each.loss:.4f}, "
            f"calibration error {each.calibration_error:.2%}, "
            f"{each.images_per_second:,.0f} images/s"
        )
    if compared is None:
        print(f"  {'class':<12}{'precision':>10}{'recall':>10}{'F1':>10}{'images':>9}")
        for figures in first.per_class:
            shares = (figures.precision, figures.recall, figures.f1)
            told = "".join(f"{'-' if s is None else format(s, '.2%'):>10}" for s in shares)
            print(f"  {figures.name:<12}{told}{figures.support:>9,}")
    else:
        print(
            f"only the first right {len(compared.only_first):,}, only the second "
            f"{len(compared.only_second):,}, neither {len(compared.neither):,}. {compared.verdict}"
        )
    if folder is not None:
        print(f"report in {folder}")
