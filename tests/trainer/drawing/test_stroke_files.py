"""Drawings from JSON, packed or not, and what is refused."""

from __future__ import annotations

import gzip
import json
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainer.drawing import stroke_files
from trainer.drawing.rasterize import StrokesError, rasterize
from trainer.drawing.stroke_files import iterate_json, parse_json
from trainer.files import read_bounded

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
        ("[3]", 'drawing 0: it has no "strokes" list'),
        ('[{"strokes": []}, {}]', 'drawing 1: it has no "strokes" list'),
        ('[{"strokes": 3}]', 'drawing 0: it has no "strokes" list'),
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
    [b"\xff\xfe[", gzip.compress(b"[]" * 999, mtime=0)[:-9], b"\x1f\x8b", damaged_gzip(), b"[]]"],
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


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"strokes": SEVEN}),
        json.dumps({"strokes": SEVEN, "label": 7}) + "\n\n",
        json.dumps([{"drawing": SEVEN}]),
        json.dumps(SEVEN),
        json.dumps([SEVEN]),
        json.dumps({"strokes": [{"points": points} for points in SEVEN]}),
        json.dumps([{"strokes": [[{"x": x, "y": y} for x, y in points] for points in SEVEN]}]),
        json.dumps([{"strokes": [[{"x": x, "y": y, "t": y} for x, y in p] for p in SEVEN]}]),
    ],
)
def test_a_drawing_as_other_programs_write_it(text: str) -> None:
    for given in (text, text.replace("\n", "\r\n")):
        (found,) = stroke_files.drawings_from_json(given)
        assert np.array_equal(rasterize(found), rasterize(SEVEN))


def test_quick_draw_has_all_x_and_all_y_of_a_stroke() -> None:
    lists = [[[0, 4, 9, 2], [0, 1, 0, 9]], [[3, 8], [5, 5]]]
    wanted = [[(0, 0), (4, 1), (9, 0), (2, 9)], [(3, 5), (8, 5)]]
    assert stroke_files.drawings_from_json(json.dumps([{"drawing": lists}])) == [wanted]
    timed = [[*axes, list(range(len(axes[0])))] for axes in lists]
    (found,) = stroke_files.drawings_from_json(json.dumps({"drawing": timed}))
    assert np.array_equal(rasterize(found), rasterize(wanted))


def test_one_drawing_a_line() -> None:
    line = json.dumps({"strokes": SEVEN})
    assert stroke_files.drawings_from_json(f"{line}\n\n{line}\n") == [SEVEN, SEVEN]
    with pytest.raises(StrokesError, match="not JSON"):
        stroke_files.drawings_from_json(f"{line}\n{line[:-3]}\n")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_file_may_come_from_a_shell_on_windows(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "some.json"
    path.write_bytes(json.dumps([{"strokes": SEVEN, "by": "Zoë"}]).encode(encoding))
    assert stroke_files.read_drawings(path) == [SEVEN]


LINE = [[60, 20], [35, 20], [32, 45], [60, 42], [64, 65], [50, 80]]


@pytest.mark.parametrize(
    "thirds",
    [
        [1, 2, 3, 4, 5, 6],
        [0.0, 0.016, 0.033, 0.05, 0.066, 0.083],
        [1.6e12 + n for n in range(6)],
        [0, 300, 700, 1023, 800, 100],
        [-1, -0.5, -1, -1, -1, -1],
    ],
)
def test_times_counters_and_levels_are_no_pressures(thirds: list[float]) -> None:
    points = [[*point, third] for point, third in zip(LINE, thirds, strict=True)]
    (found,) = stroke_files.drawings_from_json(json.dumps([{"strokes": [points, points]}]))
    assert np.array_equal(rasterize(found), rasterize([LINE]))


@pytest.mark.parametrize("thirds", [[0.4, 0.9, 1.3, 1.2, 0.9, 0.3], [1] * 6, [4, 4, 3, 4, 0, 4]])
def test_pressures_are_drawn(thirds: list[float]) -> None:
    points = [[*point, third] for point, third in zip(LINE, thirds, strict=True)]
    assert stroke_files.drawings_from_json(json.dumps([{"strokes": [points]}])) == [[points]]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_more_than_fits_is_refused_before_it_is_held(tmp_path: Path, pack: Any) -> None:
    path = tmp_path / "some.json"
    path.write_bytes(pack(b"[" + b" " * stroke_files.LARGEST_FILE + b"]"))
    with pytest.raises(
        StrokesError, match=r"some\.json cannot be read: it has more than the 64 MB"
    ):
        stroke_files.read_drawings(path)
    with path.open("rb") as file, pytest.raises(StrokesError, match="more than the 64 MB"):
        stroke_files.drawings_from_stream(file, "standard input")


def test_an_endless_stream_is_left(tmp_path: Path) -> None:
    """And of a small packed file, no more is unpacked than may be."""
    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        for _ in range(300):
            file.write(bytes(1 << 20))
    tracemalloc.start()
    with pytest.raises(OSError, match="more than the 2 MB"):
        read_bounded(path, 2 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


def test_so_many_drawings_are_not_read_at_once() -> None:
    text = "[" + "[]," * stroke_files.MOST_DRAWINGS + "[]]"
    with pytest.raises(StrokesError, match="200,001 drawings are more than"):
        stroke_files.drawings_from_json(text)


def test_what_would_take_much_memory_is_not_parsed() -> None:
    with pytest.raises(StrokesError, match="more than can be read at once"):
        stroke_files.items_from_json("[" + "[]," * 9_000_000 + "[]]")


@pytest.mark.parametrize(
    "text",
    [
        " [ ] ",
        '{"drawings": [{"x": 1.5}, [[2]], null, "]"], "a": {"b": [true]}, "a": 2}',
        "[1,]",
        "[1 2]",
        '{"a" 1}',
        '{"a": 1,}',
        '{"a": [1,',
        "[1] 2",
        "",
    ],
)
def test_json_is_read_as_python_reads_it(text: str) -> None:
    def found(read: Callable[[str], object]) -> object:
        try:
            return read(text)
        except ValueError as error:
            return str(error)

    assert found(parse_json) == found(json.loads)
    if text.startswith("["):
        assert found(lambda text: [*iterate_json(text)]) == found(json.loads)


@pytest.mark.parametrize("read", [parse_json, lambda text: [*iterate_json(text)]])
def test_long_json_does_not_keep_other_threads_waiting(read: Callable[[str], object]) -> None:
    """In one call, Python's lock is held until all of it is read: the window stood for 3 s."""
    text = json.dumps([{"strokes": [[[n, 1.5]] * 20]} for n in range(8000)])
    reading = threading.Thread(target=read, args=(text,))
    reading.start()
    turns = 0
    while reading.is_alive():
        time.sleep(0.001)
        turns += 1
    assert turns > 5


def test_a_short_line_of_quick_draw_is_no_list_of_points() -> None:
    line = [[140, 140, 141], [40, 100, 200]]
    drawn = [(140, 40), (140, 100), (141, 200)]
    (by_axis,) = stroke_files.drawings_from_json(json.dumps([{"word": "1", "drawing": [line]}]))
    assert [tuple(point) for point in by_axis[0]] == drawn
    (points,) = stroke_files.drawings_from_json(json.dumps([{"strokes": [line]}]))
    assert len(points[0]) == 2


@pytest.mark.parametrize("version", [2, 5])
def test_strokes_of_signature_pad_are_one_drawing(version: int) -> None:
    points = [{"x": 5.5, "y": 0, "time": 1700000000000, "pressure": 0}, {"x": 5, "y": 9}]
    rubbed = {"compositeOperation": "destination-out", "points": points}
    pad = [points, points[:1]] if version == 2 else [{"points": points}, {"points": points[:1]}]
    (drawing,) = stroke_files.drawings_from_json(json.dumps(pad + [rubbed] * (version > 2)))
    assert drawing == [[[5.5, 0], [5, 9]], [[5.5, 0]]]


@pytest.mark.parametrize(
    "trace",
    [
        "10 0 5, 9 14 6, 8 20 7",
        "\n10 0 5,\n9 14 6, 8 20 7\n",
        "10 0 5,'-1'14 6,\"0\"-8 7",
        "!10!0 5,'-1&apos;14,-1 6",
    ],
)
def test_ink_ml_with_whole_values_or_differences(trace: str) -> None:
    text = f'<?xml version="1.0"?><ink><trace id="1" contextRef="#a">{trace}</trace></ink>'
    ((stroke,),) = stroke_files.drawings_from_json(text)
    assert stroke == [[10, 0], [9, 14], [8, 20]]


def test_ink_ml_tells_its_channels(tmp_path: Path) -> None:
    channels = "".join(f'<inkml:channel name="{name}" type="integer"/>' for name in "TXY")
    text = f"<inkml:ink>{channels}<inkml:trace>1 10 0,2 9 14</inkml:trace><trace/></inkml:ink>"
    (tmp_path / "a.inkml").write_text(text, encoding="utf-16")
    assert stroke_files.read_drawings(tmp_path / "a.inkml") == [[[[10, 0], [9, 14]]]]


@pytest.mark.parametrize("text", ["<html></html>", "<trace>1 2", "<" * 100_000, "<trace>a</trace>"])
def test_other_markup_is_no_drawing(text: str) -> None:
    with pytest.raises(StrokesError, match="not JSON"):
        stroke_files.drawings_from_json(text)


def test_long_ink_ml_is_not_parsed() -> None:
    with pytest.raises(StrokesError, match="more than can be read at once"):
        stroke_files.drawings_from_json(f"<trace>{'1 2,' * 3_000_000}</trace>")
