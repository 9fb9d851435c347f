"""`lenet import` and `lenet export`: networks from other programs, and for other programs."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from typing import Any

from trainer import files
from trainer.cli.common import count_columns, load_model, pad
from trainer.cli.output import show_progress
from trainer.errors import UserError
from trainer.exchange import TITLES, WITH_OPTIONS
from trainer.exchange.export import Exported, ExportOptions, export
from trainer.exchange.importing import GUESSING, Candidates, import_network
from trainer.exchange.trials import Trial
from trainer.networks import model as weights
from trainer.translation import gettext as _
from trainer.translation import ngettext

_SHOWN = 8


def import_model(options: argparse.Namespace) -> int:
    """Find out what a file holds, show it, and write it as a model file."""
    if options.out is not None:
        with files.convert_write_errors(options.out):
            files.check_writable(options.out.parent)
    names = ("activation", "pooling", "border", "scale", "ink")
    fixed = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    data = files.data_folder(options.data)
    work = import_network(options.file, data, options.dataset, fixed)
    candidates: Candidates = show_progress(work, options.json)
    if options.out is not None:
        weights.save(dataclasses.replace(candidates.model(), name=options.out.stem), options.out)
    if options.json:
        print(json.dumps(_to_json(candidates, options)))
    else:
        _tell(candidates)
        if options.out is not None:
            print(_("saved {file}").format(file=options.out))
        else:
            print(_("nothing was saved; --out MODEL saves the first of these as a model file"))
    for warning in _list_warnings(candidates):
        print(f"lenet: {warning}", file=sys.stderr)
    return 0


def _to_json(candidates: Candidates, options: argparse.Namespace) -> dict[str, Any]:
    return {
        "file": str(candidates.path),
        "format": candidates.format,
        "tested_on": candidates.tested_on,
        "unused": list(candidates.matched.unused),
        "out": None if options.out is None else str(options.out),
        "variants": [
            {
                **dataclasses.asdict(trial.variant),
                "accuracy": trial.score.accuracy,
                "loss": trial.score.loss,
            }
            for trial in candidates.trials
        ],
    }


def _tell(candidates: Candidates) -> None:
    """What was found, as a table."""
    print(
        _("{file}: a LeNet-5 of {format}, tried on {images}; the likeliest first:").format(
            file=candidates.path, format=candidates.format, images=candidates.tested_on
        )
    )
    heads = (_("accuracy"), _("input"), _("ink"), _("activation"), _("pooling"))
    rows = [heads, *(_row(trial) for trial in candidates.trials[:_SHOWN])]
    widths = [max(count_columns(row[column]) for row in rows) for column in range(len(heads))]
    for row in rows:
        first, *rest = (pad(text, width) for text, width in zip(row, widths, strict=True))
        print("  " + "  ".join([pad(first.strip(), widths[0], right=True), *rest]).rstrip())


def _row(trial: Trial) -> tuple[str, ...]:
    return (f"{trial.score.accuracy:.2%}", *trial.variant.describe())


def _list_warnings(candidates: Candidates) -> list[str]:
    """What whoever imports should know."""
    matched, warnings = candidates.matched, []
    if matched.unused:
        warnings.append(
            ngettext(
                "{count} tensor of the file is not used: {names}",
                "{count} tensors of the file are not used: {names}",
                len(matched.unused),
            ).format(count=len(matched.unused), names=", ".join(matched.unused[:10]))
        )
    if candidates.trials[0].score.accuracy < GUESSING:
        warnings.append(
            _(
                "no variant reads more than half of the pictures: this network was trained with "
                "something else, or on something else (--dataset)"
            )
        )
    return warnings


def export_model(arguments: argparse.Namespace) -> int:
    """Write a network in another program's format, and tell how well it was copied."""
    options = ExportOptions(arguments.softmax, not arguments.without_normalization)
    if options != ExportOptions() and arguments.format not in WITH_OPTIONS:
        raise UserError(
            _(
                "--softmax and --without-normalization are for onnx and torch-export, "
                "not for {format}"
            ).format(format=arguments.format)
        )
    with files.convert_write_errors(arguments.out):
        files.check_writable(arguments.out.parent)
    work = export(
        load_model(arguments),
        arguments.format,
        arguments.out,
        files.data_folder(arguments.data),
        options,
    )
    done: Exported = show_progress(work, arguments.json)
    if arguments.json:
        values = {
            "out": str(done.path),
            "format": done.format,
            "bytes": done.bytes,
            "images": done.images,
            "largest_difference": done.difference,
            "accuracy": done.accuracy,
        }
        print(json.dumps(values))
        return 0
    print(
        _("{file}: {title}, {bytes:,} bytes").format(
            file=done.path, title=_(TITLES[done.format]), bytes=done.bytes
        )
    )
    print(
        _(
            "on {count:,} pictures, scores differ from the network's by {difference:.2g} at most"
        ).format(count=done.images, difference=done.difference)
    )
    if done.accuracy is not None and done.before is not None:
        print(
            _("{after:.2%} of {images} right with 8-bit weights, {before:.2%} before").format(
                after=done.accuracy, images=done.tested_on, before=done.before
            )
        )
    return 0
