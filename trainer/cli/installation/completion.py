"""`lenet completion`: a script for a shell, made of the parser itself by shtab."""

from __future__ import annotations

import argparse
from pathlib import Path

import shtab

from trainer.cli import parser


def completion(options: argparse.Namespace) -> int:
    """Print the script."""
    whole = parser.make_parser()
    _complete_paths(whole)
    print(shtab.complete(whole, options.shell))
    return 0


def _complete_paths(whole: argparse.ArgumentParser) -> None:
    """Let what takes a path be completed with files or folders."""
    for action in whole._actions:  # argparse has no other way to list them, and shtab does so too
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                _complete_paths(inner)
        elif action.type is Path:
            is_folder = str(action.metavar) in ("DIR", "FOLDER", "RUN_FOLDER")
            # The name that shtab reads.
            action.complete = shtab.DIRECTORY if is_folder else shtab.FILE  # type: ignore[attr-defined]
