"""Files for other programs: each is run by the other program, where it can be."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from tests.support.foreign import shipped
from tests.support.inspecting import DIGITS, paper_model
from trainer.exchange import c_header, importing, onnx_graph
from trainer.exchange.export import Exported, ExportError, ExportOptions, export
from trainer.handwriting.font import render_digits
from trainer.networks.factory import build, prepare_images
from trainer.networks.model import Model
from trainer.progress import result_of
from trainer.reading.predict import read_many
from trainer.recipes.recipe import Recipe

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def few_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "WRITTEN", 60)


def pictures(count: int = 8) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.stack([image for image, _label in render_digits(count, seed=3)])


def other(**changed: Any) -> Model:
    recipe = Recipe(mean=0.2, std=0.4, **changed)
    network = build(recipe, torch.Generator().manual_seed(5)).eval()
    return Model(network, recipe, DIGITS, name="net", temperature=1.5)


MODELS = {
    "shipped": shipped,
    "1998": paper_model,
    "tanh": lambda: other(activation="tanh", pooling="average", border="paper"),
    "enlarged": lambda: other(activation="sigmoid", border="enlarged", c5="convolution"),
    "none": lambda: other(activation="gelu", hidden_activation="none", border="none"),
    "silu": lambda: other(activation="silu", hidden_activation="elu"),
    "leaky": lambda: other(activation="leaky_relu", dropout=0.5),
}


@pytest.mark.parametrize("name", MODELS)
def test_onnx_computes_what_the_network_does(name: str) -> None:
    model = MODELS[name]()
    images = torch.from_numpy(pictures())
    scaled = images[:, None].float() / 255
    with torch.no_grad():
        expected = model.network(prepare_images(images, model.recipe))
    content = onnx_graph.build_graph(model)
    for count in (1, 8):  # a batch of any size
        found = onnx_graph.run_graph(content, scaled[:count])
        np.testing.assert_allclose(found, expected[:count], atol=1e-5, rtol=1e-5)
    normalized = onnx_graph.build_graph(model, normalize=False, softmax=True)
    given = prepare_images(images, model.recipe)
    np.testing.assert_allclose(
        onnx_graph.run_graph(normalized, given), read_many(model, pictures()), atol=1e-5
    )


def test_onnx_says_what_it_is_of() -> None:
    read = onnx.load_model_from_string(onnx_graph.build_graph(shipped()))
    props = {each.key: each.value for each in read.metadata_props}
    assert json.loads(props["classes"]) == list(shipped().classes)
    assert "0 is paper and 1 is ink" in props["preprocessing"]
    assert float(props["std"]) == shipped().recipe.std
    names = {node.name or node.output[0] for node in read.graph.node}
    assert {"conv1", "pool1", "conv2", "pool2", "fc1", "fc2", "fc3"} <= names
    assert read.producer_name == "LeNet Studio"


def exported(kind: Any, path: Path, model: Model | None = None, **options: Any) -> Exported:
    return result_of(export(model or shipped(), kind, path, path.parent, ExportOptions(**options)))


def test_an_onnx_file_runs_by_itself(tmp_path: Path) -> None:
    done = exported("onnx", tmp_path / "net.onnx", softmax=True)
    assert done.bytes == (tmp_path / "net.onnx").stat().st_size
    assert done.images == 60 and done.difference <= 1e-5 and done.accuracy is None
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    (found,) = session.run(None, {"images": pictures(3)[:, None].astype(np.float32) / 255})
    np.testing.assert_allclose(found, read_many(shipped(), pictures(3)), atol=1e-5)


def test_a_file_that_computes_something_else_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = onnx_graph.build_graph(other())
    monkeypatch.setattr(onnx_graph, "build_graph", lambda *_, **__: wrong)
    with pytest.raises(ExportError, match="computes something else than the network, by"):
        exported("onnx", tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_program_of_torch_export_runs_by_itself(tmp_path: Path, real_data: Path) -> None:
    """Only where there is real data: to import PyTorch's compiler takes many seconds."""
    assert real_data
    done = exported("torch-export", tmp_path / "net.pt2")
    assert done.difference <= 1e-5 and done.bytes < 1_000_000
    extra = {"lenet-studio.json": ""}
    program = torch.export.load(tmp_path / "net.pt2", extra_files=extra).module()
    assert json.loads(extra["lenet-studio.json"])["classes"] == list(shipped().classes)
    images = torch.from_numpy(pictures(5))
    with torch.no_grad():
        found = program(images[:, None].float() / 255)
        expected = shipped().network(prepare_images(images, shipped().recipe))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", ["shipped", "tanh", "none", "silu"])
def test_the_reader_in_the_documents_reads_numpy_arrays(tmp_path: Path, name: str) -> None:
    model = MODELS[name]()
    exported("npz", tmp_path / "net.npz", model)
    text = (ROOT / "docs" / "exchange.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(import math.*?)```", text, re.DOTALL)
    assert len(code.splitlines()) <= 40
    space: dict[str, Any] = {}
    exec(code, space)
    read = space["load"](tmp_path / "net.npz")
    for image, expected in zip(pictures(3), read_many(model, pictures(3)), strict=True):
        np.testing.assert_allclose(read(image), expected, atol=1e-5)


HEADERS = {name: MODELS[name] for name in ("shipped", "tanh", "enlarged", "none")}


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_a_c_header_computes_what_the_rounded_network_does(tmp_path: Path) -> None:
    given = pictures(4)
    (tmp_path / "in").write_bytes(given.tobytes())
    for name, make in HEADERS.items():
        quantized = c_header.quantize(make())
        (tmp_path / "net.h").write_text(c_header.write_header(quantized), encoding="utf-8")
        (tmp_path / "main.c").write_text(_MAIN)
        strict = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic")
        subprocess.run(["cc", *strict, "main.c", "-o", "main", "-lm"], cwd=tmp_path, check=True)
        done = subprocess.run(
            ["./main"], cwd=tmp_path, input=given.tobytes(), check=True, capture_output=True
        )
        found = np.loadtxt(io.BytesIO(done.stdout))
        images = prepare_images(torch.from_numpy(given), quantized.model.recipe)
        with torch.no_grad():
            expected = quantized.network(images).numpy()
        np.testing.assert_allclose(found[:, 1:], expected, atol=2e-4, rtol=1e-4, err_msg=name)
        assert found[:, 0].tolist() == expected.argmax(1).tolist()


_MAIN = """#include <stdio.h>
#include "net.h"
int main(void) {
    unsigned char image[784];
    float scores[LENET_CLASSES];
    while (fread(image, 1, 784, stdin) == 784) {
        printf("%d", lenet_read(image, scores));
        for (int n = 0; n < LENET_CLASSES; n++) printf(" %.6f", scores[n]);
        printf("\\n");
    }
    return lenet_classes[0] == 0;
}
"""


def test_a_c_header_tells_its_accuracy(tmp_path: Path) -> None:
    done = exported("c", tmp_path / "net.h")
    assert done.accuracy is not None and done.accuracy > 0.9
    assert 0 < done.difference < 2
    assert f"It reads {done.accuracy:.2%} of" in (tmp_path / "net.h").read_text()


def test_the_network_of_1998_has_no_header(tmp_path: Path) -> None:
    with pytest.raises(c_header.HeaderError, match="can't be written as C"):
        exported("c", tmp_path / "net.h", paper_model())


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot be written: No such file"):
        exported("npz", tmp_path / "none" / "net.npz")
