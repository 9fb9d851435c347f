"""What the Images panel has done in the background: the best images found, a picture made up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from lenet_gui.workers.latest import LatestWorker
from trainer.errors import UserError
from trainer.recipes.recipe import DATASETS

if TYPE_CHECKING:
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

    def work(self, request: SearchRequest | None) -> SearchResult | None:
        """Answer one request."""
        if request is None:
            return None
        from lenet_gui.inspect.images import jobs  # in the thread: it brings torch

        self.present.emit(jobs.list_available(CHOICES, request.folder))
        where = (request.model, request.dataset, request.folder)
        try:
            if not request.compute:
                return SearchResult(request, jobs.top_images.load_cached(*where))
            search = jobs.top_images.find_top_images(*where)
            return SearchResult(request, self.result_of(search, self.progressed.emit, _TELL_EVERY))
        except UserError as error:
            return SearchResult(request, problem=str(error), missing=bool(error.dataset))


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

    def work(self, request: SynthesisRequest | None) -> None:
        """Make one up."""
        if request is None:
            return
        from lenet_gui.inspect.images import jobs  # in the thread: it brings torch

        synthesis = jobs.activation_maximization.synthesize(
            request.model, request.stage, request.map
        )
        image = self.result_of(synthesis, lambda image: self.grown.emit(request, image))
        self.grown.emit(request, image)
