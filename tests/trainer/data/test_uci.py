"""UCI's files: digits, people and characters as their descriptions say, and damage told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.pen_files import PENDIGITS, UJI, write_text
from tests.trainer.data.test_unipen_packed import compress
from trainer.data import uci
from trainer.data.labelled_images import DataError
from trainer.data.unipen import Segment


def as_tuples(segments: list[Segment]) -> list[tuple[str, str | None, list[list[list[float]]]]]:
    return [(s.label, s.writer, [stroke.tolist() for stroke in s.strokes or []]) for s in segments]


# Pen-Based Recognition of Handwritten Digits

DIGITS = [
    ("8", "12", [[[267, -333], [267, -336]]]),
    ("4", "1", [[[1, -2], [3, -4], [5, -6]], [[7, -8]]]),
]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_pendigits_are_read(tmp_path: Path, end: str) -> None:
    path = tmp_path / "pendigits-orig.tra"
    path.write_bytes(PENDIGITS.replace("\n", end).encode())
    assert as_tuples(list(uci.read_pendigits(path))) == DIGITS


def test_packed_pendigits_are_read(tmp_path: Path) -> None:
    path = tmp_path / "pendigits-orig.tra.Z"
    path.write_bytes(compress(PENDIGITS.encode(), widest=16))
    assert as_tuples(list(uci.read_pendigits(path))) == DIGITS


def test_damaged_packed_pendigits_are_told(tmp_path: Path) -> None:
    path = tmp_path / "pendigits-orig.tra.Z"
    path.write_bytes(b"\x1f\x9d\x90\xff\xff\xff\xff")
    with pytest.raises(DataError, match=r"tra\.Z is damaged .*unpack the whole archive again"):
        list(uci.read_pendigits(path))


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (PENDIGITS[PENDIGITS.index("7 8") - 10 :], "", "digit 2, a 4, has no ink"),
        ("7 8", "7 x", "digit 2, a 4, has no ink"),
        (".COMMENT 8 12 0\n", "", "digit 1, a 8, does not say who wrote it"),
        (".COMMENT 8 12", ".COMMENT 8 ann", "digit 1, a 8, does not say who wrote it"),
        (".COMMENT 4 1", ".COMMENT 5 1", "digit 2, a 4, does not say who wrote it"),
    ],
)
def test_damaged_pendigits_are_told(tmp_path: Path, old: str, new: str, what: str) -> None:
    assert old in PENDIGITS
    path = write_text(tmp_path / "pendigits-orig.tra", PENDIGITS.replace(old, new))
    with pytest.raises(DataError, match=rf"is damaged: {what}\. Unpack"):
        list(uci.read_pendigits(path))


def test_missing_pendigits_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is missing"):
        list(uci.read_pendigits(tmp_path / "pendigits-orig.tra"))


# UJI Pen Characters


def test_digits_of_uji_are_read(tmp_path: Path) -> None:
    path = write_text(tmp_path / "ujipenchars2.txt", UJI)
    seven = ("7", "12", [[[1, 2], [3, 4], [5, 6]], [[-7, 8]]])
    # Person 11's 0 is of one who is not trained on.
    assert as_tuples(list(uci.read_uji_digits(path))) == [seven]


def test_line_ends_of_other_systems_are_read(tmp_path: Path) -> None:
    path = tmp_path / "ujipenchars2.txt"
    path.write_bytes(UJI.replace("\n", "\r\n").encode())
    assert len(list(uci.read_uji_digits(path))) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("POINTS 3 #", "POINTS 4 #"),
        ("POINTS 3 #", "POINTS 3"),
        ("NUMSTROKES 2", "NUMSTROKES 3"),
        ("NUMSTROKES 2", "NUMSTROKES 0"),
        ("  NUMSTROKES 2\n", ""),
        ("5 6", "5 x"),
        ("trn_UPV_W12-01", "somebody"),
    ],
)
def test_a_damaged_sample_of_uji_is_told(tmp_path: Path, old: str, new: str) -> None:
    assert old in UJI
    path = write_text(tmp_path / "ujipenchars2.txt", UJI.replace(old, new, 1))
    with pytest.raises(DataError, match=r"is damaged: the sample at line 4 is not whole\. Unpack"):
        list(uci.read_uji_digits(path))


def test_a_truncated_file_of_uji_is_told(tmp_path: Path) -> None:
    path = write_text(tmp_path / "ujipenchars2.txt", UJI[: UJI.rindex("  POINTS")])
    with pytest.raises(DataError, match="the sample at line 15 is not whole"):
        list(uci.read_uji_digits(path))


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ujipenchars2.txt"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="is damaged"):
        list(uci.read_uji_digits(path))
    with pytest.raises(DataError, match="cannot be read"):
        list(uci.read_uji_digits(tmp_path / "nowhere.txt"))
