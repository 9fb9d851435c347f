"""Pictures of several digits: what was read, on the picture and in a table, to be corrected.

`window.PagesWindow` shows what `trainer.pages` makes of pictures, a folder of them, or a scan of
several pages. Knows no tab: corrections leave it by a signal.
"""

from typing import TYPE_CHECKING

from trainer import import_when_used

if TYPE_CHECKING:
    from lenet_gui.pages import window

__all__ = ["digit_table", "page_view", "window"]

__getattr__ = import_when_used(__name__, __all__)
