"""Reading by a captured pass, with graphs that the CPU pretends to have."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from tests.support.by_hand import varied
from tests.support.fake_cuda_graph import use_fake_graphs
from trainer.networks import model as weights
from trainer.networks.interventions import Intervention
from trainer.networks.model import Model
from trainer.reading import predict
from trainer.reading.captured import LiveReading
from trainer.reading.predict import Prediction

RANDOM = np.random.default_rng(3)


def picture() -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return RANDOM.integers(0, 256, (28, 28), dtype=np.uint8)


def same(one: Prediction, other: Prediction) -> bool:
    for name, found in one.maps.items():
        assert np.array_equal(found.values, other.maps[name].values), name
    answers = [(p.digit, p.second, p.probabilities, p.verdict) for p in (one, other)]
    return answers[0] == answers[1] and [*one.maps] == [*other.maps]


@pytest.fixture(scope="module")
def model() -> Model:
    return weights.load_shipped()


@pytest.mark.parametrize("gate", [True, False])
def test_a_captured_reading_is_the_same_reading(
    model: Model, gate: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs = use_fake_graphs(monkeypatch)
    live = LiveReading()
    images = [picture(), np.zeros((28, 28), np.uint8), picture()]
    read = [live.read(model, image, gate=gate) for image in images]  # each kept while others come
    for image, found in zip(images, read, strict=True):
        assert same(found, predict.read(model, image, gate=gate))
        assert np.array_equal(found.image, image)
    assert [graph.replays for graph in graphs] == [3]
    assert not live.take_problem()


def test_with_and_without_the_gate_are_two_captures(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs = use_fake_graphs(monkeypatch)
    live = LiveReading()
    for gate in (True, False, True, False):
        assert same(
            live.read(model, image := picture(), gate=gate), predict.read(model, image, gate=gate)
        )
    assert [graph.replays for graph in graphs] == [2, 2]


def test_a_network_that_learns_is_captured_once(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs = use_fake_graphs(monkeypatch)
    live, image = LiveReading(), picture()
    before = live.read(model, image)
    learned = dataclasses.replace(model.to(torch.device("cpu")), temperature=2.0)
    with torch.no_grad():
        learned.network.conv1.weight.mul_(0.5)
    assert same(live.read(learned, image), predict.read(learned, image))
    assert same(live.read(model, image), before)
    assert len(graphs) == 1


def test_another_network_is_captured_anew(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    graphs = use_fake_graphs(monkeypatch)
    live, image = LiveReading(), picture()
    live.read(model, image)
    for other in (varied(activation="tanh"), varied(pooling="average")):
        assert same(live.read(other, image), predict.read(other, image))
    assert len(graphs) == 3


def test_maps_that_are_held_are_read_without_a_capture(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs = use_fake_graphs(monkeypatch)
    interventions = (Intervention("conv1_active", 2, 0.5),)
    assert same(
        LiveReading().read(model, image := picture(), interventions),
        predict.read(model, image, interventions),
    )
    assert not graphs


def test_what_can_not_be_captured_is_read_all_the_same_and_told_once(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = predict.compute_layers

    def waits(*args: object, **kwargs: object) -> dict[str, torch.Tensor]:
        found = asked(*args, **kwargs)  # type: ignore[arg-type]
        assert float(found["logits"].sum()) < 1e9
        return found

    graphs = use_fake_graphs(monkeypatch)
    monkeypatch.setattr(predict, "compute_layers", waits)
    live = LiveReading()
    image = picture()
    for _ in range(2):
        assert same(live.read(model, image), predict.read(model, image))
    assert "could not capture a reading" in live.take_problem()
    assert not live.take_problem() and not graphs


def test_another_size_is_refused(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_graphs(monkeypatch)
    with pytest.raises(ValueError, match="28"):
        LiveReading().read(model, np.zeros((32, 32), np.uint8))
