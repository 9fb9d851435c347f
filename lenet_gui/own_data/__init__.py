"""One's own data in the window: asked for, looked into, and shown before anything is trained.

`chooser` adds them to a tab's list of datasets and takes what is dropped on the tab; `dialog`
shows what was found: classes, counts, samples, the split, and what was left out. Knows no tab.
"""

__all__ = ["chooser", "dialog"]
