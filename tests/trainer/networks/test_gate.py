"""The gate that tells digits from what is none."""

import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch

from trainer.data.labelled_images import LabelledImages
from trainer.drawing.rasterize import rasterize
from trainer.errors import UserError
from trainer.handwriting.non_digits import SMALLEST, write_non_digits
from trainer.handwriting.scribbles import write_doodle
from trainer.networks import gate as gates
from trainer.networks import model as weights
from trainer.networks.gate import Gate, GateNetwork
from trainer.networks.model import load_shipped
from trainer.progress import Progress, result_of
from trainer.reading.predict import read, read_answers
from trainer.reading.verdict import Verdict
from trainer.recipes.recipe import DIGIT_CLASSES
from trainer.training import gate as gate_training
from trainer.training.gate import Allowance

CPU = torch.device("cpu")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    for sort in ("DOODLES", "FORMS", "WRITING", "PAIRS", "BLOTS", "FRAMES"):
        monkeypatch.setattr(gate_training, sort, 300)


def test_a_gate_learns_what_is_no_digit(few: None, digits: LabelledImages) -> None:
    learned, held_out = digits.split(0.2, torch.arange(len(digits)))
    events = []
    work = gate_training.train_gate(learned, [Allowance(held_out.images)], seed=1, epochs=12)
    with pytest.raises(StopIteration) as end:
        while True:
            events.append(next(work))
    gate: Gate = end.value.value
    assert {event.what for event in events if isinstance(event, Progress)} == {
        "drawing what is no digit",
        "training the gate",
    }
    others = result_of(gate_training.render_non_digits(seed=2))
    assert gate.rejects(held_out.images).float().mean() < 0.02
    assert gate.rejects(others).float().mean() > 0.3


def test_the_threshold_rejects_no_more_than_it_may(few: None, digits: LabelledImages) -> None:
    gate = result_of(gate_training.train_gate(digits, [Allowance(digits.images)], seed=1, epochs=1))
    assert float(
        gate.rejects(digits.images).float().mean()
    ) <= gate_training.MOST_REJECTED + 1 / len(digits)


def test_a_file_brings_the_gate_back(tmp_path: Path, digits: LabelledImages) -> None:
    gate = Gate(GateNetwork(torch.Generator().manual_seed(5)).eval(), -0.25)
    gates.save(gate, tmp_path / "gate.safetensors")
    loaded = gates.load(tmp_path / "gate.safetensors")
    assert loaded.threshold == -0.25
    assert torch.equal(loaded.scores(digits.images), gate.scores(digits.images))


@pytest.mark.parametrize("content", [b"", b"no such file", b"\x00" * 400])
def test_a_damaged_file_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gate.safetensors"
    path.write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        gates.load(path)


def test_a_model_file_is_no_gate() -> None:
    with pytest.raises(UserError, match="damaged"):
        gates.load(Path(__file__).parents[3] / "assets" / "lenet5.safetensors")


def test_networks_for_other_things_have_no_gate() -> None:
    assert gates.load_gate_for(("shirt", "shoe"), CPU) is None
    assert gates.load_gate_for(DIGIT_CLASSES, CPU) is gates.load_gate_for(DIGIT_CLASSES, CPU)


def test_the_shipped_gate_lets_digits_pass_and_little_else(digits: LabelledImages) -> None:
    model = load_shipped()
    found = read_answers(model, digits.images.numpy())
    assert sum(a.verdict is Verdict.REJECTED for a in found) <= 0.02 * len(found)
    marks = [
        rasterize(mark.strokes, width=mark.width, smallest=SMALLEST)
        for mark in write_non_digits(400, seed=99)
    ]
    passed = [a.verdict is not Verdict.REJECTED for a in read_answers(model, np.stack(marks))]
    assert sum(passed) <= 0.1 * len(passed)


def test_a_plain_digit_is_no_scribble_and_blank_paper_is_no_digit() -> None:
    gate = gates.load_gate_for(DIGIT_CLASSES, CPU)
    assert gate is not None
    seven = rasterize([[(40, 60), (140, 60), (80, 180)]])
    one = rasterize([[(5, 0), (5, 9)]])
    images = torch.from_numpy(np.stack([seven, one, np.zeros((28, 28), np.uint8)]))
    assert gate.rejects(images).tolist() == [False, False, True]


def test_reading_one_says_the_same_as_reading_many() -> None:
    model = load_shipped()
    rng = np.random.default_rng(3)
    images = np.stack(
        [rasterize(strokes, width=width) for strokes, width in map(write_doodle, [rng] * 20)]
    )
    for image, answer in zip(images, read_answers(model, images), strict=True):
        one = read(model, image)
        assert (one.digit, one.second, one.verdict) == (answer.digit, answer.second, answer.verdict)
        assert one.probabilities == pytest.approx(answer.probabilities, abs=1e-5)


def test_the_gate_travels_with_the_program() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    shipped_files = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for name in (gates.SHIPPED, weights.SHIPPED):
        assert shipped_files[f"assets/{name}"] == f"trainer/assets/{name}"


def test_what_is_black_all_over_is_no_digit() -> None:
    gate = Gate(GateNetwork(torch.Generator().manual_seed(5)).eval(), -1e9)
    images = torch.zeros((3, 28, 28), dtype=torch.uint8)
    images[0, 4:24, 4:24] = 255  # a block as large as a digit
    images[1, 4:24, 12:16] = 255  # a 1 by a broad pen
    assert gate.rejects(images).tolist() == [True, False, True]
