"""What each layer does, in words: `assets/layers.json` with the numbers of a built network.

The texts are data. They name numbers in braces, "{parameters}", and every one
is computed from the network that the text is about, so none can be wrong for it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from trainer.files import asset
from trainer.networks.anatomy import Kind, Stage, Unit, find_receptive_fields, list_stages
from trainer.networks.factory import Network, summarize
from trainer.networks.lenet5 import LayerSummary
from trainer.networks.lenet1998 import LeNet1998
from trainer.networks.model import Model
from trainer.translation import gettext as _

FORMAT = "lenet-studio layer texts 1"
FIELDS = ("title", "short", "more", "parameters", "connections", "formula", "paper")


@dataclass(frozen=True, slots=True)
class LayerText:
    """What there is to say of one stage; all are plain text."""

    title: str
    short: str  # one sentence
    more: str  # a few more
    figures: str  # as "6 maps of 28 × 28 · 156 parameters · 122,304 connections"
    parameters: str
    connections: str
    formula: str
    paper: str  # where to read on, and how the paper's network differs


def describe_layers(model: Model) -> tuple[LayerText, ...]:
    """The texts of a model's eight stages, from the input to the output.

    Raises:
        FileNotFoundError, ValueError: the program's own texts are missing or damaged.
    """
    texts = read_texts()
    stages, table = list_stages(model.network), summarize(model.network)
    return tuple(
        _text(texts, stage, network_kind(model.network), _numbers(texts, model, stages, table, n))
        for n, stage in enumerate(stages)
    )


def network_kind(network: Network) -> str:
    """Which texts are about a network: "1998", "color" or "today"."""
    if isinstance(network, LeNet1998):
        return "1998"
    return "color" if network.shape[0] > 1 else "today"


@cache
def read_texts() -> dict[str, Any]:
    """The content of `assets/layers.json`, read once."""
    texts: dict[str, Any] = json.loads(asset("layers.json").read_text(encoding="utf-8"))
    if texts.get("format") != FORMAT:
        raise ValueError(_("layers.json is of another version: reinstall lenet-studio"))
    return texts


def _text(texts: dict[str, Any], stage: Stage, kind: str, numbers: dict[str, str]) -> LayerText:
    """One stage's text; what is not written for networks of colors is as for gray ones."""
    written: dict[str, str] = dict(
        texts["stages"][stage.name]["1998" if kind == "1998" else "today"]
    )
    if kind == "color":
        written |= texts["stages"][stage.name].get("color", {})
    filled = {field: _(written[field]).format_map(numbers) for field in FIELDS}
    return LayerText(figures=numbers["figures"], **filled)


def _figures(stage: Stage, row: LayerSummary) -> str:
    """What there is to count; none of what it has none of."""
    counts = []
    if row.parameters:
        counts.append(_("{count:,} parameters").format(count=row.parameters))
    if row.connections:
        counts.append(_("{count:,} connections").format(count=row.connections))
    return " · ".join([shape_text(stage), *counts])


def shape_text(stage: Stage) -> str:
    """As "6 maps of 28 × 28"."""
    maps, height, width = stage.shape
    if stage.kind == Kind.OUTPUT:
        return _("{maps} classes").format(maps=maps)
    if stage.flat:
        return _("{maps} units").format(maps=maps)
    if stage.kind == Kind.INPUT:
        return (
            f"{height} × {width}"
            if maps == 1
            else _("{maps} colors of {height} × {width}").format(
                maps=maps, height=height, width=width
            )
        )
    return _("{maps} maps of {height} × {width}").format(maps=maps, height=height, width=width)


def _numbers(
    texts: dict[str, Any],
    model: Model,
    stages: tuple[Stage, ...],
    table: list[LayerSummary],
    number: int,
) -> dict[str, str]:
    """All that a stage's text may name."""
    stage, row = stages[number], table[number]
    maps, height, width = stage.shape
    fan_in = stage.window**2 * len(stage.sees[0]) if stage.sees else 0
    squash, pooling = _functions(model, stage)
    mean, std = model.recipe.mean, model.recipe.std
    temperature = f"{model.temperature:.3g}"
    sentence = texts["temperatures"]["plain" if model.temperature == 1 else "fitted"]
    return {
        "figures": _figures(stage, row),
        "maps": f"{maps:,}",
        "height": f"{height}",
        "width": f"{width}",
        "places": f"{height * width:,}",
        "units": f"{row.neurons:,}",
        "parameters": f"{row.parameters:,}",
        "all_parameters": f"{sum(each.parameters for each in table):,}",
        "connections": f"{row.connections:,}",
        "window": f"{stage.window}",
        "kernels": f"{sum(map(len, stage.sees)):,}",
        "fan_in": f"{fan_in:,}",
        "fan_in_and_bias": f"{fan_in + 1:,}",
        "field": f"{_field(stages, number)}",
        "step": f"{_step(stages, number)}",
        "activation": _(texts["activations"][squash]["formula"]),
        "activation_does": _(texts["activations"][squash]["does"]),
        "pooling": _(texts["poolings"][pooling]["formula"]),
        "pooling_does": _(texts["poolings"][pooling]["does"]),
        "border": _(texts["borders"][model.recipe.border]),
        "mean": f"{mean:.4g}",
        "std": f"{std:.4g}",
        "paper": format_exactly((0 - mean) / std),
        "ink": format_exactly((1 - mean) / std),
        "temperature": temperature,
        "temperature_text": _(sentence).format(temperature=temperature),
    }


def _functions(model: Model, stage: Stage) -> tuple[str, str]:
    """Keys of the activation after a stage, and of the network's pooling."""
    network = model.network
    if isinstance(network, LeNet1998):
        return "squash", "subsampling"
    full = stage.kind == Kind.FULL
    return network.hidden_activation if full else network.activation, network.pooling


def _field(stages: tuple[Stage, ...], number: int) -> int:
    """How many pixels of the input, along a side, a unit in the middle depends on."""
    if number == 0:
        return 1
    _other, height, width = stages[number].shape
    field = find_receptive_fields(stages, Unit(number, 0, height // 2, width // 2))[0]
    return field.bottom - field.top


def _step(stages: tuple[Stage, ...], number: int) -> int:
    """How many pixels of the input two neighbors are apart."""
    step = 1
    for stage in stages[1 : number + 1]:
        step *= stage.stride
    return step


def format_exactly(value: float) -> str:
    """A number as a recipe's are written, with four digits: "−0.1", "1.175"."""
    return f"{value:.4g}".replace("-", "−")


def format_signed(value: float, digits: int | None = None) -> str:
    """A number with a real minus sign: "0.42", "−12.3", "341".

    Args:
        value: any.
        digits: after the point; by default so that there are about three in all.
    """
    if digits is None:
        digits = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")
