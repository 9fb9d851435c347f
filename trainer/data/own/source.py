"""Pictures as their files hold them, with the names of their classes: what every format gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from trainer.data.labelled_images import DataError
from trainer.translation import gettext as _

MOST_PICTURES = 1_000_000
MOST_BYTES = 1 << 30
"""Of pictures held at once, and of a file that is read whole, unpacked."""

Pixels = NDArray[np.uint8]


class Role(Enum):
    """What pictures are for, as far as their files say."""

    ALL = "all"  # not said: chance divides them
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


_NAMES = {
    Role.TRAIN: ("train", "training"),
    Role.VALIDATION: ("validation", "valid", "val", "dev"),
    Role.TEST: ("test", "testing", "t10k"),
}
_WORD_BEGINS = re.compile(r"(?<=[a-z])(?=[A-Z])")


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, in small letters: of "x_trainSet.csv" they are x, train, set and csv."""
    parts = _WORD_BEGINS.sub(" ", name)
    return tuple("".join(c if c.isalnum() else " " for c in parts.lower()).split())


def role_of(name: str) -> Role:
    """What a file's or folder's name says of its pictures, such as "my_test-images.csv".

    A word of the name must say it: "contest" says nothing.
    """
    words = words_of(name)
    for role, names in _NAMES.items():
        if any(word in names for word in words):
            return role
    return Role.ALL


@dataclass(frozen=True, slots=True, eq=False)
class OwnPart:
    """Pictures that are for the same."""

    role: Role
    keys: Sequence[str]  # of each picture, the name of its class
    picture: Callable[[int], Pixels]
    """The picture of a number: uint8, (H, W) or (H, W, 3).

    Raises `UserError` where it can't be read."""


@dataclass(frozen=True, slots=True, eq=False)
class RawPictures:
    """What lies at a path."""

    parts: tuple[OwnPart, ...]
    classes: tuple[str, ...] = ()  # in their order; if empty, the keys are put in order
    skipped: tuple[str, ...] = ()  # what was passed over, and why, a sentence each
    notes: tuple[str, ...] = ()  # how the values were understood, a sentence each
    drawn: bool = False  # pictures of 28x28 as a drawing is read: nothing is to be guessed


def check_amount(count: int, each: int, path: object) -> None:
    """Refuse more pictures than are held.

    Args:
        count: how many.
        each: bytes of one.
        path: of which file or folder.

    Raises:
        DataError: they are too many.
    """
    if count > MOST_PICTURES or count * each > MOST_BYTES:
        most = min(MOST_PICTURES, MOST_BYTES // each)
        raise DataError(
            _(
                "{path} holds {count:,} pictures, and at most {most:,} can be held: divide it"
            ).format(path=path, count=count, most=most)
        )
