"""One's own data: folders of pictures, IDX, CSV, NPZ, PyTorch, parquet and drawings, by a path.

Begin with `reading`, which says what a path holds and gives it as a dataset. `place` finds the
files, the modules named by a format read them as they are, `fitting` draws each picture at the
network's size, `splitting` names the classes and divides. Knows nothing of networks and training.
Its modules are imported when they are used: the libraries that read pictures take 30 MB.
"""

from typing import TYPE_CHECKING

from trainer import import_when_used

if TYPE_CHECKING:
    from trainer.data.own import reading

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

__getattr__ = import_when_used(__name__, __all__)
