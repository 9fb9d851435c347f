"""Ink, maps and kernels as pictures and arrays: copied or saved, and the menu that offers it."""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, SignalInstance
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, qRgb
from PySide6.QtWidgets import QMenu, QWidget

from lenet_gui.inspect.common.value_cells import ValueCells
from lenet_gui.widgets.colormap import encode_png
from lenet_gui.widgets.file_dialogs import ask_where_to_save
from lenet_gui.workers.serial import BackgroundTask
from trainer.files import save_file
from trainer.translation import N_
from trainer.translation import gettext as _

_WIDE = 720
"""About as many pixels has a picture's longer side."""
_LARGEST = 32  # pixels a value
_GAP = 0.5  # values, between two blocks


@dataclass(frozen=True, eq=False)
class Mosaic:
    """Blocks of values in colors, side by side, and their array."""

    name: str  # such as "C3, map 5"
    blocks: tuple[ValueCells, ...]
    array: NDArray[np.float32]

    @cached_property
    def columns(self) -> int:
        """As many blocks stand in a row; those of C1 three, of C3 four."""
        return math.ceil(math.sqrt(len(self.blocks)))

    @cached_property
    def size(self) -> tuple[float, float]:
        """Width and height, in values."""
        rows, columns = self.blocks[0].size
        down = math.ceil(len(self.blocks) / self.columns)
        return (
            self.columns * columns + (self.columns - 1) * _GAP,
            down * rows + (down - 1) * _GAP,
        )

    def corner(self, number: int) -> tuple[float, float]:
        """Left and top of a block, in values."""
        rows, columns = self.blocks[0].size
        down, across = divmod(number, self.columns)
        return across * (columns + _GAP), down * (rows + _GAP)

    @property
    def scale(self) -> int:
        """Pixels a value, an even number."""
        return max(2, min(_LARGEST, int(_WIDE / max(self.size)) // 2 * 2))

    def image(self) -> QImage:
        """RGB32, on white."""
        scale = self.scale
        width, height = (round(length * scale) for length in self.size)
        image = QImage(width, height, QImage.Format.Format_RGB32)
        image.fill(QColor("white"))
        painter = QPainter(image)
        for number, cells in enumerate(self.blocks):
            left, top = (round(length * scale) for length in self.corner(number))
            rows, columns = cells.size
            painter.drawImage(QRect(left, top, columns * scale, rows * scale), cells.image())
        painter.end()
        return image

    def text(self) -> str:
        """The values of a single block, as a table for a spreadsheet."""
        rows = self.blocks[0].values.tolist()
        return "\n".join("\t".join(f"{value:.6g}" for value in row) for row in rows)


def encode_mosaic(mosaic: Mosaic, ending: str) -> bytes:
    """A file's content.

    Args:
        mosaic: what to show.
        ending: ".png"; ".svg", with a rectangle for neighbors of one color;
            or ".npy", the array as float32.
    """
    if ending == ".svg":
        return _svg(mosaic).encode()
    if ending == ".npy":
        array = io.BytesIO()
        np.save(array, mosaic.array, allow_pickle=False)
        return array.getvalue()
    return encode_png(mosaic.image())


def save(mosaic: Mosaic, path: Path) -> str:
    """Write a file of the kind that its ending says; returns what to tell.

    Raises:
        UserError: it can't be written.
    """
    content = encode_mosaic(mosaic, path.suffix.lower())
    save_file(path, content)
    return _("Saved {name} as {path}").format(name=mosaic.name, path=path)


def _svg(mosaic: Mosaic) -> str:
    wide, high = mosaic.size
    scale = mosaic.scale
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide * scale:g}" '
        f'height="{high * scale:g}" viewBox="0 0 {wide:g} {high:g}" shape-rendering="crispEdges">',
        f"<title>{escape(mosaic.name)}</title>",
    ]
    for number, cells in enumerate(mosaic.blocks):
        left, top = mosaic.corner(number)
        lines.append(f'<g transform="translate({left:g} {top:g})">')
        for y, levels in enumerate(cells.levels.tolist()):
            x = 0
            for level, same in groupby(levels):
                count = len(list(same))
                color = QColor(cells.table[level]).name()
                lines.append(f'<rect x="{x}" y="{y}" width="{count}" height="1" fill="{color}"/>')
                x += count
        lines.append("</g>")
    return "\n".join([*lines, "</svg>", ""])


_INK_ON_PAPER = tuple(qRgb(255 - n, 255 - n, 255 - n) for n in range(256))
_LIGHT = tuple(qRgb(n, n, n) for n in range(256))


def build_menu(
    parent: QWidget, image: NDArray[np.uint8], name: str, message: SignalInstance
) -> QMenu:
    """What can be done with a picture; deletes itself.

    Args:
        parent: the window part that asks where to save.
        image: uint8, (height, width), 0 paper; or (3, height, width), its colors.
        name: such as "image 12 of MNIST".
        message: is emitted with what became of it.
    """
    return build_mosaic_menu(parent, make_mosaic(image, name), name, message)


def build_mosaic_menu(parent: QWidget, shown: Mosaic, name: str, message: SignalInstance) -> QMenu:
    """The same of any values in colors."""
    menu = QMenu(parent)
    menu.setObjectName("image_menu")
    menu.setToolTipsVisible(True)
    menu.aboutToHide.connect(menu.deleteLater)
    action = menu.addAction(_("Copy picture"))
    action.triggered.connect(lambda: copy(shown, message))
    if len(shown.blocks) == 1:
        action = menu.addAction(_("Copy values"))
        action.setToolTip(_("As a table, for a spreadsheet"))
        action.triggered.connect(lambda: copy_values(shown, message))
    menu.addSeparator()
    action = menu.addAction(_("Save…"))
    action.setToolTip(_("As a picture (PNG, SVG) or with all its digits (NPY)"))
    action.triggered.connect(lambda: ask_where_to_save_mosaic(parent, shown, name, message))
    return menu


def make_mosaic(image: NDArray[np.uint8], name: str) -> Mosaic:
    """The picture as it is seen; of one in colors, how bright it is in each of them."""
    planes = image[None] if image.ndim == 2 else image
    table = _INK_ON_PAPER if image.ndim == 2 else _LIGHT
    cells = tuple(ValueCells(plane.astype(np.float32), plane, table) for plane in planes)
    return Mosaic(name, cells, image.astype(np.float32))


def copy(mosaic: Mosaic, message: SignalInstance) -> None:
    """Lay the picture on the clipboard."""
    QGuiApplication.clipboard().setImage(mosaic.image())
    message.emit(_("Copied the picture of {name}").format(name=mosaic.name))


def copy_values(mosaic: Mosaic, message: SignalInstance) -> None:
    """Lay the values on the clipboard, as text."""
    QGuiApplication.clipboard().setText(mosaic.text())
    message.emit(_("Copied the values of {name}").format(name=mosaic.name))


def ask_where_to_save_mosaic(
    parent: QWidget, mosaic: Mosaic, name: str, message: SignalInstance
) -> None:
    """Ask where to save, and save in the background."""

    def save_there(path: Path) -> None:
        BackgroundTask.begin(lambda: save(mosaic, path), message.emit, message, context=parent)

    start = Path.home() / (re.sub(r"[^\w.-]+", "-", name).strip("-") + ".png")
    ask_where_to_save(parent, _("Save {name}").format(name=mosaic.name), start, _KINDS, save_there)


_KINDS = (N_("PNG picture (*.png)"), N_("SVG picture (*.svg)"), N_("NumPy array (*.npy)"))
