"""The My classes tab: drawings of one's own classes, and a network that learns to tell them apart.

The set belongs to `trainer.my_classes.class_file`; changes to it are made one after another in one
thread. Begin with `tab`, then `drawing_area` and `learning`.
"""

from typing import TYPE_CHECKING

from trainer import import_when_used

if TYPE_CHECKING:
    from lenet_gui.my_classes import tab

__all__ = [
    "class_list",
    "drawing_area",
    "examples",
    "files",
    "learning",
    "tab",
]

__getattr__ = import_when_used(__name__, __all__)
