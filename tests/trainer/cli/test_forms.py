"""`lenet forms`: the table of forms, and the sheet that shows each of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trainer.cli.common import count_columns, pad
from trainer.cli.parser import main
from trainer.handwriting.allographs import FORMS


def test_the_table_names_every_form_with_its_share_and_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["forms", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert [(row["digit"], row["form"]) for row in table] == list(FORMS)
    assert all(0 < row["share"] < 1 and row["reason"] for row in table)


def test_each_form_has_a_row_of_examples(tmp_path: Path) -> None:
    assert main(["forms", "--picture", str(tmp_path / "forms.png"), "--examples", "3"]) == 0
    with Image.open(tmp_path / "forms.png") as sheet:
        ink = np.asarray(sheet.convert("L")) < 128
    rows = (len(FORMS) + 1) // 2
    height = ink.shape[0] // rows
    # Ink at the right of both columns, where the examples are.
    for half in (ink[:, ink.shape[1] // 2 - 120 : ink.shape[1] // 2 - 20], ink[:, -120:]):
        inked = [half[16 + row * 64 : 16 + row * 64 + 64].any() for row in range(rows)]
        assert inked.count(True) >= len(FORMS) // 2
    assert height >= 64


def test_another_seed_writes_other_examples(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        main(["forms", "--picture", str(tmp_path / f"{seed}.png"), "--seed", seed])
    assert (tmp_path / "1.png").read_bytes() != (tmp_path / "2.png").read_bytes()


def test_a_folder_that_is_not_there_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["forms", "--picture", str(tmp_path / "none" / "forms.png")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_columns_line_up_in_chinese() -> None:
    for text, wide in (("oval", 4), ("椭圆", 4), ("C5 层", 5)):
        assert count_columns(text) == wide
        assert pad(text, 8) == text + " " * (8 - wide)
        assert pad(text, 8, right=True) == " " * (8 - wide) + text
