"""Where a digit is on a picture, as a person sees it: threshold, polarity, crop frame, turns.

`dialog.AdjustDialog` shows a picture with what is taken for ink, and the answer as it changes;
`picture_view` is the picture with its frame; what is seen of it is computed in a thread.
Knows no tab: what is adjusted leaves it by a signal.
"""

from typing import TYPE_CHECKING

from trainer import import_when_used

if TYPE_CHECKING:
    from lenet_gui.adjust import dialog

__all__ = ["dialog", "picture_view"]

__getattr__ = import_when_used(__name__, __all__)
