"""Help in the window: topics of the documents, terms of the glossary and commands, searched.

The window builds it when it is first asked for; it knows no tab. The gallery shows every widget.
"""

from typing import TYPE_CHECKING

from trainer import import_when_used

if TYPE_CHECKING:
    from lenet_gui.help import gallery, window

__all__ = ["gallery", "welcome", "window"]

__getattr__ = import_when_used(__name__, __all__)
