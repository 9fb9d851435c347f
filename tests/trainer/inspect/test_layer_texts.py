"""What is said of each layer: every figure against the built networks and the paper."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
import torch
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lenet_gui.inspect.layer_text import LayerTextView
from tests.support.inspecting import DIGITS, inspection, paper_model, shipped
from trainer.files import asset
from trainer.inspect import layer_texts
from trainer.networks.factory import build, summarize
from trainer.networks.lenet5 import ACTIVATIONS, POOLINGS
from trainer.networks.lenet1998 import C3_TABLE
from trainer.networks.model import Model
from trainer.recipes.catalog import find_recipe

NAMES = ("input", "C1", "S2", "C3", "S4", "C5", "F6", "output")


@cache
def other(**changed: object) -> Model:
    recipe = replace(find_recipe("studio"), **changed)  # type: ignore[arg-type]
    return Model(build(recipe).eval(), recipe, DIGITS)


IDS = ("shipped", "1998", "tanh", "convolution", "color", "paper", "enlarged", "none")


def models() -> list[Model]:
    return [
        shipped(),
        paper_model(),
        other(activation="tanh", pooling="average", hidden_activation="none"),
        other(c5="convolution"),
        other(dataset="cifar10"),
        other(border="paper"),
        other(border="enlarged", std=-0.3),
        other(border="none"),
    ]


def texts(model: Model) -> dict[str, layer_texts.LayerText]:
    return dict(zip(NAMES, layer_texts.describe_layers(model), strict=True))


def amount(text: str) -> int:
    return int(text.replace(",", ""))


def computed(told: str) -> tuple[int, int]:
    """Both sides of "156 = 6 × (25 weights + 1 bias)"."""
    left, right = told.split(" = ")
    return amount(left), eval(re.sub(r"[a-z ,]", "", right).replace("×", "*"))


@pytest.mark.parametrize("model", models(), ids=IDS)
def test_every_text_is_whole(model: Model) -> None:
    for name, text in texts(model).items():
        for field in dataclasses.astuple(text):
            assert field and not set("{}") & set(field), name
        assert text.short.count(".") <= 4 and len(text.short) < 120
        assert len(text.more) < 520


@pytest.mark.parametrize("model", models(), ids=IDS)
def test_parameters_and_connections_are_those_of_the_built_network(model: Model) -> None:
    for row, (name, text) in zip(summarize(model.network), texts(model).items(), strict=True):
        if row.parameters:
            assert computed(text.parameters) == (row.parameters, row.parameters), name
            assert f"{row.parameters:,} parameters" in text.figures
        else:
            assert text.parameters.startswith("none") and "parameters" not in text.figures
        if row.connections:
            assert amount(text.connections.split(" = ")[0].split(":")[0]) == row.connections
            assert f"{row.connections:,} connections" in text.figures
        else:
            assert text.connections == "none"
        if " = " in text.connections:
            left, right = computed(text.connections)
            assert left == right, name


@pytest.mark.parametrize("model", models(), ids=IDS)
def test_parameters_are_those_of_the_weights(model: Model) -> None:
    told = sum(
        computed(text.parameters)[0] for text in texts(model).values() if "=" in text.parameters
    )
    held = sum(p.numel() for p in model.network.parameters())
    assert told == held
    assert f"{held:,} parameters" in texts(model)["C5"].more
    assert f"{model.network.fc1.weight.numel() + 120:,} are in this layer" in (
        texts(model)["C5"].more.replace("parameters, ", "")
    )


def test_the_paper_s_table() -> None:
    paper = {
        "C1": ("6 maps of 28 × 28", 156, 122_304),
        "S2": ("6 maps of 14 × 14", 12, 5_880),
        "C3": ("16 maps of 10 × 10", 1_516, 151_600),
        "S4": ("16 maps of 5 × 5", 32, 2_000),
        "C5": ("120 units", 48_120, 48_120),
        "F6": ("84 units", 10_164, 10_164),
    }
    for name, (shape, parameters, connections) in paper.items():
        assert texts(paper_model())[name].figures == (
            f"{shape} · {parameters:,} parameters · {connections:,} connections"
        )
    assert texts(paper_model())["output"].figures == "10 classes · 840 connections"
    assert texts(paper_model())["input"].short.startswith("What you drew, as 1,024 numbers: −0.1 ")
    assert "1.175 is ink" in texts(paper_model())["input"].short


def test_what_the_texts_on_today_s_network_say_of_the_paper_s() -> None:
    paper = dict(zip(NAMES, summarize(paper_model().network), strict=True))
    today = texts(shipped())
    assert f"{paper['S2'].parameters} parameters" in today["S2"].paper
    assert f"{paper['C3'].parameters:,} parameters" in today["C3"].paper
    assert f"{paper['S4'].parameters} parameters" in today["S4"].paper
    rows = dict(zip(NAMES, summarize(shipped().network), strict=True))
    for name in ("C1", "F6"):
        assert "same size" in today[name].paper
        assert paper[name].output == rows[name].output
    color = texts(other(dataset="cifar10"))
    assert f"{paper['C1'].parameters} parameters" in color["C1"].paper


def test_what_is_said_of_table_one() -> None:
    told = texts(paper_model())["C3"].more
    assert len({frozenset(row) for row in C3_TABLE}) == 16  # no two get the same to see
    ring = [frozenset((n + k) % 6 for k in range(3)) for n in range(6)]
    assert [frozenset(row) for row in C3_TABLE[:6]] == ring
    neighbors = [frozenset((n + k) % 6 for k in range(4)) for n in range(6)]
    assert [frozenset(row) for row in C3_TABLE[6:12]] == neighbors
    apart = [frozenset(row) for row in C3_TABLE[12:15]]
    assert all(len(row) == 4 and row not in neighbors for row in apart)
    assert set(C3_TABLE[15]) == set(range(6))
    assert f"{sum(map(len, C3_TABLE))} kernels of 5 × 5 instead of {16 * 6}" in told


@pytest.mark.parametrize("model", [shipped(), paper_model()], ids=["today", "1998"])
def test_fields_and_steps(model: Model) -> None:
    """What a unit depends on, found by changing pixels of the picture."""
    told = texts(model)
    sides = {"pool1": 6, "conv2_active": 14, "pool2": 16}
    for (name, side), stage in zip(sides.items(), ("S2", "C3", "S4"), strict=True):
        given = torch.rand(1, 1, *summarize(model.network)[0].output[1:])
        given.requires_grad_()
        values = getattr(model.network.layers(given), name)
        y, x = values.shape[2] // 2, values.shape[3] // 2
        (slope,) = torch.autograd.grad(values[0, :, y, x].sum(), given)
        rows = torch.nonzero(slope[0, 0].abs().sum(1)).ravel()
        # Max pooling passes one of four only: what one picture shows is never too much.
        assert int(rows[-1] - rows[0]) + 1 <= side
        if model is paper_model():
            assert int(rows[-1] - rows[0]) + 1 == side
        assert f"{side} × {side} pixels" in told[stage].more
    assert "for those 2 further" in told["S2"].more
    assert "every 4 pixels" in told["S4"].more


def test_normalisation_and_temperature() -> None:
    told = texts(shipped())
    mean, std = shipped().recipe.mean, shipped().recipe.std
    assert f"{-mean / std:.4g}".replace("-", "−") in told["input"].short
    assert f"{(1 - mean) / std:.4g} is ink" in told["input"].short
    assert f"T = {shipped().temperature:.3g} was fitted" in told["output"].more
    assert "T in the formula is 1" in texts(paper_model())["output"].more


def test_activation_and_pooling_are_the_network_s() -> None:
    odd = texts(other(activation="tanh", pooling="average", hidden_activation="none"))
    assert "f(a) = tanh(a)" in odd["C1"].formula and "f(a) = tanh(a)" in odd["C3"].formula
    assert odd["C5"].formula.endswith("f(a) = a")
    assert "/ 4" in odd["S2"].formula and "the mean goes on" in odd["S4"].short
    assert "max(0, a)" in texts(shipped())["C1"].formula
    assert "576" in texts(other(dataset="cifar10"))["C5"].short
    written = json.loads(asset("layers.json").read_text(encoding="utf-8"))
    assert set(written["activations"]) == {*ACTIVATIONS, "none", "squash"}
    assert set(written["poolings"]) == {*POOLINGS, "subsampling"}


def test_what_is_said_of_the_activations_is_so() -> None:
    values = torch.tensor([-30.0, -2.0, -0.5, 0.0, 0.5, 2.0, 30.0], dtype=torch.float64)
    formulas = {
        "relu": lambda a: max(0.0, a),
        "tanh": math.tanh,
        "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
        "leaky_relu": lambda a: a if a >= 0 else 0.01 * a,
        "elu": lambda a: a if a >= 0 else math.exp(a) - 1,
        "gelu": lambda a: a * (1 + math.erf(a / math.sqrt(2))) / 2,
        "silu": lambda a: a / (1 + math.exp(-a)),
    }
    for name, function in formulas.items():
        expected = [function(a) for a in values.tolist()]
        assert ACTIVATIONS[name](values).tolist() == pytest.approx(expected, abs=1e-12), name


def test_texts_of_another_version_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_texts, "FORMAT", "lenet-studio layer texts 2")
    layer_texts.read_texts.cache_clear()
    with pytest.raises(ValueError, match="reinstall"):
        layer_texts.describe_layers(shipped())
    layer_texts.read_texts.cache_clear()


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.416, "0.42"), (-1.3, "−1.30"), (-12.34, "−12.3"), (341.2, "341"), (-0.001, "0.00")],
)
def test_numbers(value: float, told: str) -> None:
    assert layer_texts.format_signed(value) == told


# The widget


@pytest.fixture
def about(qtbot: QtBot) -> Iterator[LayerTextView]:
    made = LayerTextView()
    qtbot.addWidget(made)
    made.resize(290, 400)
    made.show()
    yield made


def test_the_widget_tells_of_a_stage(qtbot: QtBot, about: LayerTextView) -> None:
    for model, stage in ((shipped(), 3), (shipped(), 4), (paper_model(), 7)):
        about.show_stage(inspection(model), stage)
        expected = layer_texts.describe_layers(model)[stage]
        qtbot.waitUntil(lambda expected=expected: about.title.text() == expected.title)
        assert about.figures.text() == expected.figures
        assert about.short.text() == expected.short
        assert not about.more.isVisible()
    about.show_stage(None, None)
    assert about.title.text() == about.short.text() == ""
    assert not about.unfold.isVisible()


def test_more_is_unfolded_by_the_keyboard_and_stays(qtbot: QtBot, about: LayerTextView) -> None:
    from PySide6.QtCore import Qt

    about.show_stage(inspection(shipped()), 1)
    qtbot.waitUntil(lambda: about.title.text() != "")
    QTest.keyClick(about.unfold, Qt.Key.Key_Space)
    assert about.more.isVisible() and about.unfold.text() == "Less"
    expected = layer_texts.describe_layers(shipped())
    for stage in (1, 5):
        about.show_stage(inspection(shipped()), stage)
        assert about.more.isVisible()
        for told in (expected[stage].more, expected[stage].formula, expected[stage].paper):
            assert told.replace("'", "&#x27;") in about.more.text()
    QTest.mouseClick(about.unfold, Qt.MouseButton.LeftButton)
    assert not about.more.isVisible()
