"""The public interface: names, the examples of docs/api.md, and what bad input is told."""

from __future__ import annotations

import ast
import doctest
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import trainer
from trainer import api
from trainer.data.labelled_images import DataError, LabelledImages
from trainer.errors import UserError
from trainer.recipes.recipe import Recipe
from trainer.training.events import Epoch, Step

SEVEN = [[(10.0, 10.0), (50.0, 10.0), (25.0, 80.0)]]
SHORT = Recipe(epochs=1, arithmetic="plain")


def stub_names() -> dict[str, str]:
    """What `__init__.pyi` tells type checkers: the module of each name."""
    tree = ast.parse(Path(trainer.__file__).with_suffix(".pyi").read_text("utf-8"))
    return {
        alias.name: str(node.module)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_each_public_name_is_what_type_checkers_are_told() -> None:
    told = stub_names()
    assert set(trainer.__all__) == set(told) - {"LeNetClassifier"}  # needs an optional package
    for name, module in told.items():
        value = getattr(trainer, name)
        place = sys.modules[f"trainer.{name}" if module == "trainer" else module]
        assert value is (place if module == "trainer" else getattr(place, name))


def test_a_name_that_there_is_not_is_refused() -> None:
    with pytest.raises(AttributeError, match="'trainer' has no attribute 'nothing'"):
        _ = trainer.nothing  # type: ignore[attr-defined]


def test_importing_trainer_imports_no_library() -> None:
    script = "import sys, trainer; dir(trainer); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    assert not {"torch", "numpy", "matplotlib", "PIL", "sklearn"} & set(loaded)


def test_the_examples_work() -> None:
    result = doctest.testmod(api)
    assert result.attempted > 15 and result.failed == 0


# Training


def test_a_training_gives_a_network_its_history_and_a_test(digits: LabelledImages) -> None:
    events: list[object] = []
    result = api.train(
        SHORT, digits, test=digits.within(slice(50)), device="cpu", on_event=events.append
    )
    steps = [event for event in events if isinstance(event, Step)]
    (epoch,) = (event for event in events if isinstance(event, Epoch))
    assert len(result.history.losses["train"]) == len(steps) > 0
    assert result.history.accuracies["validation"] == [epoch.val_accuracy]
    assert result.model.history["val_accuracy"] == epoch.val_accuracy
    assert result.test is not None and len(result.test) == 50


def test_data_of_a_recipes_own_come_with_their_test_split(small_pen: None) -> None:
    result = api.train(replace(SHORT, dataset="pen"), device="cpu")
    assert result.test is not None and len(result.test) == 100


def test_a_plot_shows_each_training_by_its_name(digits: LabelledImages) -> None:
    result = api.train(SHORT, digits, device="cpu")
    assert result.test is None
    figure = api.plot({"first": result, "second": result})
    legend = "".join(text.get_text() for text in figure.findobj(lambda a: hasattr(a, "get_text")))
    assert "first" in legend and "second" in legend
    assert len(api.plot(result).axes) == len(figure.axes) == 2


@pytest.mark.parametrize(
    ("recipe", "count", "problem"),
    [
        (SHORT, 1, "1 images are too few"),
        (replace(SHORT, dataset="emnist-letters"), 20, "10 classes .* emnist-letters has 26"),
        (
            replace(
                SHORT,
                learning_rate=10.0,
                optimizer="sgd",
                momentum=0.999,
                activation="elu",
                pooling="average",
            ),
            600,
            "became",
        ),
    ],
)
def test_a_training_that_cannot_be_says_why(
    digits: LabelledImages, recipe: Recipe, count: int, problem: str
) -> None:
    with pytest.raises(UserError, match=problem):
        api.train(recipe, digits.within(slice(count)), device="cpu")


def test_a_dataset_that_is_not_there_is_asked_for_in_words(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=re.escape(str(tmp_path))):
        api.train("ninety-nine", tmp_path)
    with pytest.raises(DataError, match='"train" or "test"'):
        api.load_dataset("pen", "validation")


# Reading


def test_files_arrays_and_strokes_are_read_alike(tmp_path: Path) -> None:
    model = api.load_model()
    drawn = api.read(model, SEVEN)
    Image.fromarray(drawn.image).save(tmp_path / "seven.png")
    on_screen = 255 - np.kron(drawn.image, np.ones((10, 10), np.uint8))
    for what in (tmp_path / "seven.png", str(tmp_path / "seven.png"), drawn.image, on_screen):
        assert api.read(model, what).digit == 7
    assert (api.read(model, tmp_path / "seven.png").image == drawn.image).all()


@pytest.mark.parametrize(
    ("what", "problem"),
    [
        (np.zeros((28, 28), np.float32), "float32"),
        (np.zeros((9, 9, 4), np.uint8), r"\(9, 9, 4\)"),
        (np.full((40, 40), 255, np.uint8), "the array"),
        ([[("a", "b")]], "stroke"),
        ("no such file.png", "no such file"),
    ],
)
def test_what_cannot_be_read_is_named(what: object, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        api.read(api.load_model(), what)  # type: ignore[arg-type]


def test_an_explanation_is_about_the_class_asked_for() -> None:
    model = api.load_model()
    prediction = api.read(model, SEVEN)
    own, other = api.explain(model, prediction), api.explain(model, prediction, target=1)
    assert own.question.target == 7 and other.question.target == 1
    assert own.score > other.score
    with pytest.raises(ValueError, match="guess"):
        api.explain(model, prediction, method="guess")


def test_a_saved_network_reads_the_same(tmp_path: Path) -> None:
    model = api.load_model()
    api.save_model(model, tmp_path / "copy.safetensors")
    copy = api.load_model(str(tmp_path / "copy.safetensors"))
    assert copy.name == "copy"
    assert api.read(copy, SEVEN).probabilities == api.read(model, SEVEN).probabilities


# Data


@pytest.mark.parametrize(
    ("shape", "dtype", "labels", "problem"),
    [
        ((2, 28, 28), np.float64, [0, 1], "float64"),
        ((2, 14, 14), np.uint8, [0, 1], r"\(2, 14, 14\)"),
        ((2, 28, 28), np.uint8, [0], "must be 2 whole numbers"),
        ((2, 28, 28), np.uint8, [0.5, 1], "float64"),
        ((2, 28, 28), np.uint8, [0, 10], "from 0 to 9"),
        ((2, 28, 28), np.uint8, [-1, 1], "from 0 to 9"),
    ],
)
def test_arrays_that_are_no_dataset_are_named(
    shape: tuple[int, ...], dtype: type, labels: list[float], problem: str
) -> None:
    with pytest.raises(DataError, match=problem):
        api.make_dataset(np.zeros(shape, dtype), labels)


def test_a_recipe_is_found_by_name_or_in_a_file(tmp_path: Path) -> None:
    recipe = api.load_recipe("ninety-nine")
    (tmp_path / "mine.json").write_text(recipe.to_json())
    assert api.load_recipe(tmp_path / "mine.json") == recipe
    with pytest.raises(UserError, match="there is no recipe"):
        api.load_recipe("mine")


def test_no_digits_are_a_dataset_too() -> None:
    assert len(api.write_digits(0)) == 0
