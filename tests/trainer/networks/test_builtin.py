"""The networks that come with the program, by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trainer.cli import parser as cli
from trainer.data.labelled_images import LabelledImages
from trainer.evaluation.report import evaluate
from trainer.networks import model as weights
from trainer.networks.builtin import BUILTIN, find_builtin
from trainer.networks.model import ModelError
from trainer.recipes.catalog import RECIPES

LEAST = {"lenet5": (0.995, 0.98), "lenet5-plain": (0.993, 0.92), "lenet5-1998": (0.987, 0.88)}
"""Right of MNIST's test set, as the file says, and of built-in digits."""


@pytest.mark.parametrize("name", BUILTIN)
def test_a_built_in_network_reads_digits(name: str, digits: LabelledImages) -> None:
    model = weights.load_named(Path(name))
    assert model.name == name and model.recipe.name in RECIPES
    told, written = LEAST[name]
    assert model.history["test_accuracy"] >= told and model.data_sources
    assert evaluate(model.network, digits, model.recipe).accuracy >= written


def test_the_networks_for_lessons_are_what_they_are_called() -> None:
    plain = weights.load_named(Path("lenet5-plain")).recipe
    assert plain.name == "lenet5-plain" and not plain.augmentation and plain.dataset == "mnist"
    paper = weights.load_named(Path("lenet5-1998")).recipe
    assert (paper.network, paper.loss, paper.optimizer) == ("lenet5-1998", "map", "sdlm")


def test_the_first_is_the_one_that_ships() -> None:
    assert next(iter(BUILTIN.values())).path.name == weights.SHIPPED
    assert find_builtin("none") is None


def test_commands_take_their_names(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["summary", "--model", "lenet5-1998", "--json"]) == 0
    layers = json.loads(capsys.readouterr().out)
    assert sum(layer["parameters"] for layer in layers) == 60_000
    with pytest.raises(ModelError, match="lenet5-none cannot be read"):
        weights.load_named(Path("lenet5-none"))
