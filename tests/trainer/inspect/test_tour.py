"""The tour's path and numbers, against numpy and the built networks."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lenet_gui.inspect.common.inspection import Inspection
from tests.support.inspecting import DIGITS, inspection, paper_model, picture, shipped
from trainer.files import asset
from trainer.inspect.contributions import find_strongest_path
from trainer.inspect.tour import Drawn, TourStep, build_tour
from trainer.networks.anatomy import Unit, find_sources
from trainer.networks.factory import build
from trainer.networks.lenet1998 import C3_TABLE, LeNet1998, squash
from trainer.networks.model import Model
from trainer.reading.verdict import Verdict
from trainer.recipes.catalog import find_recipe


@cache
def other(**changed: object) -> Model:
    recipe = replace(find_recipe("studio"), **changed)  # type: ignore[arg-type]
    network = build(recipe, torch.Generator().manual_seed(6)).eval()
    return Model(network, recipe, DIGITS)


IDS = ("shipped", "1998", "tanh", "convolution", "color")


def models() -> list[Model]:
    return [
        shipped(),
        paper_model(),
        other(activation="tanh", pooling="average", hidden_activation="none"),
        other(c5="convolution"),
        other(dataset="cifar10"),
    ]


@cache
def read(model: Model, number: int = 0) -> Inspection:
    return inspection(model, picture(number))


TWO = Drawn(strokes=2)


def told(model: Model, drawn: Drawn = TWO, number: int = 0) -> tuple[TourStep, ...]:
    given = read(model, number)
    return build_tour(model, given.prediction, given.stages, drawn)


def short(value: float, digits: int | None = None) -> str:
    """As the tour writes a number."""
    if digits is None:
        digits = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return f"{value:.{digits}f}".replace("-", "−")


def terms(given: Inspection, unit: Unit) -> dict[Unit, float]:
    """What each unit before adds to a unit's sum, from the weights; of max pooling its value."""
    network, stages = given.model.network, given.stages
    region = find_sources(stages, unit)
    before = given.values(unit.stage - 1)
    assert before is not None
    weights: NDArray[np.float64]
    kind = stages[unit.stage].name
    if kind in ("S2", "S4"):
        factor = 1.0
        if isinstance(network, LeNet1998):
            pool = network.pool1 if kind == "S2" else network.pool2
            factor = pool.weight[unit.map].item()
        weights = np.full((16, 2, 2), factor)
        top, left = unit.y * 2, unit.x * 2
    elif kind in ("C1", "C3"):
        top = unit.y - stages[unit.stage].padding
        left = unit.x - stages[unit.stage].padding
        if kind == "C3" and isinstance(network, LeNet1998):
            weights = np.zeros((6, 5, 5))
            first = sum(map(len, C3_TABLE[: unit.map]))
            for n, seen in enumerate(C3_TABLE[unit.map]):
                weights[seen] = network.conv2.weight[first + n].detach().numpy()
        else:
            layer = network.conv1 if kind == "C1" else network.conv2
            weights = layer.weight[unit.map].detach().double().numpy()
    else:
        names = {"C5": "fc1", "F6": "fc2", "output": "fc3"}
        layer = getattr(network, names[kind])
        weights = layer.weight[unit.map].detach().double().numpy().reshape(before.shape)
        top = left = 0
    return {
        Unit(unit.stage - 1, map_, y, x): float(
            before[map_, y, x] * weights[map_, y - top, x - left]
        )
        for map_ in region.maps
        for y in range(region.top, region.bottom)
        for x in range(region.left, region.right)
    }


@pytest.mark.parametrize("model", models(), ids=IDS)
def test_the_path_takes_what_pulled_most(model: Model) -> None:
    given = read(model)
    assert given.prediction is not None
    path = find_strongest_path(model, given.prediction, given.stages)
    assert [station.unit.stage for station in path] == list(range(8))
    assert path[7].unit.map == given.prediction.digit
    for station, before in zip(path[1:], path, strict=False):
        if station.unit.stage == 7 and isinstance(model.network, LeNet1998):
            continue
        found = terms(given, station.unit)
        chosen = found[before.unit]
        down = station.arithmetic.sum < 0 and station.arithmetic.activation is not None
        best = min(found.values()) if down else max(found.values())
        assert chosen == pytest.approx(best, abs=1e-6), station.unit
        if station.term is not None:
            assert station.term == pytest.approx(chosen, rel=1e-5)


def test_the_path_s_pixel_of_f6_tells_the_answer_from_the_second() -> None:
    given = read(paper_model())
    assert given.prediction is not None
    path = find_strongest_path(paper_model(), given.prediction, given.stages)
    network = paper_model().network
    assert isinstance(network, LeNet1998)
    values = given.prediction.maps["fc2"].values.ravel()
    answer, second = (
        np.square(values - network.bitmaps[n].numpy())
        for n in (given.prediction.digit, given.prediction.second)
    )
    assert path[6].unit.map == int((second - answer).argmax())


@pytest.mark.parametrize("model", models(), ids=IDS)
def test_every_step_is_whole(model: Model) -> None:
    steps = told(model)
    assert len(steps) == 13
    assert [step.stages for step in steps] == [
        *((), (0,), (0,), (0, 1), (1,), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7), (7,), ())
    ]
    units = [step.unit.stage if step.unit else None for step in steps]
    assert units == [None, None, 0, 1, 1, 2, 3, 4, 5, 6, 7, 7, None]
    for step in steps:
        assert step.text and not set("{}") & set(step.text)
        assert "  " not in step.text and len(step.text) < 330


@pytest.mark.parametrize("model", models(), ids=IDS)
def test_sums_and_values_are_the_network_s(model: Model) -> None:
    given = read(model)
    assert given.prediction is not None
    steps = told(model)
    path = {step.unit.stage: step.unit for step in steps if step.unit}
    values = {stage: given.value(unit) for stage, unit in path.items()}
    sums = {stage: given.value(unit, before=True) for stage, unit in path.items()}
    text = {step.unit.stage: step.text for step in steps if step.unit and step.stages != (1,)}
    assert f"the pixel marked is {short(values[0])}" in text[0]
    before = {stage: terms(given, path[stage])[path[stage - 1]] for stage in (1, 3, 5, 6)}
    for stage, term in before.items():
        assert f" = {short(term)}" in text[stage]
        assert short(values[stage - 1]) in text[stage]
        assert short(sums[stage]) in text[stage]
        assert short(values[stage]) in text[stage]
    assert f"This unit of map {path[1].map + 1} sees" in text[1]
    assert f"This unit of map {path[3].map + 1} sees" in text[3]
    bias = model.network.conv1.bias[path[1].map].item()
    assert f"the bias {short(bias)}" in text[1]
    assert f"add up to {short(sums[1] - bias)}" in text[1]
    for stage in (2, 4):
        window = find_sources(given.stages, path[stage])
        active = given.values(stage - 1)[path[stage].map]
        four = active[window.top : window.bottom, window.left : window.right].ravel()
        assert ", ".join(map(short, four.tolist())) in text[stage]
        assert short(values[stage]) in text[stage]


@pytest.mark.parametrize("model", models(), ids=IDS)
def test_the_answer_s_numbers(model: Model) -> None:
    given = read(model)
    assert given.prediction is not None
    scores = given.prediction.maps["logits"].values.ravel().astype(float)
    digit, second = np.argsort(-scores)[:2]
    powers = np.exp((scores - scores.max()) / model.temperature)
    shares = powers / powers.sum() * 100
    steps = told(model)
    assert f"answers {digit}, with {shares[digit]:.1f} %" in steps[0].text
    sign = -1 if isinstance(model.network, LeNet1998) else 1
    for number in (digit, second):
        assert short(sign * scores[number]) in steps[10].text
        assert f"{number} has {shares[number]:.1f} %" in steps[11].text
    lead = scores[digit] - scores[second]
    assert f"is {short(lead)} " in steps[11].text
    assert f"to get {short(lead / model.temperature)}," in steps[11].text
    (odds,) = re.findall(r"about ([0-9,.]+) times|more than a million times", steps[11].text)
    exact = math.exp(lead / model.temperature)
    assert float(odds.replace(",", "")) == pytest.approx(exact, rel=0.06) if odds else exact > 1e6


def test_the_bitmap_s_pixel() -> None:
    given = read(paper_model())
    assert given.prediction is not None
    network = paper_model().network
    assert isinstance(network, LeNet1998)
    steps = told(paper_model())
    unit = steps[9].unit
    assert unit is not None
    value = given.value(unit)
    bitmap = network.bitmaps[given.prediction.digit].numpy()
    row, column = unit.map // 7, unit.map % 7
    assert f"in row {row + 1} and column {column + 1}," in steps[9].text
    target = short(float(bitmap[unit.map]), 0)
    assert f"has {target} there" in steps[9].text
    agree = int((np.sign(given.prediction.maps["fc2"].values.ravel()) == bitmap).sum())
    assert f"Of the 84 pixels, {agree} have the right sign" in steps[9].text
    assert f"adds {short((value - bitmap[unit.map]) ** 2)}." in steps[10].text


def test_squashing_is_the_paper_s() -> None:
    assert float(squash(torch.tensor(1.0))) == pytest.approx(1.0, abs=1e-4)
    given, steps = read(paper_model()), told(paper_model())
    unit = steps[5].unit
    assert unit is not None
    pool = paper_model().network.pool1
    assert f"coefficient {short(pool.weight[unit.map].item())}" in steps[5].text
    assert f"bias {short(pool.bias[unit.map].item())}" in steps[5].text
    assert f"that is {short(given.value(unit, before=True))};" in steps[5].text


def test_what_is_counted() -> None:
    given, steps = read(shipped()), told(shipped())
    assert given.prediction is not None
    ink = int((given.prediction.image > 0).sum())
    assert f"Of its 784 pixels, {ink} hold ink" in steps[1].text
    zeros = int((given.values(4) == 0).sum())
    assert f"400 values are left of your drawing, of which {zeros} are 0" in steps[7].text
    assert "of which" not in told(other(activation="tanh"))[7].text
    assert "156 parameters serve 122,304 connections" in steps[4].text
    low, high = (float(getattr(given.values(1)[steps[4].unit.map], f)()) for f in ("min", "max"))
    assert f"from {short(low)} to {short(high)}" in steps[4].text
    maps = {shipped(): "6 maps of S2, 150", paper_model(): None}
    assert maps[shipped()] in steps[6].text
    paper = told(paper_model())[6]
    seen = len(C3_TABLE[paper.unit.map])
    assert f"{seen} maps of S2, {seen * 25} values" in paper.text


def test_what_was_drawn() -> None:
    cases = {
        "You drew one stroke.": Drawn(strokes=1),
        "You drew 3 strokes.": Drawn(strokes=3),
        "You drew 4 digits;": Drawn(strokes=2, digits=4),
        "A picture lies on the paper.": Drawn(),
        "This is about the distorted drawing.": Drawn(2, changed=True),
    }
    for said, drawn in cases.items():
        first = told(shipped(), drawn)[0].text
        assert first.startswith(said)
        assert "fixed at a value" not in first
    assert "maps are fixed at a value" in told(shipped(), Drawn(1, held=True))[0].text
    assert "20 pixels" in told(shipped())[1].text
    assert "Not every step" in told(shipped(), Drawn(1, prepared=False))[1].text


def test_doubts_are_told() -> None:
    given = read(shipped())
    assert given.prediction is not None
    written = json.loads(asset("tour.json").read_text(encoding="utf-8"))["phrases"]
    for verdict in Verdict:
        prediction = dataclasses.replace(given.prediction, verdict=verdict)
        step = build_tour(shipped(), prediction, given.stages, Drawn(1))[11]
        assert step.text.endswith(written[verdict.value] or " %.")
    assert written[Verdict.UNSURE.value] and written[Verdict.REJECTED.value]


def test_on_a_clean_sheet_it_asks_for_a_digit() -> None:
    steps = build_tour(shipped(), None, read(shipped()).stages, Drawn())
    assert len({step.text for step in steps}) == 1 and "Draw a digit" in steps[0].text
    assert all(step.unit is None for step in steps)
    assert [step.title for step in steps] == [step.title for step in told(shipped())]
