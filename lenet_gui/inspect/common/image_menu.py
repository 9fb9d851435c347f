"""The context menu of a picture of ink: copied or saved like the network's maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import SignalInstance
from PySide6.QtGui import qRgb
from PySide6.QtWidgets import QMenu, QWidget

from lenet_gui.inspect import picture_menu
from lenet_gui.inspect.common.picture_files import Mosaic
from lenet_gui.inspect.common.value_cells import Cells

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_INK_ON_PAPER = tuple(qRgb(255 - n, 255 - n, 255 - n) for n in range(256))
_LIGHT = tuple(qRgb(n, n, n) for n in range(256))


def menu(parent: QWidget, image: NDArray[np.uint8], name: str, message: SignalInstance) -> QMenu:
    """What can be done with a picture; deletes itself.

    Args:
        parent: the window part that asks where to save.
        image: uint8, (height, width), 0 paper; or (3, height, width), its colours.
        name: such as "image 12 of MNIST".
        message: is emitted with what became of it.
    """
    return of_mosaic(parent, mosaic(image, name), name, message)


def of_mosaic(parent: QWidget, shown: Mosaic, name: str, message: SignalInstance) -> QMenu:
    """The same of any values in colours."""
    made = QMenu(parent)
    made.setObjectName("image_menu")
    made.setToolTipsVisible(True)
    made.aboutToHide.connect(made.deleteLater)
    action = made.addAction("Copy picture")
    action.triggered.connect(lambda: picture_menu.copy(shown, message))
    if len(shown.blocks) == 1:
        action = made.addAction("Copy values")
        action.setToolTip("As a table, for a spreadsheet")
        action.triggered.connect(lambda: picture_menu.copy_values(shown, message))
    made.addSeparator()
    action = made.addAction("Save …")
    action.setToolTip("As a picture (PNG, SVG) or with all its digits (NPY)")
    action.triggered.connect(lambda: picture_menu.ask(parent, shown, name, message))
    return made


def mosaic(image: NDArray[np.uint8], name: str) -> Mosaic:
    """The picture as it is seen; of one in colours, how bright it is in each of them."""
    import numpy as np

    planes = image[None] if image.ndim == 2 else image
    table = _INK_ON_PAPER if image.ndim == 2 else _LIGHT
    cells = tuple(Cells(plane.astype(np.float32), plane, table) for plane in planes)
    return Mosaic(name, cells, image.astype(np.float32))
