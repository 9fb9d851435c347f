from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from lenet_gui.widgets.colormap import apply_table, color_table


@pytest.mark.parametrize("name", ["gray", "viridis"])
def test_each_level_has_its_color(name: str) -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(4, 8, 8)
    made = apply_table(levels, color_table(name))
    assert (made.width(), made.height()) == (8, 32)
    for level in range(256):
        y, x = divmod(level, 8)
        assert made.pixelColor(x, y) == QColor(color_table(name)[level])


def test_the_levels_may_go() -> None:
    levels = np.full((3, 5), 200, np.uint8)
    made = apply_table(levels, color_table("gray"))
    levels[:] = 0
    assert (made.width(), made.height()) == (5, 3)
    assert {made.pixelColor(x, y).red() for x in range(5) for y in range(3)} == {200}


def test_rows_need_not_lie_one_after_the_other() -> None:
    levels = np.arange(60, dtype=np.uint8).reshape(6, 10)[::2, 1:4]
    made = apply_table(levels, color_table("gray"))
    found = [[made.pixelColor(x, y).red() for x in range(3)] for y in range(3)]
    assert found == levels.tolist()
