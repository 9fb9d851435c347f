"""One's own data: folders of pictures, IDX, CSV, NPZ, PyTorch, parquet and drawings, by a path.

Begin with `reading`, which says what a path holds and gives it as a dataset. `place` finds the
files, the modules named by a format read them as they are, `fitting` draws each picture at the
network's size, `splitting` names the classes and divides. Knows nothing of networks and training.
"""

__all__ = [
    "arrays",
    "drawings",
    "fitting",
    "folders",
    "parquet",
    "place",
    "reading",
    "source",
    "splitting",
    "tables",
]
