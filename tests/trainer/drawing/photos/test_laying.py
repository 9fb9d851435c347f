from __future__ import annotations

import numpy as np

from trainer.drawing.photos.laying import is_laid_out
from trainer.drawing.rasterize import rasterize


def test_what_is_laid_out_as_mnist_is_known() -> None:
    two = rasterize([[[0, 2], [3, 0], [5, 2], [0, 9], [6, 9]]])
    assert is_laid_out(two)
    assert not is_laid_out(255 - two)
    assert not is_laid_out(np.roll(two, 4, axis=1))
    assert not is_laid_out(np.maximum(two, 60))
    assert not is_laid_out(np.zeros((28, 28), np.uint8))
    small = np.zeros((28, 28), np.uint8)
    small[7:21, 7:21] = two[::2, ::2]
    assert not is_laid_out(small)
