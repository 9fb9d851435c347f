"""What makes the program one of the desktop's: icons, a menu entry, and the files it opens.

Begin with `shortcut`, which installs and removes a menu entry; `icons` draws the icon in every
size, and `identity` has the name by which a desktop knows the program. Knows no tab and no window.
"""

__all__ = ["icons", "identity", "shortcut"]
