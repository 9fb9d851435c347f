"""A picture is decoded once; one digit on it is told from several, and from none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.pages import draw_page, save_page
from trainer.drawing.picture_file import PictureError
from trainer.networks.model import load_shipped
from trainer.pages.opening import open_file, open_pixels, shows_several
from trainer.pages.page import Page, PageDigit
from trainer.reading.predict import Answer
from trainer.reading.verdict import Verdict
from trainer.recipes.recipe import DIGIT_CLASSES


def test_one_digit_is_laid_out_and_its_pixels_are_kept(tmp_path: Path) -> None:
    opened = open_file(save_page(tmp_path / "two.png", "2"), None)
    assert opened.picture is not None and opened.picture.image.max() > 200
    assert (opened.colors == draw_page(["2"])).all()
    assert (opened.caption, opened.problem, opened.several) == ("two.png", "", False)


def test_several_digits_are_noticed_unless_nobody_asks(tmp_path: Path) -> None:
    path = save_page(tmp_path / "number.png", "275")
    assert open_file(path, load_shipped()).several
    assert open_pixels(draw_page(["275"]), "pasted", None).several
    assert not open_file(path, None, several=False).several


def test_several_pages_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "scan.tiff"
    pages = [Image.fromarray(draw_page([digit])) for digit in "23"]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    assert open_file(path, None).several


def test_the_first_frame_with_ink_counts(tmp_path: Path) -> None:
    path = tmp_path / "frames.gif"
    shown = draw_page(["7"])
    blank = Image.fromarray(np.full_like(shown, 240))
    blank.save(path, save_all=True, append_images=[Image.fromarray(shown)], duration=50)
    opened = open_file(path, None)
    assert opened.picture is not None and opened.colors.min() < 120


def test_a_large_picture_is_read_from_fewer_pixels(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    Image.fromarray(draw_page(["7"])).resize((3600, 3600)).save(path)
    opened = open_file(path, None)
    assert opened.picture is not None and max(opened.colors.shape) == 1800


def test_what_is_refused_can_still_be_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "blank.png"
    Image.new("RGB", (300, 200), "white").save(path)
    opened = open_file(path, None)
    assert opened.picture is None and "nothing is written there" in opened.problem
    assert opened.colors.shape == (200, 300, 3)
    path.write_text("words")
    with pytest.raises(PictureError, match="not a picture"):
        open_file(path, None)


def test_parts_of_one_sure_digit_are_not_several() -> None:
    """As ink that fades, or that a reflection hides, falls apart."""
    answer = Answer(2, 7, (0.0, 0.0, 1.0, *[0.0] * 7), Verdict.SURE)
    boxes = [(30, 20, 70, 45), (30, 55, 75, 80)]
    digits = tuple(
        PageDigit(7, 2, (*[0.0] * 7, 1.0, 0.0, 0.0), Verdict.SURE, box, line, bytes(784))
        for line, box in enumerate(boxes)
    )
    page = Page(100, 100, DIGIT_CLASSES, digits)
    assert shows_several(page, answer)
    assert not shows_several(page, answer, (0.3, 0.2, 0.75, 0.8))
    assert shows_several(page, answer, (0.3, 0.2, 0.7, 0.45))  # of another one beside it
