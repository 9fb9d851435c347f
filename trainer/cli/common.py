"""What several commands do: find the network, the recipe, the data and the device asked for."""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.errors import UserError
from trainer.files import check_writable, convert_write_errors
from trainer.networks.builtin import find_network
from trainer.progress import Result
from trainer.recipes import sharing
from trainer.recipes.catalog import find_recipe
from trainer.recipes.recipe import Recipe
from trainer.translation import gettext as _

if TYPE_CHECKING:
    import torch

    from trainer.networks.model import Model


_MOST_THREADS = 1024


def load_model(options: argparse.Namespace) -> Model:
    """The network asked for: a file's, a built-in one by its name, or the first of these."""
    # `predict` draws pictures while another thread imports torch.
    from trainer.networks import model

    if options.model is None:
        return model.load_shipped()
    return model.load_named(find_network(options.model))


def load_recipe(name: str) -> Recipe:
    """A named recipe, or the one in a file or on standard input."""
    if name == "-":
        return sharing.read_input()
    return sharing.read_file(Path(name)) if name.endswith(".json") else find_recipe(name)


def count_columns(text: str) -> int:
    """How many columns of a terminal a text takes: a Chinese character is two wide."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def pad(text: str, columns: int, right: bool = False) -> str:
    """A text with spaces after it, or before it, so that it fills so many columns."""
    spaces = " " * (columns - count_columns(text))
    return spaces + text if right else text + spaces


def check_threads(options: argparse.Namespace) -> None:
    """Refuse a number of threads that makes no sense."""
    if options.threads is not None and not 1 <= options.threads <= _MOST_THREADS:
        raise UserError(
            _("--threads is {threads}; it must be from 1 to {most}").format(
                threads=options.threads, most=_MOST_THREADS
            )
        )


def check_seed(options: argparse.Namespace) -> None:
    """Refuse a seed that no generator of chance takes."""
    if not 0 <= options.seed < 1 << 31:
        raise UserError(
            _("--seed is {seed}; it must be from 0 to 2147483647").format(seed=options.seed)
        )


def check_out(path: Path | None) -> None:
    """Refuse a file that could not be written, before the work and not after it."""
    if path is not None:
        with convert_write_errors(path):
            check_writable(path.absolute().parent)


def on_device(name: str, work: Callable[[torch.device], Result]) -> Result:
    """What `work` returns for the device of that name, or for the CPU if that one gives up."""
    # Brings torch, which not every command needs.
    from trainer.runtime import devices

    device = devices.choose(name)
    return devices.run_with_cpu_fallback(
        device,
        work,
        lambda reason: print(
            _("lenet: {device} failed ({reason}); continuing on the CPU").format(
                device=device, reason=reason
            ),
            file=sys.stderr,
        ),
    )
