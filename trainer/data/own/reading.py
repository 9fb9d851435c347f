"""What a path holds, as a dataset that can be trained on: found, drawn, divided, and told.

What was read once is kept in the cache folder for as long as the files stay as they are, since
a folder of pictures takes a minute. Begin with `inspect`.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from trainer import __version__
from trainer.data.labelled_images import (
    TRAINING,
    VALIDATION,
    DataError,
    LabelledImages,
    concatenate,
)
from trainer.data.own import arrays, drawings, folders, parquet, splitting, tables
from trainer.data.own.fitting import Rule, find_rule, fit_picture
from trainer.data.own.place import DataFormat, Place, find_place
from trainer.data.own.source import OwnPart, Pixels, RawPictures, Role, check_amount
from trainer.errors import UserError
from trainer.files import (
    cache_folder,
    expand_user,
    is_file,
    is_folder,
    is_there,
    keep_cached,
    read_bounded,
)
from trainer.progress import Progress
from trainer.recipes.own_dataset import LONGEST_PATH, OwnDataset, parse_own
from trainer.translation import gettext as _
from trainer.translation import ngettext

CLASS_NAMES = "classes.txt"
"""A file beside the data with a name a line, where labels are only numbers, from 0."""
_SAMPLE = 300
"""Pictures by which the rule is found."""
_EVERY = 50  # pictures between two messages
_MOST_CACHED = 8  # files
_LARGEST_CACHED = 512 << 20  # bytes
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class OwnData:
    """What was found at a path, on the CPU."""

    dataset: OwnDataset
    kind: str  # the format, for people
    train: LabelledImages  # allotted to training and validation
    test: LabelledImages
    test_given: bool  # whether the files say which pictures are for testing
    sizes: str  # of the pictures in the files, such as "28x28" or "12x20 to 300x400"
    split: str  # how they were divided, a sentence
    notes: tuple[str, ...]  # how they were drawn and understood, a sentence each
    skipped: tuple[str, ...]  # what was left out, and why, a sentence each

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes."""
        return self.train.classes

    def __len__(self) -> int:
        return len(self.train) + len(self.test)

    def whole(self) -> LabelledImages:
        """All pictures, whatever their split."""
        return concatenate([replace(self.train, allotted=None), self.test])

    def counts(self) -> NDArray[np.int64]:
        """How many pictures there are: int64 (classes, 3), to train on, to validate, to test."""
        assert self.train.allotted is not None
        held_out = self.train.allotted == VALIDATION
        labels = (self.train.labels[~held_out], self.train.labels[held_out], self.test.labels)
        each = [torch.bincount(part, minlength=len(self.classes)) for part in labels]
        return np.asarray(torch.stack(each, dim=1).numpy())

    def sample(self, each: int) -> LabelledImages:
        """The first pictures of every class, at most so many of each, class by class."""
        places = [
            torch.nonzero(self.train.labels == label)[:each, 0]
            for label in range(len(self.classes))
        ]
        return self.train.at(torch.cat(places))


def inspect(path: Path, color: bool | None = None) -> Generator[Progress, None, OwnData]:
    """Read all that a path holds.

    Args:
        path: a folder or a file.
        color: whether colors are kept; None: where most pictures have them.

    Raises:
        DataError: nothing that can be trained on; the message says why.
    """
    path = expand_user(path).absolute()
    if not str(path).isprintable() or len(str(path)) > LONGEST_PATH:
        raise DataError(
            _("{path} has a name that no recipe can hold: rename it").format(path=ascii(str(path)))
        )
    place = yield from find_place(path)
    kept_at = _cache_path(place, color)
    kept = _load_cached(kept_at)
    if kept is not None:
        return kept
    try:
        own = yield from _read(place, color)
    except MemoryError:
        raise DataError(
            _("{path} needs more memory than is free: close other programs, or divide it").format(
                path=path
            )
        ) from None
    _cache(own, kept_at)
    return own


def load(dataset: OwnDataset, split: str) -> Generator[Progress, None, LabelledImages]:
    """One's own data, as a recipe names them.

    Args:
        dataset: what the recipe says of them.
        split: "train", "test", or "all".

    Raises:
        DataError: they are gone, can't be read, or have other classes than before.
    """
    path = Path(dataset.path)
    if not is_there(path):
        raise DataError(
            _("the data are not at {path} any more: put them back there, or name their new place "
              "with --dataset").format(path=path)
        )  # fmt: skip
    own = yield from inspect(path, dataset.color)
    if len(own.classes) != dataset.classes:
        raise DataError(
            _(
                "{path} has {now} classes now, and had {before}: train a network anew for the data "
                "of now"
            ).format(path=path, now=len(own.classes), before=dataset.classes)
        )
    return {"train": own.train, "test": own.test}.get(split) or own.whole()


def edition(dataset: OwnDataset) -> Generator[Progress, None, str]:
    """A text that is another one once the data have changed; empty where they can't be read."""
    try:
        place = yield from find_place(Path(dataset.path))
        return _cache_path(place, dataset.color).stem
    except DataError:
        return ""


def match_classes(images: LabelledImages, classes: tuple[str, ...]) -> LabelledImages:
    """Images with labels in the order of a network's classes, where it knows all of them.

    Of data that have only some of its classes, or have them in another order. Others are as
    they were.
    """
    if images.classes == classes or not set(images.classes) <= set(classes):
        return images
    places = torch.tensor([classes.index(name) for name in images.classes])
    return LabelledImages(images.images, places[images.labels], classes)


# Reading


_Reader = Callable[[Place], Generator[Progress, None, RawPictures]]


def _at_once(read: Callable[[Place], RawPictures]) -> _Reader:
    def reader(place: Place) -> Generator[Progress, None, RawPictures]:
        yield Progress(_("reading {name}").format(name=place.path.name), 0, 0)
        return read(place)

    return reader


_READERS: dict[DataFormat, _Reader] = {
    DataFormat.FOLDERS: _at_once(folders.read_folders),
    DataFormat.IDX: _at_once(tables.read_idx),
    DataFormat.NPZ: _at_once(arrays.read_npz),
    DataFormat.TORCH: _at_once(arrays.read_tensors),
    DataFormat.CSV: tables.read_csv,
    DataFormat.PARQUET: parquet.read_parquet,
    DataFormat.ARROW: parquet.read_parquet,
    DataFormat.DRAWINGS: drawings.read_drawings,
}


def _read(place: Place, color: bool | None) -> Generator[Progress, None, OwnData]:
    source = yield from _READERS[place.kind](place)
    source = _with_class_names(source, place)
    roles = [part.role for part in source.parts for _key in part.keys]
    keys = [key for part in source.parts for key in part.keys]
    check_amount(len(keys), 3 * 32 * 32 if color else 28 * 28, place.path)
    if not any(role in (Role.ALL, Role.TRAIN) for role in roles):
        roles = [Role.ALL] * len(roles)  # a test file alone: it is divided as any other
    classes, left_out = splitting.choose_classes(roles, keys, source.classes, place.path)
    numbers = {key: number for number, key in enumerate(classes)}
    wanted = [place_of for place_of, key in enumerate(keys) if key in numbers]
    rule = Rule(False) if source.drawn else find_rule(_sample(source, wanted), color)
    images, read, problems = yield from _draw(source, wanted, rule, place)
    labels = np.array([numbers[keys[number]] for number in read], np.int64)
    division, split = splitting.divide([roles[number] for number in read], labels)
    test_given = Role.TEST in {roles[number] for number in read}
    names = splitting.clean_names(classes)
    parts = _parts(images, labels, division, names, place)
    dataset = OwnDataset(str(place.path), len(names), rule.color)
    skipped = (*left_out, *problems, *source.skipped)
    notes = (*(() if source.drawn else rule.describe()), *source.notes, *_tell_twins(*parts))
    return OwnData(
        dataset, _(place.kind.value), *parts, test_given, rule.sizes, split, notes, skipped
    )


def _with_class_names(source: RawPictures, place: Place) -> RawPictures:
    """With names for classes that are only numbers, where a file beside the data has some."""
    file = _names_file(place)
    keys = {key for part in source.parts for key in part.keys}
    # Not any number: "²" is a digit, too, and `int` takes no more than 4,300 of them.
    if not is_file(file) or not all(key.isdecimal() and len(key) < 10 for key in keys):
        return source
    try:
        text = read_bounded(file, 1 << 20).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return replace(
            source, skipped=(*source.skipped, _("{name} can't be read").format(name=file.name))
        )
    names = [line.strip() for line in text.splitlines() if line.strip()]
    if max(map(int, keys), default=0) >= len(names) or len(set(names)) != len(names):
        return replace(
            source,
            skipped=(
                *source.skipped,
                _("{name} does not name each class once, and is not used").format(name=file.name),
            ),
        )
    parts = tuple(
        OwnPart(part.role, [names[int(key)] for key in part.keys], part.picture)
        for part in source.parts
    )
    return replace(source, parts=parts, classes=tuple(names))


def _names_file(place: Place) -> Path:
    return (place.path if is_folder(place.path) else place.path.parent) / CLASS_NAMES


def _picture_of(source: RawPictures) -> Callable[[int], Pixels]:
    """Pictures by their number among those of all parts."""
    where = [(part, number) for part in source.parts for number in range(len(part.keys))]

    def picture(number: int) -> Pixels:
        part, inner = where[number]
        return part.picture(inner)

    return picture


def _sample(source: RawPictures, wanted: list[int]) -> Iterator[Pixels]:
    """Some of the pictures, evenly from all; those that can't be read are passed over."""
    picture = _picture_of(source)
    for number in wanted[:: max(1, len(wanted) // _SAMPLE)]:
        try:
            yield picture(number)
        except UserError:
            continue


def _draw(
    source: RawPictures, wanted: list[int], rule: Rule, place: Place
) -> Generator[Progress, None, tuple[Pixels, list[int], list[str]]]:
    """Pictures at the network's size, the numbers of those that could be read, and what is said
    of the others.
    """
    shape = (3, 32, 32) if rule.color else (28, 28)
    check_amount(len(wanted), int(np.prod(shape)), place.path)
    images = np.empty((len(wanted), *shape), np.uint8)
    picture = _picture_of(source)
    read: list[int] = []
    problems: list[str] = []
    for done, number in enumerate(wanted):
        if done % _EVERY == 0:
            yield Progress(_("reading {name}").format(name=place.path.name), done, len(wanted))
        try:
            images[len(read)] = fit_picture(picture(number), rule)
        except UserError as error:
            problems.append(str(error))
            continue
        read.append(number)
    if not read:
        raise DataError(
            _("{path}: no picture can be read ({reason})").format(
                path=place.path, reason=problems[0] if problems else "-"
            )
        )
    skipped = []
    if problems:
        skipped.append(
            ngettext(
                "{n} picture can't be read: {reason}",
                "{n} pictures can't be read, the first: {reason}",
                len(problems),
            ).format(n=len(problems), reason=problems[0])
        )
    return images[: len(read)], read, skipped


def _parts(
    images: Pixels,
    labels: NDArray[np.int64],
    roles: list[Role],
    names: tuple[str, ...],
    place: Place,
) -> tuple[LabelledImages, LabelledImages]:
    """Training and test set.

    Raises:
        DataError: too many pictures of a class could not be read.
    """
    tested = np.array([role is Role.TEST for role in roles])
    held_out = np.array([role is Role.VALIDATION for role in roles])
    trained = ~tested & ~held_out
    for number, name in enumerate(names):
        if not (trained & (labels == number)).any():
            raise DataError(
                _("{path}: of the class {name} no picture to train on can be read").format(
                    path=place.path, name=name
                )
            )
    allotted = np.where(held_out, VALIDATION, TRAINING).astype(np.uint8)[~tested]
    train = LabelledImages(
        torch.from_numpy(images[~tested]),
        torch.from_numpy(labels[~tested]),
        names,
        torch.from_numpy(allotted),
    )
    if not held_out.any() or not tested.any():
        raise DataError(
            _("{path} has too few pictures to keep some for testing").format(path=place.path)
        )
    test = LabelledImages(torch.from_numpy(images[tested]), torch.from_numpy(labels[tested]), names)
    return train, test


def _tell_twins(train: LabelledImages, test: LabelledImages) -> list[str]:
    """That pictures to test with are among those to train on, as accuracy then says less."""
    known = {sha256(image.data).digest() for image in train.images.numpy()}
    twins = sum(sha256(image.data).digest() in known for image in test.images.numpy())
    if not twins:
        return []
    return [
        ngettext(
            "{n} test picture is also trained on, so the accuracy will look too good",
            "{n} test pictures are also trained on, so the accuracy will look too good",
            twins,
        ).format(n=twins)
    ]


# The cache


def _cache_path(place: Place, color: bool | None) -> Path:
    """Its name is a hash of all that decides what is found, and the language of its texts."""
    digest = sha256(f"{__version__} {color} {_(place.kind.value)} {place.edition()}".encode())
    names = _names_file(place)
    if is_file(names):
        state = names.stat()
        digest.update(f"{state.st_size} {state.st_mtime_ns}".encode())
    return cache_folder() / "own-data" / f"{digest.hexdigest()[:40]}.npz"


def _cache(own: OwnData, path: Path) -> None:
    """Write it down for the next time; a disk that is full or read-only is no reason to fail."""
    assert own.train.allotted is not None
    values = {
        "dataset": own.dataset.name,
        "classes": own.classes,
        "kind": own.kind,
        "test_given": own.test_given,
        "sizes": own.sizes,
        "split": own.split,
        "notes": own.notes,
        "skipped": own.skipped,
    }
    parts: dict[str, NDArray[Any]] = {
        "told": np.frombuffer(json.dumps(values).encode(), np.uint8),
        "train_images": own.train.images.numpy(),
        "train_labels": own.train.labels.numpy(),
        "allotted": own.train.allotted.numpy(),
        "test_images": own.test.images.numpy(),
        "test_labels": own.test.labels.numpy(),
    }
    if sum(part.nbytes for part in parts.values()) > _LARGEST_CACHED:
        return
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **parts)
    try:
        keep_cached(path, content.getvalue(), _MOST_CACHED)
    except OSError as error:
        _log.warning("%s cannot be kept: %s", path, error)


def _load_cached(path: Path) -> OwnData | None:
    """What was read before; None if that is not kept, or is damaged."""
    try:
        with np.load(io.BytesIO(read_bounded(path, 2 * _LARGEST_CACHED)), allow_pickle=False) as p:
            parts = dict(p)
        values = json.loads(parts["told"].tobytes())
        dataset, classes = parse_own(values["dataset"]), tuple(values["classes"])
        assert dataset is not None
        train = LabelledImages(
            torch.from_numpy(parts["train_images"]),
            torch.from_numpy(parts["train_labels"]),
            classes,
            torch.from_numpy(parts["allotted"]),
        )
        test = LabelledImages(
            torch.from_numpy(parts["test_images"]), torch.from_numpy(parts["test_labels"]), classes
        )
        return OwnData(
            dataset,
            str(values["kind"]),
            train,
            test,
            bool(values["test_given"]),
            str(values["sizes"]),
            str(values["split"]),
            tuple(values["notes"]),
            tuple(values["skipped"]),
        )
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    except Exception as error:  # of any kind, as the content may be anything
        _log.warning("%s is of no use: %s", path, error)
        return None
