"""Pictures that networks are tested with, told apart from a user's own: they are not learned from.

A network that learned from a test picture has an accuracy on it that says nothing. A correction
of a dataset's picture is kept with where it is from; any other drawing or picture is compared,
pixel by pixel, with the test pictures of the datasets that are there.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

from trainer.data import loading
from trainer.data.labelled_images import DataError
from trainer.my_digits.digit import OwnDigit, render_digit
from trainer.progress import Progress
from trainer.recipes.recipe import DATASETS
from trainer.translation import gettext as _
from trainer.translation import ngettext

_COMPARED = tuple(name for name in DATASETS if "+" not in name and name != "cifar10")
"""The datasets with gray pictures of 28x28."""


def leave_out_test_pictures(
    own: Sequence[OwnDigit], folder: Path
) -> Generator[Progress, None, tuple[list[OwnDigit], str]]:
    """Own digits without those that are a dataset's test pictures.

    Args:
        own: the user's digits.
        folder: of datasets; one that is not there, or is damaged, is not compared with.

    Returns:
        (of the generator) those that are left, in their order, and a sentence about the others;
        empty if there are none.
    """
    found = {digit.id: digit.test_set for digit in own if digit.test_set}
    images: dict[bytes, list[str]] = {}
    for digit in own:
        if digit.id not in found:
            images.setdefault(render_digit(digit).tobytes(), []).append(digit.id)
    for name in _COMPARED:
        if name == "pen" and all(digit.strokes for digit in own):
            continue  # nobody can draw what was never seen but as a picture
        try:
            tests = yield from loading.load(name, "test", folder)
        except DataError:  # not there, or damaged, and then nothing is measured with it either
            continue
        for picture in tests.images.numpy():
            found |= dict.fromkeys(images.get(picture.tobytes(), ()), name)
    return [digit for digit in own if digit.id not in found], _told(found, len(own))


def _told(found: dict[str, str], count: int) -> str:
    """What was left out, and why; `found` has the dataset by the digit's id."""
    if not found:
        return ""
    names = ", ".join(_(DATASETS[name]) for name in sorted({*found.values()}))
    return ngettext(
        "{found} of your {count} digits is a test picture ({datasets}) and was left out: what is "
        "used for training can't be used for testing.",
        "{found} of your {count} digits are test pictures ({datasets}) and were left out: what is "
        "used for training can't be used for testing.",
        len(found),
    ).format(found=len(found), count=count, datasets=names)
