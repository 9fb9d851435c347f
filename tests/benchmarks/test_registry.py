"""The list of benchmarks is that of the files, and their commands run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.measurement import RESULTS, read_measurement
from benchmarks.recognition.robustness import AMOUNTS
from benchmarks.registry import BENCHMARKS
from trainer.robustness.distortions import PARAMETERS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "benchmarks"
MODULES = {
    f"{path.parent.name}.{path.stem}"
    for path in FOLDER.glob("*/*.py")
    if "run(__doc__" in path.read_text(encoding="utf-8")
}


def test_every_benchmark_is_listed_under_the_name_of_its_file() -> None:
    assert {benchmark.module for benchmark in BENCHMARKS.values()} == MODULES
    for name, benchmark in BENCHMARKS.items():
        stem = benchmark.module.rpartition(".")[2].replace("_", "-")
        assert name.startswith(stem)
        assert bool(benchmark.options) or name == stem


def test_every_result_is_of_a_listed_benchmark() -> None:
    assert {path.stem for path in RESULTS.glob("*.json")} <= set(BENCHMARKS)


def test_distortions_are_the_programs() -> None:
    assert set(AMOUNTS) <= set(PARAMETERS)


def test_the_list_names_all() -> None:
    command = [sys.executable, "-m", "benchmarks", "--list"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(BENCHMARKS)


@pytest.mark.parametrize("options", [["furlongs"], ["--format", "rasterize"]])
def test_wrong_command_lines_are_refused(options: list[str]) -> None:
    command = [sys.executable, "-m", "benchmarks", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_benchmark_writes_its_document(tmp_path: Path) -> None:
    strokes = tmp_path / "strokes.json"
    strokes.write_text('[{"strokes": [[[5, 0], [5, 9]]]}]')
    path = tmp_path / "rasterize-one.json"
    module = [sys.executable, "-m", "benchmarks.speed.rasterize"]
    command = [*module, f"--json={path}", "--strokes", str(strokes)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    measurement = read_measurement(path)
    assert measurement.name == "rasterize-one"
    assert measurement.command == f"python -m benchmarks.speed.rasterize --strokes {strokes}"
    assert measurement.tables["rasterize"].rows[0]["drawings"] == 1
    assert measurement.tables["built_in_digits"].rows[0]["rate"] > 0
    assert "digits/s" in done.stdout


def test_what_cannot_be_measured_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "accuracy.json"
    module = [sys.executable, "-m", "benchmarks.recognition.several_digits"]
    command = [*module, "--data", str(tmp_path), "--json", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0
    assert "nothing to measure: the real pen digits are not in" in done.stderr
    assert not path.exists()
