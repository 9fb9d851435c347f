"""Drawings from JSON, packed or not, and what is refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from trainer.drawing import stroke_files
from trainer.drawing.rasterize import StrokesError, rasterize

SEVEN = [[[0.0, 0.0], [40.0, 0.0], [15.0, 70.0]], [[10.0, 35.0], [35.0, 35.0]]]


def test_drawings_from_json() -> None:
    text = json.dumps([{"strokes": SEVEN, "label": 7}, {"strokes": []}, {"strokes": [[]]}])
    found = stroke_files.drawings_from_json(text)
    assert found == [SEVEN, [], [[]]]
    assert not rasterize(found[1]).any()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"a":' * 100_000, "not JSON"),
        ("[1" + "0" * 5000 + "]", "not JSON"),
        ("{}", "must be a JSON list of"),
        ("3", "must be a JSON list of"),
        ("[3]", 'drawing 0 has no "strokes" list'),
        ('[{"strokes": []}, {}]', 'drawing 1 has no "strokes" list'),
        ('[{"strokes": 3}]', 'drawing 0 has no "strokes" list'),
        ('[{"strokes": [3]}]', "drawing 0: a stroke must be a list"),
        ('[{"strokes": [[1, 2]]}]', "drawing 0: a stroke must be a list"),
        ('[{"strokes": [[[1, 2], [3]]]}]', "drawing 0: a stroke must be a list"),
        ('[{"strokes": [[["1", "2"]]]}]', "drawing 0: a stroke must be a list"),
        ('[{"strokes": [[[1, NaN]]]}]', "drawing 0: a stroke has a coordinate"),
        ('[{"strokes": [[[1, 1e999]]]}]', "drawing 0: a stroke has a coordinate"),
        ('[{"strokes": [[[1, 1' + "0" * 400 + "]]]}]", "drawing 0: a stroke must be a list"),
        ('[{"strokes": [' + "[" * 500 + "]" * 500 + "]}]", "drawing 0: a stroke must be a list"),
    ],
)
def test_json_that_is_no_list_of_drawings_is_refused(text: str, message: str) -> None:
    with pytest.raises(StrokesError) as error:
        stroke_files.drawings_from_json(text)
    assert message in str(error.value)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, b"\xef\xbb\xbf".__add__])
def test_a_file_may_be_packed_or_start_with_a_mark(tmp_path: Path, pack: Any) -> None:
    path = tmp_path / "some.json"
    path.write_bytes(pack(json.dumps([{"strokes": SEVEN}]).encode()))
    assert stroke_files.read_drawings(path) == [SEVEN]


def damaged_gzip() -> bytes:
    packed = bytearray(gzip.compress(bytes(range(256)) * 40, mtime=0))
    packed[20:60] = b"\xff" * 40
    return bytes(packed)


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe[]", gzip.compress(b"[]" * 999, mtime=0)[:-9], b"\x1f\x8b", damaged_gzip(), b"[]]"],
)
def test_a_file_that_cant_be_read_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "some.json"
    path.write_bytes(content)
    with pytest.raises(StrokesError, match=r"some\.json"):
        stroke_files.read_drawings(path)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(StrokesError, match=r"none\.json cannot be read: No such file"):
        stroke_files.read_drawings(tmp_path / "none.json")
    with pytest.raises(StrokesError, match="cannot be read"):
        stroke_files.read_drawings(tmp_path)
