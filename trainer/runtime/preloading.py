"""PyTorch's libraries brought into memory while other threads go on.

The system's loader needs 0.3 s for them, which `import torch` would spend with
Python's lock held: a pen that moves meanwhile would stand still.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
import threading
from pathlib import Path

thread: threading.Thread | None = None


def begin_preloading() -> None:
    """Load them in the background.

    The loader does one thing at a time: who needs another library meanwhile, one of
    Qt's say, waits for it, and whoever asks for it through ctypes keeps Python's lock.
    """
    global thread
    thread = threading.Thread(target=_load, name="preloading", daemon=True)
    thread.start()


def preload_torch() -> None:
    """Have loaded what `import torch` would load, and wait until it is."""
    if thread is None:
        _load()
    else:
        thread.join()


def _load() -> None:
    """What can't be loaded is left to `import torch`, which says why."""
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
