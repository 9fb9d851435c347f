from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from typing import Any

import pytest

from trainer.recipes import sharing
from trainer.recipes.catalog import (
    RECIPES,
    SOURCES,
    differences,
    edit_recipe,
    find_recipe,
    original_name,
)
from trainer.recipes.recipe import AUGMENTATIONS, Augmentation, Recipe, RecipeError

UNUSUAL = Recipe(
    name="Größe 3",
    description="two\nlines",
    dataset="pen",
    validation=0.25,
    activation="tanh",
    pooling="average",
    mean=0.13,
    std=0.31,
    augmentation=Augmentation(rotation=1, elastic=0.5),
    network="lenet5-1998",
    loss="map",
    rates=((1, 0.1), (3, 0.02)),
    optimizer="sgd",
    learning_rate=0.1,
    momentum=0.5,
    schedule="cosine",
    warmup=0.1,
    batch_size=17,
    epochs=3,
    seed=0,
    label_smoothing=0.1,
    weight_average=0.99,
)


@pytest.mark.parametrize("recipe", [*RECIPES.values(), Recipe(), UNUSUAL], ids=lambda r: r.name)
def test_json_round_trip(recipe: Recipe) -> None:
    assert Recipe.from_json(recipe.to_json()) == recipe


def test_what_json_leaves_out_takes_its_default() -> None:
    assert Recipe.from_json('{"epochs": 3}') == Recipe(epochs=3)


def test_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Recipe().epochs = 3  # type: ignore[misc]


NUMBERS = [
    (spec.name, *spec.metadata["range"], isinstance(spec.default, int))
    for spec in dataclasses.fields(Recipe)
    if "range" in spec.metadata
]


@pytest.mark.parametrize(("name", "low", "high", "whole"), NUMBERS)
def test_a_number_out_of_range_is_refused_by_name(
    name: str, low: float, high: float, whole: bool
) -> None:
    for allowed in (low, high):
        assert getattr(Recipe(**{"dataset": "pen", name: allowed}), name) == allowed
    beyond = [low - 1, high + 1, float("nan"), float("inf"), True, "1", None, [1], 10**400]
    for value in [*beyond, 1.5] if whole else beyond:
        with pytest.raises(RecipeError) as error:
            Recipe(**{name: value})
        kind = "a whole number" if whole else "a number"
        assert str(error.value) == f"{name} is {value!r}; it must be {kind} from {low} to {high}"


def test_a_deviation_of_almost_nothing_is_refused() -> None:
    assert Recipe(std=1 / 255).std and Recipe(std=-0.001).std
    for value in (0, 0.0005, -0.0005):
        with pytest.raises(RecipeError, match=r"^std is .*; it must be at least 0.001, or at most"):
            Recipe(std=value)


@pytest.mark.parametrize("border", ["paper", "enlarged", "none"])
def test_borders_that_a_network_has_not_are_refused(border: str) -> None:
    assert Recipe(border=border).border == border
    with pytest.raises(RecipeError, match=f"^border is '{border}'; that can't be with network"):
        Recipe(border=border, network="lenet5-1998")
    if border != "none":
        with pytest.raises(RecipeError, match="and dataset 'cifar10'"):
            Recipe(border=border, dataset="cifar10")


CHOICES = [
    (spec.name, spec.metadata["choices"])
    for spec in dataclasses.fields(Recipe)
    if "choices" in spec.metadata
]


@pytest.mark.parametrize(("name", "choices"), CHOICES)
@pytest.mark.parametrize("value", ["nonsense", 3, None, ["relu"]])
def test_an_unknown_choice_is_refused_by_name(
    name: str, choices: tuple[str, ...], value: Any
) -> None:
    with pytest.raises(RecipeError) as error:
        Recipe(**{name: value})
    assert str(error.value) == f"{name} is {value!r}; it must be one of: {', '.join(choices)}"


@pytest.mark.parametrize("name", [spec.name for spec in dataclasses.fields(Augmentation)])
def test_a_distortion_out_of_range_is_refused_by_its_whole_name(name: str) -> None:
    message = rf"^augmentation\.{name} is -1; it must be a (whole )?number"
    with pytest.raises(RecipeError, match=message):
        Augmentation(**{name: -1})


def test_an_augmentation_of_zeros_is_none() -> None:
    assert not Augmentation()
    assert Augmentation(shear=0.1)
    assert not AUGMENTATIONS["none"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be JSON"),
        ("{", "must be JSON"),
        ("[" * 100_000, "must be JSON"),
        ("3", "a recipe must be a JSON object"),
        ("[]", "a recipe must be a JSON object"),
        ('{"epoch": 3}', "epoch is not known; known are: activation, arithmetic, augmentation"),
        ('{"augmentation": 3}', "augmentation must be a JSON object"),
        ('{"augmentation": {"turn": 3}}', "augmentation.turn is not known; known are: crop"),
        ('{"augmentation": {"shift": 7}}', "augmentation.shift is 7; it must be a number from 0"),
        ('{"epochs": NaN}', "epochs is nan; it must be a whole number from 1 to 1000"),
        ('{"learning_rate": 1e999}', "learning_rate is inf; it must be a number"),
        ('{"name": 3}', "name must be one line of text"),
        ('{"name": "two\\nlines"}', "name must be one line of text"),
        ('{"name": "\\ud800"}', "name must be one line of text"),
        (json.dumps({"name": "x" * 81}), "name must be one line of text, of 80"),
        ('{"description": null}', "description must be text"),
    ],
)
def test_json_that_is_no_recipe_is_refused(text: str, message: str) -> None:
    with pytest.raises(RecipeError) as error:
        Recipe.from_json(text)
    assert message in str(error.value)


def test_augmentation_must_be_one() -> None:
    with pytest.raises(RecipeError, match="augmentation must be"):
        Recipe(augmentation={"shift": 1})  # type: ignore[arg-type]


def test_named() -> None:
    assert find_recipe("studio") is RECIPES["studio"]
    with pytest.raises(
        RecipeError, match=r"no recipe 'nope'; there are: ninety-nine, studio, handwriting"
    ):
        find_recipe("nope")


def test_every_named_recipe_says_what_it_is() -> None:
    for name, recipe in RECIPES.items():
        assert recipe.name == name
        assert len(recipe.description) > 40


def test_needs_no_torch() -> None:
    program = "import sys, trainer.recipes.catalog; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


def test_every_published_experiment_is_there_with_what_it_reported() -> None:
    assert {name: source.reported for name, source in SOURCES.items()} == {
        "mnist-sigmoid-adamw": 0.9879,
        "fashion-sigmoid-adam": 0.85,
        "mnist-relu-1998layout": 0.9877,
        "mnist-sigmoid-sgd": None,
        "fashion-paper": 0.8734,
        "fashion-improved": 0.8968,
        "lenet5-1998": 0.9905,
        "lenet5-1998-adamw": 0.9905,
    }
    assert set(SOURCES) <= set(RECIPES)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rates": [[1, 0.1], [1, 0.2]]}, "rates is ((1, 0.1), (1, 0.2)); it must be pairs"),
        ({"rates": [[2, 0.1]]}, "it must be pairs of an epoch"),
        ({"rates": [[1, 0]]}, "it must be pairs of an epoch"),
        ({"rates": [1, 2]}, "it must be pairs of an epoch"),
        ({"rates": 3}, "it must be pairs of an epoch"),
        ({"schedule": "table"}, "schedule is 'table'; then rates must hold that table"),
        ({"optimizer": "sdlm"}, "optimizer is 'sdlm'; that needs network 'lenet5-1998'"),
        ({"loss": "map"}, "loss is 'map'; that needs network 'lenet5-1998'"),
        ({"network": "lenet5-1998", "dataset": "cifar10"}, "it has no colors for dataset"),
        ({"network": "lenet5-1998", "teacher_epochs": 3}, "teacher_epochs must be 0"),
    ],
)
def test_values_that_do_not_go_together_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError) as error:
        Recipe.from_json(json.dumps(values))
    assert message in str(error.value)


def test_half_a_character_in_a_description_is_refused() -> None:
    with pytest.raises(RecipeError, match="without halves of characters"):
        Recipe.from_json('{"description": "\\ud83d"}')
    assert Recipe.from_json('{"description": "\\ud83d\\ude00"}').description == "😀"


def test_the_name_of_an_earlier_version_is_still_read() -> None:
    now = find_recipe("lenet5-1998-adamw")
    assert find_recipe("lenet5-1998-sgd") == now
    before = dataclasses.replace(now, name="lenet5-1998-sgd")
    assert original_name(before) == original_name(edit_recipe(before, seed=7)) == now.name
    assert differences(edit_recipe(before, seed=7)) == ["seed 7"]
    text = sharing.text(edit_recipe(now, seed=7)).replace(now.name, before.name)
    assert '"based_on": "lenet5-1998-sgd"' in text
    assert edit_recipe(sharing.read(text), seed=now.seed).optimizer == "adamw"


def test_one_epoch_is_no_plural() -> None:
    recipe = find_recipe("studio")
    assert differences(edit_recipe(recipe, epochs=1)) == ["1 epoch"]
    assert differences(edit_recipe(recipe, epochs=2)) == ["2 epochs"]


def test_a_whole_number_in_json_is_as_good_as_one_with_a_point() -> None:
    assert json.loads(Recipe.from_json('{"mean": 1, "std": 1, "epochs": 2}').to_json())["mean"] == 1
    assert isinstance(Recipe(mean=1).mean, float) and isinstance(Recipe(epochs=2).epochs, int)
