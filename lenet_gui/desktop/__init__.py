"""What makes the program one of the desktop's: its display, icons, a menu entry, and its files.

Begin with `shortcut`, which installs and removes a menu entry; `icons` draws the icon in every
size, `identity` has the name by which a desktop knows the program, and `display_check` finds out
whether a window can be opened at all; `crash_log` keeps what went wrong. Knows no tab.
"""

__all__ = ["crash_log", "display_check", "icons", "identity", "shortcut"]
