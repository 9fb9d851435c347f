"""PyTorch's libraries loaded into memory while other threads go on.

`import torch` loads them through ctypes and the import system, which keep Python's lock
meanwhile: a pen that moves would stand still. The loader itself needs no lock.

- Without it: another thread waits for up to 187 ms while torch is imported, with it for up to
  87 ms, by a thread that sleeps for 1 ms again and again, beside
  `preload_torch(); import torch` and beside `import torch`; 2 CPU cores, files in memory.
- Versions: PyTorch 2.14.1, Python 3.11, glibc 2.36. Linux only.
- Upstream: no report found.
- Off: LENET_STUDIO_NO_WORKAROUNDS=1.
- No longer needed once `test_importing_torch_keeps_pythons_lock` fails.

Imports no torch.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
import threading
from pathlib import Path

from trainer.runtime.workarounds import workarounds_enabled

thread: threading.Thread | None = None


def begin_preloading() -> None:
    """Load them in the background; where workarounds are off, nothing happens.

    The loader does one thing at a time: who needs another library meanwhile, one of
    Qt's say, waits for it, and whoever asks for it through ctypes keeps Python's lock.
    """
    global thread
    thread = threading.Thread(target=_load, name="preloading", daemon=True)
    thread.start()


def wait_until_loaded() -> None:
    """Wait until what `begin_preloading` began is done: whoever imports NumPy must.

    Beside it, the import of NumPy ended the process, once in about twenty starts.
    """
    if thread is not None:
        thread.join()


def preload_torch() -> None:
    """Have loaded what `import torch` would load, and wait until it is."""
    if thread is None:
        _load()
    else:
        thread.join()


def _load() -> None:
    """What can't be loaded is left to `import torch`, which says why."""
    if not sys.platform.startswith("linux") or not workarounds_enabled():
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
