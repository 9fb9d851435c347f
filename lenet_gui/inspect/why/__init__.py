"""The Why panel: which pixels speak for an answer, by three methods.

The methods are `trainer.inspect.attribution`'s, computed in a thread. Begin with `panel`;
`heat` paints what they find.
"""

__all__ = [
    "heat",
    "methods",
    "panel",
]
