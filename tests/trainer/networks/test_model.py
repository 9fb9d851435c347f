from __future__ import annotations

import dataclasses
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from tests.support.foreign import Trap
from trainer.data.labelled_images import LabelledImages
from trainer.data.loading import DIGIT_CLASSES, FASHION_CLASSES
from trainer.networks import model as weights
from trainer.networks.factory import prepare_images
from trainer.networks.lenet5 import LeNet5
from trainer.networks.model import Model, ModelError
from trainer.recipes.catalog import RECIPES
from trainer.recipes.recipe import Recipe


@pytest.fixture
def model() -> Model:
    recipe = Recipe(activation="tanh", pooling="average", mean=0.2, std=0.4)
    network = LeNet5("tanh", "average", torch.Generator().manual_seed(9))
    return Model(network.eval(), recipe, FASHION_CLASSES, {"epochs": 3, "val_accuracy": 0.9})


@pytest.fixture
def path(model: Model, tmp_path: Path) -> Path:
    """A model file that is as it should be."""
    weights.save(model, tmp_path / "good.safetensors")
    return tmp_path / "good.safetensors"


def test_what_is_saved_is_loaded(model: Model, path: Path, digits: LabelledImages) -> None:
    loaded = weights.load(path)
    images = prepare_images(digits.images[:50], model.recipe)
    with torch.no_grad():
        assert torch.equal(loaded.network(images), model.network(images))
    assert loaded.recipe == model.recipe
    assert loaded.classes == model.classes
    assert loaded.history == model.history
    assert loaded.name == "good"
    assert not loaded.network.training


def test_a_trained_network_names_the_sources_of_its_data(model: Model, tmp_path: Path) -> None:
    recipe = dataclasses.replace(model.recipe, dataset="mnist+unipen+pen")
    trained = weights.from_weights(model.network.state_dict(), recipe, DIGIT_CLASSES, {}, "x")
    dois = ("10.5281/zenodo.1195803", "10.24432/C5MG6K", "10.24432/C5FG8S")
    assert all(any(doi in line for line in trained.data_sources) for doi in dois)
    assert sum("CC BY 4.0" in line for line in trained.data_sources) == 3
    weights.save(trained, tmp_path / "trained.safetensors")
    assert weights.load(tmp_path / "trained.safetensors").data_sources == trained.data_sources


def test_a_file_without_sources_names_none(path: Path) -> None:
    assert weights.load(rewritten(path, {"data_sources": None})).data_sources == ()


def test_a_file_is_small(path: Path) -> None:
    assert 4 * 61_706 < path.stat().st_size < 4 * 61_706 + 4000


def test_to_makes_a_copy(model: Model) -> None:
    copy = model.to(torch.device("cpu"))
    with torch.no_grad():
        copy.network.conv1.weight.zero_()
    assert model.network.conv1.weight.any()
    assert copy.recipe == model.recipe


def test_from_weights_shares_nothing(model: Model) -> None:
    state = {name: w.clone() for name, w in model.network.state_dict().items()}
    made = weights.from_weights(state, model.recipe, model.classes, {}, "x")
    state["conv1.weight"].zero_()
    assert torch.equal(made.network.conv1.weight, model.network.conv1.weight)


def rewritten(
    path: Path, change: dict[str, str | None], tensors: dict[str, Any] | None = None
) -> Path:
    """The good file with other metadata (None: left out) or other tensors."""
    content = path.read_bytes()
    metadata = weights.read_metadata(content)
    metadata = {k: v for k, v in {**metadata, **change}.items() if v is not None}
    found = safetensors.torch.load(content) if tensors is None else tensors
    other = path.with_name("other.safetensors")
    other.write_bytes(safetensors.torch.save(found, metadata))
    return other


DAMAGED_METADATA = [
    ({"format": None}, "not a model that this program saved"),
    ({"format": "something else"}, "not a model that this program saved"),
    ({"version": "2"}, "has model format version '2' and this program reads 1: a newer program"),
    ({"version": None}, "has model format version ''"),
    ({"recipe": None}, "lacks 'recipe' in its metadata"),
    ({"normalisation": None}, "lacks 'normalisation' in its metadata"),
    ({"classes": None}, "lacks 'classes' in its metadata"),
    ({"history": None}, "lacks 'history' in its metadata"),
    ({"recipe": "{"}, "has a recipe that can't be: a recipe must be JSON"),
    ({"recipe": '{"epochs": 0}'}, "has a recipe that can't be: epochs is 0; it must be"),
    ({"recipe": '{"later": 0}'}, "has a recipe that can't be: later is not known"),
    ({"normalisation": '{"mean": 0.5, "std": 0.4}'}, "contradicts itself about its normalisation"),
    ({"normalisation": "[]"}, "contradicts itself about its normalisation"),
    ({"classes": "{"}, "has damaged metadata"),
    ({"classes": "[" * 50_000}, "has damaged metadata"),
    ({"classes": '["0", "1"]'}, "does not name its 10 classes"),
    ({"classes": "3"}, "does not name its 10 classes"),
    ({"classes": json.dumps([1] * 10)}, "does not name its 10 classes"),
    ({"classes": json.dumps(["\x1b[31m"] * 10)}, "does not name its 10 classes"),
    ({"history": "[]"}, "has a damaged history"),
    ({"history": '{"epochs": "3"}'}, "has a damaged history"),
    ({"history": '{"epochs": NaN}'}, "has a damaged history"),
    ({"data_sources": "3"}, "does not name the sources of its data"),
    ({"data_sources": '[""' + ', ""' * 40 + "]"}, "does not name the sources of its data"),
    ({"data_sources": json.dumps(["\x1b[31m"])}, "does not name the sources of its data"),
    ({"data_sources": json.dumps(["x" * 401])}, "does not name the sources of its data"),
]


@pytest.mark.parametrize(("change", "message"), DAMAGED_METADATA)
def test_damaged_metadata_is_refused(
    path: Path, change: dict[str, str | None], message: str
) -> None:
    with pytest.raises(ModelError) as error:
        weights.load(rewritten(path, change))
    assert message in str(error.value)
    assert "other.safetensors" in str(error.value)


def changed_tensors(model: Model) -> list[tuple[str, dict[str, torch.Tensor], str]]:
    good = dict(model.network.state_dict())
    layers = "does not hold the layers of its recipe's LeNet-5"
    fc3 = good["fc3.weight"].clone()
    fc3[3, 3] = float("nan")
    conv1 = good["conv1.bias"].clone()
    conv1[0] = float("-inf")
    numbers = "holds weights that are not numbers"
    return [
        ("nan", {**good, "fc3.weight": fc3}, numbers),
        ("inf", {**good, "conv1.bias": conv1}, numbers),
        ("shape", {**good, "fc3.weight": torch.zeros(11, 84)}, layers),
        ("dtype", {**good, "fc3.bias": torch.zeros(10, dtype=torch.float64)}, "weights of float64"),
        ("missing", {k: v for k, v in good.items() if k != "fc3.bias"}, layers),
        ("more", {**good, "fc4.bias": torch.zeros(10)}, layers),
        ("none", {}, layers),
    ]


@pytest.mark.parametrize("number", range(7))
def test_other_weights_are_refused(path: Path, model: Model, number: int) -> None:
    _, tensors, message = changed_tensors(model)[number]
    with pytest.raises(ModelError, match=message):
        weights.load(rewritten(path, {}, tensors))


def test_a_foreign_safetensors_file_is_refused(tmp_path: Path) -> None:
    for metadata in (None, {}, {"format": "pt"}):
        path = tmp_path / "foreign.safetensors"
        path.write_bytes(safetensors.torch.save({"w": torch.zeros(3)}, metadata))
        with pytest.raises(ModelError, match="not a model that this program saved"):
            weights.load(path)


def test_metadata_that_is_null_is_refused(tmp_path: Path) -> None:
    header = b'{"__metadata__":null,"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    path = tmp_path / "null.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    with pytest.raises(ModelError, match="not a model that this program saved"):
        weights.load(path)


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 500, 100_000, -1])
def test_a_truncated_file_is_refused(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ModelError, match=r"is (not a whole safetensors file|empty)"):
        weights.load(path)


def test_a_file_with_more_at_its_end_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ModelError, match="is not a whole safetensors file"):
        weights.load(path)


def test_an_oversized_file_is_refused_and_not_read_whole(path: Path) -> None:
    with path.open("ab") as file:
        file.truncate(1 << 40)  # a terabyte of nothing takes no space
    with pytest.raises(ModelError, match="is too large"):
        weights.load(path)


def test_a_pickle_is_refused_and_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trap, "sprung", False)  # as it is again for other tests at the end
    path = tmp_path / "old.safetensors"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ModelError, match="is a Python pickle"):
        weights.load(path)
    torch.save({"w": torch.zeros(3), "trap": Trap()}, path)
    with pytest.raises(ModelError, match="is a PyTorch file"):
        weights.load(path)
    assert not Trap.sprung
    pickle.loads(pickle.dumps(Trap()))
    assert Trap.sprung  # the trap works


def test_every_damaged_byte_of_the_header_is_refused_or_harmless(path: Path) -> None:
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    refused = 0
    for at in range(0, 8 + length, 7):
        damaged = bytearray(content)
        damaged[at] ^= 0x15
        path.write_bytes(damaged)
        try:
            weights.load(path)
        except ModelError as error:
            refused += 1
            assert str(path) in str(error)
    assert refused > 100


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.safetensors cannot be read: No such file"):
        weights.load(tmp_path / "none.safetensors")
    with pytest.raises(ModelError, match="cannot be read"):
        weights.load(tmp_path)


def test_a_folder_that_is_not_there_is_told(model: Model, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be written: No such file"):
        weights.save(model, tmp_path / "none" / "x.safetensors")


@pytest.mark.parametrize("fails", ["replace", "open"])
def test_a_failing_disk_leaves_the_old_file_whole(
    model: Model, path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    before = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, fails, full)
        with pytest.raises(ModelError, match="cannot be written: No space left on device"):
            weights.save(model, path)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_an_interrupt_leaves_the_old_file_whole(
    model: Model, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        weights.save(model, path)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_shipped_weights_are_a_studio_model() -> None:
    from trainer import files

    try:
        shipped = weights.load(files.asset("lenet5.safetensors"))
    except FileNotFoundError:
        pytest.skip("assets/lenet5.safetensors is not there yet")
    assert shipped.recipe.name in RECIPES
    assert shipped.history["test_accuracy"] >= 0.993


def saved_by_torch(path: Path, model: Model) -> None:
    torch.save(model.network.state_dict(), path)


def saved_by_old_torch(path: Path, model: Model) -> None:
    torch.save(model.network.state_dict(), path, _use_new_zipfile_serialization=False)


FOREIGN = {
    "net.pth": (saved_by_torch, "is a PyTorch file"),
    "old.pt": (saved_by_old_torch, "is a Python pickle"),
    "net.h5": (
        lambda path, _: path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(99)),
        "as Keras writes",
    ),
    "large.h5": (
        lambda path, _: path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(5 << 20)),
        "as Keras writes",
    ),
    "net.keras": (
        lambda path, _: path.write_bytes(b"PK\x03\x04" + bytes(26) + b"model.weights.h5"),
        "is a Keras file",
    ),
    "net.onnx": (lambda path, _: path.write_bytes(b"\x08\x07\x12\x04onnx"), "is an ONNX file"),
    "torch.onnx": (
        lambda path, _: path.write_bytes(b"\x08\x08\x12\x07pytorch"),
        "is an ONNX file",
    ),
    "net.npz": (lambda path, _: np.savez(path, w=np.zeros(3)), "is a NumPy file"),
    "plain.safetensors": (
        lambda path, _: safetensors.torch.save_file({"conv1.weight": torch.zeros(6)}, path),
        r"1 tensor \(conv1.weight\), and lacks recipe, classes and normalization",
    ),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_network_of_another_program_is_named_with_what_to_do(
    model: Model, tmp_path: Path, name: str
) -> None:
    write, told = FOREIGN[name]
    write(tmp_path / name, model)
    with pytest.raises(ModelError, match=rf"{name} .*{told}.*import it, .*by lenet import"):
        weights.load(tmp_path / name)


def test_half_precision_is_named(model: Model, path: Path) -> None:
    halves = {name: weight.half() for name, weight in model.network.state_dict().items()}
    metadata = weights.read_metadata(path.read_bytes())
    path.write_bytes(safetensors.torch.save(halves, metadata))
    with pytest.raises(ModelError, match="holds weights of float16, and must hold float32"):
        weights.load(path)


def test_a_number_that_no_float_holds_is_a_damaged_history(model: Model, path: Path) -> None:
    metadata = weights.read_metadata(path.read_bytes()) | {
        "history": '{"epochs": 1' + "0" * 400 + "}"
    }
    path.write_bytes(safetensors.torch.save(model.network.state_dict(), metadata))
    with pytest.raises(ModelError, match="has a damaged history"):
        weights.load(path)
