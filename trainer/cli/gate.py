"""`lenet gate`: train the gate that stands before every reader of digits."""

from __future__ import annotations

import argparse

import torch

from trainer import files
from trainer.cli.output import show_progress
from trainer.data import loading
from trainer.data.labelled_images import concatenate
from trainer.networks.gate import save
from trainer.training.gate import train_gate


def gate(given: argparse.Namespace) -> int:
    """Train the gate that tells digits from what is none, and write its file."""
    data = files.data_folder(given.data)
    for name in loading.list_missing("mnist", data):
        show_progress(loading.download(name, data), False)
    source = torch.Generator().manual_seed(given.seed)
    training, validation = [], []
    for name in ("mnist", "unipen", "pen"):
        digits = show_progress(loading.load(name, "train", data), False)
        learned, held_out = digits.split(0.05, torch.randperm(len(digits), generator=source))
        training.append(learned)
        validation.append(held_out)
    work = train_gate(concatenate(training), validation, given.seed, given.epochs)
    trained = show_progress(work, False)
    save(trained, given.out)
    print(f"{given.out}: what scores below {trained.threshold:.2f} is refused")
    return 0
