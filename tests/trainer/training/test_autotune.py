"""Which arithmetic a run is given, and that it keeps it."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from trainer.data import loading
from trainer.data.labelled_images import LabelledImages
from trainer.networks import model
from trainer.networks.factory import build
from trainer.networks.lenet5 import ARITHMETICS, LeNet5
from trainer.progress import result_of
from trainer.recipes import sharing
from trainer.recipes.recipe import Recipe
from trainer.runs import checkpoint, lifecycle, record
from trainer.training import autotune, training
from trainer.training.events import Chosen, Epoch, Step

RECIPE = Recipe(name="quick", dataset="pen", epochs=2, batch_size=50, validation=0.1)
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _nothing_found_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autotune, "measurements", {})
    monkeypatch.setattr(autotune, "SECONDS", 0.01)
    monkeypatch.setattr(autotune, "SECONDS_OF_THREADS", 0.01)


def taking(monkeypatch: pytest.MonkeyPatch, **seconds: float) -> list[str]:
    """Let a step by each way take so long; returns the ways that were tried, as they are."""
    tried: list[str] = []

    def step(network: LeNet5, arithmetic: str, images: Tensor, labels: Tensor) -> float:
        tried.append(arithmetic)
        if arithmetic.replace(" ", "_") not in seconds:
            raise RuntimeError("no such products here")
        return seconds[arithmetic.replace(" ", "_")]

    monkeypatch.setattr(autotune, "time_step", step)
    return tried


@pytest.mark.parametrize(
    ("seconds", "best"),
    [
        ({"plain": 3.0, "wide": 2.0, "wide_bfloat16": 1.0}, "wide bfloat16"),
        ({"plain": 3.0, "wide": 2.0, "wide_bfloat16": 1.95}, "wide"),  # not worth its digits
        ({"plain": 3.0, "wide": 2.9, "wide_bfloat16": 4.0}, "plain"),
        ({"plain": 3.0, "wide": 2.0}, "wide"),
        ({"plain": 3.0, "wide_bfloat16": 2.0}, "wide bfloat16"),
        (
            {"plain": 3.0, "wide": 2.0, "wide_bfloat16": 1.5, "banded_bfloat16": 1.0},
            "banded bfloat16",
        ),
    ],
)
def test_the_fastest_is_chosen_if_it_is_worth_a_difference(
    monkeypatch: pytest.MonkeyPatch, seconds: dict[str, float], best: str
) -> None:
    taking(monkeypatch, **seconds)
    assert autotune.choose_arithmetic(build(RECIPE), RECIPE, CPU, 60_000) == best


def test_it_is_found_once_for_a_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = taking(monkeypatch, plain=2.0, wide=1.0, wide_bfloat16=3.0, banded_bfloat16=3.0)
    autotune.choose_arithmetic(build(RECIPE), RECIPE, CPU, 60_000)
    first = len(tried)
    assert set(tried) == set(ARITHMETICS)
    same = dataclasses.replace(RECIPE, seed=4, learning_rate=0.1, epochs=5)
    assert autotune.choose_arithmetic(build(same), same, CPU, 60_000) == "wide"
    assert len(tried) == first
    other = dataclasses.replace(RECIPE, batch_size=64)
    autotune.choose_arithmetic(build(other), other, CPU, 60_000)
    assert len(tried) > first


@pytest.mark.parametrize(
    ("recipe", "device", "images"),
    [
        (RECIPE, CPU, 20_000),  # two epochs of them end before a test has paid
        (RECIPE, torch.device("cuda"), 60_000),
        (dataclasses.replace(RECIPE, network="lenet5-1998"), CPU, 60_000),
        (dataclasses.replace(RECIPE, arithmetic="plain"), CPU, 60_000),
    ],
)
def test_where_nothing_is_tried(
    monkeypatch: pytest.MonkeyPatch, recipe: Recipe, device: torch.device, images: int
) -> None:
    tried = taking(monkeypatch)
    assert (
        autotune.choose_arithmetic(build(recipe), recipe, device, images) == "plain" and not tried
    )


def test_the_test_leaves_the_network_and_the_global_chance_alone() -> None:
    recipe = dataclasses.replace(RECIPE, dropout=0.5)
    network = build(recipe, torch.Generator().manual_seed(1))
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    chance = torch.random.get_rng_state()
    assert autotune.choose_arithmetic(network, recipe, CPU, 60_000) in ARITHMETICS
    assert isinstance(network, LeNet5) and network.arithmetic == "plain"
    assert all(parameter.grad is None for parameter in network.parameters())
    assert all(torch.equal(before[name], now) for name, now in network.state_dict().items())
    assert torch.equal(torch.random.get_rng_state(), chance)


def test_a_hopeless_way_is_tried_on_few_images_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: set[tuple[str, int]] = set()

    def step(network: LeNet5, arithmetic: str, images: Tensor, labels: Tensor) -> float:
        assert len(images) == len(labels)
        tried.add((arithmetic, len(images)))
        return 100.0 if "bfloat16" in arithmetic else 1.0  # a processor without such products

    monkeypatch.setattr(autotune, "time_step", step)
    assert autotune.choose_arithmetic(build(RECIPE), RECIPE, CPU, 60_000) == "plain"
    assert {arithmetic for arithmetic, count in tried if count == RECIPE.batch_size} == {
        "plain",
        "wide",
    }
    assert {arithmetic for arithmetic, count in tried if count < RECIPE.batch_size} == set(
        ARITHMETICS
    )


@pytest.fixture
def eight_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(8)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("seconds", "enough"),
    [
        ({8: 1.0, 4: 2.0, 2: 3.0, 1: 4.0}, 8),
        ({8: 3.0, 4: 2.0, 2: 1.0, 1: 2.0}, 2),
        ({8: 1.0, 4: 1.0, 2: 1.0, 1: 1.0}, 1),  # the others had nothing to do
    ],
)
@pytest.mark.usefixtures("eight_threads")
def test_more_threads_than_are_worth_it_are_not_used(
    monkeypatch: pytest.MonkeyPatch, seconds: dict[int, float], enough: int
) -> None:
    tried: list[str] = []

    def step(network: LeNet5, arithmetic: str, images: Tensor, labels: Tensor) -> float:
        tried.append(arithmetic)
        return seconds[torch.get_num_threads()]

    monkeypatch.setattr(autotune, "time_step", step)
    assert autotune.choose_threads(build(RECIPE), RECIPE, CPU, 60_000, "wide") == enough
    assert torch.get_num_threads() == 8 and {*tried} == {"wide"}
    found = len(tried)
    assert autotune.choose_threads(build(RECIPE), RECIPE, CPU, 60_000, "wide") == enough
    assert (
        autotune.choose_threads(build(RECIPE), RECIPE, CPU, 20_000, "wide") == 8
    )  # too short a run
    assert len(tried) == found


@pytest.fixture
def digits(small_pen: None, tmp_path: Path) -> LabelledImages:
    return result_of(loading.load("pen", "train", tmp_path))


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
def test_a_resumed_run_keeps_what_it_began_with(
    monkeypatch: pytest.MonkeyPatch, digits: LabelledImages, arithmetic: str
) -> None:
    monkeypatch.setattr(autotune, "choose_arithmetic", lambda *_: arithmetic)
    whole = [event for event in training.train(RECIPE, digits) if isinstance(event, Epoch)]
    begun = training.Training(RECIPE, digits)
    for event in begun:
        if isinstance(event, Step) and event.step == 3:
            break
    state = begun.state()
    assert state["arithmetic"] == arithmetic
    other = ARITHMETICS[(ARITHMETICS.index(arithmetic) + 1) % len(ARITHMETICS)]
    monkeypatch.setattr(autotune, "choose_arithmetic", lambda *_: other)
    rest = training.Training(RECIPE, digits, state=state)
    resumed = [event for event in rest if isinstance(event, Epoch)]
    assert [e.val_loss for e in resumed] == [e.val_loss for e in whole]
    for name, weight in whole[-1].weights.items():
        assert torch.equal(resumed[-1].weights[name], weight)


def test_a_state_of_an_older_version_goes_on_plainly(
    monkeypatch: pytest.MonkeyPatch, digits: LabelledImages
) -> None:
    begun = training.Training(RECIPE, digits)
    next(event for event in begun if isinstance(event, Step))
    state = begun.state()
    del state["arithmetic"]
    monkeypatch.setattr(autotune, "choose_arithmetic", lambda *_: "wide")
    rest = training.Training(RECIPE, digits, state=state)
    next(event for event in rest if isinstance(event, Step))
    assert rest.state()["arithmetic"] == "plain"


@pytest.mark.usefixtures("small_pen", "eight_threads")
def test_the_run_tells_in_its_record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(autotune, "choose_arithmetic", lambda *_: "wide")
    monkeypatch.setattr(autotune, "choose_threads", lambda *_: 2)
    for event in lifecycle.run(RECIPE, data=tmp_path, runs=tmp_path / "runs", device=CPU):
        if isinstance(event, Step):
            assert torch.get_num_threads() == 2
        if isinstance(event, record.Finished):
            told = json.loads((event.folder / "run.json").read_text())
            assert (told["arithmetic"], told["threads"]) == ("wide", 2)
            return
    raise AssertionError("the run did not finish")


PLAIN = dataclasses.replace(RECIPE, arithmetic="plain")


@pytest.mark.usefixtures("eight_threads")
def test_a_plain_recipe_asks_no_clock_for_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = taking(monkeypatch)
    assert autotune.choose_threads(build(PLAIN), PLAIN, CPU, 60_000, "plain") == 8 and not tried


@pytest.mark.parametrize("ways", [("wide", "banded bfloat16"), ("plain", "wide")])
def test_what_was_chosen_is_on_disk_before_the_first_step(
    monkeypatch: pytest.MonkeyPatch, small_pen: None, tmp_path: Path, ways: tuple[str, str]
) -> None:
    """Nothing more of a run is left than what lay on disk when its first step was told."""
    first, second = ways
    monkeypatch.setattr(autotune, "choose_arithmetic", lambda *_: first)
    monkeypatch.setattr(autotune, "choose_threads", lambda *_: 1)
    killed = tmp_path / "killed"
    for event in lifecycle.run(RECIPE, data=tmp_path, runs=tmp_path / "runs", device=CPU):
        if isinstance(event, Chosen):
            assert (event.arithmetic, event.threads) == (first, 1)
        if isinstance(event, record.Started):
            folder = event.folder
        if isinstance(event, Step) and not killed.exists():
            shutil.copytree(folder, killed)
    told = json.loads((killed / "run.json").read_text())
    assert (told["arithmetic"], told["threads"]) == (first, 1)
    monkeypatch.setattr(autotune, "choose_arithmetic", lambda *_: second)
    (killed / "run.lock").unlink()
    list(lifecycle.resume(killed, data=tmp_path, device=CPU))
    whole, resumed = (model.load(each / "best.safetensors") for each in (folder, killed))
    for name, weight in whole.network.state_dict().items():
        assert torch.equal(weight, resumed.network.state_dict()[name])
    assert json.loads((killed / "run.json").read_text())["arithmetic"] == first


@pytest.mark.usefixtures("small_pen")
def test_an_arithmetic_that_is_not_known_is_refused(tmp_path: Path) -> None:
    events = lifecycle.run(RECIPE, data=tmp_path, runs=tmp_path / "runs", device=CPU)
    folder = next(event.folder for event in events if isinstance(event, record.Started))
    next(event for event in events if isinstance(event, Step))
    events.close()
    kept = checkpoint.load(folder)
    checkpoint.save(dataclasses.replace(kept, state=kept.state | {"arithmetic": "odd"}), folder)
    with pytest.raises(record.RunError, match="arithmetic 'odd', which is not known"):
        list(lifecycle.resume(folder, data=tmp_path, device=CPU))


def test_a_shared_recipe_carries_the_wish() -> None:
    assert sharing.read(sharing.text(PLAIN)).arithmetic == "plain"
    assert "arithmetic" not in sharing.text(RECIPE)  # and older versions read it
