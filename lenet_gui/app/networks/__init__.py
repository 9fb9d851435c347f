"""Which network reads: the button in the corner with its menu, and the files of networks.

Networks are opened and saved in the background. The one in use, and those that were learned,
are kept for the next start.
"""

__all__ = ["button", "files"]
