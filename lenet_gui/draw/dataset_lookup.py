"""Looks pictures of a dataset up, and which of them a network misreads, in a thread of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from lenet_gui.widgets.formatting import image_caption
from lenet_gui.workers.latest import LatestWorker, Superseded
from trainer.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainer.data.labelled_images import LabelledImages
    from trainer.drawing.picture import Picture
    from trainer.networks.model import Model
    from trainer.progress import Progress

_AT_ONCE = 500
"""How many pictures are read between two looks at whether something else is wanted."""
_KEPT = 6
"""Of how many pairs of network and dataset the readings are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class LookupRequest:
    """One picture of a dataset's test split."""

    dataset: str  # a key of `recipe.DATASETS`
    folder: Path  # where datasets are
    model: Model | None  # that reads it; None before there is one
    label: int | None = None  # only pictures of this class
    wrong: bool = False  # only pictures that `model` misreads
    place: int | None = None  # among those, from 0; None for the first from `number` on
    number: int = 0  # in the whole split, from 0
    lay: bool = True  # on the paper; else only to tell how many there are


@dataclass(frozen=True, slots=True, eq=False)
class LookupResult:
    """What was wanted, or that there is no such picture (`picture` is None, `count` 0)."""

    wanted: LookupRequest
    classes: tuple[str, ...]  # the dataset's
    count: int  # of pictures that the filters leave
    place: int  # among those, from 0
    number: int  # in the whole split, from 0
    picture: Picture | None
    read_as: str | None  # None without a network that knows such pictures
    right: bool  # whether that is what it is


@dataclass(frozen=True, slots=True, eq=False)
class NotFound:
    """The dataset can't be had, or can't be filtered so."""

    wanted: LookupRequest
    problem: str
    missing: bool  # it is one that can be downloaded


class DatasetLookup(LatestWorker):
    """Ask it for `Wanted`; it answers with `done(Found | NotFound | None)`.

    None says that the answer was not worth finding: a newer request waits.
    """

    progressed = Signal(str)
    """What is done meanwhile, where it takes a while."""

    def __init__(self) -> None:
        super().__init__()
        self._loaded: tuple[str, Path, LabelledImages] | None = None
        self._read: list[tuple[Model, LabelledImages, NDArray[np.int64]]] = []

    def prepare(self) -> None:
        """PyTorch keeps its own number of CPU threads: all pictures may have to be read."""

    def work(self, request: Any) -> LookupResult | NotFound | None:
        """Look one picture up."""
        try:
            return self._find(request)
        except UserError as error:
            return NotFound(request, str(error), bool(error.dataset))

    def _find(self, wanted: LookupRequest) -> LookupResult:
        # Brings numpy: not before the window shows.
        import numpy as np

        digits = self._digits(wanted)
        listed = self._listed(wanted, digits)
        if not len(listed):
            return LookupResult(wanted, digits.classes, 0, 0, wanted.number, None, None, False)
        place = wanted.place
        if place is None:
            place = int(np.searchsorted(listed, wanted.number))
        place = min(max(place, 0), len(listed) - 1)
        number = int(listed[place])
        picture = _picture(wanted.dataset, digits, number)
        read_as, right = self._reading(wanted.model, digits, number)
        return LookupResult(
            wanted, digits.classes, len(listed), place, number, picture, read_as, right
        )

    def _digits(self, wanted: LookupRequest) -> LabelledImages:
        """The test split; the last one is kept."""
        # Brings torch: not before the window shows.
        from trainer.data import loading

        if self._loaded is None or self._loaded[:2] != (wanted.dataset, wanted.folder):
            split = self.result_of(
                loading.load(wanted.dataset, "test", wanted.folder), self._tell_loading
            )
            self._loaded = (wanted.dataset, wanted.folder, split)
        return self._loaded[2]

    def _listed(self, wanted: LookupRequest, digits: LabelledImages) -> NDArray[np.int64]:
        """The numbers, ascending, of all pictures that the filters leave."""
        # Brings numpy: not before the window shows.
        import numpy as np

        labels = digits.labels.numpy()
        left = np.ones(len(labels), bool)
        if wanted.label is not None:
            left &= labels == wanted.label
        if wanted.wrong:
            if wanted.model is None:
                raise UserError("There is no network yet that could read wrongly")
            if wanted.model.classes != digits.classes:
                known = ", ".join(wanted.model.classes[:2])
                raise UserError(
                    f"{wanted.model.name} tells {known} … apart: it knows no such pictures"
                )
            left &= self._read_all(wanted.model, digits) != labels
        return np.flatnonzero(left)

    def _read_all(self, model: Model, digits: LabelledImages) -> NDArray[np.int64]:
        """What the network takes each picture for, as indices of its classes."""
        # Brings numpy: not before the window shows.
        import numpy as np

        # Brings torch: not before the window shows.
        from trainer.reading import predict

        for read_by, of, kept in self._read:
            if read_by is model and of is digits:
                return kept
        found: list[int] = []
        images = digits.images.numpy()
        for begin in range(0, len(images), _AT_ONCE):
            self._go_on(f"Reading all pictures: {begin:,} of {len(images):,} …")
            rows = predict.read_many(model, images[begin : begin + _AT_ONCE])
            found += [int(np.argmax(row)) for row in rows]
        self._read = [(model, digits, np.array(found)), *self._read[: _KEPT - 1]]
        return self._read[0][2]

    def _reading(
        self, model: Model | None, digits: LabelledImages, number: int
    ) -> tuple[str | None, bool]:
        """What the network takes that one for, and whether it is that."""
        # Brings numpy: not before the window shows.
        import numpy as np

        # Brings torch: not before the window shows.
        from trainer.reading import predict

        if model is None or model.classes != digits.classes:
            return None, False
        (row,) = predict.read_many(model, digits.images[number : number + 1].numpy())
        taken_for = int(np.argmax(row))
        return model.classes[taken_for], taken_for == int(digits.labels[number])

    def _tell_loading(self, progress: Progress) -> None:
        of_total = f" {progress.done:,} of {progress.total:,}" if progress.total else ""
        self.progressed.emit(f"{progress.what.capitalize()}{of_total} …")

    def _go_on(self, doing: str) -> None:
        if self.stale():
            raise Superseded
        self.progressed.emit(doing)


def _picture(dataset: str, digits: LabelledImages, number: int) -> Picture:
    """Exactly what the dataset holds, and what it is."""
    # Brings numpy and Pillow: not before the window shows.
    from trainer.drawing.picture import Picture

    image = digits.images[number].numpy().copy()
    name = digits.classes[int(digits.labels[number])]
    return Picture(image, image, image_caption(dataset, name, number))
