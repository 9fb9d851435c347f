"""The history of training as matplotlib figures, in a window or in files.

Begin with `spec`, which says what is shown and how, and `figure`, which draws it; `series` holds
a run's points and finds its plateau. Knows no Qt: the window gives a figure a canvas of its own.
"""

__all__ = ["decimation", "export", "figure", "panel", "series", "spec", "traces"]
