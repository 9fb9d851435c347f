"""Markdown tables made from measurements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.measurement import Measurement, Row, Table, format_value

Measurements = Mapping[str, Measurement]
Make = Callable[[Measurements], str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a Markdown table.

    Attributes:
        head: its heading.
        key: the column of the measurement's table.
        form: a format for its values, such as "{:.1f} ms"; by the unit if empty.
        names: other words for some of its values.
    """

    head: str
    key: str
    form: str = ""
    names: Mapping[Any, str] | None = None

    def cell(self, row: Row, unit: str) -> str:
        """The value of a row as text."""
        value = row[self.key]
        if value is None:
            return "–"
        if isinstance(value, list):
            return ", ".join(self._text(each, unit) for each in value)
        return self._text(value, unit)

    def _text(self, value: Any, unit: str) -> str:
        if self.names and value in self.names:
            return self.names[value]
        return self.form.format(value) if self.form else format_value(value, unit)


def markdown_table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown; the first column is aligned to the left, the others to the right."""
    heads = list(heads)
    rule = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [heads, rule, *rows])


def caption(measurements: Iterable[Measurement]) -> str:
    """When and where figures were measured, notes, and the command that measures them again."""
    measurements = list(measurements)
    places = dict.fromkeys(place_of(measurement) for measurement in measurements)
    notes = dict.fromkeys(note for measurement in measurements for note in measurement.notes)
    command = short_command(*(measurement.name for measurement in measurements))
    text = f"Measured {'; '.join(places)}. To measure again: `{command}`."
    return f"*{' '.join([text, *notes])}*"


def place_of(measurement: Measurement) -> str:
    """When and where it was measured."""
    machine = f" on {measurement.machine}" if str(measurement.machine) else ""
    return f"{measurement.date}{machine}"


def short_command(*names: str) -> str:
    """The command that runs benchmarks again."""
    return " ".join(["python -m benchmarks", *names])


def figures(name: str, table: str, *columns: Column) -> Make:
    """A table of one measurement's table, and its caption."""

    def make(measurements: Measurements) -> str:
        if name not in measurements or table not in measurements[name].tables:
            return not_measured(name)
        measurement = measurements[name]
        return f"{rows_of(measurement.tables[table], columns)}\n\n{caption([measurement])}"

    return make


def rows_of(table: Table, columns: Sequence[Column]) -> str:
    """All rows of a measurement's table."""
    return markdown_table(
        [column.head for column in columns],
        [
            [column.cell(row, table.units.get(column.key, "")) for column in columns]
            for row in table.rows
        ],
    )


def not_measured(name: str) -> str:
    """What stands in a table's place where nothing was measured."""
    return f"Not measured yet: `{short_command(name)}` measures it."
