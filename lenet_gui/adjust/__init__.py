"""Where a digit is on a picture, as a person sees it: threshold, polarity, crop frame, turns.

`dialog.AdjustDialog` shows a picture with what is taken for ink, and the answer as it changes;
`picture_view` is the picture with its frame; what is seen of it is computed in a thread.
Knows no tab: what is adjusted leaves it by a signal.
"""

__all__ = ["dialog", "picture_view"]
