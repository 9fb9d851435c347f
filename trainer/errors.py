"""The one kind of error that a person can put right; and what others say, made harmless."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Sequence
from gettext import gettext as of_argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

_NOT_SHOWN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode's categories of what ends a line, drives a terminal or has no form at all."""
_TURNED = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What turns the order of letters around."""


_FORMULA = re.compile(r"[=+@\t\r-].", re.DOTALL)
"""How what a spreadsheet computes begins; the sign alone may be a class."""
_LONGEST = 4000
"""Characters of a message."""


class UserError(Exception):
    """Something that whoever sits at the program can put right; the message says how.

    Any other exception that leaves the trainer is a fault of the program.
    """

    dataset = ""
    """The dataset that is missing and can be downloaded; empty for any other problem."""

    def __str__(self) -> str:
        """The message on one line: names that a file gave may hold line ends or control codes.

        What a file gave may also be of any length: from the middle of what nobody reads to its
        end, something is left out.
        """
        message = super().__str__()
        if len(message) > _LONGEST:
            message = f"{message[: _LONGEST // 2]} … {message[-_LONGEST // 2 :]}"
        return printable(message)


def printable(text: str) -> str:
    """A text on one line, with what has no form of its own written as Python writes it."""
    return "".join(
        repr(c)[1:-1] if c in _TURNED or unicodedata.category(c) in _NOT_SHOWN else c for c in text
    )


def parse_options(
    parser: argparse.ArgumentParser, arguments: Sequence[str] | None
) -> argparse.Namespace:
    """Parse a command line, and refuse `--option=--`, of which argparse makes an empty list.

    Args:
        parser: of the program.
        arguments: None for those of the process.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    for each in given[: given.index("--")] if "--" in given else given:
        if each.startswith("--") and each.endswith("=--"):
            reason = {"argument_name": each[:-3], "message": of_argparse("expected one argument")}
            parser.error(of_argparse("argument %(argument_name)s: %(message)s") % reason)
    return parser.parse_args(given)


def as_cell(value: object) -> object:
    """A value for a table (CSV): of a name from elsewhere, a spreadsheet computes nothing.

    Before what begins as a formula there is an apostrophe, as people write it there.
    """
    if not isinstance(value, str) or _FORMULA.match(value) is None:
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def describe_error(error: Exception) -> str:
    """Another program's error as a reason in a message: on one line, at most 120 characters."""
    return " ".join(str(error).split())[:120] or type(error).__name__
