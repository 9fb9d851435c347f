"""`lenet recipes` and `lenet forms`: what there is, as a list or as JSON; lists need no torch."""

from __future__ import annotations

import argparse
import io
import json
import textwrap

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from trainer.cli.common import check_out, check_seed, count_columns, pad
from trainer.drawing.rasterize import SIDE, rasterize
from trainer.files import save_file
from trainer.handwriting.allographs import ALLOGRAPHS, FORMS
from trainer.handwriting.font import write_digit
from trainer.recipes.catalog import RECIPES, SOURCES, find_recipe
from trainer.recipes.recipe import DATASETS, Recipe
from trainer.translation import gettext as _


def recipes(options: argparse.Namespace) -> int:
    """Print the named recipes, or one of them whole."""
    if options.name is not None:
        print(find_recipe(options.name).to_json())
        return 0
    if options.json:
        print(json.dumps([_describe(recipe) for recipe in RECIPES.values()]))
        return 0
    for recipe in RECIPES.values():
        print(
            _("{name}  ({dataset}, {epochs} epochs)").format(
                name=recipe.name, dataset=_(DATASETS[recipe.dataset]), epochs=recipe.epochs
            )
        )
        text = _(recipe.description)
        wide = count_columns(text) > len(text)  # Chinese
        print(textwrap.indent(textwrap.fill(text, 38 if wide else 76), "    "), end="\n\n")
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


def forms(options: argparse.Namespace) -> int:
    """Print the table of forms, and draw them all if a picture is asked for."""
    check_seed(options)
    check_out(options.picture)
    table = [
        {"digit": digit, "form": name, "share": form.share, "reason": form.reason}
        for digit, forms_of_digit in ALLOGRAPHS.items()
        for name, form in forms_of_digit.items()
    ]
    if options.picture is not None:
        content = draw_contact_sheet(options.examples, options.seed)
        save_file(options.picture, content)
    if options.json:
        print(json.dumps(table))
        return 0
    for row in table:
        name, why = _(str(row["form"])), _(str(row["reason"]))
        print(f"{row['digit']}  {pad(name, 24)}{row['share']:>5.0%}  {why}")
    if options.picture is not None:
        print(
            _("{picture}: {examples} examples of each form").format(
                picture=options.picture, examples=options.examples
            )
        )
    return 0


_SCALE = 2
"""Pixels of the sheet for a pixel of a picture."""
_CELL = SIDE * _SCALE + 8
_LABEL, _TEXT, _MARGIN = 330, 20, 16
_INK, _GRAY = "#1a1a1a", "#6b6b6b"


def draw_contact_sheet(examples: int, seed: int) -> bytes:
    """A picture of all forms, as the content of a PNG file: a row for each form, in two columns.

    Args:
        examples: how many of each form.
        seed: decides the examples.
    """
    half = (len(FORMS) + 1) // 2
    columns = FORMS[:half], FORMS[half:]
    column_width = _LABEL + examples * _CELL
    size = (2 * column_width + 3 * _MARGIN, len(columns[0]) * _CELL + 2 * _MARGIN)
    sheet = Image.new("RGB", size, "white")
    rng = np.random.default_rng(seed)
    for number, column in enumerate(columns):
        left = _MARGIN + number * (column_width + _MARGIN)
        for row, (digit, name) in enumerate(column):
            _draw_row(sheet, (left, _MARGIN + row * _CELL), digit, name, examples, rng)
    content = io.BytesIO()
    sheet.save(content, "png")
    return content.getvalue()


def _draw_row(
    sheet: Image.Image,
    place: tuple[int, int],
    digit: int,
    name: str,
    examples: int,
    rng: np.random.Generator,
) -> None:
    """One form's name, share and examples."""
    left, top = place
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(_TEXT)
    middle = top + _CELL // 2
    pen.text((left, middle), f"{digit}", _INK, font, anchor="lm")
    pen.text((left + 24, middle), name, _INK, font, anchor="lm")
    share = f"{ALLOGRAPHS[digit][name].share:.0%}"
    pen.text((left + _LABEL - 16, middle), share, _GRAY, font, anchor="rm")
    for number in range(examples):
        written = write_digit(digit, rng, name)
        picture = Image.fromarray(255 - rasterize(written.strokes, width=written.width))
        enlarged = picture.resize((SIDE * _SCALE, SIDE * _SCALE), Image.Resampling.BICUBIC)
        sheet.paste(enlarged, (left + _LABEL + number * _CELL, top + 4))
