"""The arcs of a segmentation graph, read by a network and its gate, and their merits.

The merit of an arc is a weighted sum of geometric features (`trainer.drawing.segmentation`), the
log-probability of the class, the gate's score relative to its threshold, and how typical the
number of strokes and the shape are of the class. It is the negative of the paper's penalty. The
weights are fitted by `benchmarks/recognition/fit_segmentation.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.drawing.rasterize import Pixels, rasterize
from trainer.drawing.segmentation import (
    CUT,
    LINK,
    SHAPE,
    Ink,
    Links,
    extent,
    outline_features,
    tie_pieces,
)
from trainer.drawing.segmentation_graph import Group
from trainer.networks.gate import load_gate_for
from trainer.networks.model import Model
from trainer.reading import predict
from trainer.recipes.recipe import DIGIT_CLASSES

Floats = NDArray[np.float64]

GEOMETRY = {
    "distance": -2.58,
    "no touch": 3.98,
    "overlap": 5.70,
    "gap": -8.24,
    "rows": -2.47,
    "tall": -1.83,
    "tall apart": 3.01,
    "tall over": 1.55,
    "tall within": 1.23,
    "travel": -0.92,
    "not next": -0.79,
    "too high": 0.89,
    "ends": 0.63,
    "bar begins": -0.63,
    "one": 0.93,
    "low": -35.46,
    "wide": 0.35,
    "flat": -4.47,
    "alone": -2.40,
    "joined": 4.69,
    "dropped": 2.00,
    "dropped length": 2.40,
    "through": -1.00,
    "straight": -1.50,
}
"""Weights of the features that `LINK`, `SHAPE` and `CUT` of `trainer.drawing.segmentation` name.
Those there are fitted to geometry alone, and decide which groups are read at all."""
READ = {
    "log-probability": 2.30,  # of the most probable class
    "rejected": 0.89,  # the gate's score below its threshold
    "accepted": 0.37,  # above it
    "alone and sure": 3.35,  # all that is drawn reads as one accepted digit
}
"""Weights of what the network and the gate say of a group."""
BY_CLASS = (
    (0.21, -1.73, -1.09, 0.80),  # 0
    (-0.48, -0.27, 0.53, -0.07),  # 1
    (-1.08, -5.15, 3.07, 1.08),  # 2
    (-1.48, -6.05, -0.57, -1.53),  # 3
    (1.13, 0.03, -4.51, -3.16),  # 4
    (1.62, -2.93, 0.89, 0.18),  # 5
    (-0.65, -6.30, -0.23, 2.24),  # 6
    (-0.04, -3.12, 1.76, -0.71),  # 7
    (-1.17, -4.24, -2.60, -1.61),  # 8
    (0.06, -0.75, -1.76, -0.35),  # 9
)
"""For each class the weights of two strokes, of three or more, of the logarithm of width over
height, and of its square."""

LEAST = 1e-6
"""Lower bound of a probability before its logarithm is taken: no group shall decide alone."""
_FARTHEST = 8.0
"""A gate score's distance from the threshold is limited to this."""
_SURE = 0.9
"""Least probability at which a group that the gate accepts is a digit beyond doubt."""
_ASPECTS = (-2.5, 1.5)
"""Limits of the logarithm of width over height: more extreme shapes count the same."""


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """What a model computed for several images at once."""

    model: Model
    layers: dict[str, torch.Tensor]  # as `predict.compute_layers` returns them, on the CPU
    images: Pixels  # (N, 28, 28)


@dataclass(frozen=True, slots=True, eq=False)
class ReadArc:
    """What was read of one group of pieces."""

    digit: int  # the most probable class
    probability: float  # of it
    margin: float  # the gate's score over its threshold; less than 0 is rejected
    batch: _Batch
    index: int  # in the batch

    @property
    def sure(self) -> bool:
        """Whether it is a digit beyond doubt."""
        return self.margin > 0 and self.probability >= _SURE

    @property
    def prediction(self) -> predict.Prediction:
        """The same with the values of all layers; made anew each time."""
        only = slice(self.index, self.index + 1)
        layers = {name: values[only] for name, values in self.batch.layers.items()}
        return predict.make_predictions(self.batch.model, layers, self.batch.images[only])[0]


class ArcReader:
    """Reads groups of strokes, in one batch those that are new; for one thread.

    Results of the last drawing are kept: while the pen moves, most groups stay the same.
    """

    def __init__(self) -> None:
        self._model: Model | None = None
        self._kept: dict[bytes, ReadArc] = {}
        self._used: dict[bytes, ReadArc] = {}

    def begin(self, model: Model) -> None:
        """Start on another drawing, or on more of the same: keep the results used last."""
        self._kept = self._used if model is self._model else {}
        self._used, self._model = {}, model

    def read(self, groups: Sequence[Sequence[Floats]], smallest: float) -> list[ReadArc]:
        """Read each group with the model and the gate.

        Args:
            groups: each one's strokes, float64 (n, 3) each: x, y, width.
            smallest: as for `trainer.drawing.rasterize.rasterize`.
        """
        keys = [_key(lines, smallest) for lines in groups]
        known = self._kept | self._used
        new = {key: lines for key, lines in zip(keys, groups, strict=True) if key not in known}
        if new:
            images = np.stack([rasterize(lines, smallest=smallest) for lines in new.values()])
            assert self._model is not None  # `begin` comes first
            known |= dict(zip(new, _read(self._model, images), strict=True))
        arcs = [known[key] for key in keys]
        self._used |= dict(zip(keys, arcs, strict=True))
        return arcs


def _key(lines: Sequence[Floats], smallest: float) -> bytes:
    lengths = repr((smallest, [len(line) for line in lines])).encode()
    return b"".join([lengths, *(line.tobytes() for line in lines)])


def _read(model: Model, images: Pixels) -> list[ReadArc]:
    """All images in one forward pass of the network, and one of the gate."""
    pixels = torch.from_numpy(images).to(model.device)
    layers = predict.compute_layers(model, pixels, gate=False)
    gate = load_gate_for(model.classes, pixels.device)
    margins = [0.0] * len(images)
    if gate is not None:
        scores = gate.scores(pixels)
        layers[predict.REJECTED_KEY] = gate.rejects(pixels, scores)
        margins = (scores - gate.threshold).tolist()
    if model.device.type != "cpu":
        layers = {name: values.cpu() for name, values in layers.items()}
    batch = _Batch(model, layers, images)
    with torch.inference_mode():
        best = (layers["logits"].double() / model.temperature).softmax(1).max(1)
    return [
        ReadArc(digit, probability, margin, batch, index)
        for index, (digit, probability, margin) in enumerate(
            zip(best.indices.tolist(), best.values.tolist(), margins, strict=True)
        )
    ]


def reading_features(ink: Ink, group: Group, arc: ReadArc) -> list[float]:
    """The features of a group that `READ` weighs, in its order."""
    margin = min(max(arc.margin, -_FARTHEST), _FARTHEST)
    columns = {
        "log-probability": math.log(max(LEAST, arc.probability)),
        "rejected": min(margin, 0.0),
        "accepted": max(margin, 0.0),
        "alone and sure": float(len(group) == len(ink.numbers) and arc.sure),
    }
    return [columns[name] for name in READ]


def class_features(ink: Ink, group: Group) -> list[float]:
    """The features of a group that `BY_CLASS` weighs for the class that it is read as."""
    width, height = extent(ink, group)
    strokes = len({ink.owners[n] for n in group})
    aspect = math.log(max(width, 1e-3) / max(height, 1e-3))
    aspect = min(max(aspect, _ASPECTS[0]), _ASPECTS[1])
    return [float(strokes == 2), float(strokes > 2), aspect, aspect**2]


def weigh_arcs(
    ink: Ink, links: Links, groups: Sequence[Group], read: Mapping[Group, ReadArc]
) -> dict[Group, float]:
    """The merit of each group.

    Args:
        ink: the pieces that the groups are of.
        links: the features of pairs of pieces.
        groups: all arcs.
        read: the reading of each group; a ligature alone has none.
    """
    odds = links.weigh([GEOMETRY[name] for name in LINK])
    tie_pieces(ink, odds)
    all_odds = odds.tolist()
    outline = [GEOMETRY[name] for name in (*SHAPE, *CUT)]
    merits = {}
    for group in groups:
        merit: float = sum(all_odds[a][b] for a, b in combinations(group, 2))
        merit += _dot(outline, outline_features(ink, group))
        if group in read:
            arc = read[group]
            merit += _dot(READ.values(), reading_features(ink, group, arc))
            if arc.batch.model.classes == DIGIT_CLASSES:
                merit += _dot(BY_CLASS[arc.digit], class_features(ink, group))
        merits[group] = merit
    return merits


def _dot(weights: Iterable[float], values: Iterable[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))
