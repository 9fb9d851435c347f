"""The one kind of error that a person can put right."""

from __future__ import annotations


class UserError(Exception):
    """Something that whoever sits at the program can put right; the message says how.

    Any other exception that leaves the trainer is a fault of the program.
    """

    dataset = ""
    """The dataset that is missing and can be downloaded; empty for any other problem."""
