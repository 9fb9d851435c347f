"""Whether a window can be opened at all: Qt would abort, this says what to do.

Imports no Qt at the top, since a library that Qt needs may be what is missing.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import MutableMapping
from pathlib import Path

from trainer.translation import gettext as _

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


_WITHOUT_DISPLAY = ("offscreen", "minimal")
_PROBE = (
    "from PySide6.QtGui import QGuiApplication, QRasterWindow\n"
    "app = QGuiApplication([])\n"
    "assert app.primaryScreen() is not None\n"
    "window = QRasterWindow()\n"
    "window.create()\n"
)
_PROBE_SECONDS = 15


_SCALES = {
    "QT_SCALE_FACTOR": (0.25, 8.0),
    "QT_SCREEN_SCALE_FACTORS": (0.25, 8.0),
    "QT_FONT_DPI": (24.0, 768.0),
}
"""What Qt takes from the environment as a scale, and between which a window can be painted."""


def drop_odd_scales(environment: MutableMapping[str, str]) -> list[str]:
    """Take out what Qt would take for a scale and then paint nothing, or crash.

    Returns:
        A line for each of them.
    """
    lines = []
    for name, (least, most) in _SCALES.items():
        value = environment.get(name, "")
        # Of several screens, each may have its name before its scale.
        scales = [part.rpartition("=")[2] for part in value.split(";") if part.strip()]
        if not all(_is_between(scale, least, most) for scale in scales):
            del environment[name]
            lines.append(
                _("{name} is {value!r}, not {least:g} to {most:g}; it is ignored").format(
                    name=name, value=value, least=least, most=most
                )
            )
    return lines


def _is_between(text: str, least: float, most: float) -> bool:
    try:
        return least <= float(text) <= most
    except ValueError:
        return False


def find_problem() -> str:
    """One line saying why no window can be opened and what to do; empty if one can.

    Where QT_QPA_PLATFORM asks for what is not there, and there is a display, it is set to that.
    """
    if not sys.platform.startswith("linux"):
        return ""
    wished = os.environ.get("QT_QPA_PLATFORM", "")
    names = [name for name in wished.split(";") if name.split(":")[0]]
    others = [name for name in names if not name.startswith(("xcb", "wayland"))]
    missing = _library_problem(None) if others else ""
    for name in () if missing else others:
        if _can_open_window(name):
            os.environ["QT_QPA_PLATFORM"] = name
            return ""
    problem = missing or _display_problem(wished)
    if others and problem and not missing:
        return _(
            "QT_QPA_PLATFORM is {wished!r}, which can't be used here, and there is no other "
            "display. Unset it in a desktop session, or use `lenet` in the terminal"
        ).format(wished=wished)
    return problem


def _display_problem(wished: str) -> str:
    """Why neither the X server nor the Wayland compositor can be used.

    Empty if one can; Qt is then to take one that answers, that which was wished for if it does.
    """
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        return _(
            "no display: DISPLAY and WAYLAND_DISPLAY are not set. Start it from a desktop "
            "session (over ssh: ssh -X), or use `lenet` in the terminal"
        )
    plugin = "libqxcb.so" if os.environ.get("DISPLAY") else None
    missing = _library_problem(plugin)
    if missing:
        return missing
    # Each is asked once: an X server may start anew when its only client goes.
    answers = {"xcb": _x_answers(), "wayland": _wayland_answers()}
    if not any(answers.values()):
        name = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        return _(
            "the display {name} does not answer: check DISPLAY, or log in to a desktop session"
        ).format(name=name)
    _choose_display(wished, answers)
    return ""


def _choose_display(wished: str, answers: dict[str, bool]) -> None:
    """Have Qt take the display that answers, unless it is the one that was wished for."""
    first = wished.split(";")[0]
    kind = first.split(":")[0].split("-")[0]
    if not all(answers.values()) or (wished and kind not in answers):
        there = next(name for name, answer in answers.items() if answer)
        if kind != there:
            os.environ["QT_QPA_PLATFORM"] = there


def _can_open_window(platform: str) -> bool:
    """Whether one of Qt's other platforms works here: where it does not, Qt ends the program."""
    if platform.split(":")[0] in _WITHOUT_DISPLAY:
        return True
    import subprocess  # seldom needed, and takes long

    try:
        probe = subprocess.run(
            [sys.executable, "-c", _PROBE],
            env={**os.environ, "QT_QPA_PLATFORM": platform},
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return probe.returncode == 0


def _library_problem(plugin: str | None) -> str:
    """Whether Qt, and the plugin that talks to the display, find all libraries."""
    try:
        __import__("PySide6.QtWidgets")
        if plugin:
            folder = Path(sys.modules["PySide6"].__path__[0]) / "Qt" / "plugins" / "platforms"
            if (folder / plugin).is_file():
                ctypes.CDLL(str(folder / plugin))
    except (ImportError, OSError) as error:
        return explain_missing(str(error))
    return ""


def explain_missing(error: str) -> str:
    """A loader's message about a missing library, with the package that has it."""
    match = re.search(r"(lib[\w.+-]+\.so[.\d]*)", error)
    library = match.group(1) if match else ""
    if library in _PACKAGES:
        package = _PACKAGES[library]
        return _(
            "the system library {library} is missing: install the package {package} (Debian "
            "and Ubuntu: sudo apt install {package})"
        ).format(library=library, package=package)
    return _("Qt cannot start: {error}").format(error=error)


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
    import socket  # it takes long, and an X server is asked otherwise

    path = Path(os.environ.get("XDG_RUNTIME_DIR", "/run/user")) / name
    try:
        with socket.socket(socket.AF_UNIX) as wayland:
            wayland.connect(str(path))
    except OSError:
        return False
    return True
