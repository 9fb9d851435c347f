"""Preferences: a dialog of choices that take effect at once.

It knows no tab and no setting: whoever opens it says what can be chosen, what is chosen
now, and what a choice does.
"""

from typing import TYPE_CHECKING

from lenet_gui import import_when_used

if TYPE_CHECKING:
    from lenet_gui.preferences import dialog

__all__ = ["dialog"]

__getattr__ = import_when_used(__name__, __all__)
