"""The Inspect tab: one reading of the network taken apart.

`tab` holds the picture of the network and the panels beside it, which do not know one
another. The numbers come from `trainer.inspect`. Begin with `tab`.
"""

from typing import TYPE_CHECKING

from trainer import import_when_used

if TYPE_CHECKING:
    from lenet_gui.inspect import tab

__all__ = [
    "change_panel",
    "common",
    "distort",
    "enlarged_map",
    "enlarged_side",
    "images",
    "layer_text",
    "network",
    "picture_menu",
    "segmentation",
    "shading",
    "shading_bar",
    "sliding_strip",
    "tab",
    "tour",
    "unit",
    "why",
]

__getattr__ = import_when_used(__name__, __all__)
