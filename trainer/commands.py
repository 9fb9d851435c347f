"""What each of `lenet`'s commands does; each returns its exit status."""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from trainer import files, launch, sharing
from trainer.errors import UserError
from trainer.named_recipes import RECIPES, SOURCES, named
from trainer.progress import Progress, Result
from trainer.recipes import DATASETS, Recipe

if TYPE_CHECKING:
    import torch

    from trainer.weights import Model

_MOST_THREADS = 1024


def model_of(given: argparse.Namespace) -> Model:
    """The network asked for: a file's, or the one that ships."""
    from trainer import weights

    return weights.load(given.model) if given.model is not None else weights.shipped()


def shown(work: Generator[Any, None, Any], quiet: bool) -> Any:
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


def _recipe_called(name: str) -> Recipe:
    """A named recipe, or the one in a file or on standard input."""
    if name == "-":
        return sharing.read_input()
    return sharing.read_file(Path(name)) if name.endswith(".json") else named(name)


def recipe_asked_for(given: argparse.Namespace) -> Recipe:
    """The recipe to train, with what the command line changes of it."""
    recipe = _recipe_called(given.recipe)
    names = ("dataset", "epochs", "streamed", "batch_size", "seed")
    changes = {name: getattr(given, name) for name in names if getattr(given, name) is not None}
    recipe = dataclasses.replace(recipe, **changes)
    return _exactly(given, recipe) if given.exact else recipe


def _exactly(given: argparse.Namespace, recipe: Recipe) -> Recipe:
    """The recipe with one step an image, as the paper trains."""
    if recipe.network != "lenet5-1998":
        raise UserError(
            f"--exact is for recipes with the network lenet5-1998, and {recipe.name} has "
            f"{recipe.network}: try --recipe lenet5-1998"
        )
    if given.batch_size not in (None, 1):
        raise UserError("--exact takes one image a step: leave --batch-size out")
    return dataclasses.replace(recipe, batch_size=1)


def check_threads(given: argparse.Namespace) -> None:
    """Refuse a number of threads that makes no sense."""
    if given.threads is not None and not 1 <= given.threads <= _MOST_THREADS:
        raise UserError(f"--threads is {given.threads}; it must be from 1 to {_MOST_THREADS}")


def data_for(recipe: Recipe, given: argparse.Namespace) -> Path:
    """The folder of datasets, with those that the recipe needs and that can be downloaded."""
    from trainer import datasets

    data = files.data_folder(given.data)
    for name in datasets.missing(recipe.dataset, data):
        shown(datasets.download(name, data), given.json)
    return data


def train(given: argparse.Namespace) -> int:
    """Train, test, and leave a run's folder; 130 if stopped by Ctrl-C, 1 if it diverged."""
    check_threads(given)
    if launch.launched():
        from trainer import together

        return together.train(given)
    recipe = recipe_asked_for(given)
    import torch

    from trainer import devices, pace, runs

    if given.threads:
        torch.set_num_threads(given.threads)
    device = devices.choose(given.device)
    data = data_for(recipe, given)
    run = runs.run(recipe, data=data, runs=files.runs_folder(given.runs), device=device)
    if not given.threads:
        run = pace.watched(run)
    return trained(run, recipe, given.json)


def resume(given: argparse.Namespace) -> int:
    """Go on with a run; as `train`, and 0 if it is finished already."""
    check_threads(given)
    if launch.launched():
        from trainer import together

        return together.resume(given)
    from trainer import devices, runs
    from trainer.record import FinishedAlready

    try:
        kept = runs.where_it_stands(given.run)
    except FinishedAlready as finished:
        return finished_already(given.run, str(finished), given.json)
    name = given.device or re.split("[:,]", kept.record.device)[0] or "auto"
    device = devices.choose(name)
    data = data_for(kept.recipe, given)
    run = runs.resume(given.run, data=data, device=device, threads=given.threads)
    return trained(run, kept.recipe, given.json)


def finished_already(folder: Path, told: str, as_json: bool) -> int:
    """Say that a run has nothing left to do; returns the exit status."""
    from trainer import past_runs

    record = past_runs.read_record(folder)
    if as_json:
        end = {"run": str(folder), "test_accuracy": record.test_accuracy}
        print(json.dumps(end | {"seconds": round(record.seconds, 3)}))
    else:
        print(told)
    return 0


def trained(
    run: Generator[object, None, None],
    recipe: Recipe,
    as_json: bool,
    stops: Callable[[object, bool], bool] | None = None,
) -> int:
    """Run a run to its end, or until Ctrl-C, and show it.

    Args:
        run: the events of `runs.run`.
        recipe: what it trains by.
        as_json: show it as JSON lines.
        stops: asked after each event, with whether Ctrl-C was pressed, whether to
            stop; Ctrl-C alone decides if None.

    Returns:
        the exit status.
    """
    from trainer.terminal import Reporter

    stopped = False
    with (
        Interrupt(patient=stops is not None) as interrupt,
        closing(run) as events,
        Reporter(recipe, as_json) as reporter,
    ):
        for event in events:
            reporter.show(event)
            stopped = interrupt.asked if stops is None else stops(event, interrupt.asked)
            if stopped:
                break
    reporter.end(stopped)
    return 130 if stopped else 1 if reporter.diverged else 0


class Interrupt:
    """Ctrl-C as a question to be answered between two events; a second one interrupts at once.

    Args:
        patient: a second one is the same question: whoever starts a group passes
            one Ctrl-C on more than once.
    """

    asked = False

    def __init__(self, patient: bool = False) -> None:
        self._patient = patient

    def __enter__(self) -> Interrupt:
        self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        if not self._patient:
            signal.signal(signal.SIGINT, self._before)

    def __exit__(self, *_error: object) -> None:
        signal.signal(signal.SIGINT, self._before)


def on_device(name: str, work: Callable[[torch.device], Result]) -> Result:
    """What `work` returns for the device of that name, or for the CPU if that one gives up."""
    from trainer import devices

    device = devices.choose(name)
    try:
        return work(device)
    except RuntimeError as error:
        if not devices.failed(error, device):
            raise
        reason = devices.reason(error)
        print(f"lenet: {device} failed ({reason}); going on on the CPU", file=sys.stderr)
        return work(devices.choose("cpu"))


def evaluate(given: argparse.Namespace) -> int:
    """Print how a network does on a dataset's test split."""
    if given.report is not None or given.compare is not None:
        from trainer import report_command

        return report_command.evaluate(given, shown)
    from trainer import datasets, testing

    model = model_of(given)
    data = files.data_folder(given.data)
    for name in datasets.missing(given.dataset.split("+")[0], data):
        shown(datasets.download(name, data), given.json)
    digits = shown(datasets.load(given.dataset, "test", data), given.json)
    if digits.classes != model.classes:
        raise UserError(
            f"this network tells {model.classes[0]}, {model.classes[1]} ... apart, "
            f"and {DATASETS[given.dataset]} has {digits.classes[0]}, {digits.classes[1]} ..."
        )

    def test(device: torch.device) -> testing.Score:
        network = model.to(device).network
        work = testing.evaluating(network, digits.to(device), model.recipe)
        score: testing.Score = shown(work, given.json)
        return score

    score = on_device(given.device, test)
    if given.json:
        print(json.dumps(dataclasses.asdict(score)))
    else:
        wrong = round(score.count * (1 - score.accuracy))
        print(
            f"{DATASETS[given.dataset]}: {score.accuracy:.2%} of {score.count:,} right, "
            f"{wrong:,} wrong, loss {score.loss:.4f}"
        )
    return 0


def summary(given: argparse.Namespace) -> int:
    """Print the layer table."""
    from trainer import networks

    if given.recipe is not None:
        network = networks.build(_recipe_called(given.recipe))
    else:
        network = model_of(given).network
    table = networks.summary(network)
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


def gate(given: argparse.Namespace) -> int:
    """Train the gate that tells digits from what is none, and write its file."""
    import torch

    from trainer import datasets, refusal
    from trainer.digits import joined

    data = files.data_folder(given.data)
    for name in datasets.missing("mnist", data):
        shown(datasets.download(name, data), False)
    source = torch.Generator().manual_seed(given.seed)
    training, validation = [], []
    for name in ("mnist", "unipen", "pen"):
        digits = shown(datasets.load(name, "train", data), False)
        learnt, held_out = digits.split(0.05, torch.randperm(len(digits), generator=source))
        training.append(learnt)
        validation.append(held_out)
    work = refusal.taught(joined(training), validation, given.seed, given.epochs)
    made = shown(work, False)
    refusal.save(made, given.out)
    print(f"{given.out}: what scores below {made.threshold:.2f} is refused")
    return 0


def _told(recipe: Recipe) -> dict[str, object]:
    """What `lenet recipes --json` says of one."""
    from trainer import networks

    source = SOURCES.get(recipe.name)
    return {
        "name": recipe.name,
        "dataset": recipe.dataset,
        "epochs": recipe.epochs,
        "parameters": networks.parameters(recipe),
        "reported": source.reported if source is not None else None,
        "description": recipe.description,
    }


def recipes(given: argparse.Namespace) -> int:
    """Print the named recipes, or one of them whole."""
    if given.name is not None:
        print(named(given.name).to_json())
        return 0
    if given.json:
        print(json.dumps([_told(recipe) for recipe in RECIPES.values()]))
        return 0
    import textwrap

    for recipe in RECIPES.values():
        print(f"{recipe.name}  ({DATASETS[recipe.dataset]}, {recipe.epochs} epochs)")
        print(textwrap.indent(textwrap.fill(recipe.description, 76), "    "), end="\n\n")
    return 0
