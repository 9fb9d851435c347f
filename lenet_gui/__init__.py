"""The window: Qt widgets over the `trainer` package.

A staircase of packages: `app` on top wires the tabs together, tabs do not know one
another, `widgets` and `workers` know no tab. Begin with `app.window`, or follow one
drawing from `draw.canvas` on.
"""

from trainer import import_when_used as import_when_used

PROGRAM = "LeNet Studio"
"""Tells this package from others of its name: see `lenet_studio.start`."""

__all__ = [
    "app",
    "curves",
    "desktop",
    "draw",
    "evaluate",
    "inspect",
    "my_digits",
    "train",
    "watch",
    "widgets",
    "workers",
]
