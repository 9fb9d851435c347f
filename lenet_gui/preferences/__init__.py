"""Preferences: a dialog of choices that take effect at once.

It knows no tab and no setting: whoever opens it says what can be chosen, what is chosen
now, and what a choice does.
"""

__all__ = ["dialog"]
