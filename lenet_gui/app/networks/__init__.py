"""Which network reads: the button in the corner with its menu, and the files of networks.

Networks are opened and saved in the background. The one in use, and those that were learned,
are kept for the next start. `import_dialog` and `export_dialog` are those
of File > Import and Export network.
"""

from typing import TYPE_CHECKING

from trainer import import_when_used

if TYPE_CHECKING:
    from lenet_gui.app.networks import export_dialog, import_dialog

__all__ = ["button", "export_dialog", "files", "import_dialog"]

__getattr__ = import_when_used(__name__, __all__)
