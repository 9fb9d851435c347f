from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from trainer.data.labelled_images import LabelledImages
from trainer.networks.lenet5 import LeNet5
from trainer.networks.model import Model
from trainer.reading import predict
from trainer.recipes.recipe import DIGIT_CLASSES, Recipe


@pytest.fixture
def model() -> Model:
    recipe = Recipe(activation="tanh", pooling="average", mean=0.13, std=0.31)
    network = LeNet5("tanh", "average", torch.Generator().manual_seed(4))
    return Model(network.eval(), recipe, DIGIT_CLASSES)


def test_maps_are_those_of_a_forward_written_by_hand(model: Model, digits: LabelledImages) -> None:
    image = digits.images[0].numpy()
    seen = predict.read(model, image).maps

    w = {name: p.detach() for name, p in model.network.named_parameters()}
    x = torch.tensor((image / 255 - 0.13) / 0.31, dtype=torch.float32)[None, None]
    conv1 = F.conv2d(x, w["conv1.weight"], w["conv1.bias"], padding=2)
    pool1 = F.avg_pool2d(conv1.tanh(), 2)
    # conv2 reads what the first layer passed on, not conv1's raw output.
    conv2 = F.conv2d(pool1, w["conv2.weight"], w["conv2.bias"])
    pool2 = F.avg_pool2d(conv2.tanh(), 2)
    fc1_sums = F.linear(pool2.flatten(1), w["fc1.weight"], w["fc1.bias"])
    fc1 = fc1_sums.tanh()
    fc2_sums = F.linear(fc1, w["fc2.weight"], w["fc2.bias"])
    fc2 = fc2_sums.tanh()
    logits = F.linear(fc2, w["fc3.weight"], w["fc3.bias"])
    expected = {
        "input": (x, (1, 28, 28)),
        "conv1": (conv1, (6, 28, 28)),
        "conv1_active": (conv1.tanh(), (6, 28, 28)),
        "pool1_sums": (pool1, (6, 14, 14)),
        "pool1": (pool1, (6, 14, 14)),
        "conv2": (conv2, (16, 10, 10)),
        "conv2_active": (conv2.tanh(), (16, 10, 10)),
        "pool2_sums": (pool2, (16, 5, 5)),
        "pool2": (pool2, (16, 5, 5)),
        "fc1_sums": (fc1_sums, (120, 1, 1)),
        "fc1": (fc1, (120, 1, 1)),
        "fc2_sums": (fc2_sums, (84, 1, 1)),
        "fc2": (fc2, (84, 1, 1)),
        "logits": (logits, (10, 1, 1)),
    }
    assert list(seen) == list(expected)
    for name, (values, shape) in expected.items():
        assert seen[name].layer == name
        assert seen[name].values.shape == shape
        np.testing.assert_allclose(
            seen[name].values, values[0].numpy().reshape(shape), atol=1e-5, err_msg=name
        )


def test_digit_and_probabilities(model: Model, digits: LabelledImages) -> None:
    for image in digits.images[:20].numpy():
        found = predict.read(model, image)
        logits = found.maps["logits"].values.ravel().astype(float)
        expected = np.exp(logits) / np.exp(logits).sum()
        assert len(found.probabilities) == 10
        assert sum(found.probabilities) == pytest.approx(1, abs=1e-12)
        np.testing.assert_allclose(found.probabilities, expected, rtol=1e-9)
        assert found.digit == int(logits.argmax())
        assert np.array_equal(found.image, image)


def test_many_are_read_as_one_by_one(model: Model, digits: LabelledImages) -> None:
    images = digits.images[:30].numpy()
    many = predict.read_many(model, images)
    for image, probabilities in zip(images, many, strict=True):
        np.testing.assert_allclose(
            probabilities, predict.read(model, image).probabilities, atol=1e-6
        )


def test_more_than_a_batch_and_none_at_all(model: Model, digits: LabelledImages) -> None:
    images = np.concatenate([digits.images.numpy()] * 2)
    assert len(predict.read_many(model, images)) == 1200
    assert predict.read_many(model, images[:0]) == []


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((28, 27), np.uint8),
        np.zeros((1, 28, 28), np.uint8),
        np.zeros(784, np.uint8),
        np.zeros((28, 28), np.float32),
        np.zeros((28, 28), bool),
    ],
)
def test_another_shape_or_dtype_is_refused(model: Model, image: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"it must be uint8 \(28, 28\)"):
        predict.read(model, image)


def test_what_was_read_is_not_changed_by_whoever_drew_it(
    model: Model, digits: LabelledImages
) -> None:
    image = digits.images[0].numpy().copy()
    found = predict.read(model, image)
    before = found.image.copy()
    image[:] = 0
    assert np.array_equal(found.image, before)
