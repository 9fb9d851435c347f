"""The icon in every size that a desktop asks for, drawn from assets/icon.svg.

Needs no display and no application: a build machine draws them too.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from lenet_gui.widgets.colormap import encode_png
from trainer.files import asset, write_whole

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
"""Pixels: those of the hicolor theme, which every Linux desktop falls back to."""
_ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
_ICNS_SIZES = (16, 32, 64, 128, 256, 512, 1024)


def render_png(size: int) -> bytes:
    """The icon as a PNG file of `size` x `size` pixels, transparent around it."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(asset("icon.svg"))).render(painter)
    painter.end()
    return encode_png(image)


def write_ico(path: Path) -> None:
    """Write the icon for Windows, with all its sizes.

    Raises:
        OSError: it can't be written.
    """
    _write(path, "ICO", _ICO_SIZES)


def write_icns(path: Path) -> None:
    """Write the icon for macOS, with all its sizes.

    Raises:
        OSError: it can't be written.
    """
    _write(path, "ICNS", _ICNS_SIZES)


def _write(path: Path, kind: str, sizes: tuple[int, ...]) -> None:
    *smaller, largest = (Image.open(io.BytesIO(render_png(size))) for size in sizes)
    content = io.BytesIO()
    pairs = [(size, size) for size in sizes]
    largest.save(content, kind, sizes=pairs, append_images=smaller)
    write_whole(path, content.getvalue())
