"""Digits written by code as fast as training reads them: a stream of any length, batch by batch.

`stroke_font` writes some thousand digits once, as strokes; each image of the
stream is one of them in a handwriting and with a pen of its own, all of a batch
bent, slanted, fitted and inked at once on the device. An image depends on the
seed, the epoch and its place alone, so that any part of the stream can be made
again, and nothing is kept but the part that is being read.

Ink is laid as `strokes.rasterize` does it for MNIST (a box of 20, centre of mass
in the middle, round pen), but by splatting points and blurring them, which gives
nearly the same grey levels in a hundredth of the time. Knows nothing of training.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.digits import Digits
from trainer.pen_sets import once
from trainer.progress import Progress
from trainer.stroke_font import shape_digit
from trainer.strokes import BOX, PEN, SIDE

FORMS = 5_000
"""Digits that are written as strokes, of which each image is a variation."""
CHUNK = 2_048
"""Images that are made at once and kept while they are read."""
_POINTS = 128
"""Of each digit, spread evenly over its strokes: a third of a pixel apart in the longest."""
_PENS = 32
"""Pens that write a chunk, in turn: what one pen wrote is blurred by one large product."""
_REACH = 5
"""Pixels from a line's middle beyond which it has no ink. Numbers too small for a processor to
compute with at full speed would stand there, and be half of the work."""
_CLIP = 2.5  # deviations, as `allographs.Hand.about` has it
_HAT = 1 / 6  # variance, in pixels squared, that sharing a point among four pixels brings


@dataclass(frozen=True, slots=True)
class Forms:
    """Digits as strokes, each spread over as many points as any other."""

    points: Tensor  # float32, (forms, points, 2), heights of the digit; y points down
    joined: Tensor  # bool, (forms, points - 1): whether a point and the next are of one stroke
    labels: Tensor  # int64, (forms,)


class PenStream:
    """An endless set of digits, the same for the same seed.

    Args:
        forms: what `forms` gives.
        seed: decides every image, together with its epoch and place.
        device: where they are made.
    """

    def __init__(self, forms: Forms, seed: int, device: torch.device) -> None:
        self._seed, self._device = seed, device
        self._points, self._joined = forms.points.to(device), forms.joined.to(device)
        self._labels = forms.labels.to(device)
        self._kept: dict[tuple[int, int], Digits] = {}

    def at(self, epoch: int, first: int, last: int) -> Digits:
        """The images of an epoch from place `first` up to but not including `last`.

        Cheapest when asked for one after the other.
        """
        numbers = range(first // CHUNK, (max(first, last - 1)) // CHUNK + 1)
        self._kept = {
            (epoch, number): self._kept.get((epoch, number)) or self._made(epoch, number)
            for number in numbers
        }
        parts = []
        for number in numbers:
            whole, begin = self._kept[epoch, number], number * CHUNK
            rows = slice(max(first - begin, 0), min(last - begin, CHUNK))
            parts.append((whole.images[rows], whole.labels[rows]))
        if len(parts) == 1:
            return Digits(*parts[0])
        images, labels = zip(*parts, strict=True)
        return Digits(torch.cat(images), torch.cat(labels))

    def _made(self, epoch: int, number: int) -> Digits:
        """One chunk."""
        # Mixed by numpy, whose seeds keep near numbers apart.
        mixed = np.random.SeedSequence((self._seed, epoch, number)).generate_state(1, np.uint64)
        generator = torch.Generator(self._device).manual_seed(int(mixed[0] >> np.uint64(1)))
        shape = (CHUNK,)
        chosen = torch.randint(len(self._labels), shape, generator=generator, device=self._device)
        draw = _Draw(CHUNK, generator)
        points = _handwritten(self._points[chosen], draw)
        images = _inked(points, self._joined[chosen], draw)
        return Digits(_in_turn(images), _in_turn(self._labels[chosen]))


def _in_turn(values: Tensor) -> Tensor:
    """What was made pen by pen, so that neighbours are of different pens."""
    rest = values.shape[1:]
    return values.reshape(_PENS, -1, *rest).transpose(0, 1).reshape(-1, *rest)


class _Draw:
    """Random numbers, one for each image of a chunk, of shape (N, 1)."""

    def __init__(self, count: int, generator: torch.Generator) -> None:
        self._count, self._generator = count, generator

    def about(self, mean: float, spread: float) -> Tensor:
        """Normal, kept within 2.5 spreads."""
        return self.normal(1).clamp_(-_CLIP, _CLIP).mul_(spread).add_(mean)

    def between(self, low: float, high: float) -> Tensor:
        """Uniform."""
        device = self._generator.device
        drawn = torch.rand(self._count, 1, generator=self._generator, device=device)
        return drawn.mul_(high - low).add_(low)

    def normal(self, each: int) -> Tensor:
        """Several standard normal ones for each image, (N, each)."""
        device = self._generator.device
        return torch.randn(self._count, each, generator=self._generator, device=device)


def _handwritten(points: Tensor, draw: _Draw) -> Tensor:
    """What one handwriting does to a digit's points, for each of (N, points, 2) its own.

    As `stroke_font` does it to one digit: proportions, a slow bend and taper,
    slant, rotation, wobble and tremor; lengths are in heights of the digit.
    """
    x, y = points[..., 0] - 0.3, points[..., 1] - 0.5
    along = torch.linspace(0, 2 * math.pi, points.shape[1], device=points.device)
    arch = (math.pi * y).cos()
    y = y + draw.about(0, 0.05) * arch
    x = x * draw.about(0.05, 0.18).exp() * (1 + draw.about(0, 0.25) * y)
    x = x - draw.about(0.11, 0.22) * y + draw.about(0, 0.03) * arch
    x = x + draw.about(0, 0.012) * (along * draw.between(0.7, 2.5) + draw.between(0, 6)).sin()
    y = y + draw.about(0, 0.012) * (along * draw.between(0.7, 2.5) + draw.between(0, 6)).sin()
    turn = draw.about(0, 0.07)
    cosine, sine = turn.cos(), turn.sin()
    return torch.stack([cosine * x - sine * y, sine * x + cosine * y], dim=2)


def _inked(points: Tensor, joined: Tensor, draw: _Draw) -> Tensor:
    """Pictures of points (N, points, 2), as uint8 (N, 28, 28).

    Args:
        points: in any one unit of length.
        joined: bool (N, points - 1), whether a point and the next are of one stroke.
        draw: the pens' widths and pressures.
    """
    pens = PEN * draw.about(0.0, 0.22).exp()[:_PENS]  # (pens, 1), pixels
    width = pens.repeat_interleave(len(points) // _PENS, dim=0)  # (N, 1)
    low, high = points.amin(1), points.amax(1)
    scale = (BOX - width) / (high - low).amax(1, keepdim=True).clamp_min(1e-6)
    at = (points - low[:, None]) * scale[..., None]
    steps = (at[:, 1:] - at[:, :-1]).norm(dim=2) * joined
    # Each point stands for the line half way to its neighbours; where a stroke ends, the
    # round pen reaches further.
    ink = torch.nn.functional.pad(steps, (0, 1)) + torch.nn.functional.pad(steps, (1, 0))
    ends = 2 - torch.nn.functional.pad(joined.float(), (0, 1))
    ends = ends - torch.nn.functional.pad(joined.float(), (1, 0))
    ink = ink / 2 + ends * width * 0.3
    phase = torch.linspace(0, 1, points.shape[1], device=points.device)
    wave = (draw.between(0, 6) + phase * draw.between(2, 9)).sin()
    ink = ink * (1 + draw.about(0, 0.12) * (draw.between(0, 1) < 0.5) * wave)
    centre = (at * ink[..., None]).sum(1) / ink.sum(1, keepdim=True)
    extent, edge = (high - low) * scale, width / 2
    # The centre of mass goes to the middle, but no ink off the edge.
    start = torch.minimum(SIDE / 2 - centre, SIDE - edge - extent)
    return _blurred(_splatted(at + torch.maximum(start, edge)[:, None], ink), pens)


def _splatted(at: Tensor, ink: Tensor) -> Tensor:
    """Ink of points shared among the four pixels about each, (N, 28, 28)."""
    at = (at - 0.5).clamp_(0, SIDE - 1.001)
    whole = at.floor()
    right, down = (at - whole).unbind(2)
    column, row = whole.long().unbind(2)
    first = row * SIDE + column
    left, up = 1 - right, 1 - down
    places = torch.cat([first, first + 1, first + SIDE, first + SIDE + 1], dim=1)
    shares = torch.cat([up * left, up * right, down * left, down * right], dim=1)
    pixels = torch.zeros(len(at), SIDE * SIDE, device=at.device)
    pixels.scatter_add_(1, places, shares * ink.repeat(1, 4))
    return pixels.view(-1, SIDE, SIDE)


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


def forms() -> Generator[Progress, None, Forms]:
    """`FORMS` digits, always the same, written when they are first asked for."""

    def write() -> Generator[Progress, None, Forms]:
        rng = np.random.default_rng(1989)
        points = np.empty((FORMS, _POINTS, 2), np.float32)
        joined = np.ones((FORMS, _POINTS - 1), bool)
        labels = np.arange(FORMS) % 10
        for number, label in enumerate(labels.tolist()):
            points[number], ends = _evenly(shape_digit(label, rng))
            joined[number, ends] = False
            if number % 100 == 0:
                yield Progress("writing pen strokes", number, FORMS)
        return Forms(*(torch.from_numpy(each) for each in (points, joined, labels)))

    return (yield from once(("forms", str(FORMS)), write()))


def _evenly(strokes: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], list[int]]:
    """Strokes as `_POINTS` points at about even distances, and after which ones a stroke ends."""
    lengths = [
        np.concatenate([[0.0], np.hypot(*np.diff(stroke, axis=0).T).cumsum()]) for stroke in strokes
    ]
    whole = sum(float(length[-1]) for length in lengths)
    left, made, ends = _POINTS, [], []
    for number, (stroke, length) in enumerate(zip(strokes, lengths, strict=True)):
        others = 2 * (len(strokes) - number - 1)
        share = round(_POINTS * float(length[-1]) / whole) if others else left
        count = min(max(share, 2), left - others)
        places = np.linspace(0, length[-1], count)
        made.append(np.stack([np.interp(places, length, axis) for axis in stroke.T], axis=1))
        left -= count
        ends.append(_POINTS - left - 1)
    return np.concatenate(made), ends[:-1]
