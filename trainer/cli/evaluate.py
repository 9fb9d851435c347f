"""`lenet evaluate`: a network tested on a dataset, alone or beside another; and `lenet summary`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import torch

from trainer import files
from trainer.cli.common import load_model, load_recipe, on_device, pad
from trainer.cli.data import resolve_dataset
from trainer.cli.output import show_progress
from trainer.data import loading
from trainer.data.labelled_images import LabelledImages
from trainer.errors import UserError
from trainer.evaluation import export, report
from trainer.evaluation.report import Comparison, Report
from trainer.networks import factory
from trainer.networks import model as weights
from trainer.networks.model import Model
from trainer.recipes.recipe import dataset_title
from trainer.translation import gettext as _


def evaluate(options: argparse.Namespace) -> int:
    """Print how a network does on a dataset's test split."""
    if options.report is not None or options.compare is not None:
        return evaluate_with_report(options)

    model = load_model(options)
    dataset, digits = _load_images(options, [model])
    title = dataset_title(dataset)
    if digits.classes != model.classes:
        known, here = ", ".join(model.classes[:2]), ", ".join(digits.classes[:2])
        raise UserError(
            _("this network knows {known} ..., and {dataset} has {here} ...").format(
                known=known, dataset=title, here=here
            )
        )

    def test(device: torch.device) -> report.Score:
        network = model.to(device).network
        work = report.evaluate_with_progress(network, digits.to(device), model.recipe)
        score: report.Score = show_progress(work, options.json)
        return score

    score = on_device(options.device, test)
    if options.json:
        print(json.dumps(dataclasses.asdict(score)))
    else:
        wrong = round(score.count * (1 - score.accuracy))
        print(
            _(
                "{dataset}: {accuracy:.2%} of {count:,} correct, {wrong:,} wrong, loss {loss:.4f}"
            ).format(
                dataset=title,
                accuracy=score.accuracy,
                count=score.count,
                wrong=wrong,
                loss=score.loss,
            )
        )
    return 0


def _load_images(options: argparse.Namespace, models: list[Model]) -> tuple[str, LabelledImages]:
    """The dataset asked for, whose files are downloaded if they can be, and what to test with."""
    dataset = resolve_dataset(options.dataset, options.json)
    dataset = dataset.split("+")[0]  # a sum is tested on its first part
    data = files.data_folder(options.data)
    for name in loading.list_missing(dataset, data):
        show_progress(loading.download(name, data), options.json)
    learned = [(model.recipe.dataset, model.classes) for model in models]
    work = loading.load_for_test(dataset, data, learned)
    digits: LabelledImages = show_progress(work, options.json)
    return dataset, digits


def evaluate_with_report(options: argparse.Namespace) -> int:
    """Test the network, beside `--compare`'s if there is one; write and print what comes out."""
    if options.report is not None:
        with files.convert_write_errors(options.report):
            files.check_writable(options.report)
    models = [load_model(options)]
    if options.compare is not None:
        models.append(weights.load_named(options.compare))
    dataset, digits = _load_images(options, models)
    for model in models:
        report.check(model, digits.classes, dataset_title(dataset))

    def test(device: torch.device) -> list[Report]:
        there = digits.to(device)
        works = (report.evaluate_in_full(model.to(device), there, dataset) for model in models)
        return [show_progress(work, options.json) for work in works]

    reports = on_device(options.device, test)
    second = reports[1] if len(reports) > 1 else None
    compared = None if second is None else report.compare(reports[0], second)
    if options.report is not None:
        show_progress(export.save_with_progress(reports[0], options.report, second), options.json)
    for each in reports:
        if each.note:
            print(f"lenet: {each.note}", file=sys.stderr)
    if options.json:
        print(json.dumps(_summary(reports, compared, options.report)))
    else:
        _tell(reports, compared, options.report)
    return 0


def _summary(
    reports: list[Report], compared: Comparison | None, folder: Path | None
) -> dict[str, Any]:
    """What is printed as JSON."""
    first = reports[0]
    values: dict[str, Any] = {
        "accuracy": first.accuracy,
        "loss": first.loss,
        "count": len(first),
        "calibration_error": first.calibration_error,
        "seconds": first.seconds,
    }
    if compared is not None:
        values["comparison"] = export.comparison_to_json(first, reports[1], compared)
    if folder is not None:
        values["report"] = str(folder)
    return values


def _tell(reports: list[Report], compared: Comparison | None, folder: Path | None) -> None:
    """The headline figures, for people."""
    first = reports[0]
    for each in reports:
        name = f"{each.model.name}: " if compared is not None else ""
        text = _(
            "{title}: {accuracy:.2%} of {count:,} correct, {wrong:,} wrong, loss {loss:.4f}, "
            "calibration error {error:.2%}, {speed:,.0f} images/s"
        ).format(
            title=each.title,
            accuracy=each.accuracy,
            count=len(each),
            wrong=len(each.misread),
            loss=each.loss,
            error=each.calibration_error,
            speed=each.images_per_second,
        )
        print(name + text)
    if compared is None:
        _tell_classes(first)
    else:
        print(
            _(
                "only the first correct {first:,}, only the second {second:,}, neither "
                "{neither:,}. {verdict}"
            ).format(
                first=len(compared.only_first),
                second=len(compared.only_second),
                neither=len(compared.neither),
                verdict=compared.verdict,
            )
        )
    if folder is not None:
        print(_("report in {folder}").format(folder=folder))


def _tell_classes(tested: Report) -> None:
    """A table with a line for each class."""
    wide = max(12, *(len(figures.name) + 2 for figures in tested.per_class))
    heads = (_("precision"), _("recall"), _("F1"))
    text = "".join(pad(head, 10, right=True) for head in heads)
    print(f"  {pad(_('class'), wide)}{text}{pad(_('images'), 9, right=True)}")
    for figures in tested.per_class:
        shares = (figures.precision, figures.recall, figures.f1)
        text = "".join(f"{'-' if s is None else format(s, '.2%'):>10}" for s in shares)
        print(f"  {pad(figures.name, wide)}{text}{figures.support:>9,}")


def summary(options: argparse.Namespace) -> int:
    """Print the layer table, and who is to be named for the data of training."""
    sources: tuple[str, ...] = ()
    if options.recipe is not None:
        network = factory.build(load_recipe(options.recipe))
    else:
        model = load_model(options)
        network, sources = model.network, model.data_sources
    table = factory.summarize(network)
    if options.json:
        print(json.dumps([row._asdict() for row in table]))
        return 0
    heads = (_("layer"), _("output"), _("neurons"), _("parameters"), _("connections"))
    print(_line(*heads))
    for row in table:
        shape = "x".join(map(str, row.output))
        numbers = (f"{n:,}" for n in (row.neurons, row.parameters, row.connections))
        print(_line(row.name, shape, *numbers))
    sums = (sum(row.parameters for row in table), sum(row.connections for row in table))
    print(_line(_("total"), "", "", *(f"{n:,}" for n in sums)))
    for source in sources:
        print(_("trained on {source}").format(source=source))
    return 0


def _line(name: str, *columns: str) -> str:
    """A line of the table."""
    widths = (14, 10, 13, 14)
    return pad(name, 8) + "".join(
        pad(text, wide, right=True) for text, wide in zip(columns, widths, strict=True)
    )
