"""The Unit panel: how one value is computed, number by number.

The arithmetic is `trainer.inspect.arithmetic`'s; here it becomes blocks of text and grids.
Begin with `panel`; `account` says what is told, `grids` paint the numbers.
"""

__all__ = [
    "account",
    "blocks",
    "grids",
    "panel",
]
