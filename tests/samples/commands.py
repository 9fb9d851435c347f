"""What a command line accepts, as plain values that can be saved and compared."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

Commands = dict[str, dict[str, dict[str, Any]]]
"""By command ("" for the program itself), by argument: see `_describe`."""


def describe_commands(main: Callable[[list[str]], int]) -> Commands:
    """Every argument of a program and of its subcommands; their help is left out.

    Args:
        main: the program's entry point, which gives its arguments to argparse.

    Raises:
        ValueError: it does not.
    """
    commands: Commands = {}
    _walk(_parser_of(main), "", commands)
    return commands


class _ParserCaughtError(Exception):
    """Raised in place of parsing."""


def _parser_of(main: Callable[[list[str]], int]) -> argparse.ArgumentParser:
    """The parser that `main` builds; no command is run."""
    caught: list[argparse.ArgumentParser] = []

    def catch(parser: argparse.ArgumentParser, *_: object) -> None:
        caught.append(parser)
        raise _ParserCaughtError

    with patch.object(argparse.ArgumentParser, "parse_args", catch):
        try:
            main([])
        except _ParserCaughtError:
            return caught[0]
    raise ValueError(f"{main.__module__} parses no arguments with argparse")


def _walk(parser: argparse.ArgumentParser, name: str, commands: Commands) -> None:
    commands[name] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command, its_parser in action.choices.items():
                _walk(its_parser, f"{name} {command}".strip(), commands)
        else:
            key = action.option_strings[-1] if action.option_strings else action.dest
            commands[name][key] = _describe(action)


def _describe(action: argparse.Action) -> dict[str, Any]:
    """An argument as values that JSON can hold; `values` is argparse's `nargs`, None for one."""
    return {
        "options": sorted(action.option_strings),
        "default": action.default,
        "choices": None if action.choices is None else list(action.choices),
        "values": action.nargs,
        "required": action.required,
        "type": _name_of_type(action.type),
    }


def _name_of_type(convert: object) -> str | None:
    """The class that an argument becomes, or the name of the function that converts it."""
    if getattr(convert, "__annotations__", {}).get("return") in ("Path", Path):
        return "Path"  # one that refuses some texts
    return getattr(convert, "__name__", None)
