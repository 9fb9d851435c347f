"""Networks from and for other programs: the dialogs of File > Import and Export network.

Everything that needs torch is done in a thread, as a `LongTask`. Knows no tab.
"""

from typing import TYPE_CHECKING

from lenet_gui import import_when_used

if TYPE_CHECKING:
    from lenet_gui.exchange import dialogs

__all__ = ["dialogs"]

__getattr__ = import_when_used(__name__, __all__)
