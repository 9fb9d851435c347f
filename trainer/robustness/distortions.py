"""Distortions of a digit, by name and amount.

After the demonstrations in LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning
Applied to Document Recognition", 1998, its section on invariance and noise resistance.
Only names and numbers: `trainer.robustness.drawings` draws them. Imports neither numpy nor torch,
so that a window may know them at once.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from trainer.errors import UserError
from trainer.translation import N_
from trainer.translation import gettext as _


class DistortionError(UserError, ValueError):
    """An unknown distortion; the message says which there are."""


@dataclass(frozen=True, slots=True)
class Distortion:
    """The amount of each distortion; none by default.

    Applied in this order: the digit's lines are made thinner or wider; it is sheared,
    squeezed, scaled, and turned about the middle of the picture, and shifted; a scribble
    is laid over it; pixels are inverted.
    """

    across: float = 0.0  # pixels to the right
    down: float = 0.0  # pixels
    scale: float = 1.0  # factor
    rotation: float = 0.0  # degrees, clockwise
    squeeze: float = 1.0  # width times this, height divided by it
    shear: float = 0.0  # the top moves right by this share of the height above the middle
    width: float = 1.0  # of the lines, as a factor
    noise: float = 0.0  # probability with which each pixel is inverted
    scribble: float = 0.0  # share of a scribble's line that is drawn, 0 to 1
    refit: bool = False  # bring what was moved to 20 pixels and the middle again
    seed: int = 0  # of the noise and of the scribble

    @property
    def moves(self) -> bool:
        """Whether the digit changes its place or form."""
        return self.placed != Distortion().placed

    @property
    def placed(self) -> tuple[float, ...]:
        """The values that change where the digit's lines are."""
        return (self.across, self.down, self.scale, self.rotation, self.squeeze, self.shear)

    @property
    def nothing(self) -> bool:
        """Whether the image is not changed at all."""
        return not (self.moves or self.width != 1.0 or self.noise or self.scribble)

    def with_value(self, name: str, value: float) -> Distortion:
        """The same distortion with another value of one parameter."""
        change: dict[str, Any] = {name: value}
        return dataclasses.replace(self, **change)

    def matrix(self) -> tuple[float, float, float, float]:
        """The linear map about the center, y pointing down: a, b, c, d of `(ax + by, cx + dy)`."""
        angle = math.radians(self.rotation)
        cos, sin = math.cos(angle), math.sin(angle)
        across, down = self.scale * self.squeeze, self.scale / self.squeeze
        # rotation @ stretch @ shear; the shear moves x by -shear * y, as y points down
        return (
            cos * across,
            -cos * across * self.shear - sin * down,
            sin * across,
            -sin * across * self.shear + cos * down,
        )


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a `Distortion`: its range, and its texts.

    A factor is 1 where nothing is done and runs from `1 / high` to `high`, as many stops
    below 1 as above; any other is 0 there, and runs from 0 or from `-high`.
    """

    name: str  # of the field
    title: str
    unit: str  # "px", "°", "×", "%" or ""
    high: float
    stops: int  # of a slider, from doing nothing to `high`
    both_ways: bool
    measured: tuple[float, ...]  # default values, for accuracy on a dataset
    what: str  # a sentence for people
    limits: tuple[float, ...] = ()  # up to where the paper's network recognized digits

    @property
    def factor(self) -> bool:
        """Whether it is a factor."""
        return self.unit == "×"

    @property
    def nothing(self) -> float:
        """The value that changes nothing."""
        return 1.0 if self.factor else 0.0

    @property
    def low(self) -> float:
        """The least value."""
        if self.factor:
            return 1 / self.high
        return -self.high if self.both_ways else 0.0

    @property
    def first_stop(self) -> int:
        """The first stop of a slider; stop 0 changes nothing."""
        return -self.stops if self.both_ways else 0

    def value(self, stop: float) -> float:
        """The value at a slider's stop."""
        share = stop / self.stops
        return self.high**share if self.factor else self.high * share

    def stop(self, value: float) -> float:
        """The stop of a slider for a value."""
        return self.stops * self.share(value)

    def share(self, value: float) -> float:
        """The position of a value on a chart: 0 changes nothing, 1 is `high`, and -1 is `low`."""
        if self.factor:
            return math.log(max(value, 1e-9)) / math.log(self.high)
        return value / self.high

    def list_values(self) -> tuple[float, ...]:
        """The values of a sweep, from the least to the largest, with `nothing` among them."""
        first = -1.0 if self.both_ways else 0.0
        step = (1 - first) / (_SWEPT - 1)
        shares = (first + step * number for number in range(_SWEPT))
        # The middle one shall change nothing exactly, whatever rounding says.
        return tuple(self.value(self.stops * (0.0 if abs(s) < step / 2 else s)) for s in shares)

    def marks(self) -> tuple[float, ...]:
        """A few round values for a scale, from the least to the most."""
        if self.factor:
            known = (0.5, 0.7, 1.0, 1.4, 2.0) if self.high < 3 else _WIDTHS
            return tuple(mark for mark in known if self.low <= mark <= self.high)
        halves = (self.high / 2, self.high)
        below = (-self.high, -self.high / 2) if self.both_ways else ()
        return (*below, 0.0, *halves)

    def short(self, value: float) -> str:
        """A round value, for a scale: "-7" with a true minus, "×0.5", "40°", "25 %"."""
        if self.unit == "%":
            return self.describe(value)
        number = f"{round(value, 2) + 0.0:g}".replace("-", "−")
        if self.factor:
            return f"×{number}"
        return f"{number}{self.unit if self.unit == '°' else ''}"

    def describe(self, value: float) -> str:
        """A value, for people: "+3.5 px", "−40°", "×1.25", "12 %"."""
        if self.factor:
            return f"×{value:.2f}"
        if self.unit == "%":
            return f"{value * 100:.0f} %"
        digits = {"px": 1, "°": 0}.get(self.unit, 2)
        rounded = round(value, digits) + 0.0  # no minus zero
        sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
        space = " " if self.unit == "px" else ""
        return f"{sign}{abs(rounded):.{digits}f}{space}{self.unit}"


_SWEPT = 41  # values of a sweep; odd, so that one of them changes nothing
_WIDTHS = (1 / 3, 0.5, 1.0, 2.0, 3.0)
_ROTATED = (-90.0, -75.0, -60.0, -50.0, -40.0, -30.0, -20.0, -10.0)
_SHEARED = (-1.0, -0.75, -0.5, -0.25)

PARAMETERS: dict[str, Parameter] = {
    each.name: each
    for each in (
        Parameter(
            "across", N_("Shift across"), "px", 14.0, 28, True,
            (-10.0, -8.0, -6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0, 10.0),
            N_("Moves the digit to the right or left, by pixels of the picture."),
        ),
        Parameter(
            "down", N_("Shift down"), "px", 14.0, 28, True,
            (-10.0, -8.0, -6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0, 10.0),
            N_(
"Moves the digit down or up, by pixels of the picture. The paper's network bore "
"about half the height of a digit, which is 10 pixels."
),
            (-10.0, 10.0),
        ),
        Parameter(
            "scale", N_("Scale"), "×", 2.5, 40, True,
            (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5),
            N_(
"Makes the digit smaller or larger, its lines as well; what leaves the picture "
"is lost. The paper's network bore about a factor of 2."
),
            (0.5, 2.0),
        ),
        Parameter(
            "rotation", N_("Rotation"), "°", 90.0, 90, True,
            (*_ROTATED, 0.0, *(-angle for angle in reversed(_ROTATED))),
            N_(
"Turns the digit clockwise or counterclockwise. The paper's network bore 40 "
"degrees each way."
),
            (-40.0, 40.0),
        ),
        Parameter(
            "squeeze", N_("Squeeze"), "×", 2.0, 40, True,
            (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.4, 1.6, 2.0),
            N_("Multiplies the digit's width and divides its height, or the other way about."),
        ),
        Parameter(
            "shear", N_("Shear"), "", 1.0, 40, True,
            (*_SHEARED, 0.0, *(-share for share in reversed(_SHEARED))),
            N_("Leans the digit to the right or left; 1 is 45 degrees."),
        ),
        Parameter(
            "width", N_("Stroke width"), "×", 3.0, 40, True,
            (0.34, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0),
            N_(
"Makes the lines thinner or wider. A dataset's pictures have no strokes: their "
"ink grows or shrinks at its edges."
),
        ),
        Parameter(
            "noise", N_("Noise"), "%", 0.5, 50, False,
            (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5),
            N_(
"Inverts each pixel with this probability. The paper's network was trained with "
"10 %."
),
        ),
        Parameter(
            "scribble", N_("Scribble"), "%", 1.0, 50, False,
            (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0),
            N_("Draws so much of a scribble's line over the digit."),
        ),
    )
}  # fmt: skip
"""By name, in the order in which they are shown."""


def parameter(name: str) -> Parameter:
    """The one of that name.

    Raises:
        DistortionError: there is none.
    """
    if name not in PARAMETERS:
        raise DistortionError(
            _("no distortion {name!r}; there are {list}").format(
                name=name, list=", ".join(PARAMETERS)
            )
        )
    return PARAMETERS[name]
