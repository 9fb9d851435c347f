"""What makes the program one of the desktop's: its display, icons, a menu entry, and its files.

Begin with `shortcut`, which installs and removes a menu entry, and draws the icon in every size;
`display_check` finds out whether a window can be opened at all; `crash_log` keeps what went wrong.
Knows no tab.
"""

__all__ = ["APP_ID", "WINDOWS_APP_ID", "crash_log", "display_check", "shortcut"]

# The names by which desktops know the program; the files in assets/ have them, too.
APP_ID = "io.github.lenet_studio.LeNetStudio"
"""Of the .desktop file, the icons and the AppStream metadata; on Wayland, of the window."""
WINDOWS_APP_ID = "LeNetStudio.LeNetStudio"
"""The AppUserModelID, by which Windows groups windows and finds the shortcut that pins them."""
