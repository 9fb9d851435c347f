"""How fast the window starts and responds, and how much memory it holds."""

from lenet_gui.app.import_hook import restore

__all__ = ["restore"]
