from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.class_sets import make_set
from trainer.my_classes import class_file
from trainer.my_classes.class_file import MOST_OF_A_CLASS, import_drawings
from trainer.my_classes.class_set import ClassSetError
from trainer.my_digits.digit import export, own_digit

STROKE = [[0, 0], [10, 20], [30, 40]]


def test_an_export_of_my_digits(tmp_path: Path) -> None:
    digits = [own_digit(7, [[(0, 0, 1.0), (9, n, 1.0)]]) for n in range(2)]
    export([*digits, own_digit(1, (), bytes(783) + b"\xff")], tmp_path / "digits.json")
    found = import_drawings(tmp_path / "digits.json", "cat")
    assert found.drawn.counts() == {"7": 2} and found.unusable == 1
    assert found.drawn.writers == ("",)


def test_the_file_of_my_digits_itself(tmp_path: Path) -> None:
    lines = [
        {"do": "add", "id": "a", "label": 3, "strokes": [STROKE], "writer": "Ann"},
        {"do": "add", "id": "b", "label": 4, "strokes": [STROKE]},
        {"do": "delete", "id": "b"},
    ]
    path = tmp_path / "my-digits.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    found = import_drawings(path, "").drawn
    assert found.counts() == {"3": 1} and found.writers == ("Ann",)


def test_quick_draw_and_no_more_of_it_than_is_needed(tmp_path: Path) -> None:
    many = MOST_OF_A_CLASS + 3
    lines = [
        json.dumps({"word": "cat", "drawing": [[[0, 10, 20, n], [0, 5, 9, 20]]]})
        for n in range(many)
    ]
    path = tmp_path / "cat.ndjson"
    path.write_text("\n".join(lines))
    found = import_drawings(path, "")
    assert found.drawn.counts() == {"cat": MOST_OF_A_CLASS} and found.surplus == 3


def test_drawings_without_a_label_are_of_the_class_that_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "plain.json"
    path.write_text(json.dumps([{"strokes": [STROKE]}, {"strokes": [[[1, 1], [2, 9]]]}]))
    assert import_drawings(path, "tree").drawn.counts() == {"tree": 2}
    with pytest.raises(ClassSetError, match="no drawings that can be used"):
        import_drawings(path, "")


def test_a_set_of_classes_as_it_is(tmp_path: Path) -> None:
    class_file.save(make_set(2, ("Ann", "Ben")), tmp_path / "set.json.gz")
    assert import_drawings(tmp_path / "set.json.gz", "x").drawn == make_set(2, ("Ann", "Ben"))


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"nothing", b"{}", b"[1]", b""])
def test_another_file_is_told_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other.json").write_bytes(content)
    with pytest.raises(ClassSetError, match=r"other\.json"):
        import_drawings(tmp_path / "other.json", "cat")
    with pytest.raises(ClassSetError, match="cannot be read"):
        import_drawings(tmp_path / "none.json", "cat")
