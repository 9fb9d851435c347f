"""How handwritings differ: what each draws by chance, stated once for all who write.

`font` writes one digit at a time with numpy, `trainer.data.pen_stream` a batch at a time
on a GPU; both draw these numbers, in their own order. Lengths are in heights of the
digit, angles in radians.
"""

from __future__ import annotations

from typing import NamedTuple


class Normal(NamedTuple):
    """A normal distribution, cut off at `MOST_SPREADS`."""

    mean: float
    spread: float


class Uniform(NamedTuple):
    """A uniform distribution."""

    low: float
    high: float


MOST_SPREADS = 2.5
"""Normal draws are kept within so many spreads of their mean."""

CENTER = (0.3, 0.5)
"""x and y about which a digit's form is slanted, bent and turned."""
BEND = Normal(0, 0.05)
"""How far a digit's middle is moved down."""
LOG_WIDTH = Normal(0.05, 0.18)
"""Natural logarithm of what its width is multiplied by."""
TAPER = Normal(0, 0.25)
"""How much wider it is further down."""
SLANT = Normal(0.11, 0.22)
"""How far its top leans to the right."""
BOW = Normal(0, 0.03)
"""How far its middle is moved to the right."""
WOBBLE = Normal(0, 0.012)
"""Height of a slow wave along the line, for x and for y."""
WOBBLE_FREQUENCY = Uniform(0.7, 2.5)
"""How many of its waves there are along a digit."""
WOBBLE_PHASE = Uniform(0, 6)
ROTATION = Normal(0, 0.07)

LOG_PEN_WIDTH = Normal(0, 0.22)
"""Natural logarithm of a pen's width as a multiple of the usual one."""
PRESSURE = Normal(0, 0.12)
"""Height of the wave that pressure makes about 1."""
PRESSURE_PHASE = Uniform(0, 6)
PRESSURE_ANGLE = Uniform(2, 9)
"""How far that wave goes along a digit."""
PRESSURE_SHARE = 0.5
"""Share of the pens whose pressure changes."""
