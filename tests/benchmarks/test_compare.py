"""`python -m benchmarks.compare`: figures in both forms, in pairs, each checkout's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from benchmarks import compare
from benchmarks.compare import CompareError, Measure, check_checkout, measure_pairs, measures

MEASURES = measures(seconds=5, drawings=1000, trainings=2)
PRINTED = {
    "first_window": """window: median 0.304 s  (0.304)
answer: median 1.394 s  (1.394)
import torch: median 1.178 s  (1.178)
answer after import torch: median 0.200 s  (0.200)""",
    "pen_to_screen": "600 of 600 pen moves seen, 0 runs training: p50 3.0 ms, p99 6.1 ms, "
    "largest 12.3 ms, later than 16 ms 0.00%",
    "predict_many": "1,000 drawings: 6.25 s, and import torch alone 1.66 s",
    "memory": """after the start: 651 MB
after round 1: 760 MB
after round 2: 754 MB
growth since the start: 15.8%
growth from the first round to the last: -0.7%""",
}
"""What version 0.1.0 prints."""
TABLES = {
    "first_window": {
        "events": [{"event": "window", "median": 0.304}, {"event": "answer", "median": 1.394}]
    },
    "pen_to_screen": {"moves": [{"tab": "draw", "median": 3.0, "p99": 6.1, "largest": 12.3}]},
    "predict_many": {"command": [{"drawings": 1000, "seconds": 6.25, "import_torch": 1.66}]},
    "memory": {"rounds": [{"round": n, "memory": m} for n, m in enumerate((651, 760, 754))]},
}
"""What later versions write."""
FIGURES = {
    "start": [0.304, 1.394],
    "pen": [3.0, 6.1],
    "epoch": [2.5, 1.5],
    "predict": [6.25],
    "memory": [651.0, 754.0],
}
EPOCHS = """import json, sys
size = sys.argv[sys.argv.index("--batch-size") + 1]
each = {"128": 2.5, "512": 1.5}[size]
for epoch in range(1, 5):  # the first one takes longer
    print(json.dumps({"epoch": epoch, "seconds": 1 + each * epoch}))
print(json.dumps({"run": "somewhere", "test_accuracy": 0.9, "seconds": 99}))
"""


def make_checkout(folder: Path) -> Path:
    """A folder with the packages that are measured, whose commands print known figures."""
    for package in ("trainer", "lenet_gui"):
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").touch()
    (folder / "trainer" / "__main__.py").write_text(EPOCHS)
    (folder / "benchmarks").mkdir()
    return folder


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A checkout whose benchmarks print text."""
    folder = make_checkout(tmp_path / "old")
    for name, text in PRINTED.items():
        (folder / "benchmarks" / f"{name}.py").write_text(f"print({text!r})")
    return folder


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A checkout whose benchmarks are modules in a package, and write JSON."""
    folder = make_checkout(tmp_path / "new")
    package = folder / "benchmarks" / "window"
    package.mkdir()
    for each in (package, package.parent):
        (each / "__init__.py").touch()
    for name, tables in TABLES.items():
        document = {
            "tables": {title: {"units": {}, "rows": rows} for title, rows in tables.items()}
        }
        (package / f"{name}.py").write_text(
            "import sys\nassert __spec__.name.startswith('benchmarks.window')\n"
            f"open(sys.argv[sys.argv.index('--json') + 1], 'w').write({json.dumps(document)!r})\n"
        )
    return folder


@pytest.mark.parametrize("name", MEASURES)
def test_the_same_figures_are_found_in_text_and_in_json(name: str, old: Path, new: Path) -> None:
    for checkout in (old, new):
        assert MEASURES[name].run(checkout) == FIGURES[name]
    assert len(MEASURES[name].units) == len(FIGURES[name])


def test_the_order_within_a_pair_alternates(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    runs: list[Path] = []

    def run(checkout: Path) -> list[float]:
        runs.append(checkout)
        return [float(len(runs)), 0.0]

    pairs = list(measure_pairs(Measure({"one": "s", "two": "s"}, run, rounds=3), old, new, 3))
    assert runs == [old, new, new, old, old, new]
    assert [(before[0], after[0]) for before, after in pairs] == [(1, 2), (4, 3), (5, 6)]


def test_a_line_has_the_medians_and_the_median_of_the_ratios() -> None:
    line = compare.table_line("memory", "MB", [(100, 110), (200, 100), (400, 360)])
    assert line.split() == ["memory", "200", "110", "MB", "0.900", "0.500", "to", "1.100", "3"]
    assert line.index("110") < compare.HEADER.index("new/old") < line.index("to")


def test_a_failed_run_is_reported_and_the_others_are_compared(
    old: Path, new: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compare, "HERE", new)
    (old / "benchmarks" / "memory.py").write_text("raise SystemExit('no display')")
    (new / "benchmarks" / "window" / "predict_many.py").unlink()
    names = ["start", "memory", "predict", "pen"]
    assert compare.main([str(old), "--rounds", "1", "--only", *names]) == 1
    captured = capsys.readouterr()
    assert "no display" in captured.err and "has no predict_many.py" in captured.err
    lines = [line[:34].strip() for line in captured.out.splitlines()[1:-1]]
    assert lines == ["first window", "first answer", "pen to screen, p50", "pen to screen, p99"]


@pytest.mark.parametrize("text", ["", "window: soon"])
def test_text_without_the_figure_is_refused(old: Path, text: str) -> None:
    (old / "benchmarks" / "first_window.py").write_text(f"print({text!r})")
    with pytest.raises(CompareError, match="first window"):
        MEASURES["start"].run(old)


def test_what_is_no_checkout_is_refused(
    tmp_path: Path, old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare.main([str(tmp_path)]) == 2
    assert "no folder benchmarks" in capsys.readouterr().err
    assert compare.main([str(compare.HERE)]) == 2
    assert "this checkout itself" in capsys.readouterr().err
    check_checkout(old)
    shutil.rmtree(old / "trainer")
    with pytest.raises(CompareError):  # another trainer is found, such as an installed one, or none
        check_checkout(old)


def test_a_checkout_imports_its_own_modules(old: Path, new: Path) -> None:
    """Not installed ones, nor those of the checkout from which it is started."""
    shutil.rmtree(new / "benchmarks" / "window")
    for checkout in (old, new):
        (checkout / "benchmarks" / "first_window.py").write_text(
            "import os, trainer\n"
            "print('window: median', len(trainer.__file__), 's')\n"
            "print('answer: median', len(os.getcwd()), 's')\n"
        )
        place = str(checkout / "trainer" / "__init__.py")
        assert MEASURES["start"].run(checkout) == [len(place), len(str(checkout))]
