"""One feature map enlarged, with its kernel, its neighbors and a lens.

Covers the network's picture while it is open; knows no panel. Begin with `map`.
"""

__all__ = [
    "map",
    "page",
    "side",
]
