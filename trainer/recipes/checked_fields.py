"""Fields of a dataclass that say what they may hold, and are checked against it.

The metadata's "help" says what a value means, in a few words for a person.
Imports neither torch nor Qt.
"""

from __future__ import annotations

import dataclasses
from dataclasses import field
from typing import Any

from trainer.errors import UserError


class RecipeError(UserError, ValueError):
    """A recipe that can't be: the message names the value and what is allowed."""


def number(default: float | int, low: float, high: float, help: str) -> Any:
    """A dataclass's field: a number from `low` to `high`, a whole one if its default is."""
    return field(default=default, metadata={"range": (low, high), "help": help})


def choice(default: str, choices: tuple[str, ...], help: str) -> Any:
    """A dataclass's field: one of `choices`."""
    return field(default=default, metadata={"choices": choices, "help": help})


def check_fields(values: Any, prefix: str = "") -> None:
    """Check each field of a dataclass against its metadata.

    Raises:
        RecipeError: with the field's name, its value and what is allowed.
    """
    for spec in dataclasses.fields(values):
        value, name = getattr(values, spec.name), prefix + spec.name
        if "choices" in spec.metadata:
            if value not in spec.metadata["choices"]:
                allowed = ", ".join(spec.metadata["choices"])
                raise RecipeError(f"{name} is {value!r}; it must be one of: {allowed}")
        elif "range" in spec.metadata:
            low, high = spec.metadata["range"]
            whole = isinstance(spec.default, int)
            kinds = (int,) if whole else (int, float)
            fits = isinstance(value, kinds) and not isinstance(value, bool)
            if not fits or not low <= value <= high:
                kind = "a whole number" if whole else "a number"
                raise RecipeError(f"{name} is {value!r}; it must be {kind} from {low} to {high}")


def known_fields(values: Any, kind: type, prefix: str = "") -> dict[str, Any]:
    """`values`, read from JSON, as a dict that holds only fields of a dataclass.

    Raises:
        RecipeError: it is no JSON object, or has a name that is not known.
    """
    if not isinstance(values, dict):
        raise RecipeError(f"{prefix.rstrip('.') or 'a recipe'} must be a JSON object")
    names = {spec.name for spec in dataclasses.fields(kind)}
    for name in values:
        if name not in names:
            raise RecipeError(f"{prefix}{name} is not known; known are: {', '.join(sorted(names))}")
    return values
