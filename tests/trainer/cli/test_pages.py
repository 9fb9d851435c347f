"""`lenet predict` of pictures of several digits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.pages import save_page
from trainer.cli import pages
from trainer.cli.parser import main

Capture = pytest.CaptureFixture[str]


def test_a_number_is_noticed_and_a_single_digit_stays_one(tmp_path: Path, capsys: Capture) -> None:
    number = save_page(tmp_path / "number.png", "2750")
    digit = save_page(tmp_path / "digit.png", "5")
    assert main(["predict", "--json", str(number), str(digit)]) == 0
    several, one = json.loads(capsys.readouterr().out)
    assert several["number"].replace(" ", "") == "2750" and len(several["digits"]) == 4
    assert one["digit"] == 5


def test_all_that_several_files_hold_and_the_bad_one_is_named(
    tmp_path: Path, capsys: Capture
) -> None:
    good = save_page(tmp_path / "good.png", "27", "50")
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    assert main(["predict", "--multiple", "--json", str(bad), str(good)]) == 2
    told = capsys.readouterr()
    refused, page = json.loads(told.out)
    assert "bad.png" in refused["error"] and "bad.png" in told.err
    assert [line.replace(" ", "") for line in page["lines"]] == ["27", "50"]
    assert [digit["line"] for digit in page["digits"]] == [0, 0, 1, 1]
    assert all(len(digit["box"]) == 4 for digit in page["digits"])


def test_a_table_with_a_row_for_each_digit(tmp_path: Path, capsys: Capture) -> None:
    path = save_page(tmp_path / "page.png", "27")
    assert main(["predict", "--multiple", "--csv", str(path)]) == 0
    rows = [line.split(",") for line in capsys.readouterr().out.splitlines()]
    assert [row[4] for row in rows] == ["digit", "2", "7"]
    assert main(["predict", "--csv", str(path)]) == 2


def test_a_page_of_many_digits_asks_to_be_read_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(pages, "MOST_DIGITS", 3)
    assert main(["predict", str(save_page(tmp_path / "page.png", "2745"))]) == 2
    assert "4 digits: read it with --multiple" in capsys.readouterr().err
