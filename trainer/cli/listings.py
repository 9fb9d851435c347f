"""`lenet recipes` and `lenet forms`: what there is, as a list or as JSON; lists need no torch."""

from __future__ import annotations

import argparse
import json
import textwrap

from trainer.cli.common import count_columns, pad
from trainer.files import convert_write_errors, write_whole
from trainer.handwriting.allographs import ALLOGRAPHS
from trainer.handwriting.contact_sheet import draw_contact_sheet
from trainer.recipes.catalog import RECIPES, SOURCES, find_recipe
from trainer.recipes.recipe import DATASETS, Recipe
from trainer.translation import gettext as _


def recipes(given: argparse.Namespace) -> int:
    """Print the named recipes, or one of them whole."""
    if given.name is not None:
        print(find_recipe(given.name).to_json())
        return 0
    if given.json:
        print(json.dumps([_describe(recipe) for recipe in RECIPES.values()]))
        return 0
    for recipe in RECIPES.values():
        print(
            _("{name}  ({dataset}, {epochs} epochs)").format(
                name=recipe.name, dataset=_(DATASETS[recipe.dataset]), epochs=recipe.epochs
            )
        )
        told = _(recipe.description)
        wide = count_columns(told) > len(told)  # Chinese
        print(textwrap.indent(textwrap.fill(told, 38 if wide else 76), "    "), end="\n\n")
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


def forms(given: argparse.Namespace) -> int:
    """Print the table of forms, and draw them all if a picture is asked for."""
    table = [
        {"digit": digit, "form": name, "share": form.share, "reason": form.reason}
        for digit, forms_of_digit in ALLOGRAPHS.items()
        for name, form in forms_of_digit.items()
    ]
    if given.picture is not None:
        content = draw_contact_sheet(given.examples, given.seed)
        with convert_write_errors(given.picture):
            write_whole(given.picture, content)
    if given.json:
        print(json.dumps(table))
        return 0
    for row in table:
        name, why = _(str(row["form"])), _(str(row["reason"]))
        print(f"{row['digit']}  {pad(name, 24)}{row['share']:>5.0%}  {why}")
    if given.picture is not None:
        print(
            _("{picture}: {examples} examples of each form").format(
                picture=given.picture, examples=given.examples
            )
        )
    return 0
