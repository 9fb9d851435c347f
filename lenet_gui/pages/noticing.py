"""Notices that a picture shows several digits. Knows no widget, and is called in a thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QImage

from lenet_gui.widgets.colormap import pixels_of
from trainer.drawing.picture import Picture
from trainer.errors import UserError
from trainer.networks.model import Model
from trainer.pages.files import load_pages
from trainer.pages.reader import read_page
from trainer.pages.several import can_show_several, shows_several
from trainer.reading.predict import read_answers


def is_of_several(model: Model, source: Path | QImage, picture: Picture | None) -> bool:
    """Whether several digits are on a picture, or a file has several pages.

    Args:
        model: reads digits.
        source: the file, or pixels.
        picture: the single digit that was found; None where none was.
    """
    if isinstance(source, QImage):
        count, colors = 1, pixels_of(source)
    else:
        try:
            count, colors, _size = next(load_pages(source))
        except (UserError, StopIteration):
            return False  # what was said of it as a single digit stands
    if count > 1:
        return True
    if not can_show_several(colors):
        return False
    alone = None if picture is None else read_answers(model, picture.image[None])[0]
    return shows_several(read_page(model, colors), alone)
