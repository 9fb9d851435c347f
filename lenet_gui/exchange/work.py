"""What the dialogs do in a thread of their own; nothing here needs torch until it is begun."""

from __future__ import annotations

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
    # Brings torch and other packages, which take long: in the thread.
    from trainer.exchange.importing import import_network
    from trainer.runtime.cpu import use_run_threads

    use_run_threads()
    return (yield from import_network(path, data, dataset))


def write_network(
    model: Model, kind: Format, path: Path, data: Path, softmax: bool, normalize: bool
) -> Generator[Any, None, Exported]:
    """Write a network in another format; see `trainer.exchange.export`."""
    # Brings torch and other packages, which take long: in the thread.
    from trainer.exchange.export import ExportOptions, export

    return (yield from export(model, kind, path, data, ExportOptions(softmax, normalize)))
