"""Fonts and colors of the arithmetic, made once for a palette and a font."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPalette

from lenet_gui.widgets.colormap import diverging_table
from lenet_gui.widgets.live_updates import StaticTextCache

_TINT = 0.5
"""The largest value's share of the kernels' strongest color: text stays readable on it."""


@dataclass(frozen=True, eq=False)
class PageStyle:
    """What blocks paint with."""

    font: QFont
    palette: QPalette
    roles = QPalette.ColorRole

    def color(self, role: QPalette.ColorRole) -> QColor:
        """The palette's color for a role."""
        return self.palette.color(role)

    @cached_property
    def text(self) -> QColor:
        """For numbers and words."""
        return self.color(QPalette.ColorRole.WindowText)

    @cached_property
    def faint(self) -> QColor:
        """For what explains them."""
        return self.color(QPalette.ColorRole.PlaceholderText)

    @cached_property
    def line(self) -> QColor:
        """For rules and frames."""
        return self.color(QPalette.ColorRole.Mid)

    @cached_property
    def accent(self) -> QColor:
        """For what is pointed at."""
        return self.color(QPalette.ColorRole.Accent)

    @cached_property
    def dark(self) -> bool:
        """Whether the ground is."""
        return self.color(QPalette.ColorRole.Window).lightness() < 128

    @cached_property
    def tints(self) -> list[int]:
        """256 grounds for cells, from most below zero to most above, as 0xffrrggbb."""
        return [self.colors[round(127.5 + (n - 127.5) * _TINT)] for n in range(256)]

    @cached_property
    def colors(self) -> list[int]:
        """The same at full strength, for cells without numbers."""
        return diverging_table(self.dark)

    @cached_property
    def below(self) -> QColor:
        """For what is taken away."""
        return QColor(self.colors[0])

    @cached_property
    def above(self) -> QColor:
        """For what is added."""
        return QColor(self.colors[255])

    @cached_property
    def bold(self) -> QFont:
        """For results and captions."""
        font = QFont(self.font)
        font.setWeight(QFont.Weight.DemiBold)
        return font

    @cached_property
    def small(self) -> QFont:
        """For what explains."""
        return self.sized(self.base * 0.92)

    @cached_property
    def small_metrics(self) -> QFontMetricsF:
        """Of the small font."""
        return QFontMetricsF(self.small)

    @cached_property
    def base(self) -> float:
        """The font's size in pixels."""
        # A size set in points is not known in pixels but by its metrics.
        return self.font.pixelSize() if self.font.pixelSize() > 0 else self.metrics.height() * 0.82

    @cached_property
    def metrics(self) -> QFontMetricsF:
        """The font's metrics."""
        return QFontMetricsF(self.font)

    @cached_property
    def bold_metrics(self) -> QFontMetricsF:
        """Of the bold font."""
        return QFontMetricsF(self.bold)

    @cached_property
    def row(self) -> float:
        """How high a row is."""
        return float(round(self.metrics.height() + 3))

    def sized(self, pixels: float) -> QFont:
        """The font in another size, at least 8 pixels."""
        font = QFont(self.font)
        font.setPixelSize(max(8, round(pixels)))
        return font

    @cached_property
    def _letters(self) -> dict[int, StaticTextCache]:
        return {}

    def letters(self, pixels: float) -> StaticTextCache:
        """Of such a size, for many numbers."""
        size = max(8, int(pixels))
        if size not in self._letters:
            self._letters[size] = StaticTextCache(self.sized(size))
        return self._letters[size]
