"""How fast the window starts and responds, and how much memory it holds."""

from lenet_gui.plain_imports import (
    restore,  # remembers Python's `import` before PySide6 has its own
)

__all__ = ["restore"]
