"""A recipe: every number that a training run depends on, and the named recipes.

Pure data: imports neither torch nor Qt, so the window can show a form before
either is ready. A recipe is checked when it is made; a bad value is refused by
its name with what is allowed.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

from trainer.errors import UserError

DATASETS = {
    "mnist": "MNIST",
    "mnist+pen": "MNIST and pen digits",
    "mnist+unipen+pen": "MNIST, real and built-in pen digits",
    "fashion": "Fashion-MNIST",
    "pen": "Pen digits (built in)",
    "unipen": "Real pen digits (UNIPEN)",
}
"""Names that a recipe takes, and their titles."""


class RecipeError(UserError, ValueError):
    """A recipe that can't be: the message names the value and what is allowed."""


def _number(default: float | int, low: float, high: float, help: str) -> Any:
    return field(default=default, metadata={"range": (low, high), "help": help})


def _choice(default: str, choices: tuple[str, ...], help: str) -> Any:
    return field(default=default, metadata={"choices": choices, "help": help})


def check_fields(values: Any, prefix: str = "") -> None:
    """Check each field of a dataclass against its metadata.

    Raises:
        RecipeError: with the field's name, its value and what is allowed.
    """
    for spec in dataclasses.fields(values):
        value, name = getattr(values, spec.name), prefix + spec.name
        if "choices" in spec.metadata:
            if value not in spec.metadata["choices"]:
                allowed = ", ".join(spec.metadata["choices"])
                raise RecipeError(f"{name} is {value!r}; it must be one of: {allowed}")
        elif "range" in spec.metadata:
            low, high = spec.metadata["range"]
            whole = isinstance(spec.default, int)
            kinds = (int,) if whole else (int, float)
            fits = isinstance(value, kinds) and not isinstance(value, bool)
            if not fits or not low <= value <= high:
                kind = "a whole number" if whole else "a number"
                raise RecipeError(f"{name} is {value!r}; it must be {kind} from {low} to {high}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation:
    """Random distortion of training images; 0 everywhere is none at all."""

    rotation: float = _number(0.0, 0, 45, "degrees to either side")
    scale: float = _number(0.0, 0, 0.5, "share by which width and height change, each by itself")
    shear: float = _number(0.0, 0, 0.5, "sideways slant, as a share of the height")
    shift: float = _number(0.0, 0, 6, "pixels to any side")
    elastic: float = _number(0.0, 0, 3, "local displacement, standard deviation in pixels")

    def __post_init__(self) -> None:
        check_fields(self, "augmentation.")

    def __bool__(self) -> bool:
        return any(dataclasses.astuple(self))

    def halved(self) -> Augmentation:
        """The same, half as strong."""
        return Augmentation(
            **{spec.name: getattr(self, spec.name) / 2 for spec in dataclasses.fields(self)}
        )


AUGMENTATIONS = {
    "none": Augmentation(),
    "affine": Augmentation(rotation=12.0, scale=0.12, shear=0.15, shift=2.0),
    "elastic": Augmentation(rotation=12.0, scale=0.12, shear=0.15, shift=2.0, elastic=0.6),
}
"""Named augmentations, mildest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides what a training run does."""

    name: str = "custom"
    description: str = ""
    dataset: str = _choice("mnist", tuple(DATASETS), "what to train on")
    validation: float = _number(
        0.1, 0.001, 0.5, "share of the training set held out to choose the best epoch"
    )
    activation: str = _choice(
        "relu",
        ("relu", "tanh", "sigmoid", "leaky_relu", "elu", "gelu", "silu"),
        "after both convolutions and both hidden layers",
    )
    pooling: str = _choice("max", ("max", "average"), "how 2x2 values become one")
    mean: float = _number(0.0, -1, 1, "taken from every pixel, which lie in 0 to 1")
    std: float = _number(1.0, 0.01, 10, "what the difference is divided by")
    augmentation: Augmentation = Augmentation()
    optimizer: str = _choice("adamw", ("adamw", "adam", "sgd"), "how weights follow gradients")
    learning_rate: float = _number(1e-3, 1e-6, 10, "the largest step size of the schedule")
    beta2: float = _number(0.999, 0.5, 0.99999, "Adam's memory of squared gradients")
    momentum: float = _number(0.9, 0, 0.999, "SGD's momentum, Adam's beta1")
    weight_decay: float = _number(0.0, 0, 1, "pull of every weight towards zero")
    schedule: str = _choice("constant", ("constant", "cosine"), "learning rate over the run")
    warmup: float = _number(0.0, 0, 0.5, "share of the run in which the learning rate rises")
    batch_size: int = _number(128, 1, 10_000, "images a step")
    epochs: int = _number(10, 1, 1000, "passes over the training set")
    seed: int = _number(1, 0, 2**31 - 1, "decides initial weights, order and distortion")
    label_smoothing: float = _number(0.0, 0, 0.5, "share of the target spread over all classes")
    weight_average: float = _number(
        0.0, 0, 0.9999, "decay of the running mean of weights that is tested and kept; 0 for none"
    )

    settling: float = _number(
        0.0, 0, 1, "share of the run, at its end, in which distortion is half as strong"
    )
    teacher_epochs: int = _number(
        0, 0, 200, "passes in which a larger network is trained first, to learn from; 0 for none"
    )
    distillation: float = _number(
        0.7, 0, 1, "the teacher's share in what is learned, where there is one; the rest is labels"
    )
    softness: float = _number(2.0, 0.5, 20, "temperature at which the teacher is imitated")

    def __post_init__(self) -> None:
        check_fields(self)
        if not isinstance(self.name, str) or not self.name.isprintable() or len(self.name) > 80:
            raise RecipeError("name must be one line of text, of 80 characters at most")
        if not isinstance(self.description, str):
            raise RecipeError("description must be text")
        if not isinstance(self.augmentation, Augmentation):
            raise RecipeError("augmentation must be a set of named numbers")

    def to_json(self) -> str:
        """One JSON object with every value."""
        return json.dumps(dataclasses.asdict(self), indent=1)

    @staticmethod
    def from_json(text: str) -> Recipe:
        """The recipe that `to_json` wrote; values not given take their defaults.

        Raises:
            RecipeError: not JSON, an unknown name, or a value that is not allowed.
        """
        try:
            values: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise RecipeError(f"a recipe must be JSON: {error}") from None
        values = _known(values, Recipe, "")
        if "augmentation" in values:
            given = _known(values["augmentation"], Augmentation, "augmentation.")
            values["augmentation"] = Augmentation(**given)
        return Recipe(**values)


def _known(values: Any, kind: type, prefix: str) -> dict[str, Any]:
    """`values` as a dict that holds only fields of `kind`."""
    if not isinstance(values, dict):
        raise RecipeError(f"{prefix.rstrip('.') or 'a recipe'} must be a JSON object")
    names = {spec.name for spec in dataclasses.fields(kind)}
    for name in values:
        if name not in names:
            raise RecipeError(f"{prefix}{name} is not known; known are: {', '.join(sorted(names))}")
    return values


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="studio",
            description="Good for every hand, and all of it can be downloaded: MNIST and digits "
            "written by code, gently distorted anew in every epoch, a warm-up and a cosine, and "
            "the running mean of the weights. ReLU and max pooling.",
            dataset="mnist+pen",
            validation=0.05,
            mean=0.1307,
            std=0.3081,
            augmentation=AUGMENTATIONS["elastic"],
            learning_rate=3e-3,
            beta2=0.99,
            weight_decay=0.1,
            schedule="cosine",
            warmup=0.05,
            batch_size=128,
            epochs=60,
            weight_average=0.999,
        ),
        Recipe(
            name="handwriting",
            description="The one that made the network you started with: MNIST, real pen digits "
            "of which each stroke is varied before it is drawn, and digits written by code, "
            "gently distorted anew in every epoch and half as strongly at the end; a warm-up, a "
            "cosine, and the running mean of the weights. It is checked by the handwriting of "
            "people who are not trained on. Needs the real pen digits (UNIPEN), which are not "
            "downloaded for you; studio does without.",
            dataset="mnist+unipen+pen",
            validation=0.05,
            mean=0.1307,
            std=0.3081,
            augmentation=dataclasses.replace(AUGMENTATIONS["elastic"], elastic=0.3),
            settling=0.2,
            learning_rate=3e-3,
            beta2=0.99,
            weight_decay=0.1,
            schedule="cosine",
            warmup=0.05,
            batch_size=128,
            epochs=60,
            weight_average=0.999,
        ),
        Recipe(
            name="mnist-sigmoid-adamw",
            description="A textbook LeNet: sigmoid after every layer, average pooling. It begins "
            "with a plateau: saturated sigmoids answer with one class (11.35 %), for three epochs "
            "in its source, until accuracy climbs suddenly. The source reports 98.79 % on MNIST's "
            "test set after 30 epochs; it trains on all 60,000 images and looks at the test set "
            "after each epoch, here one image in twelve is held out for that instead.",
            dataset="mnist",
            validation=1 / 12,
            activation="sigmoid",
            pooling="average",
            optimizer="adamw",
            learning_rate=1e-2,
            weight_decay=0.01,
            batch_size=512,
            epochs=30,
        ),
    )
}
"""The named recipes, in the order in which they are shown."""


_EDITED = "-edited"


def edited(recipe: Recipe, **changes: Any) -> Recipe:
    """The recipe with some values changed, and a name that says that it is; itself if none is.

    Raises:
        RecipeError: a value is not allowed.
    """
    changed = dataclasses.replace(recipe, **changes)
    if changed == recipe:
        return recipe
    return dataclasses.replace(changed, name=original_name(recipe) + _EDITED)


def original_name(recipe: Recipe) -> str:
    """The name of the recipe that an edited one was made of; else its own."""
    return recipe.name.removesuffix(_EDITED)


def differences(recipe: Recipe) -> list[str]:
    """What an edited recipe has other than the named one that it was made of, in a few words.

    Empty for a named recipe itself, and where nothing is known of the original.
    """
    original = RECIPES.get(original_name(recipe))
    if original is None:
        return []
    words = {
        "epochs": "{} epochs",
        "batch_size": "batch {}",
        "learning_rate": "lr {:g}",
        "seed": "seed {}",
        "augmentation": "other augmentation",
    }
    return [
        words.get(spec.name, "{}").format(getattr(recipe, spec.name))
        for spec in dataclasses.fields(recipe)
        if spec.name not in ("name", "description")
        and getattr(recipe, spec.name) != getattr(original, spec.name)
    ]


def named(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        RecipeError: there is none.
    """
    if name not in RECIPES:
        raise RecipeError(f"there is no recipe {name!r}; there are: {', '.join(RECIPES)}")
    return RECIPES[name]
