"""How each run's curve is drawn: told apart by colour, by dashes and by marker."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineStyle:
    """One run's look in the curves and in the list."""

    light: str  # colour on a light ground
    dark: str  # colour on a dark one
    dashes: tuple[float, ...]  # lengths on and off in line widths; empty for a full line
    marker: str  # matplotlib's name

    def on(self, dark: bool) -> str:
        """The colour that shows on a `dark` ground, or on a light one."""
        return self.dark if dark else self.light


# After Okabe and Ito's colours for all kinds of colour vision; the second of a
# pair is lighter, to be seen on a dark ground.
_COLOURS = (
    ("#0072B2", "#56B4E9"),
    ("#D55E00", "#FF8A3D"),
    ("#009E73", "#2CCB9B"),
    ("#B5548C", "#E29AC6"),
    ("#9C6B00", "#F0B93A"),
    ("#5B5BD6", "#A5A5FF"),
)
_DASHES: tuple[tuple[float, ...], ...] = ((), (5.0, 2.0), (1.5, 1.5), (6.0, 2.0, 1.5, 2.0))
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def style_of(number: int) -> LineStyle:
    """The look of run `number`; the first 84 all differ."""
    return LineStyle(
        *_COLOURS[number % len(_COLOURS)],
        _DASHES[number % len(_DASHES)],
        _MARKERS[number % len(_MARKERS)],
    )
