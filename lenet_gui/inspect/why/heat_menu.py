"""A heat picture's context menu: copied or saved like the network's maps."""

from __future__ import annotations

from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QColor, QPalette, qRgb
from PySide6.QtWidgets import QMenu, QWidget

from lenet_gui.draw.kernels_view import diverging
from lenet_gui.inspect.common import image_menu
from lenet_gui.inspect.common.picture_files import Mosaic
from lenet_gui.inspect.common.value_cells import Cells
from lenet_gui.inspect.why.heat import INK, Heat

_HEATS, _INKS = 51, 5  # 255 colours: enough for a file, whose array has all digits


def menu(parent: QWidget, heat: Heat, name: str, message: SignalInstance) -> QMenu:
    """What can be done with a picture; deletes itself.

    Args:
        parent: the window part that asks where to save, whose palette has the ground.
        heat: the picture.
        name: such as "Gradient, why 8".
        message: is emitted with what became of it.
    """
    made = image_menu.of_mosaic(parent, mosaic(heat, name, parent.palette()), name, message)
    made.setObjectName("heat_menu")
    return made


def mosaic(heat: Heat, name: str, palette: QPalette) -> Mosaic:
    """The picture in a few of its colours, and its values."""
    import numpy as np

    share = (heat.values / heat.limit).clip(-1, 1)
    warm = np.round((share + 1) / 2 * (_HEATS - 1))
    inked = np.round(heat.image / 255 * (_INKS - 1))
    levels = (inked * _HEATS + warm).astype(np.uint8)
    return Mosaic(name, (Cells(heat.values, levels, _table(palette)),), heat.values)


def _table(palette: QPalette) -> tuple[int, ...]:
    """Every ink with every heat over it."""
    paper, text = palette.base().color(), palette.windowText().color()
    ends = [QColor.fromRgb(diverging(paper.lightness() < 128)[end]) for end in (0, 255)]
    colours = []
    for ink in range(_INKS):
        ground = _between(paper, text, ink / (_INKS - 1) * INK)
        for heat in range(_HEATS):
            share = heat / (_HEATS - 1) * 2 - 1
            colours.append(_between(ground, ends[share > 0], abs(share)))
    codes = [qRgb(colour.red(), colour.green(), colour.blue()) for colour in colours]
    return (*codes, *codes[:1] * (256 - len(codes)))


def _between(first: QColor, second: QColor, share: float) -> QColor:
    def mixed(a: int, b: int) -> int:
        return round(a + (b - a) * share)

    return QColor(
        mixed(first.red(), second.red()),
        mixed(first.green(), second.green()),
        mixed(first.blue(), second.blue()),
    )
