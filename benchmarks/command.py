"""What every benchmark's command has in common: options, the summary, and the JSON document."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measurement import Measurement, Tables, this_machine, today
from trainer.errors import UserError

_PATHS = ("--json", "--data")


class NothingToMeasure(Exception):
    """This machine lacks what the benchmark measures; the message says what."""


def progress(text: str) -> None:
    """Tell how far a measurement is, apart from the summary on standard output."""
    print(text, file=sys.stderr, flush=True)


def run(
    description: str | None,
    measure: Callable[[argparse.Namespace], Tables],
    add_options: Callable[[argparse.ArgumentParser], None] = lambda parser: None,
) -> None:
    """Parse the command line, measure, print a summary, and write the measurement if asked to.

    Args:
        description: the module's docstring, which `--help` prints.
        measure: takes the parsed options and returns all figures.
        add_options: adds the benchmark's own options.
    """
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=description, formatter_class=formatter)
    add_options(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    options = parser.parse_args()
    began = time.monotonic()
    try:
        tables = measure(options)
    except NothingToMeasure as nothing:
        progress(f"nothing to measure: {nothing}")
        return
    except UserError as error:
        sys.exit(str(error))
    module = sys.modules["__main__"].__spec__
    assert module is not None, "run benchmarks as modules: python -m benchmarks.package.module"
    measurement = Measurement(
        name=options.json.stem if options.json else module.name.rpartition(".")[2],
        command=" ".join(["python -m", module.name, *_without_paths(sys.argv[1:])]),
        date=today(),
        seconds=round(time.monotonic() - began),
        machine=this_machine(),
        tables=tables,
    )
    if options.json:
        measurement.write(options.json)
    print(measurement.summary())


def _without_paths(arguments: list[str]) -> list[str]:
    """The command line without `--json FILE` and `--data DIR`, which change no figure."""
    kept: list[str] = []
    skip = False
    for argument in arguments:
        name, equals, _ = argument.partition("=")
        if not skip and name not in _PATHS:
            kept.append(argument)
        skip = argument in _PATHS and not equals
    return kept
