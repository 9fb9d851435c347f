"""UNIPEN's folder: its format and the release's conventions, and damage told in words."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from tests.support.pen_files import DOC, INK, as_lists, write_release
from trainer.data import pen_digits, unipen
from trainer.data.labelled_images import DataError
from trainer.data.pen_digits import PenDigit, PenFiles


def read(root: Path) -> list[PenDigit]:
    return pen_digits.read(PenFiles(unipen=root))


def read_one(root: Path) -> PenDigit:
    digits = read(root)
    assert len(digits) == 1
    return digits[0]


def test_a_label_refers_to_its_component_and_y_points_down(tmp_path: Path) -> None:
    digit = read_one(write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n'))
    assert (digit.label, digit.contributor) == (1, "ibm")
    assert as_lists(digit) == [[[0, -10], [1, 0]]]
    assert all(stroke.dtype == np.float64 for stroke in digit.strokes)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("0-1", [[[0, -10], [1, 0]], [[5, -9], [6, -8], [7, -7], [8, -6]]]),
        # Pen-up components count, if they have points, but they are not ink.
        ("1-3", [[[5, -9], [6, -8], [7, -7], [8, -6]], [[4, -4], [3, -3], [2, -1]]]),
        ("3,0", [[[4, -4], [3, -3], [2, -1]], [[0, -10], [1, 0]]]),
        ("1:2-3:1", [[[7, -7], [8, -6]], [[4, -4], [3, -3]]]),
        ("1:1-3", [[[6, -8], [7, -7], [8, -6]], [[4, -4], [3, -3], [2, -1]]]),
        ("0-1:1", [[[0, -10], [1, 0]], [[5, -9], [6, -8]]]),
        ("1:1-1:2", [[[6, -8], [7, -7]]]),
        ("0,1:0-1:1,3", [[[0, -10], [1, 0]], [[5, -9], [6, -8]], [[4, -4], [3, -3], [2, -1]]]),
        ("0-0", [[[0, -10], [1, 0]]]),
    ],
)
def test_delineations(tmp_path: Path, where: str, expected: list[list[list[float]]]) -> None:
    digit = read_one(write_release(tmp_path, f'.SEGMENT CHARACTER {where} ? "4"\n'))
    assert as_lists(digit) == expected


def test_only_digits_are_taken(tmp_path: Path) -> None:
    labels = """.SEGMENT TEXT 0-3 OK "1234"
.SEGMENT CHARACTER 0 OK "a"
.SEGMENT CHARACTER 0 OK "12"
.SEGMENT CHARACTER 0 OK "\\""
.SEGMENT WORD 0 OK "7"
.SEGMENT CHARACTER 0
.SEGMENT CHARACTER 0 OK "3"
.SEGMENT DIGIT 3 GOOD
   "5"
"""
    assert [digit.label for digit in read(write_release(tmp_path, labels))] == [3, 5]


def test_labels_of_included_files_are_not_taken(tmp_path: Path) -> None:
    ink = INK + '.SEGMENT CHARACTER 3 OK "8"\n'
    assert read_one(write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', ink)).label == 1


def test_included_files_include_others(tmp_path: Path) -> None:
    root = write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', ".INCLUDE ibm/deep.doc\n" + INK)
    (root / "include/ibm/deep.doc").write_text(".COORD T Y X\n")
    ink = root / "include/ibm/data/set0/one.dat"
    ink.write_text(ink.read_text().replace("0 10\n1 0\n", "99 10 0\n98 0 1\n"))
    assert as_lists(read_one(root)) == [[[0, -10], [1, 0]]]


def test_both_axes_have_one_unit(tmp_path: Path) -> None:
    doc = DOC.replace(".X_POINTS_PER_INCH 100", ".X_POINTS_PER_INCH 50")
    digit = read_one(write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', doc=doc))
    assert as_lists(digit) == [[[0, -10], [2, 0]]]


def test_an_unknown_resolution_changes_nothing(tmp_path: Path) -> None:
    doc = DOC.replace(".X_POINTS_PER_INCH 100", ".X_POINTS_PER_INCH unknown")
    digit = read_one(write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', doc=doc))
    assert as_lists(digit) == [[[0, -10], [1, 0]]]


def test_a_new_set_is_numbered_anew(tmp_path: Path) -> None:
    ink = INK + ".START_SET second\n.PEN_DOWN\n1 1\n2 2\n.PEN_UP\n"
    digit = read_one(write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', ink))
    assert as_lists(digit) == [[[1, -1], [2, -2]]]


def test_line_ends_of_other_systems_are_read(tmp_path: Path) -> None:
    root = write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n')
    for file in root.rglob("*.d*"):
        if file.is_file():
            file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert as_lists(read_one(root)) == [[[0, -10], [1, 0]]]


def test_ink_that_was_not_published_is_left_out(tmp_path: Path) -> None:
    ink = ".WRITER_ID ann\n" + ".PEN_DOWN\n0 0\n.PEN_UP\n" * 3 + ".PEN_DOWN\n0 0\n0 0\n" + INK
    labels = "".join(f'.SEGMENT CHARACTER {where} OK "4"\n' for where in ("0-1", "2,4", "3", "4"))
    assert as_lists(read_one(write_release(tmp_path, labels, ink))) == [[[0, -10], [1, 0]]]


def test_a_writer_is_named_as_in_the_json_file(tmp_path: Path) -> None:
    ink = INK.replace("ann", "Bill_Cleveland")
    digit = read_one(
        write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', ink, contributor="apb")
    )
    assert (digit.writer, digit.contributor) == ("apple-7903e4b7", "apb")


def test_writers_are_told_apart(tmp_path: Path) -> None:
    other = INK + ".WRITER_ID bob\n.PEN_DOWN\n1 1\n2 2\n.PEN_UP\n"
    write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n.SEGMENT CHARACTER 4 OK "1"\n', other)
    nameless = INK.replace(".WRITER_ID ann\n", "")
    write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', nameless, name="two")
    write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', nameless, name="three")
    for contributor in ("apa", "app", "tos"):
        write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', contributor=contributor)
    digits = read(tmp_path)
    by = {(digit.contributor, digit.writer) for digit in digits}
    assert len(digits) == len(by) == 7
    # Ann of apa is Ann of app, for both are Apple; Ann of tos is someone else.
    assert len({writer for _, writer in by}) == 6


def test_words_of_one_digit_are_taken_of_category_7(tmp_path: Path) -> None:
    write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', contributor="gmd")
    words = """.SEGMENT WORD 0 OK "7"
.SEGMENT WORD 1 OK "seven"
.SEGMENT WORD 1 OK "77"
.SEGMENT CHARACTER 1 OK "8"
"""
    write_release(tmp_path, words, contributor="hpp", category="7")
    write_release(tmp_path, words, contributor="kar", category="7")
    digits = read(tmp_path)
    assert [(digit.contributor, digit.label) for digit in digits] == [("gmd", 1), ("hpp", 7)]
    assert [digit.writer[:4] for digit in digits] == ["gmd-", "hpp-"]


def test_contributors_that_the_json_file_has_not_are_left_out(tmp_path: Path) -> None:
    write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', contributor="val")
    with pytest.raises(DataError, match=r"holds no digits by aga, .*: unpack the whole archive"):
        read(tmp_path)
    write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n')
    assert read_one(tmp_path).contributor == "ibm"


def test_a_folder_without_the_digits_is_told(tmp_path: Path) -> None:
    (tmp_path / "train_r01_v07" / "include").mkdir(parents=True)
    files = pen_digits.find(tmp_path)
    assert files is not None
    with pytest.raises(DataError, match="train_r01_v07 has no folder data/1a"):
        pen_digits.read(files)


@pytest.mark.parametrize("file", ["set.doc", "data/set0/one.dat"])
def test_a_missing_included_file_is_told(tmp_path: Path, file: str) -> None:
    root = write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n')
    (root / "include/ibm" / file).unlink()
    with pytest.raises(DataError, match=rf"{Path(file).name} is missing: unpack the whole archive"):
        read(root)


def test_files_that_include_one_another_are_told(tmp_path: Path) -> None:
    root = write_release(tmp_path, "", doc=".INCLUDE ibm/set.doc\n")
    with pytest.raises(DataError, match=r"set\.doc: these files include one another"):
        read(root)


@pytest.mark.parametrize("kept", [len(INK) - 30, INK.index("3 3"), 20])
def test_a_truncated_file_is_told(tmp_path: Path, kept: int) -> None:
    labels = '.SEGMENT CHARACTER 3:1-3:2 OK "1"\n'
    assert len(read(write_release(tmp_path / "whole", labels))) == 1
    root = write_release(tmp_path / "cut", labels, INK[:kept])
    with pytest.raises(DataError, match=r"1 of 1 digits refer to ink .* a 1 in .*one\.dat: unpack"):
        read(root)


@pytest.mark.parametrize("where", ["9", "0-9", "3-0", "1:9-3", "1:2-1:4", "1:3-1:1", "?", "2", "a"])
def test_labels_without_ink_are_left_out_while_they_are_few(tmp_path: Path, where: str) -> None:
    good, bad = '.SEGMENT CHARACTER 0 OK "1"\n', f'.SEGMENT CHARACTER {where} OK "2"\n'
    digits = read(write_release(tmp_path, 99 * good + bad))
    assert [digit.label for digit in digits] == [1] * 99
    with pytest.raises(DataError, match=r"3 of 102 digits refer to ink .* the first a 2 in"):
        read(write_release(tmp_path, 99 * good + 3 * bad))


@pytest.mark.parametrize(
    "ink", [".PEN_DOWN\n1 2\n3\n", ".PEN_DOWN\n1 2\nx y\n", ".COORD P\n" + INK]
)
def test_ink_that_is_no_pairs_of_numbers_is_told(tmp_path: Path, ink: str) -> None:
    with pytest.raises(DataError, match="1 of 1 digits refer to ink that is not there"):
        read(write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', ink))


@pytest.mark.parametrize("name", ["", " ", "a\0b", "\0", "two\nlines", "long" * 99])
def test_an_included_file_without_a_name_is_told(tmp_path: Path, name: str) -> None:
    root = write_release(tmp_path, f'.INCLUDE {name}\n.SEGMENT CHARACTER 0 OK "1"\n')
    with pytest.raises(DataError, match="includes a file without a proper name") as told:
        read(root)
    assert "\0" not in str(told.value)


@pytest.mark.parametrize("content", ["", "\n", "no statements at all\n"])
def test_a_file_without_statements_has_no_digits(tmp_path: Path, content: str) -> None:
    root = write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n')
    empty = next(root.glob("data/1a/ibm/**/*.dat")).with_name("empty.dat")
    empty.write_text(content)
    assert len(read(root)) == 1


def test_many_files_that_include_many_are_told_soon(tmp_path: Path) -> None:
    root = write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', ".INCLUDE ibm/0.doc\n" * 10)
    for depth in range(7):
        more = f".INCLUDE ibm/{depth + 1}.doc\n" * 10 if depth < 6 else ""
        (root / f"include/ibm/{depth}.doc").write_text(more)
    with pytest.raises(DataError, match="one of more than 1,000 included files"):
        read(root)


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_is_too_large_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    monkeypatch.setattr(unipen, "_LARGEST", 1 << 20)
    root = write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n')
    ink = next(root.glob("include/**/*.dat"))
    ink.write_bytes(gzip.compress(bytes(2 << 20)) if packed else bytes(2 << 20))
    with pytest.raises(DataError, match="more than"):
        read(root)


@pytest.mark.parametrize("ink", ["1e999 3\n4 5\n", "nan 3\n4 5\n"])
def test_ink_that_is_nowhere_is_left_out(tmp_path: Path, ink: str) -> None:
    root = write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', INK.replace("0 10\n1 0\n", ink))
    with pytest.raises(DataError, match="ink that is not there"):
        read(root)


@pytest.mark.parametrize("where", ["9" * 5000, "0-" + "9" * 5000, f"0:{'9' * 5000}-1"])
def test_a_number_without_end_is_told(tmp_path: Path, where: str) -> None:
    with pytest.raises(DataError, match="ink that is not there"):
        read(write_release(tmp_path, f'.SEGMENT CHARACTER {where} OK "1"\n'))


def test_a_resolution_without_end_changes_nothing(tmp_path: Path) -> None:
    told = '.X_POINTS_PER_INCH 1e-300\n.Y_POINTS_PER_INCH 1e300\n.SEGMENT CHARACTER 0 OK "1"\n'
    assert as_lists(read_one(write_release(tmp_path, told))) == [[[0, -10], [1, 0]]]
