"""The Divide panel: how a drawing is divided into digits, as a segmentation graph.

The graph is `trainer.reading.interpretation`'s, made in a thread. Begin with `panel`;
`graph` paints what it finds.
"""

__all__ = [
    "graph",
    "panel",
]
