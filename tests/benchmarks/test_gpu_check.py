"""The check of a GPU, with the processor in its place, and that it sees a difference."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from benchmarks.speed import gpu_check
from trainer.networks.model import Model
from trainer.recipes.catalog import RECIPES

ROOT = Path(__file__).resolve().parents[2]
CPU = torch.device("cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="it would check")
def test_without_a_gpu_it_says_so_in_one_line() -> None:
    command = [sys.executable, "-m", "benchmarks.speed.gpu", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("gpu.py --check: nothing to check: ")


@pytest.mark.parametrize("name", ["ninety-nine", "fashion-improved", "lenet5-1998"])
def test_a_recipe_computes_the_same_twice(name: str) -> None:
    gpu_check.check_recipe(RECIPES[name], CPU)


def test_what_needs_no_gpu_finds_no_difference() -> None:
    for check in (gpu_check.check_reading, gpu_check.check_evaluation, gpu_check.check_learning):
        check(CPU)


def test_a_difference_is_seen_and_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A device whose first layer has lost a weight."""
    to = Model.to

    def spoiled(model: Model, device: torch.device) -> Model:
        moved = to(model, device)
        next(iter(moved.network.parameters())).data[0] += 0.2
        return moved

    monkeypatch.setattr(Model, "to", spoiled)
    checks = [
        ("reading", lambda: gpu_check.check_reading(CPU)),
        ("evaluation", lambda: gpu_check.check_evaluation(CPU)),
        ("fallback", lambda: gpu_check.check_fallback(CPU)),
    ]
    monkeypatch.setattr(gpu_check, "list_checks", lambda _: iter(checks))
    assert gpu_check.check(CPU) == 3
    assert capsys.readouterr().err.count("FAILED: Difference") == 3
    assert gpu_check.check(CPU, seconds=-1) == 3  # what is left out is not called the same
