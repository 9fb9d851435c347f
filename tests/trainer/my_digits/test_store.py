"""The file of one's own digits: what was acknowledged is there, whatever happens."""

from __future__ import annotations

import errno
import gzip
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.gui import ONE, SEVEN
from trainer.drawing.stroke_files import LARGEST_FILE, read_drawings
from trainer.files import my_digits_file
from trainer.my_digits.digit import (
    MyDigitsError,
    OwnDigit,
    export,
    own_digit,
    read_export,
    render_digit,
)
from trainer.my_digits.store import MyDigits

DOT = bytes(400) + b"\xff" + bytes(383)


def seven(shift: float = 0.0, label: int = 7) -> OwnDigit:
    return own_digit(label, [[(x + shift, y, 1.0) for x, y in SEVEN]], read_as=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / "my-digits.jsonl"


def labels(path: Path) -> list[int]:
    return [digit.label for digit in MyDigits(path).load()]


def test_there_is_nothing_before_the_first_digit(path: Path) -> None:
    assert MyDigits(path).load() == ()
    assert not path.exists()
    assert my_digits_file().name == "my-digits.jsonl" and my_digits_file(path) == path


def test_what_was_added_is_there_after_a_new_start(path: Path) -> None:
    first, second = seven(), own_digit(0, (), DOT)
    mine = MyDigits(path)
    mine.add(first)
    mine.add(second)
    assert mine.entries() == MyDigits(path).load() == (first, second)
    assert first.read_as == 1 and second.read_as is None and first.id != second.id


def test_each_change_is_one_more_line(path: Path) -> None:
    mine = MyDigits(path)
    digit = mine.add(seven())
    mine.relabel([digit.id], 4)
    before = path.read_bytes()
    mine.delete([digit.id])
    assert path.read_bytes().startswith(before)
    assert [json.loads(line)["do"] for line in path.read_text().splitlines()] == [
        "add",
        "relabel",
        "delete",
    ]
    assert labels(path) == [] and mine.entries() == ()


def test_deleted_and_relabelled_digits_come_back_where_they_were(path: Path) -> None:
    mine = MyDigits(path)
    digits = [mine.add(seven(n)) for n in range(3)]
    mine.delete([digits[0].id, digits[1].id])
    mine.restore(digits[:2])
    assert mine.entries() == MyDigits(path).load() == tuple(digits)
    mine.relabel([digits[2].id], 9)
    mine.restore(digits[2:])
    assert labels(path) == [7, 7, 7]


def test_a_label_that_is_so_already_is_not_written_again(path: Path) -> None:
    mine = MyDigits(path)
    digit = mine.add(seven())
    size = path.stat().st_size
    mine.relabel([digit.id, "unknown"], 7)
    assert path.stat().st_size == size


def test_the_same_drawing_again_only_gets_its_new_label(path: Path) -> None:
    mine = MyDigits(path)
    first = mine.add(seven())
    again = mine.add(seven(label=2))
    assert (again.id, again.label) == (first.id, 2)
    assert labels(path) == [2]


@pytest.mark.parametrize("kept", [1, 20, -2])
def test_a_line_cut_short_costs_that_line_alone(path: Path, kept: int) -> None:
    mine = MyDigits(path)
    mine.add(seven())
    whole = path.read_bytes()
    mine.add(seven(1))
    path.write_bytes(path.read_bytes()[: len(whole) + kept if kept > 0 else kept])
    torn = MyDigits(path)
    assert len(torn.load()) == 1 and torn.damaged == 1
    third = torn.add(seven(2))
    assert torn.entries()[-1] == third and torn.damaged == 1
    assert len(MyDigits(path).load()) == 2


def test_a_lost_line_end_loses_nothing(path: Path) -> None:
    MyDigits(path).add(seven())
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    mine = MyDigits(path)
    assert len(mine.load()) == 1 and mine.damaged == 0
    mine.add(seven(1))
    assert len(mine.entries()) == len(MyDigits(path).load()) == 2


CHILD = """
import os, sys
from pathlib import Path
from trainer.my_digits import store
from trainer.drawing.stroke_files import LARGEST_FILE
from trainer.my_digits.digit import own_digit

mine = store.MyDigits(Path(sys.argv[1]))

def half(file, content):
    file.write(memoryview(content)[: len(content) // 2])
    print("half", flush=True)
    sys.stdin.read()  # until it is killed

for number in range(1000):
    if number == int(sys.argv[2]):
        store.write_all = half
    digit = mine.add(own_digit(number % 10, [[(number, 0), (number, os.getpid())]]))
    print(digit.id, flush=True)
"""


def child(path: Path, half_at: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(path), str(half_at)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_process_killed_in_the_middle_of_a_write_loses_no_digit_it_had_kept(path: Path) -> None:
    with child(path, half_at=3) as process:
        assert process.stdout is not None
        kept = []
        while (line := process.stdout.readline().strip()) != "half":
            kept.append(line)
        process.kill()
    assert len(kept) == 3 and not path.read_bytes().endswith(b"\n")
    mine = MyDigits(path)
    assert [digit.id for digit in mine.load()] == kept and mine.damaged == 1
    mine.add(seven())
    assert labels(path) == [0, 1, 2, 7]


def test_two_processes_killed_while_both_write_lose_nothing_acknowledged(path: Path) -> None:
    with child(path, -1) as one, child(path, -1) as two:
        kept = []
        for process in (one, two) * 20:
            assert process.stdout is not None
            kept.append(process.stdout.readline().strip())
        for process in (one, two):
            process.kill()
    mine = MyDigits(path)
    found = [digit.id for digit in mine.load()]
    assert set(kept) <= set(found) and len(kept) == 40
    assert len(set(found)) == len(found) and mine.damaged <= 2


def test_two_windows_see_what_the_other_one_keeps(path: Path) -> None:
    one, two = MyDigits(path), MyDigits(path)
    first = one.add(seven())
    second = two.add(seven(1))
    assert two.entries() == (first, second)
    two.delete([first.id])
    assert one.load() == (second,)
    third = one.add(seven(2))
    one.relabel([second.id], 1)
    assert [(d.id, d.label) for d in two.load()] == [(second.id, 1), (third.id, 7)]


NEWER = b'{"version":2,"do":"add","id":"x","label":1}\n'


@pytest.mark.parametrize(
    ("line", "damaged", "newer"),
    [
        (NEWER, 0, 1),
        (b"\x00\xff\x00\n", 1, 0),
        (b"[1, 2]\n", 1, 0),
        (b'{"version":1,"do":"add","id":"x","label":11,"strokes":[[[1,2]]]}\n', 1, 0),
        (b'{"version":1,"do":"add","id":"x","label":1,"strokes":[[["a","b"]]]}\n', 1, 0),
        (b'{"version":1,"do":"add","id":"x","label":1,"strokes":[]}\n', 1, 0),
        (b'{"version":1,"do":"relabel","id":"x","label":"4"}\n', 1, 0),
        (b'{"version":1,"do":"burn","id":"x"}\n', 1, 0),
        (b"[" * 100_000 + b"\n", 1, 0),
        (b"\n", 0, 0),
    ],
)
def test_a_line_that_cannot_be_read_is_counted_and_stays(
    path: Path, line: bytes, damaged: int, newer: int
) -> None:
    MyDigits(path).add(seven())
    path.write_bytes(path.read_bytes() + line)
    mine = MyDigits(path)
    mine.add(seven(1))
    mine.delete([mine.entries()[0].id])
    for view in (mine, MyDigits(path)):
        assert len(view.load()) == 1
        assert (view.damaged, view.newer) == (damaged, newer)
    assert line in path.read_bytes()


def test_a_place_that_cannot_be_written_is_told_and_nothing_changes(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    mine = MyDigits(tmp_path / "file" / "my-digits.jsonl")
    with pytest.raises(MyDigitsError, match="cannot be"):
        mine.add(seven())
    assert mine.entries() == ()
    with pytest.raises(MyDigitsError, match="cannot be read"):
        MyDigits(tmp_path).load()


def test_a_full_disk_leaves_no_half_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = MyDigits(path)
    mine.add(seven())
    before = path.read_bytes()

    def full(file: object, content: bytes) -> None:
        file.write(content[:10])  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("trainer.my_digits.store.write_all", full)
        with pytest.raises(MyDigitsError, match="No space left"):
            mine.add(seven(1))
    assert path.read_bytes() == before and len(mine.entries()) == 1
    mine.add(seven(1))
    assert len(MyDigits(path).load()) == 2


# Export and import


@pytest.mark.parametrize("name", ["digits.json", "digits.json.gz"])
def test_an_export_brings_everything_to_another_place(
    path: Path, tmp_path: Path, name: str
) -> None:
    mine = MyDigits(path)
    for digit in (seven(), own_digit(1, [ONE[:3], ONE[3:]]), own_digit(0, (), DOT, 6)):
        mine.add(digit)
    export(mine.entries(), tmp_path / name)
    other = MyDigits(tmp_path / "other.jsonl")
    brought = other.import_(tmp_path / name)
    assert brought.added == other.entries() and brought.known == 0

    def told(digits: tuple[OwnDigit, ...]) -> list[object]:
        return [(d.label, d.ink, d.read_as, d.when) for d in digits]

    assert told(other.entries()) == told(mine.entries())
    assert other.import_(tmp_path / name).known == 3
    assert len(other.load()) == 3


def test_an_export_is_what_predict_and_the_pen_data_take(path: Path, tmp_path: Path) -> None:
    export([seven()], tmp_path / "digits.json")
    (item,) = json.loads((tmp_path / "digits.json").read_text())
    assert (item["label"], item["writer"]) == (7, "me")
    (drawing,) = read_drawings(tmp_path / "digits.json")
    assert len(drawing[0]) == len(SEVEN)


def test_pen_data_can_be_imported(path: Path, tmp_path: Path) -> None:
    items = [{"label": 1, "writer": "b", "contributor": "x", "strokes": [[[1, 2], [1, 9]]]}] * 2
    (tmp_path / "pen.json.gz").write_bytes(gzip.compress(json.dumps(items).encode()))
    brought = MyDigits(path).import_(tmp_path / "pen.json.gz")
    assert len(brought.added) == 1 and brought.known == 1
    assert brought.added[0].read_as is None


def test_a_drawing_that_is_there_keeps_its_label(path: Path, tmp_path: Path) -> None:
    export([seven(label=1)], tmp_path / "digits.json")
    mine = MyDigits(path)
    mine.add(seven())
    assert mine.import_(tmp_path / "digits.json").known == 1
    assert labels(path) == [7]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "not JSON"),
        ('{"label": 1}', "must be a JSON list"),
        ('[{"label": 1, "strokes": [[[1, 2]]]}, 5]', "digit 2 is not"),
        ('[{"strokes": [[[1, 2]]]}]', "digit 1 has a label other than"),
        ('[{"label": true, "strokes": [[[1, 2]]]}]', "digit 1 has a label other than"),
        ('[{"label": 1, "strokes": [[[1]]]}]', "a stroke must be a list of"),
        ('[{"label": 1, "strokes": [[[1, NaN]]]}]', "not a finite number"),
        ('[{"label": 1, "strokes": [[1, 2]]}]', "a stroke must be a list of"),
        ('[{"label": 1, "strokes": []}]', "neither strokes nor a picture"),
        ('[{"label": 1, "image": [[0, 300]]}]', "28 rows of 28 levels"),
        ('[{"label": 1, "image": [[0, 30]]}]', "neither strokes nor a picture"),
        ('[{"label": 1, "strokes": [[[1, 2]]], "read_as": 12}]', "was read as"),
    ],
)
def test_a_file_with_a_bad_entry_is_refused_whole(
    path: Path, tmp_path: Path, content: str, told: str
) -> None:
    (tmp_path / "digits.json").write_text(content)
    with pytest.raises(MyDigitsError, match=told):
        MyDigits(path).import_(tmp_path / "digits.json")
    assert not path.exists()


def test_a_file_that_is_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(b"[]")[:12])
    for name in ("none.json", "cut.json.gz"):
        with pytest.raises(MyDigitsError, match=f"{name} cannot be read"):
            read_export(tmp_path / name)


def test_digits_that_another_program_wrote_can_be_learned_from(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "quick.ndjson"
    other.write_bytes(
        b'{"label": 7, "drawing": [[[0, 5, 9, 4], [0, 1, 0, 20], [0, 16, 32, 48]]]}\n'
        b'{"label": 1, "strokes": [[{"x": 3, "y": 0}, {"x": 3, "y": 9}]]}\n'.replace(b"\n", b"\r\n")
    )
    added = MyDigits(path).import_(other).added
    assert [digit.label for digit in added] == [7, 1]
    assert added[0].strokes == (((0, 0), (5, 1), (9, 0), (4, 20)),)
    assert added[1].strokes == (((3, 0, 1.0), (3, 9, 1.0)),)


def test_a_file_that_unpacks_to_more_than_it_may_is_refused(path: Path, tmp_path: Path) -> None:
    packed = tmp_path / "digits.json.gz"
    packed.write_bytes(gzip.compress(b"[" + b" " * (LARGEST_FILE + 1) + b"]", compresslevel=1))
    with pytest.raises(MyDigitsError, match=r"gz cannot be read: it has more than the 64 MB"):
        MyDigits(path).import_(packed)


@pytest.mark.skipif(sys.platform == "win32", reason="locks otherwise")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_where_there_are_no_locks_digits_are_kept_and_that_is_said_once(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    mine = MyDigits(path)
    mine.add(own_digit(7, [SEVEN]))
    assert "is on a file system without locks" in mine.problem()
    mine.add(own_digit(1, [ONE]))
    assert mine.problem() == ""
    assert [digit.label for digit in MyDigits(path).load()] == [7, 1]


@pytest.mark.parametrize(
    "line",
    [
        '{"version":1,"do":"add","id":"b","label":3.0,"strokes":[[[1,2],[5,9]]]}',
        '{"version":1,"do":"add","id":"b","label":3,"strokes":[[[1,2],[5,1e30]]]}',
        '{"version":1,"do":"add","id":"b","label":3,"read_as":1.0,"strokes":[[[1,2],[5,9]]]}',
        '{"version":1,"do":"relabel","id":"a","label":3.0}',
        "[1, 2]",
        '"text"',
    ],
)
def test_what_cannot_be_drawn_or_learned_is_a_damaged_line(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True)
    good = '{"version":1,"do":"add","id":"a","label":7,"strokes":[[[1,2],[5,9,0.5],[7,7]]]}'
    path.write_text(f"{good}\n{line}\n")
    mine = MyDigits(path)
    (digit,) = mine.load()
    assert mine.damaged == 1 and digit.label == 7
    assert digit.strokes == (((1, 2, 1.0), (5, 9, 0.5), (7, 7, 1.0)),)  # of one length
    assert render_digit(digit).any()
