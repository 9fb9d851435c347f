"""What a network and the gate make of each arc of a segmentation graph, and what that counts.

The merit of an arc weighs what geometry measures (`trainer.drawing.segmentation`), the
log-probability of the class, how far the gate's score lies from its threshold, and how usual
so many strokes and such a shape are for the class. It is the negative of the paper's penalty.
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
from trainer.reading.arc_weights import BY_CLASS, GEOMETRY, READ
from trainer.recipes.recipe import DIGIT_CLASSES

Floats = NDArray[np.float64]

LEAST = 1e-6
"""The smallest probability that is told from none: one group shall not decide alone."""
_FARTHEST = 8.0
"""Gate scores farther than this from the threshold are taken as this far."""
_SURE = 0.9
"""Probability from which on a whole drawing that the gate accepts counts as one digit."""
_ASPECTS = (-2.5, 1.5)
"""Least and most logarithm of width over height; beyond, a shape is no stranger."""


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """What a model computed of several images at once."""

    model: Model
    found: dict[str, torch.Tensor]  # as `predict.make_predictions` takes it
    images: Pixels  # (N, 28, 28)


@dataclass(frozen=True, slots=True, eq=False)
class ReadArc:
    """What was read of one group of pieces."""

    digit: int  # the most probable class
    probability: float  # of it
    margin: float  # the gate's score over its threshold; less than 0 is refused
    batch: _Batch
    place: int  # in the batch

    @property
    def sure(self) -> bool:
        """Whether it is a digit beyond doubt."""
        return self.margin > 0 and self.probability >= _SURE

    @property
    def prediction(self) -> predict.Prediction:
        """The same with all that the network computed on the way; made anew each time."""
        only = slice(self.place, self.place + 1)
        found = {name: values[only] for name, values in self.batch.found.items()}
        return predict.make_predictions(self.batch.model, found, self.batch.images[only])[0]


class ArcReader:
    """Reads groups of lines, all that are new in one batch; for one thread.

    What was read last is kept: while the pen moves, most groups are as they were.
    """

    def __init__(self) -> None:
        self._model: Model | None = None
        self._kept: dict[bytes, ReadArc] = {}
        self._used: dict[bytes, ReadArc] = {}

    def begin(self, model: Model) -> None:
        """Another drawing, or the same with a little more: keeps what the last one used."""
        self._kept = self._used if model is self._model else {}
        self._used, self._model = {}, model

    def read(self, groups: Sequence[Sequence[Floats]], smallest: float) -> list[ReadArc]:
        """What the model and the gate make of each group.

        Args:
            groups: each one's lines, (n, 3) each: x, y, width.
            smallest: as for `trainer.drawing.rasterize.rasterize`.
        """
        keys = [_key(lines, smallest) for lines in groups]
        known = self._kept | self._used
        new = {key: lines for key, lines in zip(keys, groups, strict=True) if key not in known}
        if new:
            images = np.stack([rasterize(lines, smallest=smallest) for lines in new.values()])
            assert self._model is not None  # `begin` comes first
            known |= dict(zip(new, _read(self._model, images), strict=True))
        found = [known[key] for key in keys]
        self._used |= dict(zip(keys, found, strict=True))
        return found


def _key(lines: Sequence[Floats], smallest: float) -> bytes:
    lengths = repr((smallest, [len(line) for line in lines])).encode()
    return b"".join([lengths, *(line.tobytes() for line in lines)])


def _read(model: Model, images: Pixels) -> list[ReadArc]:
    """All in one forward pass of the network, and one of the gate."""
    pictures = torch.from_numpy(images).to(model.device)
    found = predict.compute_layers(model, pictures, gate=False)
    gate = load_gate_for(model.classes, pictures.device)
    margins = [0.0] * len(images)
    if gate is not None:
        scores = gate.scores(pictures)
        found[predict.REFUSED] = gate.refuses(pictures, scores)
        margins = (scores - gate.threshold).tolist()
    if model.device.type != "cpu":
        found = {name: values.cpu() for name, values in found.items()}
    batch = _Batch(model, found, images)
    with torch.inference_mode():
        shares = (found["logits"].double() / model.temperature).softmax(1).max(1)
    return [
        ReadArc(digit, probability, margin, batch, place)
        for place, (digit, probability, margin) in enumerate(
            zip(shares.indices.tolist(), shares.values.tolist(), margins, strict=True)
        )
    ]


def reading_features(ink: Ink, group: Group, arc: ReadArc) -> list[float]:
    """What `READ` weighs of a group."""
    margin = min(max(arc.margin, -_FARTHEST), _FARTHEST)
    columns = {
        "log-probability": math.log(max(LEAST, arc.probability)),
        "refused": min(margin, 0.0),
        "accepted": max(margin, 0.0),
        "alone and sure": float(len(group) == len(ink.numbers) and arc.sure),
    }
    return [columns[name] for name in READ]


def class_features(ink: Ink, group: Group) -> list[float]:
    """What `BY_CLASS` weighs of a group, for the class that it is read as."""
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
        ink: whose members the groups are of.
        links: what is measured of pairs of them.
        groups: all arcs.
        read: what was read of each; nothing of a ligature alone.
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
