"""Python's own `import`, which PySide6 puts one of its own in place of.

PySide6's reads the source of each module that is imported from then on, and keeps it
(40 MB of PyTorch's), to know whether the module may use `from __feature__ import`.
Nothing here does. Without it `import torch` takes a tenth less, too.
"""

from __future__ import annotations

import builtins

_pythons = builtins.__import__


def restore() -> None:
    """Import PySide6, and have Python's own back; this module was imported before PySide6."""
    import PySide6.QtCore  # noqa: F401  now it can no longer replace it

    builtins.__import__ = _pythons
