"""What `lenet doctor` shows of an installation, and what it finds wrong with it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

import trainer
from trainer import files
from trainer.cli.installation import doctor
from trainer.cli.parser import main


def test_a_sound_installation_has_no_problem(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["problems"] == []
    assert report["program"]["version"] == trainer.__version__
    assert report["libraries"]["torch"] and report["extras"]["sklearn"]
    assert "cpu" in report["devices"]["usable"]
    assert report["datasets"]["pen"] is True and report["datasets"]["mnist"] is False
    assert report["fonts"]["figures"].endswith((".ttf", ".otf", ".ttc"))
    assert report["folders"]["runs"]["writable"] is True


def test_people_are_told_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    told = capsys.readouterr().out
    assert "Optional parts" in told and told.endswith("No problem was found\n")
    assert f"version                 {trainer.__version__}" in told


def test_a_report_does_not_name_its_author() -> None:
    folders = doctor.make_report()["folders"]
    home = os.environ["HOME"]
    assert folders["runs"]["path"].startswith("~")
    assert not any(home in folder["path"] for folder in folders.values())


def test_a_folder_that_cannot_be_written_is_a_problem(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files.runs_folder().parent.mkdir(parents=True)
    files.runs_folder().write_text("a file")
    assert main(["doctor"]) == 1
    told = capsys.readouterr().out.partition("Problems\n")[2]
    assert "runs cannot be written: Not a directory" in told


def test_what_is_broken_hides_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bundle = tmp_path / "lab"
    (bundle / "data").mkdir(parents=True)
    monkeypatch.setenv("LENET_BUNDLE", str(bundle))
    monkeypatch.setitem(sys.modules, "matplotlib.font_manager", None)
    report = doctor.make_report()
    assert report["fonts"] == {} and len(report["problems"]) == 1
    assert report["devices"]["usable"]
    assert report["folders"]["data"]["path"] == str(bundle / "data")
    assert report["folders"]["bundle"]["path"] == str(bundle)
