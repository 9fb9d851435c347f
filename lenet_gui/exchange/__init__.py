"""Networks from and for other programs: the dialogs of File > Import and Export network.

Everything that needs torch is in `work`, which is run in a thread. Knows no tab.
"""

__all__ = ["export_dialog", "import_dialog", "work"]
