"""The nearest written forms: of the digit asked for, and nearest as the network has it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from trainer.drawing.rasterize import rasterize
from trainer.handwriting.font import write_digit
from trainer.inspect.nearest_forms import EXAMPLES, FormFinder, WrittenForms, write_forms
from trainer.networks.factory import prepare_images
from trainer.networks.model import load_shipped
from trainer.progress import result_of


@pytest.fixture(scope="module")
def forms() -> WrittenForms:
    return result_of(write_forms())


@pytest.fixture(scope="module")
def finder(forms: WrittenForms) -> FormFinder:
    return FormFinder(load_shipped(), forms)


def test_every_form_has_as_many_examples(forms: WrittenForms) -> None:
    kinds = list(zip(forms.labels.tolist(), forms.names, strict=True))
    assert len(kinds) == len(forms.images)
    assert all(kinds.count(kind) == EXAMPLES for kind in set(kinds))


def test_an_example_is_nearest_to_itself(forms: WrittenForms, finder: FormFinder) -> None:
    for place in (0, 700, len(forms.labels) - 1):
        (nearest,) = finder.find(forms.images[place], [int(forms.labels[place])])
        assert nearest.distance == pytest.approx(0, abs=1e-3)
        assert nearest.name == forms.names[place]
        assert (nearest.image == forms.images[place]).all()


def test_one_form_of_each_digit_asked_for_in_that_order(finder: FormFinder) -> None:
    written = write_digit(1, np.random.default_rng(0), "with flag")
    found = finder.find(rasterize(written.strokes), [7, 1])
    assert [each.digit for each in found] == [7, 1]
    assert found[1].distance < found[0].distance


def test_none_of_the_digit_is_nearer(forms: WrittenForms, finder: FormFinder) -> None:
    """Against the distance computed by hand, one example after the other."""
    model = load_shipped()
    picture = rasterize(write_digit(7, np.random.default_rng(3), "crossed").strokes)

    def feature(image: np.ndarray) -> torch.Tensor:
        given = prepare_images(torch.from_numpy(image.copy())[None], model.recipe)
        with torch.inference_mode():
            return model.network.layers(given).fc2[0]

    (nearest,) = finder.find(picture, [2])
    twos = [image for image, label in zip(forms.images, forms.labels, strict=True) if label == 2]
    least = min(float((feature(two) - feature(picture)).norm()) for two in twos)
    assert nearest.distance == pytest.approx(least, rel=1e-3)
