"""What saves that were killed leave behind, and what is never deleted."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import trainer
from trainer.data import uci, unipen
from trainer.data.own.place import find_place
from trainer.drawing.picture_file import read_colors
from trainer.drawing.stroke_files import read_drawings
from trainer.errors import UserError
from trainer.exchange.foreign_file import read_foreign
from trainer.files import (
    expand_user,
    is_file,
    is_folder,
    is_there,
    open_plain,
    part_beside,
    save_file,
    sweep_parts,
    write_whole,
)
from trainer.my_classes import class_file
from trainer.my_digits.store import MyDigits
from trainer.networks import model
from trainer.pages.files import load_pages
from trainer.recipes import sharing

KILLED = """
import os, sys
from pathlib import Path
from trainer import files
files.part_beside(Path(sys.argv[1])).write_bytes(b"half")
os._exit(9)
"""
posix = pytest.mark.skipif(sys.platform == "win32", reason="a process can't be asked for")


@posix
def test_what_a_killed_save_left_is_swept_at_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    subprocess.run([sys.executable, "-c", KILLED, str(path)], timeout=60)
    (left,) = tmp_path.glob(".*.part")
    write_whole(path, b"whole")
    assert not left.exists() and [each.name for each in tmp_path.iterdir()] == [path.name]


@posix
def test_what_a_killed_process_unpacked_is_swept(tmp_path: Path) -> None:
    beside = part_beside(tmp_path / "unpacking")
    left = beside.with_name(beside.name.replace(f"-{os.getpid()}-", f"-{2**29}-"))
    (left / "images").mkdir(parents=True)
    (left / "images" / "half").write_bytes(b"half")
    sweep_parts(tmp_path)
    assert not left.exists()


def test_what_a_living_process_writes_stays(tmp_path: Path) -> None:
    mine = part_beside(tmp_path / "net.safetensors")
    mine.write_bytes(b"half")
    name = mine.name.replace(f"-{os.getpid()}-", f"-{os.getppid()}-")
    (tmp_path / name).write_bytes(b"half")
    elsewhere = f".net.safetensors.0a0b0c-{2**29}-0123456789ab.part"  # of another computer
    (tmp_path / elsewhere).write_bytes(b"half")
    sweep_parts(tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {mine.name, name, elsewhere}
    os.utime(tmp_path / elsewhere, (1e9, 1e9))
    sweep_parts(tmp_path)
    assert not (tmp_path / elsewhere).exists() and mine.exists()


def test_what_another_program_calls_so_stays(tmp_path: Path) -> None:
    for name in (".film.part", "film.mp4.part", ".a.b.part"):
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (1e9, 1e9))
    sweep_parts(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


@posix
def test_a_rename_is_forced_to_the_disk_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced = []
    real = os.fsync

    def fsync(number: int) -> None:
        forced.append(os.path.realpath(f"/proc/self/fd/{number}"))
        real(number)

    monkeypatch.setattr(os, "fsync", fsync)
    write_whole(tmp_path / "file", b"whole")
    if Path("/proc/self/fd").is_dir():
        assert forced[-1] == str(tmp_path.resolve())
    assert len(forced) == 2


@pytest.mark.parametrize("name", ["", ".", "folder"])
def test_what_is_no_files_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        write_whole(Path(name), b"content")
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


@posix
def test_a_device_or_a_pipe_is_never_replaced_by_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/null")
    for name in ("pipe", "link"):
        with pytest.raises(UserError, match="device or a pipe"):
            save_file(tmp_path / name, b"content")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert (tmp_path / "link").is_symlink()


def test_the_longest_name_that_a_file_can_have_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 120 + "e.csv")
    write_whole(path, b"content")
    assert path.read_bytes() == b"content"


def test_what_is_there_is_asked_without_failing(tmp_path: Path) -> None:
    for path in (tmp_path / ("a" * 300), tmp_path / "a\0b"):
        assert not is_there(path) and not is_file(path) and not is_folder(path)
    assert is_there(tmp_path) and is_folder(tmp_path) and not is_file(tmp_path)
    assert expand_user(Path("~nobody-of-this-name/x")) == Path("~nobody-of-this-name/x")


def read_data(path: Path) -> object:
    return list(find_place(path))


OPENED: dict[str, Callable[[Path], object]] = {
    "a picture": lambda path: read_colors(path, 100),
    "pages": lambda path: list(load_pages(path)),
    "a drawing": read_drawings,
    "a network": model.load,
    "a foreign network": read_foreign,
    "a recipe": sharing.read_file,
    "data.csv": read_data,
    "data.npz": read_data,
    "data": read_data,
    "my-digits.jsonl": lambda path: MyDigits(path).load(),
    "classes": class_file.load,
    "letters": lambda path: list(uci.read_uji_digits(path)),
    "UNIPEN": lambda path: list(unipen.read_segments(path, path.parent, "CHARACTER")),
}


@posix
@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", OPENED)
def test_nothing_waits_for_what_a_pipe_or_a_device_never_says(tmp_path: Path, name: str) -> None:
    pipe = tmp_path / name
    os.mkfifo(pipe)
    with pytest.raises(UserError, match="device or a pipe"):
        OPENED[name](pipe)
    pipe.unlink()
    pipe.symlink_to("/dev/zero")
    with pytest.raises(UserError, match="device or a pipe"):
        OPENED[name](pipe)


@posix
def test_what_a_process_was_given_open_is_read(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"content")
    os.close(writing)
    with open_plain(Path(f"/dev/fd/{reading}")) as file:
        assert file.read() == b"content"
    os.close(reading)


def test_files_of_users_are_opened_in_one_place() -> None:
    root = Path(trainer.__file__).parent.parent
    opened = {
        path.relative_to(root).as_posix()
        for package in ("trainer", "lenet_gui")
        for path in (root / package).rglob("*.py")
        if '.open("rb")' in path.read_text("utf-8")
    }
    assert opened == {"trainer/files.py", "trainer/data/mnist_like.py"}  # it looks before
