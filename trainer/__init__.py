"""Digits and networks: data, LeNet-5, training, reading. Knows nothing of Qt.

    from trainer import load_model, read, train

Importing this package imports neither torch nor matplotlib: each public name is imported when
it is first used, and each module imports what it needs. `docs/api.md` describes the names.
"""

from collections.abc import Callable
from importlib import import_module
from types import ModuleType

__version__ = "0.2.0"

PROGRAM = "LeNet Studio"
"""Tells this package from others called `trainer`: see `lenet_studio.start`."""

# The public interface, and the packages. `__init__.pyi` says the same to type checkers.
__all__ = [
    "RECIPES",
    "Augmentation",
    "DataError",
    "LabelledImages",
    "LeNet5",
    "LeNet1998",
    "Model",
    "ModelError",
    "Prediction",
    "Recipe",
    "RecipeError",
    "Report",
    "TrainingResult",
    "UserError",
    "cli",
    "curves",
    "data",
    "drawing",
    "errors",
    "evaluate",
    "evaluation",
    "explain",
    "files",
    "handwriting",
    "inspect",
    "load_dataset",
    "load_model",
    "load_recipe",
    "make_dataset",
    "my_digits",
    "networks",
    "plot",
    "progress",
    "read",
    "read_number",
    "reading",
    "recipes",
    "robustness",
    "runs",
    "runtime",
    "save_model",
    "train",
    "training",
    "translation",
    "write_digits",
]

_PLACES = {
    **dict.fromkeys(
        (
            "TrainingResult",
            "evaluate",
            "explain",
            "load_dataset",
            "load_model",
            "load_recipe",
            "make_dataset",
            "plot",
            "read",
            "read_number",
            "save_model",
            "train",
            "write_digits",
        ),
        "trainer.api",
    ),
    "Augmentation": "trainer.recipes.recipe",
    "DataError": "trainer.data.labelled_images",
    "LabelledImages": "trainer.data.labelled_images",
    "LeNet1998": "trainer.networks.lenet1998",
    "LeNet5": "trainer.networks.lenet5",
    "LeNetClassifier": "trainer.classifier",
    "Model": "trainer.networks.model",
    "ModelError": "trainer.networks.model",
    "Prediction": "trainer.reading.predict",
    "RECIPES": "trainer.recipes.catalog",
    "Recipe": "trainer.recipes.recipe",
    "RecipeError": "trainer.recipes.recipe",
    "Report": "trainer.evaluation.report",
    "UserError": "trainer.errors",
}


def import_when_used(package: str, names: list[str]) -> Callable[[str], ModuleType]:
    """A package's `__getattr__` (PEP 562), which imports its modules when they are first used.

    What is seldom needed is reached by it, as `own.reading.load` or `help.window.HelpWindow`: the
    program starts sooner, and takes less memory.

    Args:
        package: its name.
        names: its modules' names.
    """

    def import_module_of(name: str) -> ModuleType:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return import_module(f"{package}.{name}")

    return import_module_of


def __getattr__(name: str) -> object:
    """A public name, imported when it is first used (PEP 562)."""
    if name in _PLACES:
        value: object = getattr(import_module(_PLACES[name]), name)
    elif name in __all__:
        value = import_module(f"{__name__}.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
