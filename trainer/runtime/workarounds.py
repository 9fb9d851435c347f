"""Whether other programs' faults are worked around, and where.

Each place says what it costs to do without it, which versions were tried, and the upstream
report; its test says when it is no longer needed.

    trainer/runtime/torch_workarounds.py    an optimizer imports PyTorch's compiler
    trainer/runtime/preloading.py           `import torch` keeps Python's lock
    trainer/runtime/memory.py               glibc keeps the memory that a run has freed, and has
                                            each thread allocate memory of its own
    trainer/runtime/cuda_graphs.py          a capture that failed leaves its marks
    trainer/runtime/torchrun.py             a group started again finds its old addresses
    trainer/evaluation/figures.py           matplotlib opens its fonts for each thread
    lenet_gui/app/qt_workarounds.py         PySide6 reads the source of every module, and Python
                                            frees Qt's objects in any thread
    lenet_gui/curves/canvas.py              matplotlib reads icons at each painting

Imports nothing: some of them come before everything else.
"""

from __future__ import annotations

import os


def workarounds_enabled() -> bool:
    """Whether to work around; False while the variable LENET_STUDIO_NO_WORKAROUNDS is "1"."""
    return os.environ.get("LENET_STUDIO_NO_WORKAROUNDS") != "1"
