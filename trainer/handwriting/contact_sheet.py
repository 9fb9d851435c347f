"""A picture of all forms in which the built-in digits are written, some examples of each."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from trainer.drawing.rasterize import SIDE, rasterize
from trainer.handwriting.allographs import ALLOGRAPHS, FORMS
from trainer.handwriting.font import write_digit

_SCALE = 2
"""Pixels of the sheet for a pixel of a picture."""
_CELL = SIDE * _SCALE + 8
_LABEL, _TEXT, _MARGIN = 330, 20, 16
_INK, _GRAY = "#1a1a1a", "#6b6b6b"


def draw_contact_sheet(examples: int, seed: int) -> bytes:
    """The sheet, as the content of a PNG file: a row for each form, in two columns.

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
