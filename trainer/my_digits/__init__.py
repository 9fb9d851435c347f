"""The digits that a user has drawn and labelled, and a network that learns them.

Begin with `store`, the file that keeps them, and `fine_tuning`, which yields a new model from
them in seconds; `rehearsal` says what must not be forgotten meanwhile. Knows no window.
"""

__all__ = ["digit", "fine_tuning", "rehearsal", "store"]
