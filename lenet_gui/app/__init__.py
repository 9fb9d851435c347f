"""The application: its window, menus, status, settings, and the wiring between tabs.

The only package that knows all tabs. Begin with `window`, which builds them and connects
their signals; `application` leads from the command line to it.
"""

from typing import TYPE_CHECKING

from trainer import import_when_used

if TYPE_CHECKING:
    from lenet_gui.app import preferences

__all__ = [
    "application",
    "building",
    "language",
    "lazy",
    "menus",
    "networks",
    "opening",
    "preferences",
    "presentation",
    "qt_workarounds",
    "self_test",
    "session",
    "status",
    "window",
]

__getattr__ = import_when_used(__name__, __all__)
