"""What the dialogs do in a thread of their own, where torch and other packages are imported."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lenet_gui.workers.serial import BackgroundTask
from trainer.exchange.formats import Format

if TYPE_CHECKING:
    from trainer.exchange.export import Exported
    from trainer.exchange.importing import Candidates
    from trainer.networks.model import Model


class LongTask(BackgroundTask):
    """A `BackgroundTask` that tells how far it is.

    Args:
        make: makes the generator, in the thread.
    """

    def __init__(self, make: Callable[[], Generator[Any, None, Any]]) -> None:
        super().__init__(lambda: None)
        self._make = make


def try_network(path: Path, data: Path, dataset: str) -> Generator[Any, None, Candidates]:
    """Read a foreign file and try how it was trained; see `trainer.exchange.importing`."""
    pkgutil.resolve_name("trainer.runtime.cpu:use_run_threads")()
    work = pkgutil.resolve_name("trainer.exchange.importing:import_network")
    found: Candidates = yield from work(path, data, dataset)
    return found


def write_network(
    model: Model, kind: Format, path: Path, data: Path, softmax: bool, normalize: bool
) -> Generator[Any, None, Exported]:
    """Write a network in another format; see `trainer.exchange.export`."""
    module = pkgutil.resolve_name("trainer.exchange.export")
    options = module.ExportOptions(softmax, normalize)
    done: Exported = yield from module.export(model, kind, path, data, options)
    return done
