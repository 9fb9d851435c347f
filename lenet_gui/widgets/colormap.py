"""Levels from 0 to 255 as a picture in a table's colors; a picture's pixels, and its PNG file.

The table `viridis` by Nathaniel Smith and Stéfan van der Walt (CC0) is matplotlib's, written
out: maps shall not wait for matplotlib.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QBuffer, QByteArray, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter, qRgb

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def apply_table(levels: NDArray[np.uint8], table: Sequence[int]) -> QImage:
    """Pictures below one another, RGB32.

    The colors are looked up here: to hand Qt the table takes longer than all the rest.

    Args:
        levels: uint8, (height, width), or (pictures, height, width).
        table: 256 colors, as Qt's numbers.

    Returns:
        With memory of its own: the levels may go.
    """
    pixels = _numbers(tuple(table)).take(levels)
    width = pixels.shape[-1]
    format = QImage.Format.Format_RGB32
    return QImage(pixels.data, width, pixels.size // width, 4 * width, format).copy()


@lru_cache(maxsize=32)
def _numbers(table: tuple[int, ...]) -> NDArray[np.uint32]:
    return _as_array(array("I", table), "uint32")


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """uint8, (H, W, 3); what is transparent is shown white."""
    flat = QImage(image.size(), QImage.Format.Format_RGB888)
    flat.fill(Qt.GlobalColor.white)
    painter = QPainter(flat)
    painter.drawImage(0, 0, image)
    painter.end()
    rows = _as_array(flat.constBits(), "uint8").reshape(flat.height(), flat.bytesPerLine())
    return rows[:, : flat.width() * 3].reshape(flat.height(), flat.width(), 3).copy()


def encode_png(image: QImage) -> bytes:
    """The content of a PNG file."""
    buffer = QBuffer()
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def _as_array(data: array[int] | bytes | bytearray | memoryview, dtype: str) -> NDArray[Any]:
    # Brings numpy: not before the window shows.
    import numpy as np

    return np.frombuffer(data, dtype)


_HEX = (
    "44015444025645045745055946075a46085c460a5d460b5e470d60470e61471063471164471365481467"
    "48166848176948186a481a6c481b6d481c6e481d6f481f70482071482173482374482475482576482677"
    "482878482979472a7a472c7a472d7b472e7c472f7d46307e46327e46337f463480453581453781453882"
    "443983443a83443b84433d84433e85423f854240864241864142874144874045884046883f47883f4889"
    "3e49893e4a893e4c8a3d4d8a3d4e8a3c4f8a3c508b3b518b3b528b3a538b3a548c39558c39568c38588c"
    "38598c375a8c375b8d365c8d365d8d355e8d355f8d34608d34618d33628d33638d32648e32658e31668e"
    "31678e31688e30698e306a8e2f6b8e2f6c8e2e6d8e2e6e8e2e6f8e2d708e2d718e2c718e2c728e2c738e"
    "2b748e2b758e2a768e2a778e2a788e29798e297a8e297b8e287c8e287d8e277e8e277f8e27808e26818e"
    "26828e26828e25838e25848e25858e24868e24878e23888e23898e238a8d228b8d228c8d228d8d218e8d"
    "218f8d21908d21918c20928c20928c20938c1f948c1f958b1f968b1f978b1f988b1f998a1f9a8a1e9b8a"
    "1e9c891e9d891f9e891f9f881fa0881fa1881fa1871fa28720a38620a48621a58521a68522a78522a884"
    "23a98324aa8325ab8225ac8226ad8127ad8128ae8029af7f2ab07f2cb17e2db27d2eb37c2fb47c31b57b"
    "32b67a34b67935b77937b87838b9773aba763bbb753dbc743fbc7340bd7242be7144bf7046c06f48c16e"
    "4ac16d4cc26c4ec36b50c46a52c56954c56856c66758c7655ac8645cc8635ec96260ca6063cb5f65cb5e"
    "67cc5c69cd5b6ccd5a6ece5870cf5773d05675d05477d1537ad1517cd2507fd34e81d34d84d44b86d549"
    "89d5488bd6468ed64590d74393d74195d84098d83e9bd93c9dd93ba0da39a2da37a5db36a8db34aadc32"
    "addc30b0dd2fb2dd2db5de2bb8de29bade28bddf26c0df25c2df23c5e021c8e020cae11fcde11dd0e11c"
    "d2e21bd5e21ad8e219dae319dde318dfe318e2e418e5e419e7e419eae51aece51befe51cf1e51df4e61e"
    "f6e620f8e621fbe723fde725"
)

VIRIDIS = tuple(bytes.fromhex(_HEX)[n : n + 3] for n in range(0, 768, 3))
"""256 colors from dark to light, each as three bytes: red, green, blue."""
_GRAY = tuple(bytes((n, n, n)) for n in range(256))


_ENDS = {False: ("#1f5fc4", "#ffffff", "#d9600a"), True: ("#6ea8ff", "#26272c", "#ffa04d")}
"""Below zero, zero, above zero; on light ground and on dark."""


def _rgb(color: QColor) -> tuple[int, int, int]:
    return color.red(), color.green(), color.blue()


@cache
def diverging_table(dark: bool) -> list[int]:
    """256 colors with zero in the middle, in the color of the ground."""
    below, zero, above = map(QColor, _ENDS[dark])
    table = []
    for level in range(256):
        share = (level - 127.5) / 127.5
        end = above if share > 0 else below
        parts = zip(_rgb(zero), _rgb(end), strict=True)
        table.append(qRgb(*(round(z + (e - z) * abs(share)) for z, e in parts)))
    return table


def dataset_image(image: NDArray[np.uint8]) -> QImage:
    """An image of a dataset: gray ones as ink on white paper."""
    if image.ndim == 2:
        data = (255 - image).tobytes()
        height, width = image.shape
        return QImage(data, width, height, width, QImage.Format.Format_Grayscale8).copy()
    colors = image.transpose(1, 2, 0)
    height, width = colors.shape[:2]
    picture = QImage(colors.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    return picture.copy()


@cache
def color_table(name: str) -> list[int]:
    """256 colors of "gray" or "viridis", as Qt's numbers."""
    return [qRgb(*color) for color in {"gray": _GRAY, "viridis": VIRIDIS}[name]]
