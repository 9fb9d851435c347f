"""Real pen digits: both forms read alike, damage told in words, people kept apart."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainer.data import unipen
from trainer.data.labelled_images import DataError
from trainer.data.unipen import PenDigit

DOC = """.VERSION 1.0
.DATA_SOURCE A laboratory
.DATA_CONTACT  Name: Jos\xe9 Mu\xf1oz
   not a keyword, for it is not in the first column: .COORD Y X
.ALPHABET "0" "1" "\\"" "\"\"
.X_POINTS_PER_INCH 100
.Y_POINTS_PER_INCH 100
.COORD X Y
.HIERARCHY CHARACTER
"""
INK = """
.WRITER_ID ann
.PEN_DOWN
0 10
1 0
.PEN_UP
.PEN_DOWN
\t5\t9
\t6\t8
\t7\t7
\t8\t6
.PEN_UP
7 7
6 7
.PEN_DOWN
4 4
3 3
2 1
.PEN_UP
.DT 100
"""


def release(
    root: Path,
    labels: str,
    ink: str = INK,
    doc: str = DOC,
    contributor: str = "ibm",
    name: str = "one",
) -> Path:
    """An original folder with one file of labels, one of ink and one that documents."""
    files = {
        f"data/1a/{contributor}/set0/{name}.dat": ".VERSION 1.0\n"
        f".INCLUDE {contributor}/set.doc\n"
        f".INCLUDE {contributor}/data/set0/{name}.dat\n" + labels,
        f"include/{contributor}/set.doc": doc,
        f"include/{contributor}/data/set0/{name}.dat": ink,
    }
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, encoding="latin-1")
    return root


def strokes(digit: PenDigit) -> list[list[list[float]]]:
    return [stroke.tolist() for stroke in digit.strokes]


def read_one(root: Path) -> PenDigit:
    digits = unipen.read(root)
    assert len(digits) == 1
    return digits[0]


def drawing(**changed: Any) -> dict[str, Any]:
    ink = [[[0, 0], [1, 2]], [[3, 4]]]
    return {"label": 7, "writer": "ibm-1", "contributor": "ibm", "strokes": ink} | changed


def json_file(path: Path, items: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps(items).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


# Finding it


@pytest.mark.parametrize("place", [".", "pen", "unipen"])
@pytest.mark.parametrize("name", ["pen-digits.json.gz", "pen-digits.json"])
def test_the_json_file_is_found(tmp_path: Path, place: str, name: str) -> None:
    path = json_file(tmp_path / place / name, [drawing()])
    assert unipen.find(tmp_path) == path


@pytest.mark.parametrize(
    "place", [".", "train_r01_v07", "CDROM/train_r01_v07", "unipen/CDROM/train_r01_v07", "a/b"]
)
def test_the_original_folder_is_found(tmp_path: Path, place: str) -> None:
    release(tmp_path / place, "")
    assert unipen.find(tmp_path) == tmp_path / place


def test_an_original_folder_without_digits_is_found_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "train_r01_v07" / "include").mkdir(parents=True)
    assert unipen.find(tmp_path) == tmp_path / "train_r01_v07"


def test_the_json_file_comes_before_the_original_folder(tmp_path: Path) -> None:
    release(tmp_path, "")
    path = json_file(tmp_path / "pen" / "pen-digits.json", [drawing()])
    assert unipen.find(tmp_path) == path


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "data" / "1a").mkdir(parents=True)  # no ink beside it
    (tmp_path / "pen-digits.json").mkdir()
    assert unipen.find(tmp_path) is None
    assert unipen.find(tmp_path / "nowhere") is None


# The JSON file


@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_json_is_read(tmp_path: Path, name: str) -> None:
    digits = unipen.read(json_file(tmp_path / name, [drawing(), drawing(label=0, writer="b")]))
    assert [(d.label, d.writer, d.contributor) for d in digits] == [
        (7, "ibm-1", "ibm"),
        (0, "b", "ibm"),
    ]
    assert strokes(digits[0]) == [[[0, 0], [1, 2]], [[3, 4]]]
    assert all(s.dtype == np.float64 and s.shape[1] == 2 for s in digits[0].strokes)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"label": 10}, "is labelled 10"),
        ({"label": "7"}, "is labelled '7'"),
        ({"label": True}, "is labelled True"),
        ({"writer": ""}, "who wrote it"),
        ({"contributor": 3}, "who wrote it"),
        ({"strokes": "ink"}, "no list of strokes"),
        ({"strokes": []}, "has no ink"),
        ({"strokes": [[]]}, "has no ink"),
        ({"strokes": [[[1]]]}, "can't be drawn"),
        ({"strokes": [[[1, float("nan")]]]}, "can't be drawn"),
    ],
)
def test_a_wrong_digit_is_told_by_its_place(
    tmp_path: Path, changed: dict[str, Any], what: str
) -> None:
    path = json_file(tmp_path / "a.json", [drawing(), drawing(**changed)])
    with pytest.raises(DataError, match=rf"a\.json: digit 1 .*{what}.* Get the file again"):
        unipen.read(path)


def test_a_missing_key_is_told(tmp_path: Path) -> None:
    item = drawing()
    del item["writer"]
    with pytest.raises(DataError, match="digit 0 has not all of label, writer"):
        unipen.read(json_file(tmp_path / "a.json", [item]))


@pytest.mark.parametrize("items", [{}, [], 3])
def test_what_is_no_list_is_told(tmp_path: Path, items: Any) -> None:
    with pytest.raises(DataError, match="is not a list of digits"):
        unipen.read(json_file(tmp_path / "a.json", items))


@pytest.mark.parametrize("content", [b"", b"[{", b"\xff\xfe", b"[" * 100_000])
def test_bad_json_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.json is not JSON .* Get the file again"):
        unipen.read(tmp_path / "a.json")


def test_damaged_gzip_is_told(tmp_path: Path) -> None:
    path = json_file(tmp_path / "a.json.gz", [drawing(writer=str(n)) for n in range(99)])
    whole = path.read_bytes()
    flipped = bytes(b ^ 0xFF if 40 <= n < 80 else b for n, b in enumerate(whole))
    for content in (whole[:-30], flipped):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"cannot be read .* Get the file again"):
            unipen.read(path)


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        unipen.read(tmp_path / "a.json")


# The original folder


def test_a_label_refers_to_its_component_and_y_points_down(tmp_path: Path) -> None:
    digit = read_one(release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n'))
    assert (digit.label, digit.contributor) == (1, "ibm")
    assert strokes(digit) == [[[0, -10], [1, 0]]]
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
    digit = read_one(release(tmp_path, f'.SEGMENT CHARACTER {where} ? "4"\n'))
    assert strokes(digit) == expected


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
    assert [digit.label for digit in unipen.read(release(tmp_path, labels))] == [3, 5]


def test_labels_of_included_files_are_not_taken(tmp_path: Path) -> None:
    ink = INK + '.SEGMENT CHARACTER 3 OK "8"\n'
    assert read_one(release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', ink)).label == 1


def test_included_files_include_others(tmp_path: Path) -> None:
    root = release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', ".INCLUDE ibm/deep.doc\n" + INK)
    (root / "include/ibm/deep.doc").write_text(".COORD T Y X\n")
    ink = root / "include/ibm/data/set0/one.dat"
    ink.write_text(ink.read_text().replace("0 10\n1 0\n", "99 10 0\n98 0 1\n"))
    assert strokes(read_one(root)) == [[[0, -10], [1, 0]]]


def test_both_axes_have_one_unit(tmp_path: Path) -> None:
    doc = DOC.replace(".X_POINTS_PER_INCH 100", ".X_POINTS_PER_INCH 50")
    digit = read_one(release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', doc=doc))
    assert strokes(digit) == [[[0, -10], [2, 0]]]


def test_an_unknown_resolution_changes_nothing(tmp_path: Path) -> None:
    doc = DOC.replace(".X_POINTS_PER_INCH 100", ".X_POINTS_PER_INCH unknown")
    digit = read_one(release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', doc=doc))
    assert strokes(digit) == [[[0, -10], [1, 0]]]


def test_a_new_set_is_numbered_anew(tmp_path: Path) -> None:
    ink = INK + ".START_SET second\n.PEN_DOWN\n1 1\n2 2\n.PEN_UP\n"
    digit = read_one(release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', ink))
    assert strokes(digit) == [[[1, -1], [2, -2]]]


def test_line_ends_of_other_systems_are_read(tmp_path: Path) -> None:
    root = release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n')
    for file in root.rglob("*.d*"):
        if file.is_file():
            file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert strokes(read_one(root)) == [[[0, -10], [1, 0]]]


def test_ink_that_was_not_published_is_left_out(tmp_path: Path) -> None:
    ink = ".WRITER_ID ann\n" + ".PEN_DOWN\n0 0\n.PEN_UP\n" * 3 + ".PEN_DOWN\n0 0\n0 0\n" + INK
    labels = "".join(f'.SEGMENT CHARACTER {where} OK "4"\n' for where in ("0-1", "2,4", "3", "4"))
    assert strokes(read_one(release(tmp_path, labels, ink))) == [[[0, -10], [1, 0]]]


def test_a_writer_is_named_as_in_the_json_file(tmp_path: Path) -> None:
    ink = INK.replace("ann", "Bill_Cleveland")
    digit = read_one(release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', ink, contributor="apb"))
    assert (digit.writer, digit.contributor) == ("apple-7903e4b7", "apb")


def test_writers_are_told_apart(tmp_path: Path) -> None:
    other = INK + ".WRITER_ID bob\n.PEN_DOWN\n1 1\n2 2\n.PEN_UP\n"
    release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n.SEGMENT CHARACTER 4 OK "1"\n', other)
    nameless = INK.replace(".WRITER_ID ann\n", "")
    release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', nameless, name="two")
    release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', nameless, name="three")
    for contributor in ("apa", "app", "tos"):
        release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', contributor=contributor)
    digits = unipen.read(tmp_path)
    by = {(digit.contributor, digit.writer) for digit in digits}
    assert len(digits) == len(by) == 7
    # Ann of apa is Ann of app, for both are Apple; Ann of tos is someone else.
    assert len({writer for _, writer in by}) == 6


def test_contributors_that_the_json_file_has_not_are_left_out(tmp_path: Path) -> None:
    release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', contributor="val")
    with pytest.raises(DataError, match=r"holds no digits by aga, .*: unpack the whole archive"):
        unipen.read(tmp_path)
    release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n')
    assert read_one(tmp_path).contributor == "ibm"


def test_a_folder_without_the_digits_is_told(tmp_path: Path) -> None:
    (tmp_path / "train_r01_v07" / "include").mkdir(parents=True)
    root = unipen.find(tmp_path)
    assert root is not None
    with pytest.raises(DataError, match="train_r01_v07 has no folder data/1a"):
        unipen.read(root)


@pytest.mark.parametrize("file", ["set.doc", "data/set0/one.dat"])
def test_a_missing_included_file_is_told(tmp_path: Path, file: str) -> None:
    root = release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n')
    (root / "include/ibm" / file).unlink()
    with pytest.raises(DataError, match=rf"{Path(file).name} is missing: unpack the whole archive"):
        unipen.read(root)


def test_files_that_include_one_another_are_told(tmp_path: Path) -> None:
    root = release(tmp_path, "", doc=".INCLUDE ibm/set.doc\n")
    with pytest.raises(DataError, match=r"set\.doc: these files include one another"):
        unipen.read(root)


@pytest.mark.parametrize("kept", [len(INK) - 30, INK.index("3 3"), 20])
def test_a_truncated_file_is_told(tmp_path: Path, kept: int) -> None:
    labels = '.SEGMENT CHARACTER 3:1-3:2 OK "1"\n'
    assert len(unipen.read(release(tmp_path / "whole", labels))) == 1
    root = release(tmp_path / "cut", labels, INK[:kept])
    with pytest.raises(DataError, match=r"1 of 1 digits refer to ink .* a 1 in .*one\.dat: unpack"):
        unipen.read(root)


@pytest.mark.parametrize("where", ["9", "0-9", "3-0", "1:9-3", "1:2-1:4", "1:3-1:1", "?", "2", "a"])
def test_labels_without_ink_are_left_out_while_they_are_few(tmp_path: Path, where: str) -> None:
    good, bad = '.SEGMENT CHARACTER 0 OK "1"\n', f'.SEGMENT CHARACTER {where} OK "2"\n'
    digits = unipen.read(release(tmp_path, 99 * good + bad))
    assert [digit.label for digit in digits] == [1] * 99
    with pytest.raises(DataError, match=r"3 of 102 digits refer to ink .* the first a 2 in"):
        unipen.read(release(tmp_path, 99 * good + 3 * bad))


@pytest.mark.parametrize(
    "ink", [".PEN_DOWN\n1 2\n3\n", ".PEN_DOWN\n1 2\nx y\n", ".COORD P\n" + INK]
)
def test_ink_that_is_no_pairs_of_numbers_is_told(tmp_path: Path, ink: str) -> None:
    with pytest.raises(DataError, match="1 of 1 digits refer to ink that is not there"):
        unipen.read(release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n', ink))


# Splits


def people(contributor: str, writers: int, each: int) -> list[PenDigit]:
    names = [f"{contributor}-{n}" for n in range(writers) for _ in range(each)]
    return [PenDigit(1, name, contributor, []) for name in names]


def test_nobody_is_in_two_splits() -> None:
    digits = people("big", 200, 5) + people("small", 3, 10)
    names = unipen.assign_splits(digits)
    assert len(names) == len(digits)
    of = [(digit.writer, name) for digit, name in zip(digits, names, strict=True)]
    assert len(set(of)) == len({writer for writer, _ in of})
    assert set(names) == {"train", "validation", "writers", "contributors"}


def test_a_small_contributor_is_held_out_whole_and_a_large_one_is_not() -> None:
    digits = people("big", 200, 5) + people("small", 3, 10)
    held_out = {
        digit.contributor
        for digit, split in zip(digits, unipen.assign_splits(digits), strict=True)
        if split == "contributors"
    }
    assert held_out == {"small"}


def test_the_name_alone_decides() -> None:
    digits = people("big", 200, 5)
    names = {d.writer: s for d, s in zip(digits, unipen.assign_splits(digits), strict=True)}
    backwards = digits[::-1] + people("other", 50, 20)
    again = {d.writer: s for d, s in zip(backwards, unipen.assign_splits(backwards), strict=True)}
    assert names.items() <= again.items()
    # Fixed for good: a model's held-out people must stay those that it has not seen.
    assert [names[f"big-{n}"] for n in range(6)] == [
        "train",
        "train",
        "train",
        "train",
        "validation",
        "writers",
    ]


def test_the_real_file(real_data: Path) -> None:
    path = unipen.find(real_data)
    if path is None or path.is_dir():
        pytest.skip("no pen-digits.json.gz in the data folder")
    everything = unipen.read(path)
    everywhere = unipen.assign_splits(everything)
    pairs = zip(everything, everywhere, strict=True)
    assert len({(d.writer, name) for d, name in pairs}) == len({d.writer for d in everything})
    # The file has grown by digits of others, and may grow on: these are the first ones.
    ours = [number for number, d in enumerate(everything) if d.contributor in unipen.CONTRIBUTORS]
    digits = [everything[number] for number in ours]
    assert len(digits) == 10_983 and len({digit.writer for digit in digits}) == 211
    assert {digit.contributor for digit in digits} == set(unipen.CONTRIBUTORS)
    names = unipen.assign_splits(digits)
    assert names == [everywhere[number] for number in ours]
    shares = {name: names.count(name) / len(names) for name in set(names)}
    assert shares["train"] > 0.5
    assert min(shares.values()) > 0.1
