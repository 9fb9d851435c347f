"""The window: Qt widgets over the `trainer` package.

A staircase of packages: `app` on top wires the tabs together, tabs do not know one
another, `widgets` and `workers` know no tab. Begin with `app.window`, or follow one
drawing from `draw.canvas` on.
"""

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
