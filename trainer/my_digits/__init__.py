"""The digits that a user has drawn and labelled, and a network that learns them.

Begin with `store`, the file that keeps them, and `fine_tuning`, which yields a new model from
them in seconds; familiar pictures are rehearsed meanwhile. Knows no window.
"""

__all__ = [
    "digit",
    "familiar",
    "fine_tuning",
    "store",
]
