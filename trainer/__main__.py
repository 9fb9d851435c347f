"""`lenet`: train, evaluate, predict, summary and recipes, from a terminal."""

from __future__ import annotations

import argparse
import dataclasses
import json
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from trainer import __version__, files
from trainer.progress import Progress
from trainer.recipes import DATASETS, RECIPES, Recipe, RecipeError, named

if TYPE_CHECKING:
    import torch

    from trainer.weights import Model

DEFAULT_MODEL = "lenet5.safetensors"


class UserError(Exception):
    """What the person at the terminal can put right; shown as one line."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit status, 2 for the user's mistake."""
    given = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = given.command
    try:
        return command(given)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has closed it: nobody to tell
        return 1
    except Exception as error:
        if not _is_users(error):
            raise
        print(f"lenet: {' '.join(str(error).split())}", file=sys.stderr)
        return 2


def _is_users(error: Exception) -> bool:
    """Whether an error is one that its message lets the user put right."""
    from trainer.datasets import DataError
    from trainer.devices import DeviceError
    from trainer.pictures import PictureError
    from trainer.runs import RunError
    from trainer.strokes import StrokesError
    from trainer.weights import ModelError

    kinds = (DataError, DeviceError, PictureError, RunError, StrokesError, ModelError)
    return isinstance(error, (UserError, RecipeError, *kinds))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lenet", description="Train LeNet-5 and let it read digits, from a terminal."
    )
    parser.add_argument("--version", action="version", version=f"lenet-studio {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_train(commands)
    _add_evaluate(commands)
    _add_predict(commands)
    summary = commands.add_parser(
        "summary",
        help="show a network's layers",
        description="Show each layer's output shape, neurons, parameters and connections.",
    )
    _add_model(summary)
    _add_json(summary, "a list with one object a layer")
    summary.set_defaults(command=_summary)
    recipes = commands.add_parser(
        "recipes",
        help="list the named recipes",
        description="List the named recipes, or print one whole as JSON, to be edited and given "
        "to `lenet train --recipe FILE.json`.",
    )
    recipes.add_argument("name", nargs="?", metavar="NAME", help="print this one as JSON")
    _add_json(recipes, "a list with one object a recipe")
    recipes.set_defaults(command=_recipes)
    return parser


def _add_train(commands: Any) -> None:
    train = commands.add_parser(
        "train",
        help="train a network",
        description="Train a network by a recipe, test it, and leave everything in a run's "
        "folder. A dataset that is not on this computer is downloaded. Ctrl-C ends the run and "
        "keeps the best weights so far.",
        epilog="Example: lenet train --recipe studio --dataset pen --epochs 3",
    )
    train.add_argument(
        "--recipe",
        default="studio",
        metavar="NAME|FILE.json",
        help="a named recipe (see `lenet recipes`) or a file with one; default: studio",
    )
    train.add_argument("--dataset", choices=tuple(DATASETS), help="instead of the recipe's")
    train.add_argument("--epochs", type=int, metavar="N", help="instead of the recipe's")
    train.add_argument("--batch-size", type=int, metavar="N", help="instead of the recipe's")
    train.add_argument("--seed", type=int, metavar="N", help="instead of the recipe's")
    _add_device(train)
    _add_data(train)
    train.add_argument(
        "--runs",
        type=Path,
        metavar="DIR",
        help=f"where the run's folder is made; default: {files.runs_folder()}",
    )
    train.add_argument(
        "--threads", type=int, metavar="N", help="CPU threads to train with; default: all cores"
    )
    _add_json(
        train,
        "one object a line: for an epoch epoch, train_loss, val_accuracy, seconds; at the end "
        "run, test_accuracy, seconds",
    )
    train.set_defaults(command=_train)


def _add_evaluate(commands: Any) -> None:
    evaluate = commands.add_parser(
        "evaluate",
        help="test a network on a dataset",
        description="Test a network on a dataset's test split.",
    )
    _add_model(evaluate)
    evaluate.add_argument("--dataset", choices=tuple(DATASETS), default="mnist", help="[mnist]")
    _add_device(evaluate)
    _add_data(evaluate)
    _add_json(evaluate, "one object: accuracy (0 to 1), loss, count")
    evaluate.set_defaults(command=_evaluate)


def _add_predict(commands: Any) -> None:
    predict = commands.add_parser(
        "predict",
        help="read digits from pictures or pen strokes",
        description="Read digits from picture files, or from pen strokes. A picture of 28x28 is "
        "read as it is; another one is cropped to its ink and fitted. Light paper or dark paper: "
        "the border tells.",
        epilog="Example: echo '[{\"strokes\": [[[5, 0], [5, 9]]]}]' | lenet predict --strokes -",
    )
    predict.add_argument("images", nargs="*", type=Path, metavar="IMAGE", help="picture files")
    predict.add_argument(
        "--strokes",
        metavar="FILE",
        help='a JSON list of {"strokes": [[[x, y], ...], ...]}, y pointing down, in any unit, '
        "gzipped or not; - for standard input",
    )
    _add_model(predict)
    _add_device(predict)
    _add_json(predict, 'a list of {"digit", "probabilities"}, in the order given')
    predict.set_defaults(command=_predict)


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", type=Path, metavar="FILE", help="a model file; default: the one that ships"
    )


def _add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--device",
        default="auto",
        choices=("auto", "cuda", "mps", "cpu"),
        help="where to compute; auto takes a GPU if there is one [auto]",
    )


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="where datasets are or are downloaded to; default: the environment's LENET_DATA, "
        "else the user's data folder",
    )


def _add_json(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--json", action="store_true", help=f"print JSON: {what}")


def _model(given: argparse.Namespace, device: torch.device | None = None) -> Model:
    from trainer import weights

    if given.model is not None:
        model = weights.load(given.model)
    else:
        try:
            model = weights.load(files.asset(DEFAULT_MODEL))
        except FileNotFoundError as error:
            raise UserError(str(error)) from None
    return model.to(device) if device is not None else model


def _shown(work: Generator[Any, None, Any], quiet: bool) -> Any:
    """Run `work` to its end with a progress bar on standard error; returns its result."""
    from tqdm import tqdm

    with closing(work), tqdm(disable=quiet or None, leave=False, unit="") as bar:
        while True:
            try:
                event = next(work)
            except StopIteration as end:
                return end.value
            if isinstance(event, Progress):
                bar.set_description(event.what, refresh=False)
                bar.total, bar.n = event.total or None, event.done
                bar.refresh()


def _recipe(given: argparse.Namespace) -> Recipe:
    """The recipe asked for, with what the command line changes of it."""
    if given.recipe.endswith(".json"):
        try:
            recipe = Recipe.from_json(Path(given.recipe).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{given.recipe} cannot be read: {error}") from None
    else:
        recipe = named(given.recipe)
    names = ("dataset", "epochs", "batch_size", "seed")
    changes = {name: getattr(given, name) for name in names if getattr(given, name) is not None}
    return dataclasses.replace(recipe, **changes)


def _train(given: argparse.Namespace) -> int:
    recipe = _recipe(given)
    if given.threads is not None and given.threads < 1:
        raise UserError(f"--threads is {given.threads}; it must be 1 or more")
    import torch

    from trainer import datasets, devices, runs

    if given.threads:
        torch.set_num_threads(given.threads)
    device = devices.choose(given.device)
    data = files.data_folder(given.data)
    for name in datasets.missing(recipe.dataset, data):
        _shown(datasets.download(name, data), given.json)
    from trainer.terminal import Reporter

    with (
        closing(
            runs.run(recipe, data=data, runs=files.runs_folder(given.runs), device=device)
        ) as events,
        _Interrupt() as interrupt,
        Reporter(recipe, given.json) as reporter,
    ):
        for event in events:
            reporter.show(event)
            if interrupt.asked:
                break
    reporter.end(stopped=interrupt.asked)
    return 130 if interrupt.asked else 1 if reporter.diverged else 0


class _Interrupt:
    """Ctrl-C as a question to be answered between two events; a second one interrupts at once."""

    asked = False

    def __enter__(self) -> _Interrupt:
        self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, self._before)

    def __exit__(self, *_error: object) -> None:
        signal.signal(signal.SIGINT, self._before)


def _evaluate(given: argparse.Namespace) -> int:
    from trainer import datasets, devices, training

    device = devices.choose(given.device)
    model = _model(given, device)
    data = files.data_folder(given.data)
    for name in datasets.missing(given.dataset.split("+")[0], data):
        _shown(datasets.download(name, data), given.json)
    digits = _shown(datasets.load(given.dataset, "test", data), given.json).to(device)
    score = _shown(training.evaluating(model.network, digits, model.recipe), given.json)
    if given.json:
        print(json.dumps(dataclasses.asdict(score)))
    else:
        wrong = round(score.count * (1 - score.accuracy))
        print(
            f"{DATASETS[given.dataset]}: {score.accuracy:.2%} of {score.count:,} right, "
            f"{wrong:,} wrong, loss {score.loss:.4f}"
        )
    return 0


def _predict(given: argparse.Namespace) -> int:
    import numpy as np

    from trainer import devices, pictures, reading, strokes

    if given.strokes is not None and given.images:
        raise UserError("give either pictures or --strokes, not both")
    if given.strokes is None and not given.images:
        raise UserError("nothing to read: give picture files or --strokes FILE")
    if given.strokes is None:
        images = [pictures.read_picture(path) for path in given.images]
    else:
        drawings = (
            strokes.drawings_from_json(sys.stdin.read())
            if given.strokes == "-"
            else strokes.read_drawings(Path(given.strokes))
        )
        images = [strokes.rasterize(drawing) for drawing in drawings]
    model = _model(given, devices.choose(given.device))
    stacked = np.stack(images) if images else np.empty((0, 28, 28), np.uint8)
    found = reading.read_many(model, stacked)
    digits = [max(range(10), key=row.__getitem__) for row in found]
    if given.json:
        rows = zip(digits, found, strict=True)
        print(json.dumps([{"digit": digit, "probabilities": row} for digit, row in rows]))
        return 0
    names = [str(path) for path in given.images] or [f"drawing {n}" for n in range(len(found))]
    for name, digit, row in zip(names, digits, found, strict=True):
        print(f"{name}: {model.classes[digit]}  {row[digit]:.1%}")
    return 0


def _summary(given: argparse.Namespace) -> int:
    from trainer import lenet

    table = lenet.summary(_model(given).network)
    if given.json:
        print(json.dumps([row._asdict() for row in table]))
        return 0
    line = "{:<8}{:>14}{:>10}{:>13}{:>14}"
    print(line.format("layer", "output", "neurons", "parameters", "connections"))
    for row in table:
        shape = "x".join(map(str, row.output))
        numbers = (f"{n:,}" for n in (row.neurons, row.parameters, row.connections))
        print(line.format(row.name, shape, *numbers))
    sums = (sum(row.parameters for row in table), sum(row.connections for row in table))
    print(line.format("total", "", "", *(f"{n:,}" for n in sums)))
    return 0


def _recipes(given: argparse.Namespace) -> int:
    if given.name is not None:
        print(named(given.name).to_json())
        return 0
    if given.json:
        keys = ("name", "dataset", "epochs", "description")
        print(json.dumps([{k: getattr(r, k) for k in keys} for r in RECIPES.values()]))
        return 0
    import textwrap

    for recipe in RECIPES.values():
        print(f"{recipe.name}  ({DATASETS[recipe.dataset]}, {recipe.epochs} epochs)")
        print(textwrap.indent(textwrap.fill(recipe.description, 76), "    "), end="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
