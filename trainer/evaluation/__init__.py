"""How well a network does on a dataset, in numbers, figures and files.

Knows nothing of training and of the window. Begin with `report`, which evaluates a network
in full; `calibration` is a part of it, `export` writes its files, and
`figures` draws them.
"""

__all__ = ["calibration", "export", "figures", "map_rows", "report"]
