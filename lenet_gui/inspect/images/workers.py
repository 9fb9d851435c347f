"""What the Images panel has done in the background: the best images found, a picture made up."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from lenet_gui.workers.latest import LatestWorker
from trainer.recipes.recipe import DATASETS

if TYPE_CHECKING:
    from trainer.inspect.activation_maximization import SyntheticImage
    from trainer.inspect.top_images import TopImages
    from trainer.networks.model import Model

CHOICES = tuple(name for name in DATASETS if "+" not in name)
"""The datasets that can be looked through: a sum's test split is that of its first part."""
_TELL_EVERY = 0.1  # seconds between two messages to the window


@dataclass(frozen=True, slots=True, eq=False)
class SearchRequest:
    """The images of a dataset's test split that excite each map of a network."""

    model: Model
    dataset: str  # one of `CHOICES`
    folder: Path  # where datasets are
    compute: bool  # False only looks whether it was found before


@dataclass(frozen=True, slots=True, eq=False)
class SearchResult:
    """What came of it; neither `exciting` nor a problem says that it is still to be computed."""

    search: SearchRequest
    exciting: TopImages | None = None
    problem: str = ""
    missing: bool = False  # the dataset is one that can be downloaded


class TopImagesWorker(LatestWorker):
    """Ask it for a `Search`; it answers with `done(Searched | None)`.

    None, asked for or answered, is that nothing is wanted any longer.
    """

    progressed = Signal(object)
    """`Progress`, a few times a second."""
    present = Signal(object)
    """Which of `CHOICES` are on this computer, a tuple; once, and after each search."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("exciting")
        self._told = 0.0

    def prepare(self) -> None:
        """One core is left to the window."""
        _prepare()
        from trainer.inspect import top_images  # noqa: F401

    def work(self, request: Any) -> SearchResult | None:
        """Answer one request."""
        from trainer.data.loading import DataMissing
        from trainer.errors import UserError
        from trainer.inspect import top_images

        search: SearchRequest | None = request
        if search is None:
            return None
        self.present.emit(list_available(search.folder))
        where = (search.model, search.dataset, search.folder)
        try:
            if not search.compute:
                return SearchResult(search, top_images.load_cached(*where))
            made = self._result(top_images.find_top_images(*where))
        except DataMissing as gap:
            return SearchResult(search, problem=str(gap), missing=True)
        except UserError as error:
            return SearchResult(search, problem=str(error))
        return None if made is None else SearchResult(search, made)

    def _result(self, work: Generator[Any, None, TopImages]) -> TopImages | None:
        """Run `work` to its end, telling how far it is; None if it is not wanted any longer."""
        with closing(work):
            while not self.stale():
                try:
                    progress = next(work)
                except StopIteration as end:
                    made: TopImages = end.value
                    return made
                if time.monotonic() - self._told > _TELL_EVERY:
                    self._told = time.monotonic()
                    self.progressed.emit(progress)
        return None


@dataclass(frozen=True, slots=True, eq=False)
class SynthesisRequest:
    """A picture to be made up for one map."""

    model: Model
    stage: int
    map: int


class SynthesisWorker(LatestWorker):
    """Ask it for a `Wish`, or with None to leave off; it answers with `grown`."""

    grown = Signal(object, object)
    """The `Wish`, and the `Synthesized` that has come of it so far; at the end, all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("synthesis")

    def prepare(self) -> None:
        """One core is left to the window."""
        _prepare()

    def work(self, request: Any) -> None:
        """Make one up."""
        from trainer.inspect.activation_maximization import synthesize

        wish: SynthesisRequest | None = request
        if wish is None:
            return
        with closing(synthesize(wish.model, wish.stage, wish.map)) as work:
            while not self.stale():
                try:
                    self.grown.emit(wish, next(work))
                except StopIteration as end:
                    made: SyntheticImage = end.value
                    self.grown.emit(wish, made)
                    return


def _prepare() -> None:
    import torch

    from trainer.drawing import picture  # noqa: F401  the window must not import it when one is opened

    torch.set_num_threads(1)


def list_available(folder: Path) -> tuple[str, ...]:
    """Which of `CHOICES` need no download."""
    from trainer.data import loading, unipen

    return tuple(
        name
        for name in CHOICES
        if not loading.list_missing(name, folder) and (name != "unipen" or unipen.find(folder))
    )
