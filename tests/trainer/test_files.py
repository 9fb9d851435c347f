"""What saves that were killed leave behind, and what is never deleted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trainer.files import part_beside, sweep_parts, write_whole

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
