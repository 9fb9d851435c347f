"""The published results: read, summed up, refused where they are damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trainer.recipes import published_results
from trainer.recipes.published_results import ResultsError


def run(seed: int, test: float, validation: float = 0.5) -> dict[str, Any]:
    figures = {"test_accuracy": test, "val_accuracy": validation}
    return {"seed": seed, **figures, "seconds_per_epoch": 2.0 * seed, "epochs": 30}


def table() -> dict[str, Any]:
    return {
        "machine": "a small machine",
        "date": "2026-11-21",
        "recipes": {
            "mnist-sigmoid-adamw": {
                "dataset": "mnist",
                "split": "test",
                "reported": 0.9879,
                "runs": [run(1, 0.98), run(2, 0.99), run(3, 1.0)],
                "command": "lenet train --recipe mnist-sigmoid-adamw",
            },
            "fashion-paper": {
                "dataset": "fashion",
                "split": "validation",
                "reported": None,
                "runs": [run(1, 0.88, 0.89)],
                "command": "lenet train --recipe fashion-paper",
            },
        },
    }


def written(tmp_path: Path, values: object) -> Path:
    path = tmp_path / "results.json"
    path.write_text(json.dumps(values))
    return path


def test_mean_and_spread_of_the_seeds(tmp_path: Path) -> None:
    first, second = published_results.read(written(tmp_path, table())).rows
    assert first.test.value == pytest.approx(0.99)
    assert first.test.spread == pytest.approx(0.01)
    assert (first.seeds, first.seconds_per_epoch) == (3, 2.0)  # the fastest
    assert first.source_text() == "98.79 % test"
    assert first.ours_text() == "99.00 ± 1.00 % test"
    assert second.source_text() == "–"
    assert second.ours is second.validation
    assert second.ours_text() == "89.00 % validation, 88.00 % test"


def test_readmes_table(tmp_path: Path) -> None:
    lines = published_results.format_markdown(
        published_results.read(written(tmp_path, table()))
    ).splitlines()
    assert lines[0].startswith("| recipe | source's figure | ours |")
    assert lines[2] == (
        "| `mnist-sigmoid-adamw` | 98.79 % test | 99.00 ± 1.00 % test | 3 | 2.0 "
        "| `lenet train --recipe mnist-sigmoid-adamw` |"
    )
    assert lines[-1].endswith("Measured on a small machine, 2026-11-21.")


def without(key: str) -> dict[str, Any]:
    values = table()
    del values["recipes"]["fashion-paper"][key]
    return values


def changed(key: str, value: object) -> dict[str, Any]:
    values = table()
    values["recipes"]["fashion-paper"][key] = value
    return values


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "is damaged"),
        ({}, "'recipes' is missing"),
        ({"recipes": {}, "date": ""}, "'machine' is missing"),
        ({"recipes": 3}, "is damaged"),
        (without("runs"), "'runs' is missing"),
        (changed("runs", []), "fashion-paper has no runs"),
        (changed("runs", [{"seed": 1}]), "'test_accuracy' is missing"),
        (changed("runs", [run(1, 98.7)]), "98.7 is no accuracy from 0 to 1"),
        (changed("runs", 3), "is damaged"),
        (changed("reported", "much"), "'much' is no accuracy"),
        (changed("split", "train"), "fashion-paper's split is 'train'"),
    ],
)
def test_damaged_results_are_refused(tmp_path: Path, values: object, message: str) -> None:
    with pytest.raises(ResultsError) as error:
        published_results.read(written(tmp_path, values))
    assert message in str(error.value)


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text('{"recipes": {')
    with pytest.raises(ResultsError, match="is damaged"):
        published_results.read(path)


def test_none_at_all_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(published_results, "RESULTS", "no-results.json")
    with pytest.raises(ResultsError, match=r"came without no-results\.json"):
        published_results.read()
    assert published_results.main() == 2
    assert "there are no published results" in capsys.readouterr().err


def test_a_source_that_gives_a_range_is_quoted(tmp_path: Path) -> None:
    values = table()
    values["recipes"]["mnist-sigmoid-adamw"] |= {"reported": 0.85, "told": "85 to 90 %"}
    first, _ = published_results.read(written(tmp_path, values)).rows
    assert first.reported == 0.85
    assert first.source_text() == "85 to 90 % test"
