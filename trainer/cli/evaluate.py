"""`lenet evaluate`: a network tested on a dataset, in short or in full, alone or beside another."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import torch

from trainer import files
from trainer.cli.common import load_model, on_device
from trainer.cli.output import show_progress
from trainer.data import loading
from trainer.errors import UserError
from trainer.evaluation import export, report
from trainer.evaluation.report import Comparison, Report
from trainer.networks import model as weights
from trainer.recipes.recipe import DATASETS
from trainer.translation import gettext as _


def evaluate(given: argparse.Namespace) -> int:
    """Print how a network does on a dataset's test split."""
    if given.report is not None or given.compare is not None:
        return evaluate_with_report(given)

    model = load_model(given)
    data = files.data_folder(given.data)
    for name in loading.list_missing(given.dataset.split("+")[0], data):
        show_progress(loading.download(name, data), given.json)
    digits = show_progress(loading.load(given.dataset, "test", data), given.json)
    if digits.classes != model.classes:
        raise UserError(
            _(
                "this network knows {classes}, {classes2} ..., and {dataset} has {classes3}, "
                "{classes4} ..."
            ).format(
                classes=model.classes[0],
                classes2=model.classes[1],
                dataset=DATASETS[given.dataset],
                classes3=digits.classes[0],
                classes4=digits.classes[1],
            )
        )

    def test(device: torch.device) -> report.Score:
        network = model.to(device).network
        work = report.evaluate_with_progress(network, digits.to(device), model.recipe)
        score: report.Score = show_progress(work, given.json)
        return score

    score = on_device(given.device, test)
    if given.json:
        print(json.dumps(dataclasses.asdict(score)))
    else:
        wrong = round(score.count * (1 - score.accuracy))
        print(
            _(
                "{dataset}: {accuracy:.2%} of {count:,} correct, {wrong:,} wrong, loss {loss:.4f}"
            ).format(
                dataset=DATASETS[given.dataset],
                accuracy=score.accuracy,
                count=score.count,
                wrong=wrong,
                loss=score.loss,
            )
        )
    return 0


def evaluate_with_report(given: argparse.Namespace) -> int:
    """Test the network, beside `--compare`'s if there is one; write and print what comes out."""
    if given.report is not None:
        with files.convert_write_errors(given.report):
            files.check_writable(given.report)
    models = [load_model(given)]
    if given.compare is not None:
        models.append(weights.load_named(given.compare))
    dataset = given.dataset.split("+")[0]  # a sum is tested on its first part
    data = files.data_folder(given.data)
    for name in loading.list_missing(dataset, data):
        show_progress(loading.download(name, data), given.json)
    digits = show_progress(loading.load(dataset, "test", data), given.json)
    for model in models:
        report.check(model, digits.classes, DATASETS[dataset])

    def test(device: torch.device) -> list[Report]:
        there = digits.to(device)
        works = (report.evaluate_in_full(model.to(device), there, dataset) for model in models)
        return [show_progress(work, given.json) for work in works]

    reports = on_device(given.device, test)
    second = reports[1] if len(reports) > 1 else None
    compared = None if second is None else report.compare(reports[0], second)
    if given.report is not None:
        show_progress(export.save_with_progress(reports[0], given.report, second), given.json)
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
    first = reports[0]
    found: dict[str, Any] = {
        "accuracy": first.accuracy,
        "loss": first.loss,
        "count": len(first),
        "calibration_error": first.calibration_error,
        "seconds": first.seconds,
    }
    if compared is not None:
        found["comparison"] = export.comparison_to_json(first, reports[1], compared)
    if folder is not None:
        found["report"] = str(folder)
    return found


def _tell(reports: list[Report], compared: Comparison | None, folder: Path | None) -> None:
    """The headline figures, for people."""
    first = reports[0]
    for each in reports:
        name = f"{each.model.name}: " if compared is not None else ""
        print(
            _(
                "{name}{title}: {accuracy:.2%} of {count:,} correct, {count2:,} wrong, loss "
                "{loss:.4f}, calibration error {calibration_error:.2%}, {images_per_second:,.0f} "
                "images/s"
            ).format(
                name=name,
                title=each.title,
                accuracy=each.accuracy,
                count=len(each),
                count2=len(each.misread),
                loss=each.loss,
                calibration_error=each.calibration_error,
                images_per_second=each.images_per_second,
            )
        )
    if compared is None:
        print(f"  {'class':<12}{'precision':>10}{'recall':>10}{'F1':>10}{'images':>9}")
        for figures in first.per_class:
            shares = (figures.precision, figures.recall, figures.f1)
            told = "".join(f"{'-' if s is None else format(s, '.2%'):>10}" for s in shares)
            print(f"  {figures.name:<12}{told}{figures.support:>9,}")
    else:
        print(
            _(
                "only the first correct {count:,}, only the second {count2:,}, neither "
                "{count3:,}. {verdict}"
            ).format(
                count=len(compared.only_first),
                count2=len(compared.only_second),
                count3=len(compared.neither),
                verdict=compared.verdict,
            )
        )
    if folder is not None:
        print(_("report in {folder}").format(folder=folder))
