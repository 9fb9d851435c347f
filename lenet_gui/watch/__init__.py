"""A run's network shown on the Draw tab as it learns, live or epoch by epoch.

Stands above both tabs and connects them: `controller` asks a training for its weights, and makes
networks of them in a thread. `closing` watches over runs when the window closes.
"""

from typing import TYPE_CHECKING

from trainer import import_when_used

if TYPE_CHECKING:
    from lenet_gui.watch import controller

__all__ = [
    "closing",
    "controller",
]

__getattr__ = import_when_used(__name__, __all__)
