"""The verdict on an image, without torch, so that the window can name one before it is imported."""

from enum import StrEnum


class Verdict(StrEnum):
    """How sure a network is of its answer."""

    SURE = "sure"
    UNSURE = "unsure"  # between the two most probable classes
    REJECTED = "not a digit"
