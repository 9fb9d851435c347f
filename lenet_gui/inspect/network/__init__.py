"""The picture of the whole network, from the input to the outputs, with marks and links.

Paints what an inspection holds and says which unit was pointed at or chosen; knows no
panel. Begin with `view`; `layout` says where everything is.
"""

__all__ = [
    "layout",
    "marks",
    "outputs",
    "painting",
    "picture",
    "view",
]
