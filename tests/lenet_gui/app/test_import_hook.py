"""PySide6's import hook is taken out; everybody else's stays."""

from __future__ import annotations

from tests.support.workarounds import needs_workarounds, run_python

HOOKED = """
import builtins
calls, import_before = [], builtins.__import__
def record(name, *args, **kwargs):
    calls.append(name)
    return import_before(name, *args, **kwargs)
"""


def test_pyside_still_reads_sources() -> None:
    """Where it fails, `lenet_gui.app.import_hook` is no longer needed."""
    script = "import linecache, PySide6.QtCore, colorsys; print(len(linecache.cache) > 0)"
    assert run_python(script) == "True"


@needs_workarounds
def test_no_source_is_read() -> None:
    script = (
        "import linecache; from lenet_gui.app import import_hook; import_hook.remove(); "
        "before = set(linecache.cache); import colorsys; print(set(linecache.cache) - before)"
    )
    assert run_python(script) == "set()"


def test_everything_of_a_module_can_still_be_imported() -> None:
    script = (
        "from lenet_gui.app import import_hook; import_hook.remove()\n"
        "from PySide6.QtWidgets import *\nprint(QPushButton.__name__)"
    )
    assert run_python(script) == "QPushButton"


def test_a_hook_from_before_pyside_stays() -> None:
    script = HOOKED + (
        "builtins.__import__ = record\n"
        "from lenet_gui.app import import_hook; import_hook.remove()\n"
        "calls.clear(); import colorsys; print(calls)"
    )
    assert "colorsys" in run_python(script)


def test_a_hook_from_after_pyside_stays() -> None:
    script = (
        "import PySide6.QtCore\n" + HOOKED + "builtins.__import__ = record\n"
        "from lenet_gui.app import import_hook; import_hook.remove()\n"
        "print(builtins.__import__ is record)"
    )
    assert run_python(script) == "True"
