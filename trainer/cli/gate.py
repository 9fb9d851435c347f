"""`lenet gate`: train the gate that stands before every reader of digits."""

from __future__ import annotations

import argparse

import torch

from trainer import files
from trainer.cli.common import check_out, check_seed
from trainer.cli.output import show_progress
from trainer.data import loading, pen
from trainer.data.labelled_images import concatenate
from trainer.errors import UserError
from trainer.networks.gate import save
from trainer.training.gate import REFUSED_OF_A_FORM, Allowance, train_gate
from trainer.translation import gettext as _

_MOST_EPOCHS = 1000
_LEARNED, _HELD_OUT = 700, 400
"""Digits of each form to train on and to set the threshold by. By their shares, the rare forms
would be too few to be told from letters."""


def gate(given: argparse.Namespace) -> int:
    """Train the gate that tells digits from what is none, and write its file."""
    check_seed(given)
    if not 1 <= given.epochs <= _MOST_EPOCHS:
        text = _("{name} is {value!r}; it must be a whole number from {low} to {high}")
        raise UserError(text.format(name="--epochs", value=given.epochs, low=1, high=_MOST_EPOCHS))
    check_out(given.out)
    data = files.data_folder(given.data)
    for name in loading.list_missing("mnist", data):
        show_progress(loading.download(name, data), False)
    source = torch.Generator().manual_seed(given.seed)
    training, validation = [], []
    for name in ("mnist", "unipen"):
        digits = show_progress(loading.load(name, "train", data), False)
        learned, held_out = digits.split(0.05, torch.randperm(len(digits), generator=source))
        training.append(learned)
        validation.append(Allowance(held_out.images))
    training.append(show_progress(pen.load_forms(_LEARNED, given.seed), False))
    others = show_progress(pen.load_forms(_HELD_OUT, given.seed + 1), False)
    for form in others.images.split(_HELD_OUT):
        validation.append(Allowance(form, REFUSED_OF_A_FORM))
    work = train_gate(concatenate(training), validation, given.seed, given.epochs)
    trained = show_progress(work, False)
    save(trained, given.out)
    print(
        _("{out}: what scores below {threshold:.2f} is refused").format(
            out=given.out, threshold=trained.threshold
        )
    )
    return 0
