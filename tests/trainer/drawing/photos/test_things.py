from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from trainer.drawing.photos.blobs import NothingWritten
from trainer.drawing.photos.things import is_thing_laid_out, lay_thing


def shirt() -> np.ndarray:
    """As Fashion-MNIST has one: 28 high, gray, on black."""
    image = np.zeros((28, 28), np.uint8)
    image[:, 8:20] = 160
    image[2:9, 3:25] = 220
    return image


@pytest.mark.parametrize("light", [True, False])
def test_a_photo_of_clothes_is_laid_out_whole_in_its_grays(light: bool) -> None:
    page = np.pad(np.kron(shirt(), np.ones((10, 10), np.uint8)), ((40, 90), (120, 30)))
    page = page if light else 255 - page
    image, where = lay_thing(np.repeat(page[..., None], 3, axis=2))
    assert is_thing_laid_out(image) and image.dtype == np.uint8
    assert where.any()
    assert np.abs(image.astype(int) - shirt()).mean() < 14
    assert abs(int(image[20, 14]) - 160) < 10  # no ink, but a gray


def test_a_page_without_a_thing() -> None:
    noisy = np.random.default_rng(1).normal(200, 2, (90, 80, 1)).repeat(3, axis=2)
    for page in (np.full((90, 80, 3), 200, np.uint8), noisy.astype(np.uint8)):
        with pytest.raises(NothingWritten):
            lay_thing(page)


def test_what_the_dataset_has_is_known() -> None:
    assert is_thing_laid_out(shirt())
    small = np.asarray(Image.fromarray(shirt()).resize((14, 14)))
    assert not is_thing_laid_out(np.pad(small, 7))
    assert not is_thing_laid_out(255 - shirt())
