"""The window: Qt widgets over the `trainer` package.

A staircase of packages: `app` on top wires the tabs together, tabs do not know one
another, `widgets` and `workers` know no tab. Begin with `app.window`, or follow one
drawing from `draw.canvas` on.
"""

from collections.abc import Callable
from importlib import import_module
from types import ModuleType

PROGRAM = "LeNet Studio"
"""Tells this package from others of its name: see `lenet_studio.start`."""

__all__ = [
    "adjust",
    "app",
    "curves",
    "desktop",
    "draw",
    "evaluate",
    "help",
    "inspect",
    "my_classes",
    "my_digits",
    "own_data",
    "pages",
    "train",
    "watch",
    "widgets",
    "workers",
]


def import_when_used(package: str, names: list[str]) -> Callable[[str], ModuleType]:
    """A package's `__getattr__` (PEP 562), which imports its modules when they are first used.

    What the first window doesn't show is reached by it, as `help.window.HelpWindow()`: the window
    opens sooner.

    Args:
        package: its name.
        names: its modules' names.
    """

    def import_module_of(name: str) -> ModuleType:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return import_module(f"{package}.{name}")

    return import_module_of
