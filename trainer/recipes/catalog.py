"""The recipes that the program offers: ours, five published experiments, and the paper's.

Pure data, without torch. Facts about a source are its own; where something had
to be chosen that it does not say, the description tells.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from trainer.recipes.own_dataset import parse_own
from trainer.recipes.recipe import AUGMENTATIONS, Augmentation, Recipe, RecipeError
from trainer.recipes.words import setting_title
from trainer.translation import N_, ngettext
from trainer.translation import gettext as _

# Paper -0.1, ink 1.175, so that MNIST's mean is about 0 and its variance about 1.
_PAPER_MEAN, _PAPER_STD = 0.1 / 1.275, 1 / 1.275

RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="ninety-nine",
            description=N_(
                "The quickest way to 99 %: MNIST twice over, in about the time that it takes to "
                "read this. A learning rate that rises and falls once, to several times what is "
                "usual, does what a constant one needs many epochs for; a short memory of squared "
                "gradients and smoothed labels keep it steady. ReLU and maximum pooling, no "
                "distortion; the last epoch is kept. What is drawn with a mouse is read better by "
                "the network that studio trains."
            ),
            dataset="mnist",
            validation=0.02,
            mean=0.1307,
            std=0.3081,
            learning_rate=1e-2,
            beta2=0.98,
            weight_decay=0.3,
            schedule="one_cycle",
            label_smoothing=0.1,
            batch_size=128,
            epochs=2,
            kept="last",
        ),
        Recipe(
            name="studio",
            description=N_(
                "Good for every hand, and all of it can be downloaded: MNIST and digits written by "
                "code, gently distorted anew in every epoch, a warm-up and a cosine, and the "
                "running mean of the weights. ReLU and max pooling."
            ),
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
            description=N_(
                "The one that made the network you started with: MNIST, real pen digits of which "
                "each stroke is varied before it is drawn, and digits written by code, gently "
                "distorted anew in every epoch and half as strongly at the end; a warm-up, a "
                "cosine, and the running mean of the weights. It is checked by the handwriting of "
                "people who are not trained on. Needs the real pen digits (UNIPEN and UCI), which "
                "are not downloaded for you; studio does without."
            ),
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
            epochs=240,
            weight_average=0.999,
        ),
        Recipe(
            name="lenet5-plain",
            description=N_(
                "Studio without distortion: MNIST alone, each image as it is in every "
                "epoch, with the same warm-up, cosine, and running mean of the weights. Made to be "
                "compared with it: the figures on MNIST's test set are nearly the same, but digits "
                "that are turned, or written with a pen, are misread several times as often. The "
                "last epoch is kept."
            ),
            dataset="mnist",
            validation=0.02,
            mean=0.1307,
            std=0.3081,
            learning_rate=3e-3,
            beta2=0.99,
            weight_decay=0.1,
            schedule="cosine",
            warmup=0.05,
            batch_size=128,
            epochs=20,
            weight_average=0.999,
            kept="last",
        ),
        Recipe(
            name="fashion-studio",
            description=N_(
                "Clothes instead of digits, by today's ways in the same 61,706 parameters: a "
                "network of 150,000, which is then thrown away, learns first, and the LeNet learns "
                "from its opinion of each picture beside the label. Pictures are as often mirrored "
                "as not, shifted by a pixel and stretched by 4 % at most; a strong pull of the "
                "weights towards zero, and their running mean. Turning and bending, which help "
                "with handwriting, hurt here. The last epoch is kept: 1,200 images held out are "
                "too few to choose among epochs that are this near to each other."
            ),
            dataset="fashion",
            validation=0.02,
            mean=0.2860,
            std=0.3530,
            augmentation=Augmentation(flip=0.5, shift=1.0, scale=0.04),
            learning_rate=3e-3,
            beta2=0.99,
            weight_decay=0.1,
            schedule="cosine",
            warmup=0.05,
            label_smoothing=0.05,
            batch_size=128,
            epochs=80,
            weight_average=0.999,
            teacher_epochs=20,
            kept="last",
        ),
        Recipe(
            name="mnist-sigmoid-adamw",
            description=N_(
                "A textbook LeNet: sigmoid after every layer, average pooling. It begins with a "
                "plateau: saturated sigmoids answer with one class (11.35 %), for three epochs in "
                "its source, until accuracy climbs suddenly. The source reports 98.79 % on MNIST's "
                "test set after 30 epochs; it trains on all 60,000 images and looks at the test "
                "set after each epoch, here one image in twelve is held out for that instead."
            ),
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
        Recipe(
            name="fashion-sigmoid-adam",
            description=N_(
                "The same textbook LeNet on clothes, which are harder than digits: ten epochs of "
                "Adam are not enough for sigmoids. The source reports 85 to 90 % on "
                "Fashion-MNIST's test set; it holds out a fifth of the training images and keeps "
                "the weights that did best there, as is done here."
            ),
            dataset="fashion",
            validation=0.2,
            activation="sigmoid",
            pooling="average",
            optimizer="adam",
            learning_rate=1e-3,
            batch_size=128,
            epochs=10,
        ),
        Recipe(
            name="mnist-relu-1998layout",
            description=N_(
                "The layers of 1998 with today's parts: C5 as a convolution, which here computes "
                "what a full layer does, ReLU, and log-softmax. What ReLU alone brings: no "
                "plateau, and 98 % within two epochs. The source reports 98.88 % on its fifth held "
                "out and 98.77 % on MNIST's test set."
            ),
            dataset="mnist",
            validation=0.2,
            activation="relu",
            pooling="average",
            c5="convolution",
            mean=0.05,
            std=0.5,
            optimizer="adam",
            learning_rate=1e-3,
            batch_size=64,
            epochs=10,
        ),
        Recipe(
            name="mnist-sigmoid-sgd",
            description=N_(
                "How slow plain gradient descent with sigmoids is: small steps, small batches, a "
                "tenth of the learning rate after every ten epochs, and no activation after C5 and "
                "F6, which so are one linear map. The source gives neither its number of epochs "
                "(30 here) nor a figure, and keeps the epoch that did best on the test set; here "
                "one training image in twelve is held out to choose it."
            ),
            dataset="mnist",
            validation=1 / 12,
            activation="sigmoid",
            hidden_activation="none",
            pooling="average",
            c5="convolution",
            optimizer="sgd",
            learning_rate=1e-3,
            momentum=0.9,
            schedule="step",
            step_epochs=10,
            step_factor=0.1,
            batch_size=16,
            epochs=30,
        ),
        Recipe(
            name="fashion-paper",
            description=N_(
                "The sigmoid LeNet for 100 epochs on clothes that are mirrored, shifted and "
                "turned: so little power that the distortion, not overfitting, is its limit. The "
                "source reports 87.34 % on its fifth held out, whose images it distorts too; here "
                "they are left as they are, which alone makes the figure higher."
            ),
            dataset="fashion",
            validation=0.2,
            activation="sigmoid",
            pooling="average",
            mean=0.5,
            std=0.5,
            augmentation=Augmentation(crop=2, flip=0.5, rotation=10.0),
            optimizer="adamw",
            learning_rate=1e-3,
            weight_decay=0.01,
            batch_size=32,
            epochs=100,
        ),
        Recipe(
            name="fashion-improved",
            description=N_(
                "The same source's better version: ReLU, maximum pooling, dropout, a learning rate "
                "that rises and falls once, and smoothed labels. It reports 89.68 % on its fifth "
                "held out, whose images it distorts too; here they are left as they are. It does "
                "not say how much dropout or smoothing: a quarter and a tenth here."
            ),
            dataset="fashion",
            validation=0.2,
            mean=0.5,
            std=0.5,
            dropout=0.25,
            augmentation=Augmentation(crop=2, flip=0.5, rotation=10.0),
            optimizer="adamw",
            learning_rate=1e-3,
            weight_decay=0.01,
            schedule="one_cycle",
            label_smoothing=0.1,
            batch_size=32,
            epochs=100,
        ),
        Recipe(
            name="lenet5-1998",
            description=N_(
                "The paper's own network: 32x32 input, trainable subsampling, C3 joined to S2 by "
                "its table, scaled tanh, ten drawn characters as targets, and the MAP loss; "
                "trained by its own optimizer, stochastic diagonal Levenberg-Marquardt, with its "
                "step sizes. The paper reports 99.05 % on MNIST's test set. Three things differ. "
                "It updates the weights after each image, as a batch of 1 does here; 8 make their "
                "steps at once, from the same weights. Its damping of 0.02 makes the weights "
                "explode in the first pass, whose curvature is that of weights next to zero; it is "
                "0.5 here. And it does not say how large the penalty j of MAP's rubbish class is; "
                "10 here. One image in fifty is held out for the validation curve; the last pass "
                "is kept, as in the paper."
            ),
            dataset="mnist",
            validation=0.02,
            network="lenet5-1998",
            activation="tanh",
            pooling="average",
            mean=_PAPER_MEAN,
            std=_PAPER_STD,
            loss="map",
            rubbish=10.0,
            optimizer="sdlm",
            damping=0.5,
            batch_gradient="sum",
            schedule="table",
            learning_rate=5e-4,
            rates=((1, 5e-4), (3, 2e-4), (6, 1e-4), (9, 5e-5), (13, 1e-5)),
            batch_size=8,
            epochs=20,
            kept="last",
        ),
        Recipe(
            name="lenet5-1998-adamw",
            description=N_(
                "The paper's network, loss and initial weights, trained by mini-batches "
                "as today: AdamW, with a learning rate that rises and falls once. What the paper's "
                "optimizer did by curvature, this one does by the size of past gradients. The last "
                "pass is kept."
            ),
            dataset="mnist",
            validation=0.02,
            network="lenet5-1998",
            activation="tanh",
            pooling="average",
            mean=_PAPER_MEAN,
            std=_PAPER_STD,
            loss="map",
            rubbish=10.0,
            optimizer="adamw",
            learning_rate=3e-3,
            weight_decay=0.01,
            schedule="one_cycle",
            batch_size=64,
            epochs=20,
            kept="last",
        ),
    )
}
"""The named recipes, in the order in which they are shown."""

QUICKEST = next(iter(RECIPES))
"""The one to begin with."""


@dataclass(frozen=True, slots=True)
class Source:
    """What the published experiment behind a recipe reported."""

    reported: float | None  # accuracy, 0 to 1; None where it gives none
    split: str  # "test" or "validation": what that was measured on
    in_words: str = ""  # in its own words, where it gives no single figure


SOURCES = {
    "mnist-sigmoid-adamw": Source(0.9879, "test"),
    "fashion-sigmoid-adam": Source(0.85, "test", N_("85 to 90 %")),
    "mnist-relu-1998layout": Source(0.9877, "test"),
    "mnist-sigmoid-sgd": Source(None, "test"),
    "fashion-paper": Source(0.8734, "validation"),
    "fashion-improved": Source(0.8968, "validation"),
    "lenet5-1998": Source(0.9905, "test"),
    "lenet5-1998-adamw": Source(0.9905, "test"),
}
"""By recipe; the recipes that are our own have none."""


_EDITED = "-edited"
_RENAMED = {"lenet5-1998-sgd": "lenet5-1998-adamw"}
"""Names of earlier versions, which runs, files and command lines may still have."""


def current_name(name: str) -> str:
    """What a recipe is called now: `name` itself, but for one that was renamed."""
    return _RENAMED.get(name, name)


def edit_recipe(recipe: Recipe, **changes: Any) -> Recipe:
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
    return current_name(recipe.name.removesuffix(_EDITED))


def differences(recipe: Recipe) -> list[str]:
    """What an edited recipe has other than the named one that it was made of, in a few words.

    Empty for a named recipe itself, and where nothing is known of the original.
    """
    original = RECIPES.get(original_name(recipe))
    if original is None:
        return []
    words = {
        **dict.fromkeys(("dataset", "network", "activation", "pooling", "optimizer"), "{}"),
        "epochs": ngettext("{} epoch", "{} epochs", recipe.epochs),
        "batch_size": _("batch {}"),
        "learning_rate": _("lr {:g}"),
        "seed": _("seed {}"),
        "augmentation": _("other augmentation"),
        "rates": _("other rates"),
    }

    def value_of(name: str) -> object:
        own = parse_own(getattr(recipe, name)) if name == "dataset" else None
        return getattr(recipe, name) if own is None else own.title

    def text(name: str) -> str:
        if name in words:
            return words[name].format(value_of(name))
        title = setting_title(name)
        title = title[0].lower() + title[1:]
        return _("{setting} {value}").format(setting=title, value=value_of(name))

    return [
        text(spec.name)
        for spec in dataclasses.fields(recipe)
        if spec.name not in ("name", "description")
        and getattr(recipe, spec.name) != getattr(original, spec.name)
    ]


def find_recipe(name: str) -> Recipe:
    """The recipe of that name, or of that name in an earlier version.

    Raises:
        RecipeError: there is none.
    """
    name = current_name(name)
    if name not in RECIPES:
        text = _("there is no recipe {name!r}; there are: {names}")
        raise RecipeError(text.format(name=name, names=", ".join(RECIPES)))
    return RECIPES[name]
