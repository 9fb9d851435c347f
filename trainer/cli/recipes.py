"""`lenet recipes`: the named recipes; as a list for people it needs no torch."""

from __future__ import annotations

import argparse
import json
import textwrap

from trainer.recipes.catalog import RECIPES, SOURCES, find_recipe
from trainer.recipes.recipe import DATASETS, Recipe


def recipes(given: argparse.Namespace) -> int:
    """Print the named recipes, or one of them whole."""
    if given.name is not None:
        print(find_recipe(given.name).to_json())
        return 0
    if given.json:
        print(json.dumps([_describe(recipe) for recipe in RECIPES.values()]))
        return 0
    for recipe in RECIPES.values():
        print(f"{recipe.name}  ({DATASETS[recipe.dataset]}, {recipe.epochs} epochs)")
        print(textwrap.indent(textwrap.fill(recipe.description, 76), "    "), end="\n\n")
    return 0


def _describe(recipe: Recipe) -> dict[str, object]:
    """What `lenet recipes --json` says of one."""
    from trainer.networks import factory  # torch, without which the list is printed at once

    source = SOURCES.get(recipe.name)
    return {
        "name": recipe.name,
        "dataset": recipe.dataset,
        "epochs": recipe.epochs,
        "parameters": factory.count_parameters(recipe),
        "reported": source.reported if source is not None else None,
        "description": recipe.description,
    }
