from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.class_sets import make_set
from trainer.cli import parser as cli
from trainer.my_classes import class_file
from trainer.networks import model as weights

Capture = pytest.CaptureFixture[str]


def lenet(*arguments: str | Path) -> int:
    return cli.main([str(argument) for argument in arguments])


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{name}.json.gz" for name in ("ann", "ben", "cem")]
    for number, path in enumerate(paths, start=1):
        class_file.save(make_set(2, ("",) * number), path)
    return paths


def test_sets_are_merged_changed_and_saved(files: list[Path], capsys: Capture) -> None:
    out = files[0].with_name("all.json")
    changes = ("--rename", "line=stroke", "--merge", "cross=circle", "--out", out)
    assert lenet("classes", *files, *changes) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("drawings by ann, ben, cem")
    assert [line.split()[0] for line in lines[1:]] == ["circle", "stroke"]
    assert class_file.load(out).classes == ("circle", "stroke")
    assert lenet("classes", out, "--remove", "stroke", "--json") == 0
    assert list(json.loads(capsys.readouterr().out)["classes"]) == ["circle"]


def test_a_network_learns_them(files: list[Path], capsys: Capture) -> None:
    network = files[0].with_name("forms.safetensors")
    assert lenet("classes", *files, "--train", network, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["by_writer"] and told["accuracy"] > 0.5
    assert weights.load(network).classes == ("circle", "cross", "line")


def test_mistakes_are_one_line(files: list[Path], capsys: Capture) -> None:
    for wrong, said in (
        (["--rename", "line"], "must be two names of classes"),
        (["--merge", "star=line"], "there is no class star"),
        (["--remove", "line", "--remove", "cross", "--train", "a"], "At least 2 classes"),
    ):
        assert lenet("classes", files[0], *wrong) == 2
        refused = capsys.readouterr().err
        assert said in refused and refused.count("\n") == 1
