"""My classes: drawings of one's own classes, letters or shapes or anything, to be told apart.

Begin with `class_set`, which holds the drawings and every change of them; `class_file` keeps a
set as one file that another person opens, is where the window keeps its own, and takes drawings
from other files; `learning` trains a network on a set in seconds. Knows nothing of windows.
"""

__all__ = ["class_file", "class_set", "learning"]
