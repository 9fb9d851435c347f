"""Networks from and for other programs: the dialogs of File > Import and Export network.

Everything that needs torch is in `work`, which is run in a thread. Knows no tab.
"""

from typing import TYPE_CHECKING

from lenet_gui import import_when_used

if TYPE_CHECKING:
    from lenet_gui.exchange import export_dialog, import_dialog

__all__ = ["export_dialog", "import_dialog", "work"]

__getattr__ = import_when_used(__name__, __all__)
