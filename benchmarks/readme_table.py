"""What the benchmarks printed, as README's section on speed.

`python -m benchmarks` keeps what each script printed in one file, a section for
each; here its figures are found again and written, as Markdown tables, between
two marks in README. A figure that is not found is told, so that a script that
prints other words does not silently lose its row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

BEGIN = "<!-- speed: python -m benchmarks --readme writes what follows -->"
END = "<!-- speed: end -->"
NOTHING = "nothing to measure: "
"""What a benchmark prints, and then why, where it can measure nothing."""
_HEADS = ("", "here", "beside", "ratio", "measured by")
_MADE = (
    r"^## (?P<name>\S+): (?P<title>.+)\n`(?P<command>[^`]+)` \((?P<seconds>\d+) s\), (?P<where>.+)$"
)


@dataclass(frozen=True, slots=True)
class Section:
    """What one benchmark printed."""

    name: str
    title: str
    command: str  # as a person would type it
    seconds: int  # that it took
    where: str  # date, machine and versions
    text: str

    def __str__(self) -> str:
        head = f"## {self.name}: {self.title}\n`{self.command}` ({self.seconds} s), {self.where}"
        return f"{head}\n\n```text\n{self.text}\n```\n"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table, and where its figures are.

    The texts are formats that name the pattern's groups.
    """

    what: str
    pattern: str
    here: str
    beside: str = ""  # what people use today, or the least that can be
    ratio: str = ""  # of the two, taken in turn


def sections(record: str) -> dict[str, Section]:
    """The sections of a file that holds several, by their names."""
    found = {}
    for part in re.split(r"^(?=## )", record, flags=re.MULTILINE):
        head = re.match(_MADE, part, re.MULTILINE)
        if head is not None:
            text = part[head.end() :].strip().removeprefix("```text\n").removesuffix("```")
            made = head.groupdict() | {"seconds": int(head["seconds"])}
            found[head["name"]] = Section(**made, text=text.rstrip("\n"))
    return found


def speed(found: Iterable[Section], rows: Mapping[str, tuple[Row, ...]]) -> tuple[str, list[str]]:
    """README's section of what was measured.

    Args:
        found: in the order in which they shall stand.
        rows: by a section's name, what to tell of it.

    Returns:
        Markdown, and which figures were not found.
    """
    found = list(found)
    lines, tables, lost = [_heads(_HEADS)], [], []
    for section in found:
        if section.text.startswith(NOTHING):
            why = f"not measured: {section.text.removeprefix(NOTHING)}"
            lines.append(_line((section.title, why, "", "", f"`{section.command}`")))
            continue
        for row in rows[section.name]:
            line = _told(row, section)
            (lines if line else lost).append(line or f"{section.name}: {row.what}")
        if make := _TABLES.get(section.name):
            table = make(section.text)
            if not table:
                lost.append(f"{section.name}: its table")
            tables.append(f"{section.title} (`{section.command}`):\n\n{table}")
    places = dict.fromkeys(section.where for section in found)
    return "\n\n".join(["; ".join(places) + ".", "\n".join(lines), *tables]), lost


def _told(row: Row, section: Section) -> str:
    """A row's line; empty if its figures are not there."""
    match = re.search(row.pattern, section.text, re.MULTILINE | re.DOTALL)
    if match is None:
        return ""
    cells = (text.format(**match.groupdict()) for text in (row.here, row.beside, row.ratio))
    return _line((row.what, *cells, f"`{section.command}`"))


def _columns(text: str) -> str:
    """A table as it was printed, its cells two spaces apart or more; empty if it is none."""
    rows = [re.split(r"  +", line.strip()) for line in text.splitlines()]
    if len(rows) < 2 or len({len(row) for row in rows}) > 1:
        return ""
    return "\n".join([_heads(rows[0]), *map(_line, rows[1:])])


def _epochs(text: str) -> str:
    """Training's steps: a line for each way, two columns for each batch; empty if there is none."""
    cells: dict[str, dict[str, str]] = {}
    batch, batches = "", []
    for line in text.splitlines():
        if head := re.match(r"batch (\d+):", line):
            batch = head[1]
            batches.append(batch)
        elif found := re.match(r"  +(.+?)  +([\d.]+)  +([\d.]+)x  +([\d.]+)x", line):
            name, _, way = found[1].partition(": ")
            shown = f"{found[2]} ({way})" if way else found[2]
            cells.setdefault(name, {})[batch] = f"{shown} | {found[3]}x, {found[4]}x"
    ratios = "textbook's time over it, processors' time over it"
    heads = [cell for batch in batches for cell in (f"batch {batch}", ratios)]
    lines = [
        _line((name, *(those.get(batch, " | ") for batch in batches)))
        for name, those in cells.items()
    ]
    return "\n".join([_heads(["", *heads]), *lines]) if lines else ""


_TABLES = {"training": _epochs, "data": _columns}
"""By a section's name: what makes a table of its own of its text."""


def _heads(names: Iterable[str]) -> str:
    names = list(names)
    return f"{_line(names)}\n{_line(['---'] * len(names))}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def put_between(readme: str, section: str) -> str:
    """README with `section` between its marks.

    Raises:
        ValueError: it has no such marks.
    """
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"README.md lacks the lines {BEGIN} and {END}, in this order")
    return f"{before}{BEGIN}\n\n{section}\n\n{END}{after}"
