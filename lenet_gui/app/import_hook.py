"""PySide6's `import`, which reads the source of each module, taken out again.

PySide6 replaces `builtins.__import__` by `__feature_import__`, which reads the source of each
module that is imported from then on, and keeps it, to know whether the module may use
`from __feature__ import`. Nothing here does. Only this hook is taken out: PySide6's other one,
which `from PySide6.QtCore import *` needs, and those of other programs stay.

- Without it: `import torch` takes 10 % longer (1.26 s, not 1.13 s) and 40 MB more, by
  `python -c "import PySide6.QtCore, torch"` with the peak of memory that
  `resource.getrusage` gives, and the same with `import_hook.remove()` between the two.
- Versions: PySide6 6.11.3.
- Upstream: "Very slow startup of the bundled app on Windows 11",
  https://github.com/napari/napari/issues/8584, is of this hook, and
  https://github.com/pyzo/pyzo/pull/851 of a crash by it; none found at Qt.
- Off: LENET_STUDIO_NO_WORKAROUNDS=1.
- No longer needed once `test_pyside_still_reads_sources` fails.
"""

from __future__ import annotations

import builtins

from trainer.runtime.workarounds import workarounds_enabled


def remove() -> None:
    """Import PySide6 and take its hook out, where it is the outermost one."""
    import PySide6.QtCore  # noqa: F401  here, as its import is what puts the hook in

    hook = getattr(builtins, "__feature_import__", None)
    # PySide6 keeps what was there before in `__orig_import__`, and calls it.
    if workarounds_enabled() and hook is not None and builtins.__import__ is hook:
        builtins.__import__ = getattr(builtins, "__orig_import__")  # noqa: B009  not typed
