"""`lenet`: train, resume, evaluate, predict, download and the others, from a terminal."""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import logging
import os
import pkgutil
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from trainer import __version__, files, translation
from trainer.cli.arguments import data, installation, networks
from trainer.errors import UserError, parse_options
from trainer.translation import gettext as _


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit status, 2 for the user's mistake."""
    if sys.stderr is None:  # closed by whoever started the program: nobody reads it
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  for all its life
    if sys.stdin is None:  # closed: there is nothing to read
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115  for all its life
    if sys.stdout is None:
        return _refuse(_("standard output is closed: send it to a file or to /dev/null"), 2)
    # What torch says of a foreign file is for whoever wrote it.
    warnings.filterwarnings("ignore", module="torch")
    # Nor does it matter to anyone where matplotlib keeps its list of fonts.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name that the terminal can't show is no fault
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            status = _run(arguments)
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return _refuse("stopped", 130)
    except BrokenPipeError:
        _discard_output()  # whoever read our output has closed it: nobody to tell
        return 1
    except UserError as error:
        return _refuse(str(error), 2)
    except OSError as error:
        if error.filename is not None or error.errno not in _NOT_WRITTEN:
            raise
        _discard_output()
        return _refuse(_("the output cannot be written: {reason}").format(reason=error.strerror), 2)
    return status


_NOT_WRITTEN = (errno.ENOSPC, errno.EIO, errno.EBADF, errno.EDQUOT, errno.EFBIG)
"""What goes wrong with an open file, as standard output is one."""


def _run(arguments: list[str] | None) -> int:
    """One command; returns its exit status."""
    translation.follow_environment(os.environ, files.asset("locale"))
    try:
        Path.cwd()
    except OSError:  # deleted, or on a disk that is gone: PyTorch would end the process
        text = _("the folder you are in is gone: go to another one, and try again")
        raise UserError(text) from None
    options = parse_options(make_parser(), arguments)
    # Only the command asked for is imported: most need torch, which takes seconds.
    command: Callable[[argparse.Namespace], int]
    command = pkgutil.resolve_name(f"trainer.cli.{options.command}")
    return command(options)


def _refuse(reason: str, status: int) -> int:
    """Say why in one line; returns `status`."""
    with contextlib.suppress(OSError):  # nobody reads it
        print(f"lenet: {' '.join(reason.split())}", file=sys.stderr)
    return status


def _discard_output() -> None:
    """Let what is still to be printed go nowhere, or Python's exit would fail on it."""
    with contextlib.suppress(OSError):  # not a real stream: nothing to do
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, and whose help is not lost unsaid."""

    def _print_message(self, message: str, file: Any = None) -> None:
        if message:  # argparse's own says nothing of a full disk
            (file or sys.stderr).write(message)

    def error(self, message: str) -> NoReturn:
        raise SystemExit(
            _refuse(_("{message} (see {prog} --help)").format(message=message, prog=self.prog), 2)
        )


def make_parser() -> argparse.ArgumentParser:
    """The whole command line: each command with its options."""
    parser = _Parser(
        prog="lenet", description=_("Train LeNet-5 and recognize digits from a terminal.")
    )
    parser.add_argument("--version", action="version", version=f"lenet-studio {__version__}")
    subparsers = parser.add_subparsers(title=_("commands"), required=True, metavar="COMMAND")
    networks.add_train(subparsers)
    networks.add_resume(subparsers)
    networks.add_evaluate(subparsers)
    networks.add_predict(subparsers)
    networks.add_robustness(subparsers)
    networks.add_summary(subparsers)
    networks.add_gate(subparsers)
    data.add_forms(subparsers)
    data.add_download(subparsers)
    data.add_data(subparsers)
    data.add_classes(subparsers)
    data.add_recipes(subparsers)
    installation.add_doctor(subparsers)
    installation.add_completion(subparsers)
    installation.add_bundle(subparsers)
    networks.add_import(subparsers)
    networks.add_export(subparsers)
    return parser
