"""Training steps that are captured and replayed, with graphs that the CPU pretends to have."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.support.fake_cuda_graph import FakeCudaGraph, FakeGraphCapturer, use_fake_graphs
from tests.trainer.training.test_training import only, with_
from trainer.data import pen_stream
from trainer.data.labelled_images import LabelledImages
from trainer.recipes.recipe import AUGMENTATIONS, Recipe
from trainer.runtime import process_group
from trainer.runtime.cuda_graphs import WARM_UP
from trainer.training import batches, loop
from trainer.training.events import Epoch, NotCaptured, Step
from trainer.training.training import Training, train


def last(recipe: Recipe, digits: LabelledImages) -> Epoch:
    epochs: list[Epoch] = only(list(train(recipe, digits)), Epoch)
    return epochs[-1]


def same(one: Epoch, other: Epoch) -> None:
    """To a float's rounding: a captured step has its rate as a float32.

    Layer by layer and not weight by weight: of a gradient near zero rounding decides the
    sign, and Adam makes a full step of it.
    """
    assert one.train_loss == pytest.approx(other.train_loss, rel=1e-3)
    for name, weights in one.weights.items():
        expected = other.weights[name]
        assert (weights - expected).norm() <= 0.01 * expected.norm(), name


@pytest.mark.parametrize(
    "changes",
    [
        {"schedule": "cosine", "warmup": 0.2},
        {"schedule": "one_cycle"},  # which changes the momentum as well
        {"optimizer": "adam", "augmentation": AUGMENTATIONS["elastic"]},
        {"optimizer": "sgd", "schedule": "step", "step_epochs": 1, "learning_rate": 0.05},
        {"optimizer": "sgd", "momentum": 0.0, "batch_gradient": "sum"},
        {"dropout": 0.3, "label_smoothing": 0.1, "weight_average": 0.9},
        {"settling": 0.5},  # other distortion in the second epoch
        {"teacher_epochs": 1},
        {"network": "lenet5-1998", "optimizer": "sdlm", "loss": "map", "mean": 0.1},
        {"dataset": "pen", "streamed": 700},  # two epochs of pieces that end within a batch
    ],
    ids=lambda changes: "-".join(str(value) for value in changes.values())[:30],
)
def test_a_captured_run_is_the_same_run(
    changes: dict[str, Any], digits: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pen_stream, "FORMS", 500)
    recipe = with_(**changes)
    plain = last(recipe, digits)
    graphs = use_fake_graphs(monkeypatch)
    captured = last(recipe, digits)
    same(captured, plain)
    assert sum(graph.replays for graph in graphs) > 0
    assert len(graphs) == (2 if recipe.settling else 1)


def test_all_whole_batches_but_the_first_few_are_replayed(
    digits: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs = use_fake_graphs(monkeypatch)
    recipe = with_(validation=0.5, batch_size=32)
    steps = only(list(train(recipe, digits)), Step)
    images = len(digits) - round(len(digits) * 0.5)
    assert images % recipe.batch_size  # each epoch's last batch is smaller
    whole = images // recipe.batch_size * recipe.epochs
    assert [graph.replays for graph in graphs] == [whole - WARM_UP]
    assert steps[-1].step == whole + recipe.epochs


def names(graph: FakeCudaGraph) -> set[str]:
    return {func._schema.name for func, *_ in graph.operations}


def test_the_optimizer_is_part_of_the_capture(
    digits: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs = use_fake_graphs(monkeypatch)
    last(with_(schedule="cosine"), digits)
    assert "aten::_fused_adamw_" in names(graphs[0])
    last(with_(optimizer="sgd"), digits)
    assert "aten::_fused_sgd_" in names(graphs[1])
    last(with_(schedule="one_cycle"), digits)
    assert "aten::_fused_adamw_" not in names(graphs[2])


def test_a_step_that_waits_for_a_value_is_not_captured_and_it_is_told(
    digits: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = last(with_(), digits)
    asked = batches.distort

    def waits(images: Any, *rest: Any) -> Any:
        assert float(images.max()) > 0
        return asked(images, *rest)

    graphs = use_fake_graphs(monkeypatch)
    monkeypatch.setattr(batches, "distort", waits)
    events = list(train(with_(), digits))
    (told,) = only(events, NotCaptured)
    assert "not permitted" in told.reason and "step by step" in str(told)
    assert not graphs
    ended = only(events, Epoch)[-1]
    for name, weights in ended.weights.items():
        assert torch.equal(weights, plain.weights[name])  # nothing of the attempt is left


def test_a_captured_run_goes_on_after_a_stop(
    digits: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_fake_graphs(monkeypatch)
    recipe = with_(optimizer="sgd", learning_rate=0.05)
    whole = last(recipe, digits)
    begun = Training(recipe, digits)
    for event in begun:
        if isinstance(event, Step) and event.step == WARM_UP + 5:
            break
    state = begun.state()
    assert isinstance(state["optimizer"]["param_groups"][0]["lr"], float)
    events = list(Training(recipe, digits, state=state))
    same(only(events, Epoch)[-1], whole)


def test_several_processes_take_their_steps_one_by_one(
    digits: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs = use_fake_graphs(monkeypatch)
    run = loop.TrainingLoop(with_(), digits, torch.device("cpu"), process_group.ALONE)
    assert type(run.steps).__name__ == "GraphStepper"
    monkeypatch.setattr(process_group.Group, "many", True)
    monkeypatch.setattr(process_group.Group, "wrapped", lambda self, network: network)
    run = loop.TrainingLoop(with_(), digits, torch.device("cpu"), process_group.ALONE)
    assert type(run.steps).__name__ == "EagerStepper"
    assert not graphs


def test_the_pretended_graph_keeps_numbers_and_follows_tensors() -> None:
    """What makes the tests above worth something."""
    number, tensor, total = 2.0, torch.tensor(3.0), torch.zeros(())
    generator = torch.Generator().manual_seed(1)
    expected = torch.rand(2, generator=torch.Generator().manual_seed(1))

    def work() -> torch.Tensor:
        total.add_(number * tensor)
        return torch.rand(1, generator=generator)

    drawn, recording = FakeGraphCapturer(torch.device("cpu")).capture(work, generator)
    assert total == 0
    number = 100.0
    tensor.fill_(4.0)
    recording.replay()
    assert total == 8.0
    assert drawn == expected[0]
    recording.replay()
    assert total == 16.0
    assert drawn == expected[1]
