"""Photos and scans to 28x28: ink told from paper, the digit told from the rest, and laid out.

Begin with `search`, which finds one digit.
"""

__all__ = ["blobs", "ink", "laying", "search", "things"]
