"""What several commands do: find the network, the recipe, the data and the device asked for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.errors import UserError
from trainer.progress import Result
from trainer.recipes import sharing
from trainer.recipes.catalog import find_recipe
from trainer.recipes.recipe import Recipe
from trainer.translation import gettext as _

if TYPE_CHECKING:
    import torch

    from trainer.networks.model import Model


_MOST_THREADS = 1024


def load_model(given: argparse.Namespace) -> Model:
    """The network asked for: a file's, or the one that ships."""
    # `predict` draws pictures while another thread imports torch.
    from trainer.networks import model

    return model.load(given.model) if given.model is not None else model.load_shipped()


def load_recipe(name: str) -> Recipe:
    """A named recipe, or the one in a file or on standard input."""
    if name == "-":
        return sharing.read_input()
    return sharing.read_file(Path(name)) if name.endswith(".json") else find_recipe(name)


def check_threads(given: argparse.Namespace) -> None:
    """Refuse a number of threads that makes no sense."""
    if given.threads is not None and not 1 <= given.threads <= _MOST_THREADS:
        raise UserError(
            _("--threads is {threads}; it must be from 1 to {most}").format(
                threads=given.threads, most=_MOST_THREADS
            )
        )


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
