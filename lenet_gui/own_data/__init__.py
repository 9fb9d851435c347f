"""One's own data in the window: asked for, looked into, and shown before anything is trained.

`dialog` shows what was found: classes, counts, samples, the split, and what was left out; its
`OwnDataChooser` adds such data to a tab's list of datasets and takes what is dropped on the tab.
Knows no tab.
"""

__all__ = ["dialog"]
