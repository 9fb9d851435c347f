"""What can be said of an image. Needs no torch, so that the window can name a verdict at once."""

from enum import StrEnum


class Verdict(StrEnum):
    """How sure a network is of its answer."""

    SURE = "sure"
    UNSURE = "unsure"  # between the two most probable classes
    REJECTED = "not a digit"
