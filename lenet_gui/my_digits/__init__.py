"""The My digits tab: the user's labeled drawings, and a network fine-tuned on them.

The file belongs to `trainer.my_digits.store`; changes to it are made one after another in
one thread. Begin with `tab`, then `learning`.
"""

from typing import TYPE_CHECKING

from trainer import import_when_used

if TYPE_CHECKING:
    from lenet_gui.my_digits import tab

__all__ = [
    "grid",
    "learning",
    "tab",
]

__getattr__ = import_when_used(__name__, __all__)
