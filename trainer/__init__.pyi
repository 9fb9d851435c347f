# What type checkers and editors see of `__init__.py`, which imports each name when it is used.
import collections.abc
import types

from trainer import cli as cli
from trainer import curves as curves
from trainer import data as data
from trainer import drawing as drawing
from trainer import errors as errors
from trainer import evaluation as evaluation
from trainer import files as files
from trainer import handwriting as handwriting
from trainer import inspect as inspect
from trainer import my_digits as my_digits
from trainer import networks as networks
from trainer import progress as progress
from trainer import reading as reading
from trainer import recipes as recipes
from trainer import robustness as robustness
from trainer import runs as runs
from trainer import runtime as runtime
from trainer import training as training
from trainer import translation as translation
from trainer.api import TrainingResult as TrainingResult
from trainer.api import evaluate as evaluate
from trainer.api import explain as explain
from trainer.api import load_dataset as load_dataset
from trainer.api import load_model as load_model
from trainer.api import load_recipe as load_recipe
from trainer.api import make_dataset as make_dataset
from trainer.api import plot as plot
from trainer.api import read as read
from trainer.api import read_number as read_number
from trainer.api import save_model as save_model
from trainer.api import train as train
from trainer.api import write_digits as write_digits
from trainer.classifier import LeNetClassifier as LeNetClassifier
from trainer.data.labelled_images import DataError as DataError
from trainer.data.labelled_images import LabelledImages as LabelledImages
from trainer.errors import UserError as UserError
from trainer.evaluation.report import Report as Report
from trainer.networks.lenet5 import LeNet5 as LeNet5
from trainer.networks.lenet1998 import LeNet1998 as LeNet1998
from trainer.networks.model import Model as Model
from trainer.networks.model import ModelError as ModelError
from trainer.reading.predict import Prediction as Prediction
from trainer.recipes.catalog import RECIPES as RECIPES
from trainer.recipes.recipe import Augmentation as Augmentation
from trainer.recipes.recipe import Recipe as Recipe
from trainer.recipes.recipe import RecipeError as RecipeError

def import_when_used(
    package: str, names: list[str]
) -> collections.abc.Callable[[str], types.ModuleType]: ...

__version__: str
__all__: list[str]
