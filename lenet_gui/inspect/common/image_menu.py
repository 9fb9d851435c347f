"""The context menu of a picture of ink: copied or saved like the network's maps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QGuiApplication, qRgb
from PySide6.QtWidgets import QMenu, QWidget

from lenet_gui.inspect.common import picture_files
from lenet_gui.inspect.common.picture_files import Mosaic
from lenet_gui.inspect.common.value_cells import ValueCells
from lenet_gui.widgets.file_dialogs import ask_where_to_save
from lenet_gui.workers.serial import BackgroundTask

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    made = QMenu(parent)
    made.setObjectName("image_menu")
    made.setToolTipsVisible(True)
    made.aboutToHide.connect(made.deleteLater)
    action = made.addAction("Copy picture")
    action.triggered.connect(lambda: copy(shown, message))
    if len(shown.blocks) == 1:
        action = made.addAction("Copy values")
        action.setToolTip("As a table, for a spreadsheet")
        action.triggered.connect(lambda: copy_values(shown, message))
    made.addSeparator()
    action = made.addAction("Save …")
    action.setToolTip("As a picture (PNG, SVG) or with all its digits (NPY)")
    action.triggered.connect(lambda: ask_where_to_save_mosaic(parent, shown, name, message))
    return made


def make_mosaic(image: NDArray[np.uint8], name: str) -> Mosaic:
    """The picture as it is seen; of one in colors, how bright it is in each of them."""
    planes = image[None] if image.ndim == 2 else image
    table = _INK_ON_PAPER if image.ndim == 2 else _LIGHT
    cells = tuple(ValueCells(plane.astype(np.float32), plane, table) for plane in planes)
    return Mosaic(name, cells, image.astype(np.float32))


def copy(mosaic: Mosaic, message: SignalInstance) -> None:
    """Lay the picture on the clipboard."""
    QGuiApplication.clipboard().setImage(mosaic.image())
    message.emit(f"Copied the picture of {mosaic.name}")


def copy_values(mosaic: Mosaic, message: SignalInstance) -> None:
    """Lay the values on the clipboard, as text."""
    QGuiApplication.clipboard().setText(mosaic.text())
    message.emit(f"Copied the values of {mosaic.name}")


def ask_where_to_save_mosaic(
    parent: QWidget, mosaic: Mosaic, name: str, message: SignalInstance
) -> None:
    """Ask where to save, and save in the background."""

    def save(path: Path) -> None:
        BackgroundTask.begin(lambda: picture_files.save(mosaic, path), message.emit, message)

    start = Path.home() / (re.sub(r"[^\w.-]+", "-", name).strip("-") + ".png")
    ask_where_to_save(parent, f"Save {mosaic.name}", start, _KINDS, save)


_KINDS = ("PNG picture (*.png)", "SVG picture (*.svg)", "NumPy array (*.npy)")
