from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from trainer.drawing.picture import Layout, PictureError
from trainer.networks.model import load_shipped
from trainer.reading.pictures import choose_layout, from_pixels, read_picture, score_digits


def seven() -> Image.Image:
    page = Image.new("L", (240, 260), 240)
    ImageDraw.Draw(page).line([(70, 60), (170, 55), (110, 200)], fill=30, width=16)
    return page


def test_scores_tell_digits_from_none() -> None:
    digit = from_pixels(np.asarray(seven().convert("RGB")), "a photo").image
    cross = np.eye(28, dtype=np.uint8) * 255
    score, other = score_digits(np.stack([digit, np.maximum(cross, cross[::-1])]))
    assert score > 0.8 and other < 0.2


def test_the_first_page_with_something_on_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    Image.new("L", (240, 260), 240).save(path, save_all=True, append_images=[seven()])
    paged = read_picture(path).image
    assert np.array_equal(paged, from_pixels(np.asarray(seven().convert("RGB")), "").image)
    Image.new("L", (240, 260), 240).save(
        path, save_all=True, append_images=[Image.new("L", (9, 9))]
    )
    with pytest.raises(PictureError, match="nothing is written there"):
        read_picture(path)


def test_28x28_that_is_not_laid_out_as_mnist_is_fitted() -> None:
    small = np.asarray(seven().resize((14, 14)).convert("RGB"))
    corner = np.full((28, 28, 3), 240, np.uint8)
    corner[1:15, 2:16] = small
    image = from_pixels(corner, "a corner").image
    rows = np.flatnonzero(image.any(axis=1))
    assert 19 <= rows[-1] - rows[0] + 1 <= 22
    again = from_pixels(np.repeat(image[..., None], 3, axis=2), "as it is").image
    assert np.array_equal(again, image)


def test_a_network_of_other_things_is_given_the_whole_thing() -> None:
    shipped = load_shipped()
    assert choose_layout(None) is choose_layout(shipped) is Layout.DIGIT
    clothes = dataclasses.replace(
        shipped,
        recipe=dataclasses.replace(shipped.recipe, dataset="fashion"),
        classes=tuple("abcdefghij"),
    )
    assert choose_layout(clothes) is Layout.OBJECT
    page = np.full((200, 150, 3), 250, np.uint8)
    page[20:180, 50:90] = 130
    image = from_pixels(page, "a coat", clothes).image
    assert image[:, 14].min() > 90 and image[:, :8].max() == 0
    with pytest.raises(PictureError) as nothing:
        from_pixels(np.full((200, 150, 3), 250, np.uint8), "a coat", clothes)
    assert "digit" not in str(nothing.value)
