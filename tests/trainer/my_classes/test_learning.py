from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.support.class_sets import FORMS, draw_form, make_set
from trainer.drawing.rasterize import render_drawing
from trainer.my_classes.class_set import ClassSetError
from trainer.my_classes.learning import LearningOptions, learn_classes
from trainer.networks import model as weights
from trainer.networks.factory import prepare_images
from trainer.networks.model import Model
from trainer.progress import result_of

FEW = LearningOptions(pictures=150, steps=50)


def read(model: Model, name: str, number: int) -> str:
    strokes = [np.array(stroke) for stroke in draw_form(name, number).strokes]
    images = torch.from_numpy(render_drawing(strokes))[None]
    return model.classes[int(model.network(prepare_images(images, model.recipe)).argmax())]


@pytest.mark.parametrize("start", ["shipped", "nothing"])
def test_a_network_learns_to_tell_the_classes_apart(tmp_path: Path, start: str) -> None:
    begin = weights.load_shipped() if start == "shipped" else None
    drawn = make_set(4, ("Ann", "Ben", "Cem", "Dora", "Eve"))
    path = tmp_path / "forms.classes.json.gz"
    learned = result_of(learn_classes(drawn, path, begin, FEW))
    assert learned.by_writer and learned.tested == 12
    assert learned.accuracy >= 0.9
    model = learned.model
    assert model.name == "forms"
    assert [read(model, name, 7000) for name in FORMS] == list(FORMS)
    if begin is not None:
        assert torch.equal(model.network.conv1.weight, begin.network.conv1.weight)
        assert not torch.equal(model.network.fc1.weight, begin.network.fc1.weight)
    weights.save(model, tmp_path / "forms.safetensors")
    assert weights.load(tmp_path / "forms.safetensors").classes == tuple(FORMS)


def test_the_same_seed_gives_the_same_network(tmp_path: Path) -> None:
    few = LearningOptions(pictures=30, steps=5)
    one, two = (result_of(learn_classes(make_set(3), tmp_path / "a", None, few)) for _ in range(2))
    for a, b in zip(one.model.network.parameters(), two.model.network.parameters(), strict=True):
        assert torch.equal(a, b)
    assert not one.by_writer


def test_too_few_drawings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ClassSetError, match="at least 3 examples each"):
        result_of(learn_classes(make_set(2), tmp_path / "a"))
