"""The guided tour: `assets/tour.json` with the numbers of the user's own drawing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from trainer.files import asset
from trainer.inspect.contributions import strongest_path
from trainer.inspect.tour import tour_numbers
from trainer.networks.anatomy import Stage, Unit
from trainer.networks.lenet1998 import LeNet1998
from trainer.networks.model import Model
from trainer.reading.predict import Prediction

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


def tour(
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
    texts = _read()
    names = [stage.name for stage in stages]
    numbers: dict[str, str] = {}
    units: dict[str | None, Unit | None] = {None: None}
    if prediction is not None:
        path = strongest_path(model, prediction, stages)
        units |= {name: station.unit for name, station in zip(names, path, strict=True)}
        numbers = tour_numbers(model, prediction, stages, path)
        numbers |= _phrases(texts["phrases"], drawn, prediction)
    variants, nothing = _variants(model), texts["phrases"]["nothing"]
    return tuple(
        TourStep(
            step["title"],
            _joined(_written(step, variants).format_map(numbers)) if numbers else nothing,
            tuple(names.index(name) for name in step["stages"]),
            units.get(step["unit"]),
        )
        for step in texts["steps"]
    )


@cache
def _read() -> dict[str, Any]:
    texts: dict[str, Any] = json.loads(asset("tour.json").read_text(encoding="utf-8"))
    if texts.get("format") != FORMAT:
        raise ValueError("tour.json is of another version: reinstall lenet-studio")
    return texts


def _variants(model: Model) -> tuple[str, ...]:
    """Under which names a step's text for this network may stand."""
    if isinstance(model.network, LeNet1998):
        return "text", "1998", "subsampling"
    pooling = model.network.pooling
    return "text", "today", f"{pooling}-{model.network.activation}", pooling


def _written(step: dict[str, Any], variants: tuple[str, ...]) -> str:
    text: str = next(step[name] for name in variants if name in step)
    return text


def _phrases(phrases: dict[str, str], drawn: Drawn, prediction: Prediction) -> dict[str, str]:
    """What is said of the drawing and of the answer, and depends on them."""
    if drawn.changed:
        said = "changed"
    elif drawn.digits > 1:
        said = "several"
    else:
        said = {0: "picture", 1: "one_stroke"}.get(drawn.strokes, "strokes")
    counts = {"strokes": str(drawn.strokes), "digits": str(drawn.digits)}
    return {
        "drawn": phrases[said].format_map(counts),
        "prepared": phrases["prepared" if drawn.prepared else "unprepared"],
        "held": phrases["held"] if drawn.held else "",
        "doubt": phrases[prediction.verdict.value],
    }


def _joined(text: str) -> str:
    """Without the blanks that empty phrases leave."""
    return " ".join(text.split())
