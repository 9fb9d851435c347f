"""What each of `lenet`'s commands does; each returns its exit status."""

from __future__ import annotations

import argparse
import json

from trainer import files
from trainer.cli.common import load_model, load_recipe
from trainer.cli.output import show_progress
from trainer.recipes.catalog import RECIPES, SOURCES, find_recipe
from trainer.recipes.recipe import DATASETS, Recipe


def summary(given: argparse.Namespace) -> int:
    """Print the layer table."""
    from trainer.networks import factory

    if given.recipe is not None:
        network = factory.build(load_recipe(given.recipe))
    else:
        network = load_model(given).network
    table = factory.summarize(network)
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

    from trainer.data import loading
    from trainer.data.labelled_images import concatenate
    from trainer.networks.gate import save
    from trainer.training.gate import train_gate

    data = files.data_folder(given.data)
    for name in loading.list_missing("mnist", data):
        show_progress(loading.download(name, data), False)
    source = torch.Generator().manual_seed(given.seed)
    training, validation = [], []
    for name in ("mnist", "unipen", "pen"):
        digits = show_progress(loading.load(name, "train", data), False)
        learned, held_out = digits.split(0.05, torch.randperm(len(digits), generator=source))
        training.append(learned)
        validation.append(held_out)
    work = train_gate(concatenate(training), validation, given.seed, given.epochs)
    made = show_progress(work, False)
    save(made, given.out)
    print(f"{given.out}: what scores below {made.threshold:.2f} is refused")
    return 0


def _told(recipe: Recipe) -> dict[str, object]:
    """What `lenet recipes --json` says of one."""
    from trainer.networks import factory

    source = SOURCES.get(recipe.name)
    return {
        "name": recipe.name,
        "dataset": recipe.dataset,
        "epochs": recipe.epochs,
        "parameters": factory.count_parameters(recipe),
        "reported": source.reported if source is not None else None,
        "description": recipe.description,
    }


def recipes(given: argparse.Namespace) -> int:
    """Print the named recipes, or one of them whole."""
    if given.name is not None:
        print(find_recipe(given.name).to_json())
        return 0
    if given.json:
        print(json.dumps([_told(recipe) for recipe in RECIPES.values()]))
        return 0
    import textwrap

    for recipe in RECIPES.values():
        print(f"{recipe.name}  ({DATASETS[recipe.dataset]}, {recipe.epochs} epochs)")
        print(textwrap.indent(textwrap.fill(recipe.description, 76), "    "), end="\n\n")
    return 0
