"""The Images panel: the images to which a map responds most, and one made up for it.

The search is `trainer.inspect.top_images`'s, computed in a thread. Begin with `panel`.
"""

__all__ = [
    "grid",
    "panel",
    "search",
    "synthesis_box",
]
