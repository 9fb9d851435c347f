"""Real pen digits: all their files found and read alike, and people kept apart."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.pen_files import (
    PENDIGITS,
    UJI,
    as_lists,
    drawing,
    write_json,
    write_release,
    write_text,
)
from trainer.data import pen_digits
from trainer.data.labelled_images import DataError
from trainer.data.pen_digits import PenDigit, PenFiles


def read(path: Path) -> list[PenDigit]:
    return pen_digits.read(PenFiles(json=path))


# Finding it


@pytest.mark.parametrize("place", [".", "pen", "unipen"])
@pytest.mark.parametrize("name", ["pen-digits.json.gz", "pen-digits.json"])
def test_the_json_file_is_found(tmp_path: Path, place: str, name: str) -> None:
    path = write_json(tmp_path / place / name, [drawing()])
    assert pen_digits.find(tmp_path) == PenFiles(json=path)


@pytest.mark.parametrize(
    "place", [".", "train_r01_v07", "CDROM/train_r01_v07", "unipen/CDROM/train_r01_v07", "a/b"]
)
def test_the_original_folder_is_found(tmp_path: Path, place: str) -> None:
    write_release(tmp_path / place, "")
    assert pen_digits.find(tmp_path) == PenFiles(unipen=tmp_path / place)


def test_an_original_folder_without_digits_is_found_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "train_r01_v07" / "include").mkdir(parents=True)
    assert pen_digits.find(tmp_path) == PenFiles(unipen=tmp_path / "train_r01_v07")


def test_the_json_file_comes_before_the_original_folder(tmp_path: Path) -> None:
    write_release(tmp_path, "")
    path = write_json(tmp_path / "pen" / "pen-digits.json", [drawing()])
    assert pen_digits.find(tmp_path) == PenFiles(json=path)


@pytest.mark.parametrize("place", [".", "pen", "unipen", "pen/uci", "a/b"])
@pytest.mark.parametrize("packed", ["", ".Z"])
def test_files_of_uci_are_found_beside_unipens(tmp_path: Path, place: str, packed: str) -> None:
    write_release(tmp_path / "unipen" / "train_r01_v07", "")
    pendigits = write_text(tmp_path / place / f"pendigits-orig.tra{packed}", PENDIGITS)
    uji = write_text(tmp_path / place / "ujipenchars2.txt", UJI)
    release = tmp_path / "unipen" / "train_r01_v07"
    found = PenFiles(unipen=release, pendigits=pendigits, uji=uji)
    assert pen_digits.find(tmp_path) == found
    assert found.paths() == [release, pendigits, uji]


def test_files_of_uci_alone_are_not_the_dataset(tmp_path: Path) -> None:
    write_text(tmp_path / "pen" / "ujipenchars2.txt", UJI)
    assert pen_digits.find(tmp_path) is None


def test_the_json_file_comes_before_files_of_uci(tmp_path: Path) -> None:
    write_text(tmp_path / "ujipenchars2.txt", UJI)
    path = write_json(tmp_path / "unipen" / "pen-digits.json", [drawing()])
    assert pen_digits.find(tmp_path) == PenFiles(json=path)


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "data" / "1a").mkdir(parents=True)  # no ink beside it
    (tmp_path / "pen-digits.json").mkdir()
    assert pen_digits.find(tmp_path) is None
    assert pen_digits.find(tmp_path / "nowhere") is None


# The JSON file


@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_json_is_read(tmp_path: Path, name: str) -> None:
    digits = read(write_json(tmp_path / name, [drawing(), drawing(label=0, writer="b")]))
    assert [(d.label, d.writer, d.contributor) for d in digits] == [
        (7, "ibm-1", "ibm"),
        (0, "b", "ibm"),
    ]
    assert as_lists(digits[0]) == [[[0, 0], [1, 2]], [[3, 4]]]
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
    path = write_json(tmp_path / "a.json", [drawing(), drawing(**changed)])
    with pytest.raises(DataError, match=rf"a\.json: digit 1 .*{what}.* Get the file again"):
        read(path)


def test_a_missing_key_is_told(tmp_path: Path) -> None:
    item = drawing()
    del item["writer"]
    with pytest.raises(DataError, match="digit 0 has not all of label, writer"):
        read(write_json(tmp_path / "a.json", [item]))


@pytest.mark.parametrize("items", [{}, [], 3])
def test_what_is_no_list_is_told(tmp_path: Path, items: Any) -> None:
    with pytest.raises(DataError, match="is not a list of digits"):
        read(write_json(tmp_path / "a.json", items))


@pytest.mark.parametrize("content", [b"", b"[{", b"\xff\xfe", b"[" * 100_000])
def test_bad_json_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.json is not JSON .* Get the file again"):
        read(tmp_path / "a.json")


def test_damaged_gzip_is_told(tmp_path: Path) -> None:
    path = write_json(tmp_path / "a.json.gz", [drawing(writer=str(n)) for n in range(99)])
    whole = path.read_bytes()
    flipped = bytes(b ^ 0xFF if 40 <= n < 80 else b for n, b in enumerate(whole))
    for content in (whole[:-30], flipped):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"cannot be read .* Get the file again"):
            read(path)


def test_a_file_that_unpacks_to_too_much_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pen_digits, "_LARGEST", 1 << 20)
    path = tmp_path / "pen-digits.json.gz"
    path.write_bytes(gzip.compress(b"[" + b" " * (2 << 20) + b"]"))
    with pytest.raises(DataError, match="more than the 1 MB that such a file can have"):
        pen_digits.read(PenFiles(json=path))


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path / "a.json")


# The original files


def test_original_files_are_joined(tmp_path: Path) -> None:
    write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n')
    write_text(tmp_path / "ujipenchars2.txt", UJI)
    write_text(tmp_path / "pendigits-orig.tra", PENDIGITS)
    files = pen_digits.find(tmp_path)
    assert files is not None
    digits = pen_digits.read(files)
    assert [(d.label, d.contributor) for d in digits] == [
        (1, "ibm"),
        (7, "uji2"),
        (8, "pendigits"),
        (4, "pendigits"),
    ]
    # As the JSON file calls them.
    names = ["uji2-12", "pendigits-tra-12", "pendigits-tra-01"]
    assert [d.writer for d in digits[1:]] == names
    assert as_lists(digits[1]) == [[[1, 2], [3, 4], [5, 6]], [[-7, 8]]]
    assert as_lists(digits[2]) == [[[267, -333], [267, -336]]]


def test_a_damaged_one_of_them_is_told(tmp_path: Path) -> None:
    write_release(tmp_path, '.SEGMENT CHARACTER 0 OK "1"\n')
    write_text(tmp_path / "ujipenchars2.txt", UJI[:-20])
    files = pen_digits.find(tmp_path)
    assert files is not None
    with pytest.raises(DataError, match=r"ujipenchars2\.txt is damaged: the sample at line 15"):
        pen_digits.read(files)


# Splits


def people(contributor: str, writers: int, each: int) -> list[PenDigit]:
    names = [f"{contributor}-{n}" for n in range(writers) for _ in range(each)]
    return [PenDigit(1, name, contributor, []) for name in names]


def test_nobody_is_in_two_splits() -> None:
    digits = people("big", 200, 5) + people("small", 3, 10)
    names = pen_digits.assign_splits(digits)
    assert len(names) == len(digits)
    of = [(digit.writer, name) for digit, name in zip(digits, names, strict=True)]
    assert len(set(of)) == len({writer for writer, _ in of})
    assert set(names) == {"train", "validation", "writers", "contributors"}


def test_a_small_contributor_is_held_out_whole_and_a_large_one_is_not() -> None:
    digits = people("big", 200, 5) + people("small", 3, 10)
    held_out = {
        digit.contributor
        for digit, split in zip(digits, pen_digits.assign_splits(digits), strict=True)
        if split == "contributors"
    }
    assert held_out == {"small"}


def test_the_name_alone_decides() -> None:
    digits = people("big", 200, 5)
    names = {d.writer: s for d, s in zip(digits, pen_digits.assign_splits(digits), strict=True)}
    backwards = digits[::-1] + people("other", 50, 20)
    again = {
        d.writer: s for d, s in zip(backwards, pen_digits.assign_splits(backwards), strict=True)
    }
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


def test_of_few_people_each_split_has_one() -> None:
    # The names of these three would have all of them trained on.
    digits = [
        PenDigit(1, writer, "gmd", [])
        for writer, count in (("gmd-cee8cb8d", 500), ("gmd-bb67f06b", 82), ("gmd-86be2c70", 135))
        for _ in range(count)
    ]
    splits = pen_digits.assign_splits(digits)
    assert {d.writer: s for d, s in zip(digits, splits, strict=True)} == {
        "gmd-cee8cb8d": "train",
        "gmd-bb67f06b": "writers",
        "gmd-86be2c70": "validation",
    }


def test_one_person_alone_is_for_testing() -> None:
    assert set(pen_digits.assign_splits(people("one", 1, pen_digits.FEW))) == {"writers"}


COUNTS = {
    "aga": 405,
    "apa": 692,
    "apb": 2033,
    "app": 1046,
    "cea": 7,
    "ceb": 16,
    "ibm": 1423,
    "imp": 257,
    "lou": 7,
    "syn": 4554,
    "tos": 543,
    "gmd": 1145,
    "hpp": 1503,
    "uji2": 620,
    "pendigits": 7493,
}
"""Digits by contributor; a file may have others besides."""
PEOPLE = {"gmd": (1, 1, 1), "hpp": (20, 6, 6), "uji2": (19, 7, 5), "pendigits": (23, 3, 4)}
"""How many people are trained on, validated with and tested with."""


@pytest.fixture(scope="module")
def real_digits(real_data: Path) -> list[PenDigit]:
    files = pen_digits.find(real_data)
    if files is None or files.json is None:
        pytest.skip("no pen-digits.json.gz in the data folder")
    return pen_digits.read(files)


def test_the_real_file_has_its_contributors_digits(real_digits: list[PenDigit]) -> None:
    counts = Counter(digit.contributor for digit in real_digits)
    assert counts.items() >= COUNTS.items()
    first = [digit for digit in real_digits if digit.contributor in pen_digits.UNIPEN_1A]
    assert len(first) == 10_983 and len({digit.writer for digit in first}) == 211


def test_the_real_file_keeps_people_apart(real_digits: list[PenDigit]) -> None:
    splits = pen_digits.assign_splits(real_digits)
    of = {(digit.writer, split) for digit, split in zip(real_digits, splits, strict=True)}
    assert len(of) == len({digit.writer for digit in real_digits})
    for contributor, expected in PEOPLE.items():
        counts = Counter(split for writer, split in of if writer.startswith(f"{contributor}-"))
        assert (counts["train"], counts["validation"], counts["writers"]) == expected


def test_the_first_contributors_splits_stay(real_digits: list[PenDigit]) -> None:
    splits = pen_digits.assign_splits(real_digits)
    first = Counter(
        split
        for digit, split in zip(real_digits, splits, strict=True)
        if digit.contributor in pen_digits.UNIPEN_1A
    )
    assert first == {"train": 6885, "validation": 1416, "writers": 1447, "contributors": 1235}
