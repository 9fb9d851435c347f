"""PyTorch's libraries brought into memory while other threads go on.

The system's loader needs 0.3 s for them, which `import torch` would spend with
Python's lock held: a pen that moves meanwhile would stand still.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path


def preload_torch() -> None:
    """Load what `import torch` would load; what can't be is left to it, which says why.

    A program with a window calls it once that shows: the loader does one thing at a
    time, and Qt's own libraries would wait for it.
    """
    if not sys.platform.startswith("linux"):
        return
    torch = importlib.util.find_spec("torch")  # finds it, does not import it
    if torch is None or torch.origin is None:
        return
    folder = Path(torch.origin).parent / "lib"
    # The order and the modes in which torch loads them. `ctypes.CDLL(path)` would
    # hold Python's lock; a function that is called through ctypes does not.
    load = ctypes.CDLL(None).dlopen
    load.argtypes, load.restype = [ctypes.c_char_p, ctypes.c_int], ctypes.c_void_p
    load(os.fsencode(folder / "libtorch_global_deps.so"), os.RTLD_NOW | os.RTLD_GLOBAL)
    load(os.fsencode(folder / "libtorch_python.so"), os.RTLD_NOW)
