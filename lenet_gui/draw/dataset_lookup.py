"""Pictures of a dataset looked up by class, and by whether a network misreads them.

Knows neither Qt nor the paper; imported in the browser's thread, for which it is written.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet_gui.widgets.formatting import format_count, image_caption
from trainer.data import loading
from trainer.data.labelled_images import LabelledImages
from trainer.drawing.picture import Picture
from trainer.errors import UserError
from trainer.networks.model import Model
from trainer.progress import Progress, transform
from trainer.reading import predict
from trainer.translation import gettext as _

_AT_ONCE = 500
"""How many pictures are read between two looks at whether something else is wanted."""
_KEPT = 6
"""Of how many pairs of network and dataset the readings are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundPicture:
    """A picture of a test split, or that there is no such one (`picture` is None, `count` 0)."""

    classes: tuple[str, ...]  # the dataset's
    count: int  # of pictures that the filters leave
    place: int  # among those, from 0
    number: int  # in the whole split, from 0
    picture: Picture | None
    read_as: str | None  # None without a network that knows such pictures
    right: bool  # whether that is what it is


class DatasetLookup:
    """Keeps the test split that was looked at last, and what networks took its pictures for."""

    def __init__(self) -> None:
        self._loaded: tuple[str, Path, LabelledImages] | None = None
        self._read: list[tuple[Model, LabelledImages, NDArray[np.int64]]] = []

    def find(
        self,
        dataset: str,
        folder: Path,
        model: Model | None,
        *,
        label: int | None,
        wrong: bool,
        place: int | None,
        number: int,
    ) -> Generator[str, None, FoundPicture]:
        """Look one picture up; yields what is done meanwhile, where it takes a while.

        Args:
            dataset: a key of `DATASETS`.
            folder: where datasets are.
            model: that reads it; None before there is one.
            label: only pictures of this class; None for all.
            wrong: only pictures that `model` misreads.
            place: among those, from 0; None for the first from `number` on.
            number: in the whole split, from 0.

        Raises:
            DataMissing: the dataset is not there.
            UserError: it can't be read, or can't be filtered so.
        """
        digits = yield from self._load(dataset, folder)
        listed = yield from self._list(digits, model, label, wrong)
        if not len(listed):
            return FoundPicture(digits.classes, 0, 0, number, None, None, False)
        if place is None:
            place = int(np.searchsorted(listed, number))
        place = min(max(place, 0), len(listed) - 1)
        number = int(listed[place])
        image, true = digits.images[number].numpy().copy(), int(digits.labels[number])
        caption = image_caption(dataset, digits.classes[true], number)
        picture = Picture(image, image, caption, f"{dataset} test {number}")
        read_as, right = None, False
        if model is not None and model.classes == digits.classes:
            taken_for = int(np.argmax(predict.read_many(model, image[None])[0]))
            read_as, right = model.classes[taken_for], taken_for == true
        return FoundPicture(digits.classes, len(listed), place, number, picture, read_as, right)

    def _load(self, dataset: str, folder: Path) -> Generator[str, None, LabelledImages]:
        """The test split; the last one is kept."""
        if self._loaded is None or self._loaded[:2] != (dataset, folder):
            split = yield from transform(loading.load(dataset, "test", folder), _tell)
            self._loaded = (dataset, folder, split)
        return self._loaded[2]

    def _list(
        self, digits: LabelledImages, model: Model | None, label: int | None, wrong: bool
    ) -> Generator[str, None, NDArray[np.int64]]:
        """The numbers, ascending, of all pictures that the filters leave."""
        labels = digits.labels.numpy()
        left = np.ones(len(labels), bool)
        if label is not None:
            left &= labels == label
        if wrong:
            if model is None:
                raise UserError(_("No network is loaded yet."))
            if model.classes != digits.classes:
                known = ", ".join(model.classes[:2])
                raise UserError(
                    _(
                        "{name} only knows {known} …, so it has no answers for these pictures."
                    ).format(name=model.name, known=known)
                )
            taken_for = yield from self._read_all(model, digits)
            left &= taken_for != labels
        return np.flatnonzero(left)

    def _read_all(
        self, model: Model, digits: LabelledImages
    ) -> Generator[str, None, NDArray[np.int64]]:
        """What the network takes each picture for, as indices of its classes."""
        for read_by, of, kept in self._read:
            if read_by is model and of is digits:
                return kept
        answers: list[int] = []
        images = digits.images.numpy()
        for begin in range(0, len(images), _AT_ONCE):
            yield _("Reading all pictures: {begin} of {count}…").format(
                begin=format_count(begin), count=format_count(len(images))
            )
            rows = predict.read_many(model, images[begin : begin + _AT_ONCE])
            answers += [int(np.argmax(row)) for row in rows]
        self._read = [(model, digits, np.array(answers)), *self._read[: _KEPT - 1]]
        return self._read[0][2]


def _tell(progress: Progress) -> str:
    """How far it is, in words."""
    what = f"{progress.what[:1].upper()}{progress.what[1:]}"
    if not progress.total:
        return _("{what}…").format(what=what)
    return _("{what}: {done:,} of {total:,}…").format(
        what=what, done=progress.done, total=progress.total
    )
