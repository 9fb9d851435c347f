"""Which preprocessing, activation and pooling weights were trained with, found by trying.

A file of weights says nothing of them. There are few that are in use: each is tried on some
digits of a test set, and the best of them on all of it. Knows nothing of files.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from trainer.data.labelled_images import LabelledImages
from trainer.evaluation.report import Score, evaluate, evaluate_with_progress
from trainer.exchange.matching import MatchedNetwork, Order
from trainer.networks.factory import Network, build
from trainer.progress import Progress
from trainer.recipes.recipe import Recipe
from trainer.translation import N_
from trainer.translation import gettext as _

_FIRST_IMAGES = 200
"""Images on which every variant is tried."""
_BEST = 12
"""Variants that are tried on all images."""

SCALES: dict[str, tuple[float, float]] = {
    "0 to 1": (0.0, 1.0),
    "MNIST": (0.1307, 0.3081),
    "-1 to 1": (0.5, 0.5),
    "1998": (0.1 / 1.275, 1 / 1.275),
    "0 to 255": (0.0, 1 / 255),
}
"""By what a pixel's range of values is called: the mean and the deviation that lead to it."""

SCALE_TITLES = {
    "0 to 1": N_("0 to 1"),
    "MNIST": N_("MNIST's mean and deviation"),
    "-1 to 1": N_("−1 to 1"),
    "1998": N_("−0.1 to 1.175, as in 1998"),
    "0 to 255": N_("0 to 255"),
}
BORDER_TITLES = {
    "zeros": N_("28 × 28, padded by zeros in C1"),
    "paper": N_("28 × 28 and two pixels of paper"),
    "enlarged": N_("enlarged to 32 × 32"),
    "none": N_("28 × 28, not padded"),
}
ACTIVATION_TITLES = {"relu": "ReLU", "tanh": "tanh", "sigmoid": N_("sigmoid")}
POOLING_TITLES = {"max": N_("maximum"), "average": N_("average")}
INK_TITLES = {"light": N_("light on dark"), "dark": N_("dark on light")}

ACTIVATIONS = ("relu", "tanh", "sigmoid")
POOLINGS = ("max", "average")
HIDDEN = ("same", "none")
INKS = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Variant:
    """What weights may have been trained with."""

    border: str  # as of a recipe
    scale: str  # a key of `SCALES`
    ink: str  # "light" on dark, as MNIST has it, or "dark"
    activation: str
    hidden_activation: str
    pooling: str
    order: Order

    def recipe(self, matched: MatchedNetwork, base: Recipe) -> Recipe:
        """`base` with all that belongs to the network."""
        mean, std = SCALES[self.scale]
        if self.ink == "dark":  # (1 - x - mean) / std
            mean, std = 1 - mean, -std
        return dataclasses.replace(
            base,
            border=self.border,
            mean=mean,
            std=std,
            activation=self.activation,
            hidden_activation=self.hidden_activation,
            pooling=self.pooling,
            c5=matched.c5,
        )

    def describe(self) -> tuple[str, str, str, str]:
        """For a table: input, ink, activation and pooling."""
        activation = _(ACTIVATION_TITLES[self.activation])
        if self.hidden_activation == "none":
            activation = _("{activation}, none after C5 and F6").format(activation=activation)
        return (
            f"{_(BORDER_TITLES[self.border])}, {_(SCALE_TITLES[self.scale])}",
            _(INK_TITLES[self.ink]),
            activation,
            _(POOLING_TITLES[self.pooling]),
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """How a variant did."""

    variant: Variant
    score: Score


def list_variants(matched: MatchedNetwork, fixed: dict[str, Any] | None = None) -> list[Variant]:
    """All variants that weights allow, the most usual first.

    Args:
        matched: the weights.
        fixed: values of a `Variant`, by name, that are known; those not allowed leave none.
    """
    choices: dict[str, tuple[Any, ...]] = {
        "border": ("none",) if matched.side == 4 else ("zeros", "enlarged", "paper"),
        "scale": tuple(SCALES),
        "ink": INKS,
        "activation": ACTIVATIONS,
        "hidden_activation": HIDDEN,
        "pooling": POOLINGS,
        "order": matched.orders,
    }
    for name, value in (fixed or {}).items():
        if name in ("border", "order") and value not in choices[name]:
            return []
        choices[name] = (value,)
    return [Variant(*values) for values in itertools.product(*choices.values())]


def try_variants(
    matched: MatchedNetwork,
    images: LabelledImages,
    base: Recipe,
    fixed: dict[str, Any] | None = None,
    *,
    trust_loss: bool = True,
) -> Generator[Progress, None, list[Trial]]:
    """Try variants on digits.

    Args:
        matched: the weights.
        images: on the CPU, of as many classes.
        base: a recipe for all that does not belong to the network.
        fixed: as for `list_variants`.
        trust_loss: whether the images are like those of the training: a network's loss on
            others says nothing of how it was trained.

    Returns:
        (of the generator) those that did best, on all images, the likeliest first; of
        variants with the same figures, only the first.
    """
    few = images.within(slice(_FIRST_IMAGES))
    variants = list_variants(matched, fixed)
    first: list[Trial] = []
    for number, variant in enumerate(variants):
        if number % 8 == 0:
            yield Progress(_("trying variants"), number, len(variants))
        score = evaluate(*_network(matched, few, variant, base))
        first.append(Trial(variant, score))
    best: list[Trial] = []
    known_figures: set[tuple[float, float]] = set()
    for trial in _put_in_order(first) if trust_loss else sorted(first, key=_rank):
        figures = (trial.score.accuracy, round(trial.score.loss, 5))
        if figures not in known_figures and len(known_figures) < _BEST:
            known_figures.add(figures)
            network, _images, recipe = _network(matched, images, trial.variant, base)
            score = yield from evaluate_with_progress(network, images, recipe)
            best.append(Trial(trial.variant, score))
    return _put_in_order(best) if trust_loss else sorted(best, key=_rank)


def _put_in_order(trials: list[Trial]) -> list[Trial]:
    """The best first.

    Accuracies that are as good as the best, but for chance, say nothing: of these, the smallest
    loss is first. A network is surest of the right answers with what it was trained with.
    """
    trials = sorted(trials, key=_rank)
    if not trials:
        return []
    best = trials[0].score
    chance = 2 * math.sqrt(best.accuracy * (1 - best.accuracy) / best.count)
    level = [t for t in trials if t.score.accuracy >= best.accuracy - chance]
    return [*sorted(level, key=lambda trial: trial.score.loss), *trials[len(level) :]]


def _rank(trial: Trial) -> tuple[float, float]:
    return -trial.score.accuracy, trial.score.loss


def _network(
    matched: MatchedNetwork, images: LabelledImages, variant: Variant, base: Recipe
) -> tuple[Network, LabelledImages, Recipe]:
    """What `evaluate` takes."""
    recipe = variant.recipe(matched, base)
    network = build(recipe)
    network.load_state_dict(matched.with_order(variant.order))
    return network.eval(), images, recipe
