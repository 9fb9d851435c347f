"""What a benchmark measured, as one JSON document.

    {"name": "first-window",
     "command": "python -m benchmarks.window.first_window",
     "date": "2026-11-21",
     "seconds": 20,
     "machine": {"processor": "...", "cores": 2, "gpu": null, "system": "Linux",
                 "python": "3.11.7", "packages": {"torch": "2.15.0"}},
     "tables": {"events": {"units": {"median": "s"},
                           "rows": [{"event": "window", "median": 0.304}]}},
     "notes": ["..."]}

A table's `units` name the unit of each column of figures; "share" is a fraction
from 0 to 1, "ratio" a quotient of two times. Columns without a unit hold names.
What was not recorded is null.
"""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.files import write_whole

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

RESULTS = Path(__file__).resolve().parent / "results"
"""The folder of the committed measurements, NAME.json each."""
PACKAGES = ("torch", "torchvision", "PySide6-Essentials")
"""The packages whose versions affect the figures."""

Value = str | int | float | Sequence[float] | None
Row = dict[str, Any]
"""Each column's `Value`."""


class MeasurementError(ValueError):
    """A file is not a benchmark's measurement; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the figures were measured; None and empty where that was not recorded."""

    processor: str | None
    cores: int | None
    gpu: str | None
    system: str | None
    python: str | None
    packages: dict[str, str]

    def __str__(self) -> str:
        cores = f"{self.cores} cores" if self.cores else ""
        if cores and self.processor:
            cores += f" ({self.processor})"
        parts = [
            cores or self.processor,
            self.gpu or ("no GPU" if self.cores else None),
            self.system,
            self.python and f"Python {self.python}",
            *(f"{name} {number}" for name, number in self.packages.items()),
        ]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of figures.

    Attributes:
        units: the unit of each column of figures.
        rows: all with the same columns, in the order in which they are shown.
    """

    units: dict[str, str]
    rows: list[Row]

    def where(self, **wanted: Value) -> Row:
        """The first row that has these values.

        Raises:
            KeyError: no row has them.
        """
        for row in self.rows:
            if all(row.get(column) == value for column, value in wanted.items()):
                return row
        raise KeyError(f"no row with {wanted}")


Tables = dict[str, Table]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One benchmark's figures, and where, when, and by which command they were measured."""

    name: str
    command: str
    date: str  # ISO 8601
    seconds: int | None  # duration of the whole benchmark
    machine: Machine
    tables: Tables
    notes: list[str] = field(default_factory=list)

    def to_json(self) -> str:
        """The document, with one row of a table per line."""
        document = asdict(self)
        tables = document.pop("tables")
        head = json.dumps(document, indent=1, ensure_ascii=False)[:-2]
        parts = []
        for name, table in tables.items():
            rows = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in table["rows"])
            units = json.dumps(table["units"], ensure_ascii=False)
            parts.append(f'  {json.dumps(name)}: {{\n   "units": {units},\n   "rows": [\n{rows}]}}')
        return head + ',\n "tables": {\n' + ",\n".join(parts) + "}\n}\n"

    def write(self, path: Path) -> None:
        """Write the document, whole or not at all."""
        write_whole(path, self.to_json().encode())

    def summary(self) -> str:
        """All tables as text for a terminal."""
        parts = [f"{self.name}: {self.date}, {self.machine}"]
        for name, table in self.tables.items():
            parts.append(f"\n{name}\n{_as_text(table)}")
        parts += [f"\nNote: {note}" for note in self.notes]
        return "\n".join(parts)


def row_of(figures: DataclassInstance) -> Row:
    """The fields of a dataclass as a row, to six decimals."""
    return {
        name: round(value, 6) if isinstance(value, float) else value
        for name, value in asdict(figures).items()
    }


def read_measurement(path: Path) -> Measurement:
    """The measurement in a file.

    Raises:
        OSError: the file cannot be read.
        MeasurementError: it is not a measurement.
    """
    try:
        values: Any = json.loads(path.read_text(encoding="utf-8"))
        tables = {name: Table(**table) for name, table in values.pop("tables").items()}
        measurement = Measurement(
            **values | {"machine": Machine(**values["machine"]), "tables": tables}
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise MeasurementError(f"{path} is not a benchmark's measurement: {error!r}") from error
    for name, table in tables.items():
        if not table.rows or any(row.keys() != table.rows[0].keys() for row in table.rows):
            raise MeasurementError(f"{path}: the rows of {name!r} do not have the same columns")
        if unknown := table.units.keys() - table.rows[0].keys():
            raise MeasurementError(f"{path}: {name!r} has no columns {sorted(unknown)}")
    return measurement


def read_measurements(folder: Path = RESULTS) -> dict[str, Measurement]:
    """All measurements in a folder by their names, which are the names of the files."""
    measurements = {path.stem: read_measurement(path) for path in sorted(folder.glob("*.json"))}
    for name, measurement in measurements.items():
        if measurement.name != name:
            raise MeasurementError(
                f"{folder / name}.json holds the measurement of {measurement.name!r}"
            )
    return measurements


def this_machine() -> Machine:
    """The machine and the versions in use."""
    from trainer.runtime.devices import list_devices

    cpu = Path("/proc/cpuinfo")
    model = re.search(r"^model name\s*: (.+)$", cpu.read_text() if cpu.exists() else "", re.M)
    gpus = [device.title for device in list_devices() if not device.problem]
    return Machine(
        processor=model[1] if model else platform.processor() or platform.machine(),
        cores=os.cpu_count(),
        gpu=gpus[0] if len(gpus) > 1 else None,  # the processor is the last of them
        system=platform.system(),
        python=platform.python_version(),
        packages={name: version(name) for name in PACKAGES},
    )


def today() -> str:
    """The date in ISO 8601."""
    return date.today().isoformat()


def median_and_p99(values: Iterable[float]) -> tuple[float, float]:
    """The median and the 99th percentile, both of them values that occurred."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2], ordered[round(len(ordered) * 0.99) - 1]


def format_value(value: Value, unit: str = "") -> str:
    """A figure with its unit, such as "99.60%", "3.59x" or "6.25 s"."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return " ".join(format_value(each, unit) for each in value)
    if unit == "share":
        return f"{value:.2%}"
    if unit == "ratio":
        return f"{value:.2f}x"
    number = f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"
    return f"{number} {unit}".rstrip()


def _as_text(table: Table) -> str:
    heads = list(table.rows[0])
    cells = [[format_value(row[c], table.units.get(c, "")) for c in heads] for row in table.rows]
    return "\n".join(_aligned([[head.replace("_", " ") for head in heads], *cells]))


def _aligned(rows: list[list[str]]) -> Iterable[str]:
    """Rows of text with columns of equal width; the first column is aligned to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = (f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join([f"{first:<{widths[0]}}", *cells]).rstrip()
