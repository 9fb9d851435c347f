"""The My digits tab: the user's labeled drawings, and a network fine-tuned on them.

The file belongs to `trainer.my_digits.store`; changes to it are made one after another in
one thread. Begin with `tab`, then `learning`.
"""

__all__ = [
    "grid",
    "learning",
    "tab",
]
