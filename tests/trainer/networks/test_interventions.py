"""Maps held at a value: what the rest of the network then computes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.support.inspecting import paper_model, picture, shipped
from trainer.networks import lenet1998
from trainer.networks.factory import prepare_images
from trainer.networks.interventions import EDITABLE, Intervention, as_hook
from trainer.networks.model import Model
from trainer.reading import predict

MODELS = pytest.mark.parametrize("model", [shipped(), paper_model()], ids=["lenet5", "1998"])


@MODELS
@pytest.mark.parametrize("layer", EDITABLE)
def test_a_held_map_has_its_value_and_nothing_before_it_changes(model: Model, layer: str) -> None:
    plain = predict.read(model, picture()).maps
    held = predict.read(
        model, picture(), (Intervention(layer, 3, 0.25), Intervention(layer, 5, 0.0))
    ).maps
    names = list(plain)
    at = names.index(layer)
    for name in names[:at]:
        np.testing.assert_array_equal(held[name].values, plain[name].values)
    assert (held[layer].values[3] == 0.25).all()
    assert (held[layer].values[5] == 0).all()
    others = [n for n in range(len(plain[layer].values)) if n not in (3, 5)]
    np.testing.assert_array_equal(held[layer].values[others], plain[layer].values[others])
    assert not np.array_equal(held["logits"].values, plain["logits"].values)


def test_the_answer_is_that_of_the_held_units() -> None:
    model = shipped()
    found = predict.read(model, picture(), (Intervention("fc2", 7, 1.5),))
    w = {name: p.detach().double().numpy() for name, p in model.network.named_parameters()}
    units = found.maps["fc1"].values.ravel().astype(float)
    fc2 = np.maximum(w["fc2.weight"] @ units + w["fc2.bias"], 0)
    fc2[7] = 1.5
    logits = (w["fc3.weight"] @ fc2 + w["fc3.bias"]) / model.temperature
    expected = np.exp(logits - logits.max())
    np.testing.assert_allclose(found.probabilities, expected / expected.sum(), atol=1e-5)


def test_held_units_of_the_paper_are_compared_with_the_bitmaps() -> None:
    model = paper_model()
    found = predict.read(model, picture(), (Intervention("fc2", 83, -1.0),))
    assert isinstance(model.network, lenet1998.LeNet1998)
    bitmaps = model.network.bitmaps.numpy()
    units = found.maps["fc2"].values.ravel()
    assert units[83] == -1
    penalties = ((units - bitmaps) ** 2).sum(1)
    np.testing.assert_allclose(found.maps["logits"].values.ravel(), -penalties, rtol=1e-5)


def test_the_network_itself_stays_as_it_is() -> None:
    model = shipped()
    before = predict.read(model, picture()).probabilities
    predict.read(model, picture(), (Intervention("pool1", 0, 9.0),))
    assert predict.read(model, picture()).probabilities == before


def test_what_cannot_be_held_is_told() -> None:
    with pytest.raises(ValueError, match="logits can't be held"):
        as_hook([Intervention("logits", 0, 0.0)])
    given = prepare_images(torch.from_numpy(picture().copy())[None], shipped().recipe)
    with pytest.raises(IndexError):
        shipped().network.layers(given, as_hook([Intervention("conv1_active", 6, 0.0)]))
