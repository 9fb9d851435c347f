"""Handwriting and ink for many digits at once: points in, pictures out, on their device.

Every digit has a handwriting of its own, and is written by one of a few pens.
Ink is laid as `rasterize.rasterize` does it for MNIST (a box of 20, centre of mass
in the middle, round pen), but by splatting points and blurring them, which gives
nearly the same grey levels in a hundredth of the time. x and y lie apart: a
processor computes with neighbours at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.drawing.rasterize import BOX, PEN, SIDE

CHUNK = 2_048
"""Images about which chance decides at once."""
PENS = 32
"""Pens that write a chunk, in turn: what one pen wrote is blurred by one product."""
_REACH = 5
"""Pixels from a line's middle beyond which it has no ink. Numbers too small for a processor to
compute with at full speed would stand there, and be half of the work."""
_CLIP = 2.5  # deviations, as `allographs.Hand.about` has it
_HAT = 1 / 6  # variance, in pixels squared, that sharing a point among four pixels brings


def in_turn(values: Tensor) -> Tensor:
    """What was made pen by pen, so that neighbours are of different pens."""
    rest = values.shape[1:]
    return values.reshape(PENS, -1, *rest).transpose(0, 1).reshape(-1, *rest)


@dataclass(slots=True)
class Chunk:
    """What chance says of `CHUNK` images, pen by pen; drawn whole, whatever is made of them."""

    chosen: Tensor  # int64, (CHUNK,): of which form each is a variation
    generator: torch.Generator
    drawn: list[Tensor] = field(default_factory=list)  # (CHUNK, 1) each, in a piece's order


class Draw:
    """Random numbers, one for each image of a piece, of shape (N, 1).

    Each piece asks for the same ones in the same order, and has its rows of them.

    Args:
        chunk: whose piece.
        rows: of each pen's images.
    """

    def __init__(self, chunk: Chunk, rows: slice) -> None:
        self._chunk, self._rows, self._asked = chunk, rows, 0

    def about(self, mean: float, spread: float) -> Tensor:
        """Normal, kept within 2.5 spreads."""
        return self.of(self._next(torch.randn).clamp(-_CLIP, _CLIP).mul_(spread).add_(mean))

    def between(self, low: float, high: float) -> Tensor:
        """Uniform."""
        return self.of(self._next(torch.rand).mul(high - low).add_(low))

    def pens(self, spread: float) -> Tensor:
        """As `about` 0, but of each pen, (pens, 1), and so the same for all pieces."""
        drawn = self._next(torch.randn)[:PENS]
        return drawn.clamp(-_CLIP, _CLIP).mul_(spread)

    def of(self, values: Tensor) -> Tensor:
        """This piece's rows of values for the whole chunk."""
        rest = values.shape[1:]
        return values.view(PENS, -1, *rest)[:, self._rows].reshape(-1, *rest)

    def _next(self, kind: Callable[..., Tensor]) -> Tensor:
        drawn, self._asked = self._chunk.drawn, self._asked + 1
        if len(drawn) < self._asked:
            source = self._chunk.generator
            drawn.append(kind(CHUNK, 1, generator=source, device=source.device))
        return drawn[self._asked - 1]


def handwritten(x: Tensor, y: Tensor, draw: Draw) -> tuple[Tensor, Tensor]:
    """What one handwriting does to a digit's points, for each of (N, points) its own.

    As `stroke_font` does it to one digit: proportions, a slow bend and taper,
    slant, rotation, wobble and tremor; lengths are in heights of the digit.
    """
    x, y = x - 0.3, y - 0.5
    along = torch.linspace(0, 2 * math.pi, x.shape[1], device=x.device)
    arch = (y * math.pi).cos_()
    y.addcmul_(draw.about(0, 0.05), arch)
    x.mul_(draw.about(0.05, 0.18).exp()).mul_(1 + draw.about(0, 0.25) * y)
    x.addcmul_(draw.about(0.11, 0.22), y, value=-1).addcmul_(draw.about(0, 0.03), arch)
    for values in (x, y):
        size, often, phase = draw.about(0, 0.012), draw.between(0.7, 2.5), draw.between(0, 6)
        values.addcmul_(size, torch.addcmul(phase, often, along).sin_())
    turn = draw.about(0, 0.07)
    cosine, sine = turn.cos(), turn.sin()
    return (cosine * x).addcmul_(sine, y, value=-1), (sine * x).addcmul_(cosine, y)


def inked(x: Tensor, y: Tensor, joined: Tensor, draw: Draw) -> Tensor:
    """Pictures of points (N, points), as uint8 (N, 28, 28).

    Args:
        x: in any one unit of length, as y; both are changed.
        y: points down.
        joined: bool (N, points - 1), whether a point and the next are of one stroke.
        draw: the pens' widths and pressures.
    """
    pens = PEN * draw.pens(0.22).exp()  # (pens, 1), pixels
    width = pens.repeat_interleave(len(x) // PENS, dim=0)  # (N, 1)
    lows, spans = zip(*(_reach(values) for values in (x, y)), strict=True)
    scale = (BOX - width) / torch.maximum(*spans).clamp_min(1e-6)
    for values, low in zip((x, y), lows, strict=True):
        values.sub_(low).mul_(scale)
    steps = torch.hypot(x.diff(), y.diff()).mul_(joined)
    # Each point stands for the line half way to its neighbours; where a stroke ends, the
    # round pen reaches further.
    bounds = F.pad(joined.float(), (1, 1))
    ends = 2 - bounds[:, 1:] - bounds[:, :-1]
    steps = F.pad(steps, (1, 1))
    ink = ((steps[:, 1:] + steps[:, :-1]) / 2).addcmul_(ends, width, value=0.3)
    phase = torch.linspace(0, 1, x.shape[1], device=x.device)
    wave = torch.addcmul(draw.between(0, 6), phase, draw.between(2, 9)).sin_()
    ink = ink.mul_((draw.about(0, 0.12) * (draw.between(0, 1) < 0.5) * wave).add_(1))
    mass = ink.sum(1, keepdim=True)
    for values, span in zip((x, y), spans, strict=True):
        centre = (values * ink).sum(1, keepdim=True) / mass
        # The centre of mass goes to the middle, but no ink off the edge.
        start = torch.minimum(SIDE / 2 - centre, SIDE - width / 2 - span * scale)
        values.add_(torch.maximum(start, width / 2))
    return _blurred(_splatted(x, y, ink), pens)


def _reach(values: Tensor) -> tuple[Tensor, Tensor]:
    """The least of each row, and from there to the largest, (N, 1) each."""
    low, high = values.aminmax(dim=1, keepdim=True)
    return low, high - low


def _splatted(x: Tensor, y: Tensor, ink: Tensor) -> Tensor:
    """Ink of points shared among the four pixels about each, (N, 28, 28)."""
    pixels = torch.zeros(len(x), SIDE * SIDE, device=x.device)
    columns, rights = _pixel_and_rest(x)
    rows, downs = _pixel_and_rest(y)
    first = columns.add_(rows, alpha=SIDE).long()
    low = ink * downs
    high = ink - low
    low_right, high_right = low * rights, high * rights
    for step, share in (
        (0, high - high_right),
        (1, high_right),
        (SIDE, low - low_right),
        (SIDE + 1, low_right),
    ):
        pixels.scatter_add_(1, first + step if step else first, share)
    return pixels.view(-1, SIDE, SIDE)


def _pixel_and_rest(places: Tensor) -> tuple[Tensor, Tensor]:
    """The pixel whose middle lies before each place, and how far behind it that is, 0 to 1."""
    places = (places - 0.5).clamp_(0, SIDE - 1.001)
    whole = places.floor()
    return whole, places.sub_(whole)


def _blurred(pixels: Tensor, pens: Tensor) -> Tensor:
    """Lines of each pen's width, (pens, 1), of splatted ones, pen by pen; uint8 (N, 28, 28).

    A line's profile is a bell that is cut off at full ink: half ink where the
    pen's edge is, and there as steep as a pixel's mean of a sharp edge.
    """
    variance = pens / 4
    places = torch.arange(SIDE, device=pixels.device)
    square = ((places[:, None] - places[None]) ** 2).float()
    bells = (-square / (2 * (variance - _HAT)[..., None])).exp()  # (pens, 28, 28)
    bells *= square <= _REACH**2
    bells = bells / bells[:, SIDE // 2].sum(1)[:, None, None]
    strength = 0.5 * (pens / 2).exp() * (2 * math.pi * variance).sqrt() * 255
    across = torch.bmm(pixels.view(len(pens), -1, SIDE), bells * strength[..., None])
    turned = across.view(-1, SIDE, SIDE).transpose(1, 2).reshape(len(pens), -1, SIDE)
    found = torch.bmm(turned, bells).clamp_(max=255).round_().to(torch.uint8)
    return found.view(-1, SIDE, SIDE).transpose(1, 2)
