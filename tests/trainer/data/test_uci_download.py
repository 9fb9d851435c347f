"""UCI's archives: downloaded, checked, and unpacked whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pen_files import PENDIGITS, UJI, write_release, write_text
from tests.trainer.data.test_loading import Mirrors, sends
from tests.trainer.data.test_unipen_packed import compress
from trainer.cli import parser as cli
from trainer.data import loading, pen_digits, uci
from trainer.data.labelled_images import DataError

CONTENTS = {"pendigits-orig.tra.Z": compress(PENDIGITS.encode()), "ujipenchars2.txt": UJI.encode()}


def zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Index", "another file")
        archive.writestr(name, content)
    return packed.getvalue()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirrors]:
    """A server with small archives in the place of UCI's."""
    server = Mirrors()
    archives = []
    for archive in uci.ARCHIVES:
        packed = zipped(archive.member, CONTENTS[archive.member])
        server.answers[f"/{archive.member}.zip"] = sends(packed)
        changes = {
            "url": f"{server.url}/{archive.member}.zip",
            "sha256": hashlib.sha256(packed).hexdigest(),
        }
        archives.append(dataclasses.replace(archive, **changes))
    monkeypatch.setattr(uci, "ARCHIVES", tuple(archives))
    yield server
    server.close()


def test_both_are_downloaded_and_read(server: Mirrors, tmp_path: Path) -> None:
    steps = list(loading.download("unipen", tmp_path))
    assert steps[0].what == "downloading Pen-Based Recognition of Handwritten Digits"
    assert {path.name for path in (tmp_path / "pen").iterdir()} == set(CONTENTS)
    write_release(tmp_path / "unipen", '.SEGMENT CHARACTER 0 OK "1"\n')
    files = pen_digits.find(tmp_path)
    assert files is not None
    assert len(pen_digits.read(files)) == 4


def test_what_is_there_is_not_downloaded_again(server: Mirrors, tmp_path: Path) -> None:
    write_text(tmp_path / "pen" / "uci" / "pendigits-orig.tra", PENDIGITS)
    list(loading.download("unipen", tmp_path))
    assert server.asked == ["/ujipenchars2.txt.zip"]


def test_another_file_is_refused_and_nothing_is_left(server: Mirrors, tmp_path: Path) -> None:
    other = zipped("ujipenchars2.txt", b"another text")
    server.answers["/ujipenchars2.txt.zip"] = sends(other)
    with pytest.raises(DataError, match=r"checksum differs\).*put ujipenchars2\.txt into"):
        list(loading.download("unipen", tmp_path))
    assert [path.name for path in (tmp_path / "pen").iterdir()] == ["pendigits-orig.tra.Z"]


def test_the_command_says_where_unipen_is(
    server: Mirrors, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["download", "unipen", "--data", str(tmp_path)]) == 1
    assert (
        "unpack train_r01_v07 (https://doi.org/10.5281/zenodo.1195803)" in capsys.readouterr().out
    )
    write_release(tmp_path / "unipen", "")
    assert cli.main(["download", "unipen", "--data", str(tmp_path)]) == 0
    assert len(server.asked) == 2


def test_checksums_are_sha256() -> None:
    assert all(len(bytes.fromhex(archive.sha256)) == 32 for archive in uci.ARCHIVES)
    assert all(archive.url.startswith("https://") for archive in uci.ARCHIVES)
