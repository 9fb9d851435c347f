"""How a network was trained, found by trying: with the shipped one, of which it is known."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.support.foreign import shipped, with_names
from trainer.data.labelled_images import LabelledImages
from trainer.exchange import importing
from trainer.exchange.importing import Candidates, ImportFailed, import_network
from trainer.exchange.matching import MatchedNetwork, match_layers
from trainer.exchange.trials import SCALES, list_variants, try_variants
from trainer.networks import model as weights
from trainer.progress import result_of
from trainer.recipes.recipe import Recipe

KNOWN = {"hidden_activation": "same", "activation": "relu", "pooling": "max"}


@pytest.fixture(autouse=True)
def few_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "WRITTEN", 150)


def matched(inverted: bool = False, side: int = 5) -> MatchedNetwork:
    given = {name: t.numpy() for name, t in with_names("a b c d e").items()}
    if inverted:  # what sees the picture's negative: the kernels' signs are turned
        given["a.weight"] = -given["a.weight"]
    if side == 4:
        given["c.weight"] = given["c.weight"].reshape(120, 16, 5, 5)[..., :4, :4].reshape(120, 256)
    return match_layers(given, "net")


def test_the_input_is_found(digits: LabelledImages) -> None:
    few = digits.within(slice(200))
    trials = result_of(try_variants(matched(), few, Recipe(), KNOWN))
    best = trials[0].variant
    assert (best.border, best.scale, best.ink) == ("zeros", "MNIST", "light")
    assert trials[0].score.accuracy > 0.97 and trials[0].score.count == 200
    assert 2 < len(trials) <= 12


def test_activation_and_pooling_are_found(digits: LabelledImages) -> None:
    fixed = {"border": "zeros", "scale": "MNIST", "ink": "light"}
    best = result_of(try_variants(matched(), digits.within(slice(200)), Recipe(), fixed))[0].variant
    assert (best.activation, best.pooling, best.hidden_activation) == ("relu", "max", "same")


def test_dark_ink_is_found(digits: LabelledImages) -> None:
    """Kernels of the opposite sign, and an input from −1 to 1, need the picture's negative."""
    fixed = {**KNOWN, "border": "zeros", "scale": "-1 to 1"}
    best = result_of(try_variants(matched(True), digits.within(slice(200)), Recipe(), fixed))[0]
    assert best.variant.ink == "dark"
    recipe = best.variant.recipe(matched(True), Recipe())
    assert (recipe.mean, recipe.std) == (0.5, -0.5)


def test_a_network_for_smaller_maps_has_no_border() -> None:
    assert {v.border for v in list_variants(matched(side=4))} == {"none"}
    assert list_variants(matched(side=4), {"border": "paper"}) == []
    assert {v.border for v in list_variants(matched())} == {"zeros", "enlarged", "paper"}
    assert len(list_variants(matched(), KNOWN)) == 3 * len(SCALES) * 2


def imported(path: Path, folder: Path, **fixed: Any) -> Candidates:
    return result_of(import_network(path, folder, fixed={**KNOWN, "border": "zeros", **fixed}))


def test_an_imported_network_is_one_of_this_program(tmp_path: Path, digits: LabelledImages) -> None:
    torch.save(with_names("c1 c3 c5 f6 output"), tmp_path / "lenet.web.pth")
    candidates = imported(tmp_path / "lenet.web.pth", tmp_path)
    assert (candidates.format, candidates.real) == ("PyTorch", False)
    assert candidates.tested_on == "150 digits written by code"
    model = candidates.model()
    assert model.name == "lenet" and model.classes == tuple("0123456789")
    assert model.history == {} and model.data_sources == ()
    weights.save(model, tmp_path / "imported.safetensors")
    again = weights.load(tmp_path / "imported.safetensors")
    assert again.recipe == model.recipe == dataclasses.replace(
        Recipe(), name="imported", description="Imported from lenet.web.pth.", mean=0.1307,
        std=0.3081,
    )  # fmt: skip
    for name, tensor in shipped().network.state_dict().items():
        assert torch.equal(again.network.state_dict()[name], tensor)


def test_another_number_of_classes_is_refused(tmp_path: Path) -> None:
    state = with_names("a b c d e")
    state["e.weight"], state["e.bias"] = torch.zeros(26, 84), torch.zeros(26)
    torch.save(state, tmp_path / "letters.pth")
    with pytest.raises(ImportFailed, match="tells 26 classes apart, and MNIST has 10: choose"):
        imported(tmp_path / "letters.pth", tmp_path)


def test_a_border_that_cannot_be_is_refused(tmp_path: Path) -> None:
    torch.save(with_names("a b c d e"), tmp_path / "net.pth")
    with pytest.raises(ImportFailed, match="can't have the border asked for: its C5 sees 400"):
        imported(tmp_path / "net.pth", tmp_path, border="none")


def test_weights_that_are_not_numbers_are_refused_before_they_are_tried(tmp_path: Path) -> None:
    path = tmp_path / "net.pth"
    state = shipped().network.state_dict()
    torch.save({name: torch.full_like(weight, torch.nan) for name, weight in state.items()}, path)
    with pytest.raises(ImportFailed, match="weights that are not numbers"):
        imported(path, tmp_path)
