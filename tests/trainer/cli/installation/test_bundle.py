"""A folder that a class without a network connection works from."""

from __future__ import annotations

import hashlib
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement

from trainer import files
from trainer.cli.installation import bundle
from trainer.cli.parser import main
from trainer.data import mnist_like


def write_mnist(folder: Path) -> None:
    """Files of MNIST's names and sizes, all blank, as another program lays them out."""
    folder.mkdir(parents=True)
    for split in mnist_like.PUBLISHED["mnist"].splits.values():
        images = np.zeros((split.count, 28, 28), np.uint8)
        header = struct.pack(">4I", 2051, split.count, 28, 28)
        (folder / split.images).write_bytes(header + images.tobytes())
        (folder / split.labels).write_bytes(
            struct.pack(">2I", 2049, split.count) + bytes(split.count)
        )


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle of MNIST and two networks."""
    write_mnist(tmp_path / "data" / "mnist")
    network = tmp_path / "mine.safetensors"
    network.write_bytes(files.asset("lenet5.safetensors").read_bytes())
    monkeypatch.setenv("LENET_DATA", str(tmp_path / "data"))
    assert main(["bundle", str(tmp_path / "lab"), "--model", str(network)]) == 0
    monkeypatch.delenv("LENET_DATA")
    return tmp_path / "lab"


def test_datasets_and_networks_are_taken_from_there(
    lab: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {path.relative_to(lab).as_posix() for path in lab.rglob("*") if path.is_file()}
    assert {
        "README.txt",
        "requirements.txt",
        "bundle.json",
        "data/MNIST/raw/t10k-labels-idx1-ubyte",
        "networks/lenet5.safetensors",
        "networks/mine.safetensors",
    } <= names
    monkeypatch.setenv("LENET_BUNDLE", str(lab))
    assert files.data_folder() == lab / "data" and files.environment_chooses_data()
    assert main(["summary", "--model", "mine"]) == 0
    assert "61,706" in capsys.readouterr().out
    assert main(["summary", "--model", "yours"]) == 2
    assert "yours cannot be read" in capsys.readouterr().err


def test_each_file_is_checked(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bundle", str(lab), "--check"]) == 0
    assert "files are whole" in capsys.readouterr().out
    (lab / "networks" / "mine.safetensors").unlink()
    with (lab / "data/MNIST/raw/t10k-labels-idx1-ubyte").open("r+b") as file:
        file.write(b"\1")
    assert main(["bundle", str(lab), "--check"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "networks/mine.safetensors is missing",
        "data/MNIST/raw/t10k-labels-idx1-ubyte is damaged",
    ]


def test_the_list_of_packages_is_complete(lab: Path) -> None:
    lines = (lab / "requirements.txt").read_text("utf-8").splitlines()
    found = {Requirement(line).name for line in lines}
    assert {"lenet-studio", "torch", "numpy", "pyside6-essentials", "shiboken6"} <= found
    assert all(len(list(Requirement(line).specifier)) == 1 for line in lines)


def test_wheels_are_listed_with_their_checksums(tmp_path: Path) -> None:
    for name in ("a_b-1.0-py3-none-any.whl", "c-2.0-py3-none-any.whl"):
        with zipfile.ZipFile(tmp_path / name, "w") as wheel:
            wheel.writestr("x", name)
    sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(tmp_path.iterdir())]
    assert bundle.list_hashes(tmp_path) == (
        f"a-b==1.0 --hash=sha256:{sums[0]}\nc==2.0 --hash=sha256:{sums[1]}\n"
    )


def test_what_is_no_bundle_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bundle", str(tmp_path), "--check"]) == 2
    assert f"{tmp_path} is not a bundle" in capsys.readouterr().err


def test_a_wrong_network_is_told_of_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("no network")
    command = ["bundle", str(tmp_path / "lab"), "--model", str(tmp_path / "notes.txt")]
    assert main(command) == 2
    assert "notes.txt" in capsys.readouterr().err
    assert not (tmp_path / "lab").exists()


def test_real_pen_digits_that_are_not_there_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LENET_DATA", str(tmp_path))
    assert main(["bundle", str(tmp_path / "lab"), "--dataset", "unipen"]) == 2
    assert "leave unipen out" in capsys.readouterr().err


def test_a_list_of_files_that_is_none_is_told_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bundle.json").write_text("[" * 100_000)
    assert main(["bundle", "--check", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    (tmp_path / "bundle.json").write_text('{"files": {"a\\u001b[31m\\nb": "0"}}')
    assert main(["bundle", "--check", str(tmp_path)]) == 1
    assert capsys.readouterr().out == "a\\x1b[31m\\nb is missing\n"
