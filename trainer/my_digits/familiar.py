"""Familiar pictures for rehearsal and tests, and test pictures to leave out of fine-tuning.

Familiar pictures come with the program: built-in digits other than those that networks are trained
on, in a file, since to generate them takes seconds. MNIST's are added where it is there.

The accuracy on a test picture that was learned from means nothing. The correction of a dataset's
picture records where it is from; all other drawings and pictures are compared, pixel by pixel, with
the test pictures of the datasets that are there.

    python -m trainer.my_digits.familiar assets/familiar-digits.npz    # writes them again
"""

from __future__ import annotations

import io
import sys
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.data import loading
from trainer.data.labelled_images import DataError, LabelledImages, concatenate
from trainer.drawing.cuts import measure_from_chord
from trainer.errors import UserError
from trainer.files import asset, write_whole
from trainer.handwriting import font
from trainer.my_digits.digit import OwnDigit, Strokes, render_digit
from trainer.progress import Progress
from trainer.recipes.recipe import DATASETS
from trainer.translation import N_, ngettext
from trainer.translation import gettext as _

SHIPPED = "familiar-digits.npz"
MNIST, BUILT_IN = N_("MNIST test"), N_("Built-in digits")
COUNTS = {"mnist": 16_000}
"""How many of MNIST's pictures are rehearsed."""
_WRITTEN = {"rehearsal": 4_000, "test": 2_000}
_SEEDS = {"rehearsal": 62, "test": 63}
"""Other built-in digits than networks are trained on or tested with."""
_LEVELS = 16  # of gray in the file; with 256, one digit in thousands is read otherwise


@dataclass(frozen=True, slots=True, eq=False)
class ShippedDigits:
    """The pictures of the file."""

    rehearsal: LabelledImages
    test: LabelledImages


def load_rehearsal(folder: Path) -> Generator[Progress, None, LabelledImages]:
    """Built-in digits, and training pictures of MNIST if it is in `folder`, shuffled."""
    shuffling = torch.Generator().manual_seed(1)
    digits = read_shipped().rehearsal
    if not loading.list_missing("mnist", folder):
        mnist = yield from loading.load("mnist", "train", folder)
        order = torch.randperm(len(mnist), generator=shuffling)
        digits = concatenate([mnist.at(order[: COUNTS["mnist"]]), digits])
    return digits.at(torch.randperm(len(digits), generator=shuffling))


def load_test_sets(folder: Path) -> Generator[Progress, None, dict[str, LabelledImages]]:
    """MNIST's test set, if it is there, and built-in digits that are not rehearsed."""
    tests = {}
    if not loading.list_missing("mnist", folder):
        tests[MNIST] = yield from loading.load("mnist", "test", folder)
    tests[BUILT_IN] = read_shipped().test
    return tests


@cache
def read_shipped() -> ShippedDigits:
    """The file's pictures.

    Raises:
        UserError: it is missing or damaged.
    """
    try:
        with np.load(asset(SHIPPED), allow_pickle=False) as arrays:
            sets = {name: _unpack(arrays[name], arrays[f"{name}_labels"]) for name in _SEEDS}
    except FileNotFoundError as error:
        raise UserError(str(error)) from None
    except (OSError, ValueError, KeyError, BadZipFile, EOFError) as error:
        raise UserError(
            _("{file} is damaged ({problem}): reinstall lenet-studio").format(
                file=SHIPPED, problem=error
            )
        ) from None
    return ShippedDigits(**sets)


def write_shipped(counts: Mapping[str, int] = _WRITTEN) -> bytes:
    """The file: for each set its pictures, two pixels a byte, and their labels.

    Args:
        counts: how many to write of "rehearsal" and of "test".
    """
    arrays: dict[str, Any] = {}
    for name, count in counts.items():
        written = list(font.render_digits(count, _SEEDS[name]))
        images = np.stack([image for image, _label in written])
        levels = np.rint(images / 255 * (_LEVELS - 1)).astype(np.uint8)
        arrays[name] = levels[..., ::2] * np.uint8(_LEVELS) + levels[..., 1::2]
        arrays[f"{name}_labels"] = np.array([label for _image, label in written], np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def _unpack(packed: NDArray[np.uint8], labels: NDArray[np.uint8]) -> LabelledImages:
    """Pictures (N, 28, 28) of uint8 (N, 28, 14).

    Raises:
        ValueError: other shapes.
    """
    if packed.shape != (len(labels), 28, 14) or packed.dtype != np.uint8:
        raise ValueError(f"{packed.dtype} {packed.shape}")
    levels = np.stack([packed >> 4, packed & 15], axis=-1).reshape(len(labels), 28, 28)
    images = torch.from_numpy(levels * np.uint8(255 // (_LEVELS - 1)))
    return LabelledImages(images, torch.from_numpy(labels.astype(np.int64)))


_COMPARED = tuple(name for name in DATASETS if "+" not in name and name != "cifar10")
"""The datasets with gray pictures of 28x28."""


_STRAIGHT = 0.02
"""Largest distance of a straight line's points from its chord, in lengths of that."""


def leave_out_test_pictures(
    own: Sequence[OwnDigit], folder: Path
) -> Generator[Progress, None, tuple[list[OwnDigit], str]]:
    """Own digits without those that are a dataset's test pictures.

    A straight line, which many people's 1 is, may equal one by chance, and is left in.

    Args:
        own: the user's digits.
        folder: of datasets; one that is not there, or is damaged, is not compared with.

    Returns:
        (of the generator) those that are left, in their order, and a sentence about the others;
        empty if there are none.
    """
    left_out = {digit.id: digit.test_set for digit in own if digit.test_set}
    images: dict[bytes, list[str]] = {}
    for digit in own:
        if digit.id not in left_out and not _is_straight(digit.strokes):
            images.setdefault(render_digit(digit).tobytes(), []).append(digit.id)
    for name in _COMPARED:
        if name == "pen" and all(digit.strokes for digit in own):
            continue  # a drawing is never pixel for pixel one of these
        try:
            tests = yield from loading.load(name, "test", folder)
        except DataError:  # not there, or damaged, and then nothing is measured with it either
            continue
        for picture in tests.images.numpy():
            left_out |= dict.fromkeys(images.get(picture.tobytes(), ()), name)
    return [digit for digit in own if digit.id not in left_out], _describe_left_out(
        left_out, len(own)
    )


def _is_straight(strokes: Strokes) -> bool:
    """Whether it is one straight line, whose picture is the same whoever draws it."""
    if len(strokes) != 1:
        return False
    points = np.array([point[:2] for point in strokes[0]], np.float64)
    length = float(np.hypot(*(points[-1] - points[0])))
    return length > 0 and float(measure_from_chord(points).max()) <= _STRAIGHT * length


def _describe_left_out(left_out: dict[str, str], count: int) -> str:
    """What was left out, and why; `left_out` has the dataset by the digit's id."""
    if not left_out:
        return ""
    names = ", ".join(_(DATASETS[name]) for name in sorted({*left_out.values()}))
    return ngettext(
        "{found} of your {count} digits is a test picture ({datasets}) and was left out: what is "
        "used for training can't be used for testing.",
        "{found} of your {count} digits are test pictures ({datasets}) and were left out: what is "
        "used for training can't be used for testing.",
        len(left_out),
    ).format(found=len(left_out), count=count, datasets=names)


if __name__ == "__main__":
    write_whole(Path(sys.argv[1]), write_shipped())
