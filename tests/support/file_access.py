"""What the window's thread asks the disk for: a folder on a network that is gone would hold it."""

from __future__ import annotations

import builtins
import io
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

_ROOT = Path(__file__).parents[2]
_PROGRAM = tuple(str(Path(place)) for place in (_ROOT, sys.prefix, sys.base_prefix, os.devnull))
"""Where the program is itself: where these files can't be read, nothing runs."""
_ALLOWED = {
    "widgets/file_dialogs.py, _saving_folder_there": "Qt's dialog looks into this folder next",
    "app/session.py, _drop_objects": "the settings, which Qt reads in this thread",
}
_CALLS = (
    (os, ("stat", "lstat", "access", "listdir", "scandir", "open", "mkdir", "readlink")),
    (io, ("open",)),
    (builtins, ("open",)),
)


@contextmanager
def no_files_in_this_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail at the end if the window asked in this thread for a file that is not the program's."""
    here, found = threading.get_ident(), dict[str, str]()

    def watch(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            if threading.get_ident() == here and given and not isinstance(given[0], int):
                place = os.path.abspath(os.fsdecode(given[0]))  # noqa: PTH100  asks for no file
                asking = None if place.startswith(_PROGRAM) else _asking(sys._getframe(1))
                if asking is not None:
                    found.setdefault(asking, f"{asking}: {name} of {place}")
            return call(*given, **named)

        return watched

    with monkeypatch.context() as patch:
        for module, names in _CALLS:
            for name in names:
                patch.setattr(module, name, watch(name, getattr(module, name)))
        yield
    assert not found, "\n".join(found.values())


def _asking(frame: FrameType | None) -> str | None:
    """Where the window asks; None if a test does, or what is allowed to."""
    while frame is not None:
        place = Path(frame.f_code.co_filename)
        if place.is_relative_to(_ROOT / "tests") or frame.f_code.co_name == "<module>":
            return None  # the latter while the program itself is imported
        if place.is_relative_to(_ROOT / "lenet_gui"):
            asking = f"{place.relative_to(_ROOT / 'lenet_gui')}, {frame.f_code.co_name}"
            return None if asking in _ALLOWED else asking
        frame = frame.f_back
    return None
