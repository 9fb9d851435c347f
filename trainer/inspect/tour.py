"""The guided tour: `assets/tour.json` with the real numbers of the user's own drawing."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from trainer.files import asset
from trainer.inspect.arithmetic import Convolution, Differences, Full, Pooling
from trainer.inspect.contributions import Station, find_strongest_path
from trainer.inspect.layer_texts import format_exactly, format_signed
from trainer.networks.anatomy import Stage, Unit, find_receptive_fields
from trainer.networks.factory import summarize
from trainer.networks.lenet1998 import LeNet1998
from trainer.networks.model import Model
from trainer.reading.predict import Prediction
from trainer.translation import gettext as _


def collect_tour_numbers(
    model: Model,
    prediction: Prediction,
    stages: tuple[Stage, ...],
    path: tuple[Station, ...],
) -> dict[str, str]:
    """All that a text may name between braces, but for what was drawn.

    Args:
        model: that read.
        prediction: what it computed.
        stages: the network's.
        path: what `find_strongest_path` returned of these.
    """
    mean, std = model.recipe.mean, model.recipe.std
    numbers = {
        "pixels": f"{prediction.image.size:,}",
        "ink_pixels": f"{int((prediction.image > 0).sum()):,}",
        "paper": format_exactly((0 - mean) / std),
        "ink": format_exactly((1 - mean) / std),
    }
    for station in path:
        numbers |= _of_station(stages, station)
    for row, stage in zip(summarize(model.network), stages, strict=True):
        name = stage.name.lower()
        numbers[f"{name}_parameters"] = f"{row.parameters:,}"
        numbers[f"{name}_connections"] = f"{row.connections:,}"
        values = prediction.maps[stage.active].values
        numbers[f"{name}_units"] = f"{values.size:,}"
        numbers[f"{name}_silent"] = f"{int((values == 0).sum()):,}"
    return numbers | _of_map(prediction, stages, path[1].unit) | _of_answer(model, prediction, path)


def _of_station(stages: tuple[Stage, ...], station: Station) -> dict[str, str]:
    """A unit of the path: where it is, and how its value comes about."""
    done, stage = station.arithmetic, stages[station.unit.stage]
    field = find_receptive_fields(stages, station.unit).get(0)
    numbers = {
        "map": f"{station.unit.map + 1}",
        "value": format_signed(done.value),
        "sum": format_signed(done.sum),
        "field": str(_side(stages, station.unit)) if field else "1",
    }
    if station.weight is not None and station.term is not None:
        numbers |= {"weight": format_weight(station.weight), "term": format_signed(station.term)}
    working = done.working
    if isinstance(working, Convolution):
        numbers |= {
            "window": f"{stage.window}",
            "maps": f"{len(working.terms)}",
            "inputs": f"{len(working.terms) * stage.window**2:,}",
            "products": format_signed(done.sum - working.bias),
            "bias": format_signed(working.bias),
        }
    elif isinstance(working, Pooling):
        numbers["four"] = ", ".join(
            format_signed(value) for value in working.window.ravel().tolist()
        )
        if working.coefficient is not None and working.bias is not None:
            numbers |= {
                "coefficient": format_signed(working.coefficient),
                "bias": format_signed(working.bias),
            }
    elif isinstance(working, Full):
        numbers |= {"inputs": f"{working.count:,}", "bias": format_signed(working.bias)}
    elif isinstance(working, Differences):
        numbers["inputs"] = f"{working.squares.size:,}"
    return {f"{stage.name.lower()}_{key}": text for key, text in numbers.items()}


def _side(stages: tuple[Stage, ...], unit: Unit) -> int:
    """Pixels along a side of what a unit of its stage depends on, away from the edge."""
    _other, height, width = stages[unit.stage].shape
    field = find_receptive_fields(stages, Unit(unit.stage, unit.map, height // 2, width // 2))[0]
    return field.bottom - field.top


def _of_map(prediction: Prediction, stages: tuple[Stage, ...], unit: Unit) -> dict[str, str]:
    """From what to what the values of the path's map of C1 go."""
    values = prediction.maps[stages[1].active].values[unit.map]
    return {
        "c1_low": format_signed(float(values.min())),
        "c1_high": format_signed(float(values.max())),
    }


def _of_answer(model: Model, prediction: Prediction, path: tuple[Station, ...]) -> dict[str, str]:
    scores = prediction.maps["logits"].values.astype(np.float64).ravel()
    best, second = float(scores[prediction.digit]), float(scores[prediction.second])
    cooled = (best - second) / model.temperature
    numbers = {
        "answer": model.classes[prediction.digit],
        "second": model.classes[prediction.second],
        "score": format_signed(best),
        "second_score": format_signed(second),
        "penalty": format_signed(-best),
        "second_penalty": format_signed(-second),
        "lead": format_signed(best - second),
        "temperature": f"{model.temperature:.3g}",
        "cooled": format_signed(cooled),
        "odds": _odds(cooled),
        "probability": format_percent(prediction.probabilities[prediction.digit]),
        "second_probability": format_percent(prediction.probabilities[prediction.second]),
    }
    working = path[-1].arithmetic.working
    if isinstance(working, Differences):
        row, column = divmod(path[-2].unit.map, working.bitmap.shape[1])
        right = np.sign(working.values) == np.sign(working.bitmap)
        numbers |= {
            "f6_row": f"{row + 1}",
            "f6_column": f"{column + 1}",
            "f6_target": format_signed(float(working.bitmap[row, column]), 0),
            "f6_agree": f"{int(right.sum())}",
            "output_term": format_signed(float(working.squares[row, column])),
        }
    return numbers


def format_weight(weight: float) -> str:
    """A weight, which may be small: with three digits after the point."""
    return format_signed(weight, 3)


def format_percent(probability: float) -> str:
    """As the bars have it."""
    return f"{probability * 100:.1f}"


def _odds(exponent: float) -> str:
    """e to that power, in words that can be read: "about 4,800", "more than a million"."""
    if exponent > math.log(1e6):
        return _("more than a million")
    odds = math.exp(exponent)
    if odds < 9.95:
        return _("about {odds:.1f}").format(odds=odds)
    rounded = float(f"{odds:.2g}")
    return _("about {rounded:,.0f}").format(rounded=rounded)


FORMAT = "lenet-studio tour 1"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the tour says of the drawing itself."""

    strokes: int = 0  # of what was read; 0 for a picture
    digits: int = 1  # on the paper
    changed: bool = False  # it was distorted before it was read
    prepared: bool = True  # with all of MNIST's steps
    held: bool = False  # maps are held at a value


@dataclass(frozen=True, slots=True)
class TourStep:
    """One card of the tour."""

    title: str
    text: str  # with the drawing's numbers; where nothing is drawn, what to do
    stages: tuple[int, ...]  # what it is about; none for the whole network
    unit: Unit | None  # to be chosen


def build_tour(
    model: Model, prediction: Prediction | None, stages: tuple[Stage, ...], drawn: Drawn
) -> tuple[TourStep, ...]:
    """The tour's steps for one reading.

    Args:
        model: that read.
        prediction: what it computed; None where nothing is drawn.
        stages: the network's, from `anatomy`.
        drawn: what was read.

    Raises:
        FileNotFoundError, ValueError: the program's own texts are missing or damaged.
    """
    texts = _read_texts()
    names = [stage.name for stage in stages]
    numbers: dict[str, str] = {}
    units: dict[str | None, Unit | None] = {None: None}
    if prediction is not None:
        path = find_strongest_path(model, prediction, stages)
        units |= {name: station.unit for name, station in zip(names, path, strict=True)}
        numbers = collect_tour_numbers(model, prediction, stages, path)
        numbers |= _phrases(texts["phrases"], drawn, prediction)
    variants, nothing = _variants(model), texts["phrases"]["nothing"]
    return tuple(
        TourStep(
            _(step["title"]),
            _join(_(_choose_text(step, variants)).format_map(numbers)) if numbers else _(nothing),
            tuple(names.index(name) for name in step["stages"]),
            units.get(step["unit"]),
        )
        for step in texts["steps"]
    )


@cache
def _read_texts() -> dict[str, Any]:
    texts: dict[str, Any] = json.loads(asset("tour.json").read_text(encoding="utf-8"))
    if texts.get("format") != FORMAT:
        raise ValueError(_("tour.json is of another version: reinstall lenet-studio"))
    return texts


def _variants(model: Model) -> tuple[str, ...]:
    """Under which names a step's text for this network may stand."""
    if isinstance(model.network, LeNet1998):
        return "text", "1998", "subsampling"
    pooling = model.network.pooling
    return "text", "today", f"{pooling}-{model.network.activation}", pooling


def _choose_text(step: dict[str, Any], variants: tuple[str, ...]) -> str:
    text: str = next(step[name] for name in variants if name in step)
    return text


def _phrases(phrases: dict[str, str], drawn: Drawn, prediction: Prediction) -> dict[str, str]:
    """The phrases that depend on the drawing and on the answer."""
    if drawn.changed:
        phrase = "changed"
    elif drawn.digits > 1:
        phrase = "several"
    else:
        phrase = {0: "picture", 1: "one_stroke"}.get(drawn.strokes, "strokes")
    counts = {"strokes": str(drawn.strokes), "digits": str(drawn.digits)}
    return {
        "drawn": _(phrases[phrase]).format_map(counts),
        "prepared": _(phrases["prepared" if drawn.prepared else "unprepared"]),
        "held": _(phrases["held"]) if drawn.held else "",
        "doubt": _(phrases[prediction.verdict.value]),
    }


def _join(text: str) -> str:
    """Without the blanks that empty phrases leave."""
    return " ".join(text.split())
