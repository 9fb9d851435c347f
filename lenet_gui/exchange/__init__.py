"""Networks from and for other programs: the dialogs of File > Import and Export network.

Everything that needs torch is done in a thread, as a `LongTask`. Knows no tab.
"""

__all__ = ["dialogs"]
