"""The My classes tab: drawings of one's own classes, and a network that learns to tell them apart.

The set belongs to `trainer.my_classes.class_file`; changes to it are made one after another in one
thread. Begin with `tab`, then `drawing_area` and `learning`.
"""

__all__ = [
    "class_list",
    "drawing_area",
    "examples",
    "files",
    "learning",
    "tab",
]
