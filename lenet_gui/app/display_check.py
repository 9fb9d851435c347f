"""Whether a window can be opened at all: Qt would abort, this says what to do.

Imports no Qt at the top, since a library that Qt needs may be what is missing.
"""

from __future__ import annotations

import ctypes
import os
import re
import socket
import sys
from pathlib import Path

import PySide6

_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""Debian's and Ubuntu's package for each system library that Qt uses."""


def find_problem() -> str:
    """One line saying why no window can be opened and what to do; empty if one can."""
    if not sys.platform.startswith("linux"):
        return ""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform and not platform.startswith(("xcb", "wayland")):
        return _library_problem("PySide6.QtWidgets", None)
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        return (
            "no display: DISPLAY and WAYLAND_DISPLAY are not set. Start it from a desktop session "
            "(over ssh: ssh -X), or use `lenet` in the terminal"
        )
    plugin = "libqxcb.so" if os.environ.get("DISPLAY") else None
    missing = _library_problem("PySide6.QtWidgets", plugin)
    if missing:
        return missing
    if not (_x_answers() or _wayland_answers()):
        name = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        return f"the display {name} does not answer: check DISPLAY, or log in to a desktop session"
    return ""


def _library_problem(module: str, plugin: str | None) -> str:
    """Whether Qt, and the plugin that talks to the display, find all libraries."""
    try:
        __import__(module)
        if plugin:
            folder = Path(PySide6.__path__[0]) / "Qt" / "plugins" / "platforms"
            if (folder / plugin).is_file():
                ctypes.CDLL(str(folder / plugin))
    except (ImportError, OSError) as error:
        return explain_missing(str(error))
    return ""


def explain_missing(error: str) -> str:
    """A loader's message about a missing library, with the package that has it."""
    found = re.search(r"(lib[\w.+-]+\.so[.\d]*)", error)
    library = found.group(1) if found else ""
    if library in _PACKAGES:
        package = _PACKAGES[library]
        return (
            f"the system library {library} is missing: install the package {package} "
            f"(Debian and Ubuntu: sudo apt install {package})"
        )
    return f"Qt cannot start: {error}"


def _x_answers() -> bool:
    """Whether the X server of DISPLAY accepts us; libxcb asks, as Qt will."""
    if not os.environ.get("DISPLAY"):
        return False
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not refused


def _wayland_answers() -> bool:
    """Whether the compositor's socket takes a connection."""
    name = os.environ.get("WAYLAND_DISPLAY")
    if not name:
        return False
    path = Path(os.environ.get("XDG_RUNTIME_DIR", "/run/user")) / name
    try:
        with socket.socket(socket.AF_UNIX) as wayland:
            wayland.connect(str(path))
    except OSError:
        return False
    return True
