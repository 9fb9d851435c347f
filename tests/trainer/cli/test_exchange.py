"""`lenet import` and `lenet export`, from file to file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.support.foreign import Named, with_names
from trainer.cli import parser as cli
from trainer.exchange import importing
from trainer.networks import model as weights

Capture = pytest.CaptureFixture[str]
KNOWN = ("--activation", "relu", "--pooling", "max", "--border", "zeros", "--ink", "light")


@pytest.fixture(autouse=True)
def few_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "WRITTEN", 100)


def test_a_foreign_network_becomes_a_model_file(tmp_path: Path, capsys: Capture) -> None:
    state = with_names("a b c d e")
    state["extra"] = torch.zeros(7)
    torch.save(state, tmp_path / "web.pth")
    out = tmp_path / "mine.safetensors"
    assert cli.main(["import", str(tmp_path / "web.pth"), "--out", str(out), *KNOWN]) == 0
    printed = capsys.readouterr()
    assert "a LeNet-5 of PyTorch, tried on 100 digits written by code" in printed.out
    assert "MNIST's mean and deviation" in printed.out and f"saved {out}" in printed.out
    assert "lenet: 1 tensor of the file is not used: extra" in printed.err
    assert weights.load(out).name == "mine"
    assert cli.main(["import", str(out)]) == 2
    assert "of this program already" in capsys.readouterr().err


def test_what_was_found_as_json(tmp_path: Path, capsys: Capture) -> None:
    torch.save(with_names("a b c d e"), tmp_path / "web.pth")
    arguments = ["import", str(tmp_path / "web.pth"), "--json", "--scale", "MNIST", *KNOWN]
    assert cli.main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["format"] == "PyTorch" and found["out"] is None and found["unused"] == []
    best = found["variants"][0]
    assert (best["border"], best["scale"], best["hidden_activation"]) == ("zeros", "MNIST", "same")
    assert best["accuracy"] > 0.9


def test_a_whole_model_is_refused_in_one_line(tmp_path: Path, capsys: Capture) -> None:
    torch.save(Named(), tmp_path / "whole.pt")
    out = tmp_path / "out.safetensors"
    assert cli.main(["import", str(tmp_path / "whole.pt"), "--out", str(out)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "torch.save(model.state_dict(), 'weights.pt')" in line and not out.exists()


def test_a_network_is_exported_by_its_name(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "net.onnx"
    arguments = ["export", "--format", "onnx", "lenet5-1998", str(out), "--softmax", "--json"]
    assert cli.main(arguments) == 0
    done = json.loads(capsys.readouterr().out)
    assert done["bytes"] == out.stat().st_size and done["images"] == 100
    assert done["largest_difference"] <= 1e-5 and done["accuracy"] is None


def test_a_header_tells_both_accuracies(tmp_path: Path, capsys: Capture) -> None:
    assert cli.main(["export", "--format", "c", "lenet5", str(tmp_path / "net.h")]) == 0
    assert "right with 8-bit weights" in capsys.readouterr().out


def test_options_that_a_format_has_not_are_refused(tmp_path: Path, capsys: Capture) -> None:
    arguments = ["export", "--format", "npz", "lenet5", str(tmp_path / "x.npz"), "--softmax"]
    assert cli.main(arguments) == 2
    assert "are for onnx and torch-export, not for npz" in capsys.readouterr().err


def test_a_network_that_is_not_there_is_named(tmp_path: Path, capsys: Capture) -> None:
    arguments = ["export", "--format", "npz", str(tmp_path / "none"), str(tmp_path / "x.npz")]
    assert cli.main(arguments) == 2
    assert "none cannot be read: No such file" in capsys.readouterr().err
