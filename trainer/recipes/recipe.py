"""A recipe: every number that a training run depends on.

Pure data: imports neither torch nor Qt, so the window can show a form before
either is ready. A recipe is checked when it is made; a bad value is refused by
its name with what is allowed: each field says what it may hold, and its metadata's "help"
what a value means, in a few words for a person. The recipes that the program offers are in
`catalog`; `trainer.data.augment` distorts images as strongly as a recipe says.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from trainer.errors import UserError
from trainer.recipes.own_dataset import parse_own
from trainer.translation import N_
from trainer.translation import gettext as _


class RecipeError(UserError, ValueError):
    """A recipe that can't be: the message names the value and what is allowed."""


def number(default: float | int, low: float, high: float, help: str) -> Any:
    """A dataclass's field: a number from `low` to `high`, a whole one if its default is."""
    return field(default=default, metadata={"range": (low, high), "help": help})


def choice(
    default: str,
    choices: tuple[str, ...],
    help: str,
    admits: Callable[[object], object] = lambda _value: None,
) -> Any:
    """A dataclass's field: one of `choices`, or another value that `admits` finds something in."""
    return field(default=default, metadata={"choices": choices, "help": help, "admits": admits})


def check_fields(values: Any, prefix: str = "") -> None:
    """Check each field of a dataclass against its metadata.

    Raises:
        RecipeError: with the field's name, its value and what is allowed.
    """
    for spec in dataclasses.fields(values):
        value, name = getattr(values, spec.name), prefix + spec.name
        if "choices" in spec.metadata:
            if value not in spec.metadata["choices"] and not spec.metadata["admits"](value):
                allowed = ", ".join(spec.metadata["choices"])
                raise RecipeError(
                    _("{name} is {value!r}; it must be one of: {allowed}").format(
                        name=name, value=value, allowed=allowed
                    )
                )
        elif "range" in spec.metadata:
            low, high = spec.metadata["range"]
            whole = isinstance(spec.default, int)
            kinds = (int,) if whole else (int, float)
            fits = isinstance(value, kinds) and not isinstance(value, bool)
            if not fits or not low <= value <= high:
                text = (
                    _("{name} is {value!r}; it must be a whole number from {low} to {high}")
                    if whole
                    else _("{name} is {value!r}; it must be a number from {low} to {high}")
                )
                raise RecipeError(text.format(name=name, value=value, low=low, high=high))
            if not whole:  # in JSON, 1 is as good as 1.0
                object.__setattr__(values, spec.name, float(value))


def known_fields(values: Any, kind: type, prefix: str = "") -> dict[str, Any]:
    """`values`, read from JSON, as a dict that holds only fields of a dataclass.

    Raises:
        RecipeError: it is no JSON object, or has a name that is not known.
    """
    if not isinstance(values, dict):
        what = prefix.rstrip(".") or _("a recipe")
        raise RecipeError(_("{what} must be a JSON object").format(what=what))
    names = {spec.name for spec in dataclasses.fields(kind)}
    for name in values:
        if name not in names:
            raise RecipeError(
                _("{name} is not known; known are: {names}").format(
                    name=f"{prefix}{name}", names=", ".join(sorted(names))
                )
            )
    return values


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation:
    """Random distortion of training images; 0 everywhere is none at all."""

    rotation: float = number(0.0, 0, 45, N_("degrees to either side"))
    scale: float = number(0.0, 0, 0.5, N_("share by which width and height change, each by itself"))
    shear: float = number(0.0, 0, 0.5, N_("sideways slant, as a share of the height"))
    shift: float = number(0.0, 0, 6, N_("pixels to any side"))
    elastic: float = number(0.0, 0, 3, N_("local displacement, standard deviation in pixels"))
    crop: int = number(0, 0, 8, N_("whole pixels to any side: a random crop of the padded image"))
    flip: float = number(0.0, 0, 1, N_("probability of left and right being exchanged"))

    def __post_init__(self) -> None:
        check_fields(self, "augmentation.")

    def __bool__(self) -> bool:
        return any(dataclasses.astuple(self))

    def halved(self) -> Augmentation:
        """The same, half as strong; a picture is still exchanged with its mirror image as often."""
        ranges = {name: getattr(self, name) / 2 for name in _RANGES}
        return dataclasses.replace(self, crop=self.crop // 2, **ranges)


_RANGES = ("rotation", "scale", "shear", "shift", "elastic")

AUGMENTATIONS = {
    "none": Augmentation(),
    "affine": Augmentation(rotation=12.0, scale=0.12, shear=0.15, shift=2.0),
    "elastic": Augmentation(rotation=12.0, scale=0.12, shear=0.15, shift=2.0, elastic=0.6),
}
"""Named augmentations, mildest first."""


def _can_be_written(text: str) -> bool:
    """Whether a text has no half of a character, which JSON can name and no file can hold."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


DATASETS = {
    "mnist": N_("MNIST"),
    "mnist+pen": N_("MNIST and pen digits"),
    "mnist+unipen+pen": N_("MNIST, real and built-in pen digits"),
    "fashion": N_("Fashion-MNIST"),
    "pen": N_("Pen digits (built in)"),
    "unipen": N_("Real pen digits (UNIPEN)"),
    "cifar10": N_("CIFAR-10"),
    "qmnist": N_("QMNIST"),
    "emnist-digits": N_("EMNIST digits"),
    "emnist-letters": N_("EMNIST letters"),
    "emnist-balanced": N_("EMNIST balanced (digits and letters)"),
    "kmnist": N_("KMNIST (old Japanese)"),
}
"""Names that a recipe takes, and their titles; `own_dataset` names one's own data."""

DIGIT_DATASETS = tuple(
    name
    for name in DATASETS
    if name not in ("fashion", "cifar10", "emnist-letters", "emnist-balanced", "kmnist")
)
"""Those whose classes are the ten digits."""

_ADDED_SINCE = ("arithmetic", "border")
"""Values of a recipe that versions up to 0.2 do not know."""

_CLASSES = {"emnist-letters": 26, "emnist-balanced": 47}


def count_classes(dataset: str) -> int:
    """How many classes a dataset tells apart, and so a network that is trained on it."""
    own = parse_own(dataset)
    return own.classes if own is not None else _CLASSES.get(dataset, 10)


def has_colors(dataset: str) -> bool:
    """Whether a dataset's pictures are of 3x32x32, rather than gray ones of 28x28."""
    own = parse_own(dataset)
    return own.color if own is not None else dataset == "cifar10"


def dataset_title(dataset: str) -> str:
    """What people call a dataset; of one's own data the name of their folder or file."""
    own = parse_own(dataset)
    return own.title if own is not None else _(DATASETS.get(dataset, dataset))


_SOURCES: dict[str, tuple[str, ...]] = {
    "mnist": ("MNIST, Y. LeCun and C. Cortes, CC BY-SA 3.0",),
    "unipen": (
        "UNIPEN train_r01_v07, International Unipen Foundation, "
        "https://doi.org/10.5281/zenodo.1195803, CC BY 4.0",
        "Pen-Based Recognition of Handwritten Digits, E. Alpaydin and F. Alimoglu, "
        "https://doi.org/10.24432/C5MG6K, CC BY 4.0",
        "UJI Pen Characters (Version 2), F. Prat, M. Castro, D. Llorens, A. Marzal and J. Vilar, "
        "https://doi.org/10.24432/C5FG8S, CC BY 4.0",
    ),
    "kmnist": ("KMNIST, T. Clanuwat et al. and CODH, CC BY-SA 4.0",),
}
"""By the name of a dataset that is no sum: title, authors, address, and license."""


def list_data_sources(dataset: str) -> tuple[str, ...]:
    """A line for each collection to be named, of all parts of a dataset such as "mnist+pen"."""
    return tuple(line for part in dataset.split("+") for line in _SOURCES.get(part, ()))


SMALLEST_STD = 0.001
"""A network for pixels from 0 to 255 has 1/255."""

_NO_BORDERS = (("cifar10", "paper"), ("cifar10", "enlarged"))
"""Datasets, and what can't be around their pictures, which have 32x32 pixels already."""

_ACTIVATIONS = ("relu", "tanh", "sigmoid", "leaky_relu", "elu", "gelu", "silu")

Rates = tuple[tuple[int, float], ...]
"""Learning rates by the epoch, from 1, from which each holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides what a training run does."""

    name: str = "custom"
    description: str = ""
    dataset: str = choice("mnist", tuple(DATASETS), N_("what to train on"), parse_own)
    validation: float = number(
        0.1, 0.001, 0.5, N_("share of the training set held out to choose the best epoch")
    )
    network: str = choice(
        "lenet5", ("lenet5", "lenet5-1998"), N_("today's LeNet-5, or the paper's own of 1998")
    )
    activation: str = choice(
        "relu",
        _ACTIVATIONS,
        N_("after both convolutions and both hidden layers"),
    )
    hidden_activation: str = choice(
        "same", ("same", "none", *_ACTIVATIONS), N_("another one after the two hidden layers")
    )
    pooling: str = choice("max", ("max", "average"), N_("how 2 × 2 values become one"))
    c5: str = choice(
        "full",
        ("full", "convolution"),
        N_("the first hidden layer, full or as a 5 × 5 convolution"),
    )
    border: str = choice(
        "zeros",
        ("zeros", "paper", "enlarged", "none"),
        N_(
            "what C1 sees around a picture: zeros after normalization, or two pixels of paper "
            "before it; or the picture enlarged to 32 × 32; or nothing, which makes all maps "
            "smaller"
        ),
    )
    dropout: float = number(0.0, 0, 0.9, N_("share of hidden units left out of each training step"))
    mean: float = number(0.0, -1, 1, N_("taken from every pixel, which lie in 0 to 1"))
    std: float = number(
        1.0, -10, 10, N_("what the difference is divided by; below 0 for dark ink on light paper")
    )
    augmentation: Augmentation = AUGMENTATIONS["none"]
    loss: str = choice(
        "cross_entropy",
        ("cross_entropy", "map", "mse"),
        N_("what is made small: cross-entropy; or the paper's MAP or MSE, for the network of 1998"),
    )
    rubbish: float = number(0.1, 0.001, 100, N_("the penalty j of MAP's rubbish class"))
    optimizer: str = choice(
        "adamw",
        ("adamw", "adam", "sgd", "sdlm"),
        N_("how weights follow gradients; sdlm is the paper's, for the network of 1998"),
    )
    learning_rate: float = number(1e-3, 1e-6, 10, N_("the largest step size of the schedule"))
    beta2: float = number(0.999, 0.5, 0.99999, N_("Adam's memory of squared gradients"))
    momentum: float = number(0.9, 0, 0.999, N_("SGD's momentum, Adam's beta1"))
    weight_decay: float = number(0.0, 0, 1, N_("pull of every weight towards zero"))
    damping: float = number(0.02, 1e-6, 10, N_("the mu of sdlm, which bounds its steps"))
    curvature_images: int = number(
        500, 1, 60_000, N_("images by which sdlm estimates curvature before each pass")
    )
    batch_gradient: str = choice(
        "mean",
        ("mean", "sum"),
        N_(
            "what a step follows: the mean of its images' gradients, or their sum, which is to "
            "first order what one step an image does"
        ),
    )
    schedule: str = choice(
        "constant",
        ("constant", "cosine", "step", "one_cycle", "table"),
        N_("learning rate over the run"),
    )
    warmup: float = number(0.0, 0, 0.5, N_("share of the run in which the learning rate rises"))
    step_epochs: int = number(10, 1, 1000, N_("epochs from step to step of the schedule step"))
    step_factor: float = number(
        0.1, 0.001, 1, N_("what each of these steps multiplies the rate by")
    )
    rates: Rates = ()
    """For the schedule "table"; the largest is `learning_rate`."""
    batch_size: int = number(128, 1, 10_000, N_("images a step"))
    streamed: int = number(
        0,
        0,
        10_000_000,
        N_(
            "images an epoch that are written anew each time, of dataset 'pen'; 0 for the same ones"
        ),
    )
    epochs: int = number(10, 1, 1000, N_("passes over the training set"))
    seed: int = number(1, 0, 2**31 - 1, N_("decides initial weights, order and distortion"))
    arithmetic: str = choice(
        "auto",
        ("auto", "plain"),
        N_(
            "how a processor computes the steps: auto takes the quickest way and number of "
            "threads, by a short measurement; plain gives the same weights each time"
        ),
    )
    label_smoothing: float = number(0.0, 0, 0.5, N_("share of the target spread over all classes"))
    weight_average: float = number(
        0.0,
        0,
        0.9999,
        N_("decay of the running mean of weights that is tested and kept; 0 for none"),
    )

    kept: str = choice(
        "best",
        ("best", "last"),
        N_("which epoch is kept: the best on the validation split, or the last one"),
    )
    settling: float = number(
        0.0, 0, 1, N_("share of the run, at its end, in which distortion is half as strong")
    )
    teacher_epochs: int = number(
        0,
        0,
        200,
        N_("passes in which a larger network is trained first, to learn from; 0 for none"),
    )
    distillation: float = number(
        0.7,
        0,
        1,
        N_("the teacher's share in what is learned, where there is one; the rest is labels"),
    )
    softness: float = number(2.0, 0.5, 20, N_("temperature at which the teacher is imitated"))

    def __post_init__(self) -> None:
        check_fields(self)
        if not isinstance(self.name, str) or not self.name.isprintable() or len(self.name) > 80:
            raise RecipeError(_("name must be one line of text, of 80 characters at most"))
        if not isinstance(self.description, str) or not _can_be_written(self.description):
            raise RecipeError(_("description must be text, without halves of characters"))
        if not isinstance(self.augmentation, Augmentation):
            raise RecipeError(_("augmentation must be a set of named numbers"))
        self._check_rates()
        self._check_together()

    def _check_rates(self) -> None:
        """That `rates` is there where the schedule is a table, and makes sense."""
        good = isinstance(self.rates, tuple) and all(
            isinstance(pair, tuple)
            and len(pair) == 2
            and type(pair[0]) is int
            and 1 <= pair[0] <= 1000
            and type(pair[1]) in (int, float)
            and 0 < pair[1] <= 10
            for pair in self.rates
        )
        epochs = [epoch for epoch, _rate in self.rates] if good else []
        if not good or epochs != sorted(set(epochs)) or (epochs and epochs[0] != 1):
            raise RecipeError(
                _(
                    "rates is {rates!r}; it must be pairs of an epoch, from 1 and rising, and "
                    "the learning rate from there on, above 0 and up to 10"
                ).format(rates=self.rates)
            )
        if self.schedule == "table" and not self.rates:
            raise RecipeError(_("schedule is 'table'; then rates must hold that table"))

    def _check_together(self) -> None:
        """That the values go together."""
        old = self.network == "lenet5-1998"
        if abs(self.std) < SMALLEST_STD:
            raise RecipeError(
                _("std is {std!r}; it must be at least {least}, or at most -{least}").format(
                    std=self.std, least=SMALLEST_STD
                )
            )
        if self.border != "zeros" and (old or (self.dataset, self.border) in _NO_BORDERS):
            raise RecipeError(
                _(
                    "border is {border!r}; that can't be with network {network!r} and dataset "
                    "{dataset!r}"
                ).format(border=self.border, network=self.network, dataset=self.dataset)
            )
        for name, value in (("optimizer", "sdlm"), ("loss", "map"), ("loss", "mse")):
            if getattr(self, name) == value and not old:
                raise RecipeError(
                    _("{name} is {value!r}; that needs network 'lenet5-1998'").format(
                        name=name, value=value
                    )
                )
        if old and has_colors(self.dataset):
            text = _("network is 'lenet5-1998'; it has no colors for dataset {dataset!r}")
            raise RecipeError(text.format(dataset=self.dataset))
        if old and count_classes(self.dataset) != 10:
            raise RecipeError(
                _(
                    "network is 'lenet5-1998'; its ten drawn characters are too few for dataset "
                    "{dataset!r}"
                ).format(dataset=self.dataset)
            )
        if self.streamed and self.dataset != "pen":
            raise RecipeError(
                _("streamed is {streamed}; only dataset 'pen' can be written anew").format(
                    streamed=self.streamed
                )
            )
        if self.teacher_epochs and old:
            raise RecipeError(_("teacher_epochs must be 0 with network 'lenet5-1998'"))

    def to_json(self) -> str:
        """One JSON object with every value, but those that versions before this one would refuse
        and that are the default.
        """
        values = dataclasses.asdict(self)
        for name in _ADDED_SINCE:
            if values[name] == type(self).__dataclass_fields__[name].default:
                del values[name]
        return json.dumps(values, indent=1)

    @staticmethod
    def from_json(text: str) -> Recipe:
        """The recipe that `to_json` wrote; values not given take their defaults.

        Raises:
            RecipeError: not JSON, an unknown name, or a value that is not allowed.
        """
        try:
            values: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise RecipeError(_("a recipe must be JSON: {problem}").format(problem=error)) from None
        values = known_fields(values, Recipe)
        if "augmentation" in values:
            augmentation = known_fields(values["augmentation"], Augmentation, "augmentation.")
            values["augmentation"] = Augmentation(**augmentation)
        if isinstance(values.get("rates"), list):  # JSON knows no tuples
            values["rates"] = tuple(
                tuple(pair) if isinstance(pair, list) else pair for pair in values["rates"]
            )
        return Recipe(**values)


DIGIT_CLASSES = tuple("0123456789")
