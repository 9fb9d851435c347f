"""Makes models of a run's saved epochs, and of its network as it learns, in the background."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from lenet_gui.widgets.model_chooser import ModelSource
from lenet_gui.workers.latest import LatestWorker
from trainer.errors import UserError
from trainer.networks.model import Model, from_weights
from trainer.recipes.recipe import Recipe
from trainer.training.events import Snapshot
from trainer.translation import gettext as _

MOST_KEPT = 128
"""Models in memory; each takes some 300 KB."""


@dataclass(frozen=True, slots=True)
class SavedEpoch:
    """An epoch's file."""

    epoch: int  # 0: before the first step
    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class LiveEpoch:
    """The network at a moment of its training."""

    snapshot: Snapshot
    recipe: Recipe


@dataclass(frozen=True, slots=True, eq=False)
class EpochRequest:
    """What to make a model of."""

    run: object  # handed back, so that whoever asked knows whether it still matters
    title: str
    what: SavedEpoch | LiveEpoch


@dataclass(frozen=True, slots=True, eq=False)
class EpochResult:
    """The model that was wanted."""

    request: EpochRequest
    model: Model


class EpochModels(LatestWorker):
    """Ask with an `EpochRequest`; `done` has an `EpochResult`.

    What was read once is kept, within `MOST_KEPT`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cached: OrderedDict[Path, tuple[object, Model]] = OrderedDict()
        # A run, the latest of its epochs that was read, and what was fitted to its scores then.
        self._latest: tuple[object, int, float] = (None, 0, 1.0)

    def work(self, request: EpochRequest) -> EpochResult:
        """Read a file, or build a network of weights.

        Raises:
            ModelError: the file can't be read.
            UserError: the weights are not numbers any longer.
        """
        what = request.what
        if isinstance(what, LiveEpoch):
            return EpochResult(request, self._built(request, what))
        model = dataclasses.replace(
            self._read(what.path),
            name=_("{run}, epoch {epoch}").format(run=request.title, epoch=what.epoch),
        )
        run, epoch, _temperature = self._latest
        if run is not request.run or what.epoch >= epoch:
            self._latest = request.run, what.epoch, model.temperature
        return EpochResult(request, model)

    def _read(self, path: Path) -> Model:
        stamp = _stamp(path)
        before = self.cached.pop(path, None)
        # One whose file is gone since is still good.
        if before is not None and stamp in (before[0], None):
            self.cached[path] = before
            return before[1]
        model = ModelSource("", path=path).load()
        self.cached[path] = stamp, model
        if len(self.cached) > MOST_KEPT:
            self.cached.popitem(last=False)
        return model

    def _built(self, request: EpochRequest, live: LiveEpoch) -> Model:
        snapshot = live.snapshot
        if not all(bool(w.isfinite().all()) for w in snapshot.weights.values()):
            text = _("{run}: its weights are no longer numbers")
            raise UserError(text.format(run=request.title))
        run, _epoch, temperature = self._latest
        return from_weights(
            snapshot.weights,
            live.recipe,
            snapshot.classes,
            {},
            _("{run}, step {step}").format(run=request.title, step=snapshot.step),
            temperature if run is request.run else 1.0,
        )


def _stamp(path: Path) -> object:
    """Changes when the file does; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
