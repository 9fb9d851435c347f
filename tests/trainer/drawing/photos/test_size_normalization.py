from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from trainer.drawing.photos.components import NoInkError
from trainer.drawing.photos.size_normalization import (
    compute_distances,
    is_normalized_digit,
    is_normalized_object,
    normalize_object,
)
from trainer.drawing.rasterize import rasterize


def test_images_laid_out_as_mnists_are_recognized() -> None:
    two = rasterize([[[0, 2], [3, 0], [5, 2], [0, 9], [6, 9]]])
    assert is_normalized_digit(two)
    assert not is_normalized_digit(255 - two)
    assert not is_normalized_digit(np.roll(two, 4, axis=1))
    assert not is_normalized_digit(np.maximum(two, 60))
    assert not is_normalized_digit(np.zeros((28, 28), np.uint8))
    small = np.zeros((28, 28), np.uint8)
    small[7:21, 7:21] = two[::2, ::2]
    assert not is_normalized_digit(small)


def test_distances_do_not_depend_on_where_images_lie_in_memory() -> None:
    x, y = np.ogrid[:44, :44]
    fine = (np.hypot(x - 15, y - 22) > 11).astype(np.uint8) * 255
    buffer = np.zeros(fine.size + 64, np.uint8)
    begin = -buffer.ctypes.data % 64
    found = []  # all are kept: the next one lies elsewhere
    for offset in range(begin, begin + 16):
        placed = buffer[offset : offset + fine.size].reshape(fine.shape)
        placed[...] = fine
        found.append(compute_distances(placed))
    assert len({distances.tobytes() for distances in found}) == 1


def shirt() -> np.ndarray:
    """As Fashion-MNIST has one: 28 high, gray, on black."""
    image = np.zeros((28, 28), np.uint8)
    image[:, 8:20] = 160
    image[2:9, 3:25] = 220
    return image


@pytest.mark.parametrize("light", [True, False])
def test_a_photo_of_clothes_is_normalized_in_its_grays(light: bool) -> None:
    page = np.pad(np.kron(shirt(), np.ones((10, 10), np.uint8)), ((40, 90), (120, 30)))
    page = page if light else 255 - page
    image, where = normalize_object(np.repeat(page[..., None], 3, axis=2))
    assert is_normalized_object(image) and image.dtype == np.uint8
    assert where.any()
    assert np.abs(image.astype(int) - shirt()).mean() < 14
    assert abs(int(image[20, 14]) - 160) < 10  # no ink, but a gray


def test_a_page_without_an_object() -> None:
    noisy = np.random.default_rng(1).normal(200, 2, (90, 80, 1)).repeat(3, axis=2)
    for page in (np.full((90, 80, 3), 200, np.uint8), noisy.astype(np.uint8)):
        with pytest.raises(NoInkError):
            normalize_object(page)


def test_images_laid_out_as_fashion_mnists_are_recognized() -> None:
    assert is_normalized_object(shirt())
    small = np.asarray(Image.fromarray(shirt()).resize((14, 14)))
    assert not is_normalized_object(np.pad(small, 7))
    assert not is_normalized_object(255 - shirt())
