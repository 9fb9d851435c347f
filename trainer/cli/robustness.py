"""`lenet robustness`: accuracy on distorted test images."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import torch

from trainer import files
from trainer.cli import common, output
from trainer.cli.data import resolve_dataset
from trainer.data import loading
from trainer.data.labelled_images import LabelledImages
from trainer.errors import UserError
from trainer.evaluation import report
from trainer.evaluation.figures import FIGURE_ENDINGS
from trainer.networks import model as model_file
from trainer.networks.model import Model
from trainer.progress import Progress, transform
from trainer.recipes.recipe import dataset_title
from trainer.robustness import sweep
from trainer.robustness.distortions import Distortion
from trainer.robustness.export import as_json, render_picture, write_csv
from trainer.robustness.sweep import Robustness
from trainer.translation import gettext as _


def robustness(options: argparse.Namespace) -> int:
    """Measure, print, and write what was asked for."""
    common.check_seed(options)
    wanted = sweep.choose_parameters(options.distortion or (), options.values or ())
    _check_files(options)
    common.check_threads(options)
    if options.threads:
        torch.set_num_threads(options.threads)
    models = _models(options)
    digits = _digits(options, models)
    base = Distortion(refit=options.refit, seed=options.seed)

    def measure(device: torch.device) -> Robustness:
        there = [model.to(device) for model in models]
        work = sweep.measure_robustness(there, digits.to(device), options.dataset, wanted, base)
        result: Robustness = output.show_progress(transform(work, _only_progress), options.json)
        return result

    result = common.on_device(options.device, measure)
    if options.csv is not None:
        files.save_file(options.csv, write_csv(result))
    if options.picture is not None:
        _save_picture(result, options.picture)
    if options.json:
        print(json.dumps(as_json(result)))
    else:
        _tell(result)
    return 0


def _only_progress(event: Progress | object) -> Progress | None:
    """Without the curves that come in between."""
    return event if isinstance(event, Progress) else None


def _check_files(options: argparse.Namespace) -> None:
    """Complain before the work, not after it."""
    for path in (options.csv, options.picture):
        common.check_out(path)
    if options.picture is not None and options.picture.suffix.lower() not in FIGURE_ENDINGS:
        raise UserError(
            _("{picture} must end in one of {endings}").format(
                picture=options.picture, endings=", ".join(FIGURE_ENDINGS)
            )
        )


def _models(options: argparse.Namespace) -> list[Model]:
    """The network and those beside it, each with a name of its own."""
    models = [
        common.load_model(options),
        *(model_file.load_named(path) for path in options.compare),
    ]
    names: list[str] = []
    for model, path in zip(models, (options.model, *options.compare), strict=True):
        # A run's own files are all called the same: its folder tells them apart.
        of_run = path is not None and path.stem in ("best", "last")
        name = f"{path.absolute().parent.name} {path.stem}" if of_run else model.name
        names.append(name if name not in names else f"{name} ({len(names) + 1})")
    return [dataclasses.replace(m, name=n) for m, n in zip(models, names, strict=True)]


def _digits(options: argparse.Namespace, models: list[Model]) -> LabelledImages:
    """The test images asked for; those that can be downloaded are."""
    options.dataset = dataset = resolve_dataset(options.dataset, options.json).split("+")[0]
    data = files.data_folder(options.data)
    for name in loading.list_missing(dataset, data):
        output.show_progress(loading.download(name, data), options.json)
    learned = [(model.recipe.dataset, model.classes) for model in models]
    work = loading.load_for_test(dataset, data, learned)
    digits: LabelledImages = output.show_progress(work, options.json)
    for model in models:
        report.check(model, digits.classes, dataset_title(dataset))
    if options.images is None:
        return digits
    if options.images < 1:
        raise UserError(
            _("--images is {images}; it must be at least 1").format(images=options.images)
        )
    return digits.at(torch.arange(min(options.images, len(digits))))


def _save_picture(result: Robustness, path: Path) -> None:
    files.save_file(path, render_picture(result, path.suffix))


def _tell(result: Robustness) -> None:
    """A table for each distortion, for people."""
    text = _("{title}: {count:,} test images")
    if result.refit:
        text = _("{title}: {count:,} test images, centered again")
    print(text.format(title=result.title, count=result.count))
    wide = max(10, *(len(name) + 2 for name in result.names))
    for curve in result.curves:
        heads = "".join(f"{name:>{wide}}" for name in result.names)
        print(f"\n{common.pad(_(curve.parameter.title), 14)}{heads}")
        for number, value in enumerate(curve.values):
            shares = "".join(f"{row[number]:>{wide}.2%}" for row in curve.accuracies)
            print(f"{curve.parameter.describe(value):>12}  {shares}")
