"""The tables of README.md and docs/ are those that the committed measurements give."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.documents import (
    DOCUMENTS,
    MarkerError,
    fill_tables,
    table_names,
    update_documents,
)
from benchmarks.measurement import Machine, Measurement, Table, read_measurements
from benchmarks.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
TEXT = "before\n<!-- table: rasterize -->\nold\n<!-- end table -->\nafter\n"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_tables_are_made_from_the_committed_measurements(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    assert table_names(text)
    assert fill_tables(text, read_measurements()) == text, "run: python -m benchmarks --format"


def test_every_table_stands_in_a_document() -> None:
    names = {d: table_names((ROOT / d).read_text(encoding="utf-8")) for d in DOCUMENTS}
    assert names["README.md"] == ["results", "speed"]
    assert {name for each in names.values() for name in each} == set(TABLES)


def test_tables_of_the_readme_are_short() -> None:
    for name in ("results", "speed"):
        table = TABLES[name](read_measurements())
        assert sum(line.startswith("|") for line in table.splitlines()) <= 10


@pytest.mark.parametrize("name", TABLES)
def test_rows_have_as_many_cells_as_there_are_headings(name: str) -> None:
    for block in TABLES[name](read_measurements()).split("\n\n"):
        lines = block.splitlines()
        if lines[0].startswith("|"):
            assert lines[1].startswith("| --- |")
            assert len({line.count("|") for line in lines}) == 1


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    filled = fill_tables(TEXT, read_measurements())
    assert filled.startswith("before\n<!-- table: rasterize -->\n\n| Drawings |")
    assert filled.endswith("\n\n<!-- end table -->\nafter\n")
    assert "old" not in filled
    assert fill_tables(filled, read_measurements()) == filled


def test_a_table_without_figures_says_how_to_measure_it() -> None:
    assert "Not measured yet: `python -m benchmarks rasterize`" in fill_tables(TEXT, {})


def test_no_gpu_figures_are_made_up() -> None:
    assert "Nothing has been measured on a GPU yet" in TABLES["gpu"]({})


def test_gpu_figures_are_shown_once_there_are_some() -> None:
    tables = {
        "epochs": Table(
            {"seconds": "s", "clock": "ratio"}, [{"way": "captured", "seconds": 0.1, "clock": 30.0}]
        ),
        "stream": Table(
            {"making": "s", "training": "s"}, [{"digits": 60_000, "making": 0.02, "training": 0.13}]
        ),
        "ninety_nine": Table(
            {"seconds": "s", "accuracy": "share"},
            [{"device": "cuda", "seed": 1, "seconds": 0.4, "accuracy": 0.9911}],
        ),
        "readings": Table(
            {"median": "ms", "p99": "ms"}, [{"way": "GPU", "median": 0.15, "p99": 0.2}]
        ),
    }
    machine = Machine("a processor", 16, "a GPU", "Linux", "3.11.7", {})
    command = "python -m benchmarks.speed.gpu"
    measurement = Measurement("gpu", command, "2026-11-21", 60, machine, tables)
    text = TABLES["gpu"]({"gpu": measurement})
    for line in (
        "| captured | 0.100 s | 30.0× |",
        "| 60,000 | 0.020 s | 0.130 s |",
        "| cuda | 1 | 0.40 s | 99.11% |",
        "| GPU | 0.150 ms | 0.200 ms |",
    ):
        assert line in text.splitlines()
    assert "16 cores (a processor), a GPU, Linux" in text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<!-- table: rasterize -->\n", "lacks one of the lines"),
        ("<!-- end table -->\n", "lacks one of the lines"),
        ("<!-- table: rasterize -->\n" * 2 + "<!-- end table -->\n", "lacks one of the lines"),
        ("<!-- table: furlongs -->\n<!-- end table -->\n", "unknown tables: furlongs"),
    ],
)
def test_wrong_markers_are_refused(text: str, problem: str) -> None:
    with pytest.raises(MarkerError, match=problem):
        table_names(text)


def test_documents_are_updated_all_or_none(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for name in DOCUMENTS:
        (tmp_path / name).write_text(TEXT)
    (tmp_path / DOCUMENTS[-1]).write_text("<!-- end table -->\n")
    with pytest.raises(MarkerError, match=DOCUMENTS[-1]):
        update_documents(tmp_path, read_measurements())
    assert (tmp_path / DOCUMENTS[0]).read_text() == TEXT
    (tmp_path / DOCUMENTS[-1]).write_text("no table\n")
    changed = update_documents(tmp_path, read_measurements())
    assert changed == [tmp_path / name for name in DOCUMENTS[:-1]]
    assert update_documents(tmp_path, read_measurements()) == []
