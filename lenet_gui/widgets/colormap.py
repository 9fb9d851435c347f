"""Levels from 0 to 255 as a picture in a table's colours."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def picture(levels: NDArray[np.uint8], table: Sequence[int]) -> QImage:
    """Pictures below one another, RGB32.

    The colours are looked up here: to hand Qt the table takes longer than all the rest.

    Args:
        levels: uint8, (height, width), or (pictures, height, width).
        table: 256 colours, as Qt's numbers.

    Returns:
        With memory of its own: the levels may go.
    """
    pixels = _numbers(tuple(table)).take(levels)
    width = pixels.shape[-1]
    format = QImage.Format.Format_RGB32
    return QImage(pixels.data, width, pixels.size // width, 4 * width, format).copy()


@lru_cache(maxsize=32)
def _numbers(table: tuple[int, ...]) -> NDArray[np.uint32]:
    import numpy as np

    return np.array(table, np.uint32)
