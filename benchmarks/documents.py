"""Fills the tables of README.md and docs/ with the figures of the measurements.

A table stands between two lines of its document:

    <!-- table: NAME -->
    <!-- end table -->
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measurement import Measurement
from benchmarks.tables import TABLES
from trainer.files import write_whole

DOCUMENTS = ("README.md", "docs/results.md", "docs/performance.md", "docs/reliability.md")
"""Where tables are, relative to the repository's root."""
_TABLE = re.compile(
    r"^<!-- table: (?P<name>\S+) -->\n(?P<content>.*?)^<!-- end table -->$", re.M | re.S
)
_MARKER = re.compile(r"^<!-- (?:table: \S+|end table) -->$", re.M)


class MarkerError(ValueError):
    """A document's markers are wrong; the message says which."""


def table_names(text: str) -> list[str]:
    """The names of a document's tables in their order.

    Raises:
        MarkerError: a marker has no partner, or a table is unknown.
    """
    names = [match["name"] for match in _TABLE.finditer(text)]
    if len(_MARKER.findall(text)) != 2 * len(names):
        raise MarkerError(
            "a table lacks one of the lines '<!-- table: NAME -->', '<!-- end table -->'"
        )
    if unknown := [name for name in names if name not in TABLES]:
        raise MarkerError(f"unknown tables: {', '.join(unknown)}; there are {', '.join(TABLES)}")
    return names


def fill_tables(text: str, measurements: Mapping[str, Measurement]) -> str:
    """The document with all its tables made from the measurements.

    Raises:
        MarkerError: as `table_names`.
    """
    table_names(text)

    def fill(match: re.Match[str]) -> str:
        name = match["name"]
        return f"<!-- table: {name} -->\n\n{TABLES[name](measurements)}\n\n<!-- end table -->"

    return _TABLE.sub(fill, text)


def update_documents(root: Path, measurements: Mapping[str, Measurement]) -> list[Path]:
    """Write those documents whose tables have changed; returns their paths.

    Raises:
        MarkerError: a document's markers are wrong; the message names it. Nothing is written then.
    """
    changed = {}
    for name in DOCUMENTS:
        path = root / name
        text = path.read_text(encoding="utf-8")
        try:
            filled = fill_tables(text, measurements)
        except MarkerError as error:
            raise MarkerError(f"{path}: {error}") from error
        if filled != text:
            changed[path] = filled
    for path, filled in changed.items():
        write_whole(path, filled.encode())
    return list(changed)
