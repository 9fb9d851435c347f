from __future__ import annotations

import dataclasses
import hashlib
import io
import pickle
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision.datasets

from tests.trainer.data.test_loading import Mirrors, sends
from trainer.data import cifar10, loading
from trainer.data.labelled_images import DataError
from trainer.networks import factory
from trainer.progress import result_of
from trainer.recipes.catalog import RECIPES
from trainer.recipes.recipe import Recipe
from trainer.training.events import Epoch
from trainer.training.training import train

FOLDER = "cifar-10-batches-py"


def batch(seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    data = rng.integers(0, 256, (20, 3 * 32 * 32), dtype=np.uint8)
    return pickle.dumps({"data": data, "labels": [(seed + n) % 10 for n in range(20)]})


FILES = {
    **{f"data_batch_{n}": batch(n) for n in range(1, 6)},
    "test_batch": batch(9),
    "batches.meta": pickle.dumps({"label_names": [c.lower() for c in cifar10.CLASSES]}),
}


def archive() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as packed:
        for name, content in FILES.items():
            entry = tarfile.TarInfo(f"{FOLDER}/{name}")
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
    return made.getvalue()


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Small files in the place of CIFAR-10's; returns their archive."""
    md5 = {name: hashlib.md5(content).hexdigest() for name, content in FILES.items()}
    source, packed = torchvision.datasets.CIFAR10, archive()
    train = [[name, md5[name]] for name in FILES if name.startswith("data")]
    monkeypatch.setattr(source, "train_list", train)
    monkeypatch.setattr(source, "test_list", [["test_batch", md5["test_batch"]]])
    monkeypatch.setattr(source, "meta", {**source.meta, "md5": md5["batches.meta"]})
    monkeypatch.setattr(source, "tgz_md5", hashlib.md5(packed).hexdigest())
    return packed


def put(root: Path) -> None:
    (root / FOLDER).mkdir(parents=True)
    for name, content in FILES.items():
        (root / FOLDER / name).write_bytes(content)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("under", ["", "CIFAR10"])
def test_files_that_are_there_are_used(under: str, tmp_path: Path) -> None:
    put(tmp_path / under)
    assert loading.list_missing("cifar10", tmp_path) == []
    found = result_of(loading.load("cifar10", "train", tmp_path))
    assert found.images.shape == (100, 3, 32, 32) and found.images.dtype == torch.uint8
    assert found.classes[0] == "Airplane"
    assert found.labels[:3].tolist() == [1, 2, 3]
    first = pickle.loads(FILES["data_batch_1"])["data"][0]
    assert np.array_equal(found.images[0].numpy().ravel(), first)
    assert len(result_of(loading.load("cifar10", "test", tmp_path))) == 20


@pytest.mark.usefixtures("published")
def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    assert loading.list_missing("cifar10", tmp_path) == ["cifar10"]
    with pytest.raises(loading.DataMissing, match="CIFAR-10 is not in"):
        result_of(loading.load("cifar10", "train", tmp_path))


@pytest.mark.usefixtures("published")
def test_a_damaged_file_is_told_and_never_unpickled(tmp_path: Path) -> None:
    put(tmp_path)
    trap = tmp_path / "trap"

    class Trap:
        def __reduce__(self) -> tuple[Callable[..., None], tuple[Path]]:
            return Path.touch, (trap,)

    (tmp_path / FOLDER / "data_batch_2").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(DataError, match="not CIFAR-10 as it was published"):
        result_of(loading.load("cifar10", "train", tmp_path))
    assert not trap.exists()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirrors]:
    server = Mirrors()
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "url", server.url + "/cifar.tar.gz")
    monkeypatch.setenv("no_proxy", "*")
    yield server
    server.close()


def test_it_is_downloaded_and_unpacked(published: bytes, server: Mirrors, tmp_path: Path) -> None:
    server.answers["/cifar.tar.gz"] = sends(published)
    steps = list(loading.download("cifar10", tmp_path))
    assert steps[0].what == "downloading CIFAR-10"
    assert cifar10.find(tmp_path) == tmp_path / "CIFAR10"
    assert [path.name for path in (tmp_path / "CIFAR10").iterdir()] == [FOLDER]


def test_a_failed_download_says_what_to_do_and_leaves_nothing(
    published: bytes, server: Mirrors, tmp_path: Path
) -> None:
    server.answers["/cifar.tar.gz"] = sends(published[:-50])
    with pytest.raises(DataError, match=r"checksum differs\).*unpack cifar-10-python.tar.gz into"):
        list(loading.download("cifar10", tmp_path))
    assert list((tmp_path / "CIFAR10").iterdir()) == []


@pytest.mark.usefixtures("published")
def test_any_recipe_trains_on_it(tmp_path: Path) -> None:
    put(tmp_path)
    found = result_of(loading.load("cifar10", "train", tmp_path))
    recipe = Recipe(dataset="cifar10", epochs=1, batch_size=16)
    assert factory.count_parameters(recipe) == 83_126
    ends = [event for event in train(recipe, found) if isinstance(event, Epoch)]
    assert ends[0].weights["conv1.weight"].shape == (6, 3, 5, 5)
    assert ends[0].weights["fc1.weight"].shape == (120, 576)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("name", [n for n in RECIPES if RECIPES[n].network == "lenet5"])
def test_every_recipe_of_todays_layout_trains_on_it(name: str, tmp_path: Path) -> None:
    put(tmp_path)
    found = result_of(loading.load("cifar10", "train", tmp_path))
    short = {"epochs": 1, "teacher_epochs": min(1, RECIPES[name].teacher_epochs)}
    recipe = dataclasses.replace(RECIPES[name], dataset="cifar10", batch_size=32, **short)
    ends = [event for event in train(recipe, found) if isinstance(event, Epoch)]
    assert sum(w.numel() for w in ends[0].weights.values()) == 83_126


@pytest.mark.parametrize("protocol", [2, 4])
def test_plain_values_and_arrays_are_unpickled(protocol: int) -> None:
    values = {"data": np.arange(6, dtype=np.uint8), "labels": [1, 2], "name": b"x"}
    packed = io.BytesIO(pickle.dumps(values, protocol))
    found = cifar10.PlainUnpickler(packed, encoding="latin1").load()
    assert found["data"].tolist() == [0, 1, 2, 3, 4, 5] and found["labels"] == [1, 2]


@pytest.mark.parametrize("name", ["print", "eval", "getattr"])
def test_functions_are_not(name: str) -> None:
    packed = io.BytesIO(b"c__builtin__\n" + name.encode() + b"\n(V1\ntR.")
    with pytest.raises(pickle.UnpicklingError, match="it names"):
        cifar10.PlainUnpickler(packed).load()
