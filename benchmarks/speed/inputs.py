"""Options and data that the benchmarks of training share."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import torch

from benchmarks.command import NothingToMeasure, progress
from trainer.data.labelled_images import LabelledImages
from trainer.data.loading import list_missing, load
from trainer.files import data_folder
from trainer.progress import result_of


def add_training_options(parser: argparse.ArgumentParser) -> None:
    """Options for `set_threads` and `load_mnist`."""
    parser.add_argument("--data", type=Path, metavar="DIR", help="default: LENET_DATA")
    parser.add_argument("--threads", type=int, default=2, help="of the CPU [2]")
    parser.add_argument("--rounds", type=int, default=5, help="[5]")


def set_threads(options: argparse.Namespace) -> None:
    """Use `--threads`, and tell what else the machine does."""
    torch.set_num_threads(options.threads)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    progress(f"torch {torch.__version__}, {options.threads} threads, load before: {load:.1f}")


def load_mnist(data: Path) -> tuple[LabelledImages, LabelledImages]:
    """MNIST's training and test split.

    Raises:
        NothingToMeasure: it is not in the folder.
    """
    if list_missing("mnist", data):
        raise NothingToMeasure(f"MNIST is not in {data}")
    return result_of(load("mnist", "train", data)), result_of(load("mnist", "test", data))


def mnist_folder(options: argparse.Namespace) -> Path:
    """The folder of `--data`, or the default one."""
    return data_folder(options.data)
