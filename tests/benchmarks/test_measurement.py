"""A benchmark's figures as a JSON document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.measurement import (
    RESULTS,
    Machine,
    Measurement,
    MeasurementError,
    Table,
    format_value,
    median_and_p99,
    read_measurement,
    read_measurements,
    this_machine,
)

MACHINE = Machine("a processor", 2, None, "Linux", "3.11.7", {"torch": "2.15.0"})
MEASUREMENT = Measurement(
    name="walk",
    command="python -m benchmarks.walk",
    date="2026-11-21",
    seconds=3,
    machine=MACHINE,
    tables={
        "steps": Table(
            {"time": "ms", "runs": "ms", "share": "share"},
            [
                {"way": "fast", "time": 1.5, "runs": [1.5, 2.5], "share": 0.9960},
                {"way": "slow “über”", "time": None, "runs": [], "share": 1.0},
            ],
        ),
        "counts": Table({}, [{"count": 7}]),
    },
    notes=["Measured by hand."],
)


def written(folder: Path, values: object) -> Path:
    path = folder / "walk.json"
    path.write_text(json.dumps(values))
    return path


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "walk.json"
    MEASUREMENT.write(path)
    assert read_measurement(path) == MEASUREMENT
    assert read_measurements(tmp_path) == {"walk": MEASUREMENT}
    assert json.loads(path.read_text())["tables"]["counts"]["rows"] == [{"count": 7}]


def test_a_row_takes_a_line() -> None:
    lines = MEASUREMENT.to_json().splitlines()
    (line,) = [line for line in lines if "über" in line]
    assert line.strip().startswith("{") and line.count("{") == 1


def test_the_summary_has_units_and_notes() -> None:
    summary = MEASUREMENT.summary()
    assert "walk: 2026-11-21, 2 cores (a processor), no GPU, Linux, Python 3.11.7" in summary
    assert "1.5 ms" in summary and "99.60%" in summary
    assert "Note: Measured by hand." in summary


@pytest.mark.parametrize(
    "values",
    [
        [],
        {},
        {"tables": {"steps": {"units": {}}}},
        {"tables": {"steps": {"units": {}, "rows": []}}},
    ],
)
def test_what_is_no_measurement_is_refused(tmp_path: Path, values: object) -> None:
    with pytest.raises(MeasurementError, match="is not a benchmark's measurement"):
        read_measurement(written(tmp_path, values))


def test_uneven_rows_and_units_without_a_column_are_refused(tmp_path: Path) -> None:
    document = json.loads(MEASUREMENT.to_json())
    document["tables"]["counts"]["rows"].append({"number": 7})
    with pytest.raises(MeasurementError, match="'counts' do not have the same columns"):
        read_measurement(written(tmp_path, document))
    document["tables"]["counts"] = {"units": {"furlongs": "s"}, "rows": [{"count": 7}]}
    with pytest.raises(MeasurementError, match=r"has no columns \['furlongs'\]"):
        read_measurement(written(tmp_path, document))


def test_a_file_of_another_name_is_refused(tmp_path: Path) -> None:
    MEASUREMENT.write(tmp_path / "run.json")
    with pytest.raises(MeasurementError, match="holds the measurement of 'walk'"):
        read_measurements(tmp_path)


def test_committed_measurements_say_when_and_by_what() -> None:
    measurements = read_measurements(RESULTS)
    assert measurements
    for measurement in measurements.values():
        assert measurement.command.startswith(("python -m benchmarks.", "python benchmarks/"))
        assert measurement.date >= "2026-11-21"
        assert measurement.tables


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.99604, "share", "99.60%"),
        (3.594, "ratio", "3.59x"),
        (6.25, "s", "6.25 s"),
        (672.94, "ms", "672.9 ms"),
        (10_000, "", "10,000"),
        ("fast", "ms", "fast"),
        (None, "s", "-"),
        ([0.5, 1.0], "s", "0.5 s 1 s"),
    ],
)
def test_figures_as_text(value: object, unit: str, text: str) -> None:
    assert format_value(value, unit) == text  # type: ignore[arg-type]


def test_percentiles_are_values_that_occurred() -> None:
    assert median_and_p99(range(1000, 0, -1)) == (501, 990)
    assert median_and_p99([2.0]) == (2.0, 2.0)


def test_this_machine_is_described() -> None:
    machine = this_machine()
    assert machine.processor and machine.cores
    assert machine.packages["torch"] in str(machine)
