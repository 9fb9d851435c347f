"""What the Images panel's threads use; imported there alone, because it brings torch."""

from __future__ import annotations

from pathlib import Path

from trainer.data import loading, pen_digits
from trainer.drawing import picture as picture  # the window needs it once an image is opened
from trainer.inspect import activation_maximization as activation_maximization
from trainer.inspect import top_images as top_images


def list_available(names: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    """Which of the datasets `names` need no download."""
    return tuple(
        name
        for name in names
        if not loading.list_missing(name, folder) and (name != "unipen" or pen_digits.find(folder))
    )
