"""What people call the settings of a recipe, and the values that are words."""

from __future__ import annotations

from trainer.recipes.recipe import dataset_title
from trainer.translation import N_
from trainer.translation import gettext as _

_SETTINGS = {
    "recipe": N_("Recipe"),
    "device": N_("Device"),
    "dataset": N_("Dataset"),
    "validation": N_("Validation"),
    "network": N_("Network"),
    "activation": N_("Activation"),
    "hidden_activation": N_("Hidden layers"),
    "pooling": N_("Pooling"),
    "c5": N_("Layer C5"),
    "border": N_("Border"),
    "dropout": N_("Dropout"),
    "mean": N_("Mean"),
    "std": N_("Deviation"),
    "augmentation": N_("Augmentation"),
    "rotation": N_("Rotation"),
    "scale": N_("Scale"),
    "shear": N_("Shear"),
    "shift": N_("Shift"),
    "elastic": N_("Elastic"),
    "crop": N_("Random crop"),
    "flip": N_("Mirror"),
    "settling": N_("Taper"),
    "loss": N_("Loss"),
    "rubbish": N_("Penalty j"),
    "optimizer": N_("Optimizer"),
    "learning_rate": N_("Learning rate"),
    "momentum": N_("Momentum"),
    "beta2": N_("Beta 2"),
    "weight_decay": N_("Weight decay"),
    "damping": N_("Damping µ"),
    "curvature_images": N_("Curvature images"),
    "batch_gradient": N_("Gradient"),
    "schedule": N_("Schedule"),
    "warmup": N_("Warmup"),
    "step_epochs": N_("Step every"),
    "step_factor": N_("Step factor"),
    "rates": N_("Rates"),
    "batch_size": N_("Batch size"),
    "streamed": N_("New images"),
    "epochs": N_("Epochs"),
    "seed": N_("Seed"),
    "arithmetic": N_("Arithmetic"),
    "label_smoothing": N_("Label smoothing"),
    "weight_average": N_("Weight averaging"),
    "kept": N_("Kept epoch"),
    "teacher_epochs": N_("Teacher epochs"),
    "distillation": N_("Distillation"),
    "softness": N_("Temperature"),
}
_VALUES = {
    "adamw": "AdamW",
    "adam": "Adam",
    "sgd": N_("SGD with momentum"),
    "sdlm": "SDLM (1998)",
    "relu": "ReLU",
    "tanh": "tanh",
    "sigmoid": N_("sigmoid"),
    "leaky_relu": N_("leaky ReLU"),
    "elu": "ELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "max": N_("maximum"),
    "average": N_("average"),
    "none": N_("none"),
    "same": N_("as Activation"),
    "full": N_("full layer"),
    "convolution": N_("5 × 5 convolution"),
    "lenet5": N_("LeNet-5 of today"),
    "lenet5-1998": N_("LeNet-5 of 1998"),
    "cross_entropy": N_("cross-entropy"),
    "map": "MAP (1998)",
    "mse": "MSE (1998)",
    "mean": N_("mean"),
    "sum": N_("sum"),
    "zeros": N_("zeros"),
    "paper": N_("paper"),
    "enlarged": N_("enlarged to 32 × 32"),
    "constant": N_("constant"),
    "cosine": N_("cosine"),
    "step": N_("in steps"),
    "one_cycle": N_("one cycle"),
    "table": N_("table"),
    "auto": N_("quickest here"),
    "plain": N_("plain, the same each time"),
    "best": N_("best"),
    "last": N_("last"),
}


def setting_title(name: str) -> str:
    """What stands before the field of a recipe's setting.

    Args:
        name: of a field of `Recipe` or `Augmentation`, or "recipe" or "device".
    """
    return _(_SETTINGS[name]) if name in _SETTINGS else name


def value_title(setting: str, value: str) -> str:
    """What people call a value that is a word, such as "leaky_relu" or "mnist+pen"."""
    return dataset_title(value) if setting == "dataset" else _(_VALUES.get(value, value))
