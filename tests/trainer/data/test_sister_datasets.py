"""QMNIST, KMNIST and EMNIST, from small files in their real formats."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import io
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision.datasets

from tests.trainer.data.test_loading import Mirrors, everything_in, put, refuses, sends
from trainer.data import loading
from trainer.data.labelled_images import DataError, LabelledImages
from trainer.data.mnist_like import PUBLISHED, Published, Split
from trainer.progress import result_of
from trainer.recipes import recipe

NEW = ("qmnist", "kmnist", "emnist-digits", "emnist-letters", "emnist-balanced")
COUNTS = {"train": 150, "test": 94}


def files_of(published: Published) -> dict[str, bytes]:
    """A small dataset in the published one's format; all classes occur in turn."""
    random = np.random.default_rng(len(published.title))
    made = {}
    for split in published.splits.values():
        pixels = random.integers(0, 256, (split.count, 28, 28), dtype=np.uint8)
        made[split.images] = struct.pack(">4i", 2051, split.count, 28, 28) + pixels.tobytes()
        labels = np.arange(split.count) % len(published.classes) + published.first_label
        if published.label_bytes == 1:
            header = struct.pack(">2i", 2049, split.count)
            made[split.labels] = header + labels.astype(np.uint8).tobytes()
        else:  # eight numbers: the class, and where the digit came from
            rows = np.stack([labels, *(random.integers(0, 9999, split.count) for _ in range(7))], 1)
            header = struct.pack(">3i", 0x0C02, split.count, 8)
            made[split.labels] = header + rows.astype(">i4").tobytes()
    return made


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, bytes]]:
    """Small files in the place of the published ones; what they are called and hold."""
    made = {}
    for name in NEW:
        splits = {
            split: Split(files.images, files.labels, COUNTS[split])
            for split, files in PUBLISHED[name].splits.items()
        }
        small = dataclasses.replace(PUBLISHED[name], splits=splits)
        monkeypatch.setitem(PUBLISHED, name, small)
        made[name] = files_of(small)
    return made


Files = dict[str, dict[str, bytes]]


def load(name: str, split: str, folder: Path) -> LabelledImages:
    return result_of(loading.load(name, split, folder))


def pixels(content: bytes) -> torch.Tensor:
    return torch.frombuffer(bytearray(content[16:]), dtype=torch.uint8).view(-1, 28, 28)


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize("pack", [False, True], ids=["unpacked", "packed"])
def test_files_that_are_there_are_read(files: Files, name: str, pack: bool, tmp_path: Path) -> None:
    published = PUBLISHED[name]
    assert loading.list_missing(name, tmp_path) == [name]
    put(files[name], tmp_path / published.folder / "raw", pack)
    assert loading.list_missing(name, tmp_path) == []
    for split, count in COUNTS.items():
        found = load(name, split, tmp_path)
        stored = pixels(files[name][published.splits[split].images])
        if published.folder == "EMNIST":  # which is stored column by column
            stored = stored.transpose(1, 2)
        assert torch.equal(found.images, stored) and found.images.is_contiguous()
        assert found.labels.tolist() == [n % len(found.classes) for n in range(count)]
        assert (found.images.dtype, found.labels.dtype) == (torch.uint8, torch.int64)
        assert len(found.classes) == recipe.count_classes(name)


def test_classes_are_torchvisions() -> None:
    emnist = torchvision.datasets.EMNIST.classes_split_dict
    assert PUBLISHED["emnist-balanced"].classes == tuple(emnist["balanced"])
    letters = tuple(name.upper() for name in emnist["letters"][1:])  # the first is no class
    assert PUBLISHED["emnist-letters"].classes == letters
    assert PUBLISHED["kmnist"].classes == tuple(torchvision.datasets.KMNIST.classes)
    for name in recipe.DIGIT_DATASETS:
        if name in PUBLISHED:
            assert PUBLISHED[name].classes == tuple("0123456789")


def test_sizes_are_the_published_ones() -> None:
    counts = {name: tuple(split.count for split in PUBLISHED[name].splits.values()) for name in NEW}
    assert counts == {
        "qmnist": (60_000, 60_000),
        "kmnist": (60_000, 10_000),
        "emnist-digits": (240_000, 40_000),
        "emnist-letters": (124_800, 20_800),
        "emnist-balanced": (112_800, 18_800),
    }


@pytest.mark.parametrize(
    ("name", "at", "problem"),
    [
        ("emnist-letters", 8, "holds labels other than 1 to 26"),
        ("emnist-balanced", 8, "holds labels other than 0 to 46"),
        ("qmnist", 15, "holds labels other than 0 to 9"),
        ("kmnist", 2, "is not in MNIST's format"),
        ("emnist-digits", 3, "is not in MNIST's format"),
    ],
)
def test_damage_is_told_where_no_checksum_is_known(
    files: Files, name: str, at: int, problem: str, tmp_path: Path
) -> None:
    labels = PUBLISHED[name].splits["test"].labels
    content = bytearray(files[name][labels])
    content[at] = 200
    put({**files[name], labels: bytes(content)}, tmp_path)
    with pytest.raises(DataError, match=problem):
        load(name, "test", tmp_path)
    assert len(load(name, "train", tmp_path)) == COUNTS["train"]


def test_a_cut_file_is_told(files: Files, tmp_path: Path) -> None:
    images = PUBLISHED["qmnist"].splits["test"].images
    put({**files["qmnist"], images: files["qmnist"][images][:-1]}, tmp_path)
    with pytest.raises(DataError, match=f"{images} does not have the .* delete or move it"):
        load("qmnist", "test", tmp_path)


def test_mnist_is_not_taken_for_kmnist(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their files have the same names."""
    mnist = {**files["kmnist"]}
    labels = PUBLISHED["mnist"].splits["test"].labels
    mnist[labels] = mnist[labels][:-1] + b"\x07"
    md5 = {labels: hashlib.md5(mnist[labels]).hexdigest()}
    known = dataclasses.replace(PUBLISHED["mnist"], md5=md5, splits=PUBLISHED["kmnist"].splits)
    monkeypatch.setitem(PUBLISHED, "mnist", known)
    put(mnist, tmp_path)
    assert loading.list_missing("kmnist", tmp_path) == ["kmnist"]
    assert loading.list_missing("mnist", tmp_path) == []


# Downloads


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirrors]:
    server = Mirrors()
    monkeypatch.setenv("no_proxy", "*")
    yield server
    server.close()


def test_qmnist_is_downloaded_file_by_file(
    files: Files, server: Mirrors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resources: dict[str, list[tuple[str, str]]] = {}
    for split, published in PUBLISHED["qmnist"].splits.items():
        resources[split] = []
        for name in (published.images, published.labels):
            packed = gzip.compress(files["qmnist"][name])
            server.answers[f"/{name}.gz"] = sends(packed)
            md5 = hashlib.md5(packed).hexdigest()
            resources[split].append((f"{server.url}/{name}.gz", md5))
    monkeypatch.setattr(torchvision.datasets.QMNIST, "resources", resources)
    result_of(loading.download("qmnist", tmp_path))
    assert everything_in(tmp_path) == {f"QMNIST/raw/{name}.gz" for name in files["qmnist"]}
    assert len(load("qmnist", "train", tmp_path)) == COUNTS["train"]


def archive_of(files: Files) -> bytes:
    """EMNIST's archive: all its parts packed, in a folder, with what nobody asked for."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("gzip/emnist-byclass-mapping.txt", "0 48\n")
        for name in NEW:
            if name.startswith("emnist"):
                for file, content in files[name].items():
                    archive.writestr(f"gzip/{file}.gz", gzip.compress(content))
    return made.getvalue()


@pytest.fixture
def emnist(files: Files, server: Mirrors, monkeypatch: pytest.MonkeyPatch) -> bytes:
    content = archive_of(files)
    source = torchvision.datasets.EMNIST
    monkeypatch.setattr(source, "url", f"{server.url}/gzip.zip")
    monkeypatch.setattr(source, "md5", hashlib.md5(content).hexdigest())
    return content


def test_one_download_brings_all_of_emnist(
    files: Files, emnist: bytes, server: Mirrors, tmp_path: Path
) -> None:
    server.answers["/gzip.zip"] = sends(emnist)
    steps = list(loading.download("emnist-letters", tmp_path))
    assert steps[0].what == "downloading EMNIST letters"
    parts = [name for name in NEW if name.startswith("emnist")]
    expected = {f"EMNIST/raw/{file}.gz" for name in parts for file in files[name]}
    assert everything_in(tmp_path) == expected
    assert [loading.list_missing(name, tmp_path) for name in parts] == [[]] * 3
    assert load("emnist-balanced", "test", tmp_path).classes[-1] == "t"


def test_the_archive_unpacked_by_hand_is_found(files: Files, emnist: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(emnist)) as archive:
        archive.extractall(tmp_path)
    assert len(load("emnist-digits", "test", tmp_path)) == COUNTS["test"]


def test_a_failed_archive_says_what_to_do_and_leaves_nothing(
    emnist: bytes, server: Mirrors, tmp_path: Path
) -> None:
    server.answers["/gzip.zip"] = sends(emnist[:-30])
    with pytest.raises(DataError, match=r"checksum differs\).*unpack gzip.zip into .*EMNIST"):
        result_of(loading.download("emnist-digits", tmp_path))
    server.answers["/gzip.zip"] = refuses
    with pytest.raises(DataError, match="Not here"):
        result_of(loading.download("emnist-digits", tmp_path))
    work = loading.download("emnist-digits", tmp_path)
    server.answers["/gzip.zip"] = sends(emnist)
    next(work)
    work.close()
    assert everything_in(tmp_path) == set()
