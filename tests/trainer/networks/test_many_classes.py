"""Networks of more than ten classes: trained, kept, tested, drawn for, and taken apart."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lenet_gui.evaluate.confusion_matrix import ConfusionView
from lenet_gui.inspect.enlarged_map import EnlargedPage
from lenet_gui.inspect.network.view import NetworkView
from lenet_gui.inspect.shading import Shading
from lenet_gui.train import plateau_note
from lenet_gui.widgets.probabilities import ProbabilitiesView
from tests.support.inspecting import inspection, picture, shipped
from tests.trainer.networks.test_model import rewritten
from trainer.data.labelled_images import LabelledImages
from trainer.data.mnist_like import PUBLISHED
from trainer.evaluation import figures, report
from trainer.inspect import top_images
from trainer.inspect.arithmetic import Full, explain_unit
from trainer.inspect.attribution import AttributionMethod, Question, attribute
from trainer.networks import factory
from trainer.networks import model as weights
from trainer.networks.anatomy import Unit, list_stages
from trainer.networks.model import Model, ModelError
from trainer.progress import result_of
from trainer.recipes import recipe as recipes
from trainer.recipes.recipe import Recipe, RecipeError
from trainer.training.events import Epoch
from trainer.training.training import train

BALANCED = PUBLISHED["emnist-balanced"].classes
LETTERS = PUBLISHED["emnist-letters"].classes
RECIPE = Recipe(dataset="emnist-balanced", epochs=1, batch_size=16, validation=0.2)


def model(name: str = "emnist-balanced") -> Model:
    """A network with initial weights, some classes more probable than others."""
    recipe = Recipe(dataset=name)
    network = factory.build(recipe, torch.Generator().manual_seed(3)).eval()
    with torch.no_grad():
        network.fc3.weight.mul_(12)  # type: ignore[union-attr, operator]
    return Model(network, recipe, PUBLISHED[name].classes, name="letters")


def letters(count: int) -> LabelledImages:
    """Noise with labels of all 47 classes in turn."""
    images = torch.randint(0, 256, (count, 28, 28), dtype=torch.uint8)
    return LabelledImages(images, torch.arange(count) % 47, BALANCED)


# trainer


@pytest.mark.parametrize(("name", "count"), [("emnist-letters", 26), ("emnist-balanced", 47)])
def test_the_dataset_decides_how_many_outputs_there_are(name: str, count: int) -> None:
    recipe = Recipe(dataset=name)
    assert factory.count_parameters(recipe) == 61_706 + (count - 10) * 85
    assert factory.summarize(factory.build(recipe))[-1].output == (count,)
    assert list_stages(factory.build(recipe))[-1].shape == (count, 1, 1)
    assert len(PUBLISHED[name].classes) == recipes.count_classes(name) == count


def test_the_network_of_1998_has_ten_bitmaps_and_says_so() -> None:
    with pytest.raises(RecipeError, match="ten drawn characters are too few"):
        Recipe(dataset="emnist-letters", network="lenet5-1998")
    Recipe(dataset="emnist-digits", network="lenet5-1998")


@pytest.mark.parametrize("teacher", [0, 1], ids=["alone", "with a teacher"])
def test_it_is_trained_kept_and_read_again(teacher: int, tmp_path: Path) -> None:
    recipe = dataclasses.replace(RECIPE, teacher_epochs=teacher)
    (end,) = [e for e in train(recipe, letters(94)) if isinstance(e, Epoch)]
    made = weights.from_weights(end.weights, recipe, BALANCED, {}, "balanced")
    weights.save(made, tmp_path / "balanced.safetensors")
    again = weights.load(tmp_path / "balanced.safetensors")
    assert again.classes == BALANCED
    assert again.network.state_dict()["fc3.weight"].shape == (47, 84)


def test_a_file_must_name_as_many_classes_as_its_dataset_has(tmp_path: Path) -> None:
    path = tmp_path / "balanced.safetensors"
    weights.save(model(), path)
    other = rewritten(path, {"classes": '["0", "1"]'})
    with pytest.raises(ModelError, match="does not name its 47 classes"):
        weights.load(other)


def test_it_is_evaluated(tmp_path: Path) -> None:
    found = result_of(report.evaluate_in_full(model(), letters(94), "emnist-balanced"))
    assert found.confusion.shape == (47, 47) and found.confusion.sum() == 94
    figure = figures.draw_confusion(found)
    figure.savefig(tmp_path / "confusion.png")
    with pytest.raises(report.ReportError, match=r"knows 10 classes and .* has 47"):
        report.check(shipped(), BALANCED, "EMNIST balanced")


def test_its_scores_are_explained_for_every_class() -> None:
    made = attribute(AttributionMethod.GRADIENT, model(), picture(), Question(46, 0))
    assert np.abs(made.values).sum() > 0
    with pytest.raises(ValueError, match="different classes of 47"):
        attribute(AttributionMethod.GRADIENT, model(), picture(), Question(47))


def test_what_excites_its_maps_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, digits = model(), letters(94)
    made = result_of(top_images.search_top_images(read, digits, "emnist-balanced"))
    top_images.cache(made, read, tmp_path)
    kept = top_images.load_cached(read, "emnist-balanced", tmp_path)
    assert kept is not None and kept.classes == BALANCED
    assert len(kept.peaks[-1].values) == 47


def test_sigmoids_stay_at_the_loss_of_guessing_one_of_them() -> None:
    recipe = dataclasses.replace(RECIPE, activation="sigmoid")
    assert "guessing, 3.85" in plateau_note.explain_plateau(recipe)
    assert "guessing, 2.30" in plateau_note.explain_plateau(Recipe(activation="sigmoid"))


# Window


def test_the_ten_most_probable_have_a_bar(qtbot: QtBot) -> None:
    view = ProbabilitiesView()
    qtbot.addWidget(view)
    view.show_values((), LETTERS)
    assert view.shown() == tuple(range(10))
    values = tuple((n * 7 % 26 + 1) / 351 for n in range(26))
    view.show_values(values, (), (11,))
    best = sorted(range(26), key=lambda n: -values[n])[:10]
    assert view.shown() == tuple(best)
    first = LETTERS[best[0]]
    assert view.accessibleDescription().startswith(f"{first}: {100 * values[best[0]]:.1f} %, ")
    assert not view.grab().isNull()
    view.show_values(values[:10], tuple("0123456789"))
    assert view.shown() == tuple(range(10))


@pytest.mark.parametrize("name", ["emnist-letters", "emnist-balanced"])
def test_every_output_stands_in_the_networks_picture(name: str, qtbot: QtBot) -> None:
    view = NetworkView()
    qtbot.addWidget(view)
    view.resize(900, 640)
    view.show()
    made = inspection(model(name))
    view.show_inspection(made)
    assert view.picture is not None
    last = len(made.model.classes) - 1
    unit = Unit(7, last, 0, 0)
    rect = view.map_rect(7, last)
    assert view.rect().contains(rect.toRect())
    assert rect.height() >= 9  # points: a line of text
    assert not view.grab().isNull()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=rect.center().toPoint())
    assert view.chosen_unit == unit
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert view.chosen_unit == Unit(7, last - 1, 0, 0)


def test_outputs_enlarged_are_all_there_and_no_more(qtbot: QtBot) -> None:
    made = inspection(model())
    page = EnlargedPage(made, Unit(7, 46, 0, 0), Shading())
    rows, columns = page.size
    units = [page.unit_of(row, column) for row in range(rows) for column in range(columns)]
    assert [unit.map for unit in units if unit is not None] == list(range(47))
    assert units[46] is not None and page.place_of(units[46]) == (46 // columns, 46 % columns)
    assert page.cells is not None
    scores = made.values(7)
    assert scores is not None
    assert page.cells.values.ravel()[:47].tolist() == scores.ravel().tolist()


def test_an_outputs_arithmetic_has_all_classes() -> None:
    made = inspection(model())
    assert made.prediction is not None
    unit = Unit(7, 46, 0, 0)
    found = explain_unit(made.model, made.prediction, made.stages, unit)
    assert isinstance(found.working, Full) and found.working.softmax is not None
    assert found.working.softmax.probabilities.shape == (47,)


def test_its_confusion_matrix_fits_a_small_window(qtbot: QtBot) -> None:
    view = ConfusionView()
    qtbot.addWidget(view)
    view.resize(320, 320)
    view.show_report(result_of(report.evaluate_in_full(model(), letters(94), "emnist-balanced")))
    assert not view.grab().isNull()
    center = view.center((46, 46))
    assert view.rect().contains(center) and view.cell_at(center.toPointF()) == (46, 46)
    assert view.cell_at(QPoint(1, 1).toPointF()) is None
