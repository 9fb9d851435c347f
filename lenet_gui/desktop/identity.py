"""The names by which desktops know the program; the files in assets/ have them, too."""

from __future__ import annotations

import ctypes
import sys

APP_ID = "io.github.lenet_studio.LeNetStudio"
"""Of the .desktop file, the icons and the AppStream metadata; on Wayland, of the window."""
WINDOWS_APP_ID = "LeNetStudio.LeNetStudio"
"""The AppUserModelID, by which Windows groups windows and finds the shortcut that pins them."""


def tell_windows() -> None:
    """Let the taskbar show the program under its own name and icon rather than Python's."""
    if sys.platform == "win32":
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(WINDOWS_APP_ID)
