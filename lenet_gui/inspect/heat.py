"""A drawing, and over it how much each of its pixels speaks for something or against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QImage, QPalette

from lenet_gui.draw.kernels_view import diverging

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

INK = 0.42
"""How much of the way from paper to text the colour of the drawing beneath is."""


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """A drawing and a value for each of its pixels."""

    image: NDArray[np.uint8]  # (28, 28)
    values: NDArray[np.float32]  # (28, 28)

    @property
    def limit(self) -> float:
        """The largest magnitude, which has the full colour."""
        return max(float(abs(self.values).max()), 1e-9)


def heat_picture(heat: Heat, dark: bool, palette: QPalette) -> QImage:
    """The drawing in grey, and over it the values' colours: the larger, the less of it is seen.

    Returns:
        RGB, 28x28: a value of 0 leaves the drawing as it is, the largest covers it.
    """
    import numpy as np

    role = QPalette.ColorRole
    paper, text = _rgb(palette.color(role.Base)), _rgb(palette.color(role.WindowText))
    below, above = (_rgb(QColor.fromRgb(diverging(dark)[end])) for end in (0, 255))
    ground = paper + (text - paper) * (heat.image[..., None] / 255 * INK)
    share = (heat.values / heat.limit).clip(-1, 1)[..., None]
    colour = np.where(share < 0, below, above)
    mixed = ground + (colour - ground) * np.abs(share)
    data = np.ascontiguousarray(mixed.round().astype(np.uint8))
    return QImage(data.tobytes(), 28, 28, 28 * 3, QImage.Format.Format_RGB888).copy()


def _rgb(colour: QColor) -> NDArray[np.float64]:
    import numpy as np

    return np.array([colour.red(), colour.green(), colour.blue()], np.float64)
