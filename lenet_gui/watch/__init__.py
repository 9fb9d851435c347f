"""A run's network shown on the Draw tab as it learns, live or epoch by epoch.

Stands above both tabs and connects them: `controller` asks a training for its weights,
`epoch_models` makes networks of them. Begin with `controller`. `closing` watches over runs when
the window closes.
"""

from typing import TYPE_CHECKING

from trainer import import_when_used

if TYPE_CHECKING:
    from lenet_gui.watch import controller

__all__ = [
    "closing",
    "controller",
    "epoch_models",
]

__getattr__ = import_when_used(__name__, __all__)
