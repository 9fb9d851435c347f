"""A run: a training that leaves a folder, and can go on from there.

The only writer of such folders. Begin with `lifecycle`, whose docstring shows a folder
and whose `run` and `resume` yield a training's events while `folder` keeps them;
`listing` reads folders back. Knows nothing of terminals and windows.
"""

__all__ = [
    "checkpoint",
    "folder",
    "lifecycle",
    "listing",
    "record",
    "tensorboard",
]
