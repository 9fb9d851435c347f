"""A stream of built-in digits, generated batch by batch as fast as training reads them.

`trainer.handwriting.font` writes some thousand digits once, as strokes; each image of the
stream is one of them in a random handwriting and with one of a few pens, both distributed as in
`trainer.handwriting.style`. All images of a batch are computed at once on the device. An image
depends on the seed, the epoch and its place alone, so that any part of the stream can be generated
again, and only the part that is being read is kept.

Ink is rendered as by `rasterize.rasterize` (a box of 20, center of mass in the middle, round pen),
but by splatting points and blurring them, which gives nearly the same gray levels in a hundredth of
the time. x and y are separate tensors, for contiguous memory access. Knows nothing of training.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from trainer.data.labelled_images import LabelledImages
from trainer.drawing.rasterize import BOX, PEN, SIDE
from trainer.handwriting import style
from trainer.handwriting.font import shape_digit
from trainer.progress import Progress, once
from trainer.translation import gettext as _

CHUNK = 2_048
"""Images whose random numbers are drawn at once."""
PENS = 32
"""Pens of a chunk, in turn: all images of one pen are blurred by one product of matrices."""
_REACH = 5
"""Pixels from a line's middle beyond which ink is set to 0. It would be denormal numbers there,
with which a CPU is slow, and which would take half of the time."""
_HAT = 1 / 6  # variance, in pixels squared, of splatting a point onto four pixels


def interleave_pens(values: Tensor) -> Tensor:
    """Reorder images that are sorted by pen, so that neighbors are of different pens."""
    rest = values.shape[1:]
    return values.reshape(PENS, -1, *rest).transpose(0, 1).reshape(-1, *rest)


@dataclass(slots=True)
class Chunk:
    """The random numbers of `CHUNK` images, sorted by pen; drawn for the whole chunk."""

    chosen: Tensor  # int64, (CHUNK,): the form that each image varies
    generator: torch.Generator
    drawn: list[Tensor] = field(default_factory=list)  # (CHUNK, 1) each, in a piece's order


class Draw:
    """Random numbers, one for each image of a piece, of shape (N, 1).

    All pieces of a chunk draw the same numbers in the same order, and use their own rows of them.

    Args:
        chunk: of the piece.
        rows: the piece's images of each pen.
    """

    def __init__(self, chunk: Chunk, rows: slice) -> None:
        self._chunk, self._rows, self._requests = chunk, rows, 0

    def about(self, mean: float, spread: float) -> Tensor:
        """Normal draws, clipped at `style.MOST_SPREADS`."""
        return self.of(_clip(self._next(torch.randn)).mul_(spread).add_(mean))

    def between(self, low: float, high: float) -> Tensor:
        """Uniform draws between two numbers."""
        return self.of(self._next(torch.rand).mul(high - low).add_(low))

    def pens(self, spread: float) -> Tensor:
        """Normal draws about 0 for each pen, (pens, 1), the same for all pieces."""
        return _clip(self._next(torch.randn)[:PENS]).mul_(spread)

    def of(self, values: Tensor) -> Tensor:
        """This piece's rows of values for the whole chunk."""
        rest = values.shape[1:]
        return values.view(PENS, -1, *rest)[:, self._rows].reshape(-1, *rest)

    def _next(self, kind: Callable[..., Tensor]) -> Tensor:
        drawn, self._requests = self._chunk.drawn, self._requests + 1
        if len(drawn) < self._requests:
            source = self._chunk.generator
            drawn.append(kind(CHUNK, 1, generator=source, device=source.device))
        return drawn[self._requests - 1]


def _clip(values: Tensor) -> Tensor:
    return values.clamp(-style.MOST_SPREADS, style.MOST_SPREADS)


def apply_handwriting(x: Tensor, y: Tensor, draw: Draw) -> tuple[Tensor, Tensor]:
    """Apply a random handwriting to the points of each digit, (N, points).

    As `trainer.handwriting.font` does it to one digit: proportions, a slow bend and taper,
    slant, rotation, wobble and tremor; lengths are in heights of the digit.
    """
    x, y = x - style.CENTER[0], y - style.CENTER[1]
    along = torch.linspace(0, 2 * math.pi, x.shape[1], device=x.device)
    arch = (y * math.pi).cos_()
    y.addcmul_(draw.about(*style.BEND), arch)
    x.mul_(draw.about(*style.LOG_WIDTH).exp()).mul_(1 + draw.about(*style.TAPER) * y)
    x.addcmul_(draw.about(*style.SLANT), y, value=-1).addcmul_(draw.about(*style.BOW), arch)
    for values in (x, y):
        size, frequency = draw.about(*style.WOBBLE), draw.between(*style.WOBBLE_FREQUENCY)
        phase = draw.between(*style.WOBBLE_PHASE)
        values.addcmul_(size, torch.addcmul(phase, frequency, along).sin_())
    turn = draw.about(*style.ROTATION)
    cosine, sine = turn.cos(), turn.sin()
    return (cosine * x).addcmul_(sine, y, value=-1), (sine * x).addcmul_(cosine, y)


def render_ink(x: Tensor, y: Tensor, joined: Tensor, draw: Draw) -> Tensor:
    """Pictures of points (N, points), as uint8 (N, 28, 28).

    Args:
        x: in any one unit of length, as y; both are changed.
        y: points down.
        joined: bool (N, points - 1), whether a point and the next are of one stroke.
        draw: the pens' widths and pressures.
    """
    pens = PEN * draw.pens(style.LOG_PEN_WIDTH.spread).exp()  # (pens, 1), pixels
    width = pens.repeat_interleave(len(x) // PENS, dim=0)  # (N, 1)
    lows, spans = zip(*(_reach(values) for values in (x, y)), strict=True)
    scale = (BOX - width) / torch.maximum(*spans).clamp_min(1e-6)
    for values, low in zip((x, y), lows, strict=True):
        values.sub_(low).mul_(scale)
    steps = torch.hypot(x.diff(), y.diff()).mul_(joined)
    # Each point stands for the line half way to its neighbors; where a stroke ends, the
    # round pen reaches further.
    bounds = F.pad(joined.float(), (1, 1))
    ends = 2 - bounds[:, 1:] - bounds[:, :-1]
    steps = F.pad(steps, (1, 1))
    ink = ((steps[:, 1:] + steps[:, :-1]) / 2).addcmul_(ends, width, value=0.3)
    phase = torch.linspace(0, 1, x.shape[1], device=x.device)
    start, angle = draw.between(*style.PRESSURE_PHASE), draw.between(*style.PRESSURE_ANGLE)
    wave = torch.addcmul(start, phase, angle).sin_()
    height = draw.about(*style.PRESSURE) * (draw.between(0, 1) < style.PRESSURE_SHARE)
    ink = ink.mul_((height * wave).add_(1))
    mass = ink.sum(1, keepdim=True)
    for values, span in zip((x, y), spans, strict=True):
        center = (values * ink).sum(1, keepdim=True) / mass
        # The center of mass goes to the middle, but no ink off the edge.
        start = torch.minimum(SIDE / 2 - center, SIDE - width / 2 - span * scale)
        values.add_(torch.maximum(start, width / 2))
    return _blur(_splat(x, y, ink), pens)


def _reach(values: Tensor) -> tuple[Tensor, Tensor]:
    """The least of each row, and from there to the largest, (N, 1) each."""
    low, high = values.aminmax(dim=1, keepdim=True)
    return low, high - low


def _splat(x: Tensor, y: Tensor, ink: Tensor) -> Tensor:
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


def _blur(pixels: Tensor, pens: Tensor) -> Tensor:
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
    blurred = torch.bmm(turned, bells).clamp_(max=255).round_().to(torch.uint8)
    return blurred.view(-1, SIDE, SIDE).transpose(1, 2)


FORMS = 5_000
"""Number of digits that are generated as strokes; each image is a variation of one."""
PIECE = 512
"""Images of a chunk that a CPU generates at once and keeps while they are read."""
POINTS = 128
"""Points of each digit, evenly spaced: a third of a pixel apart in the longest digits."""


@dataclass(frozen=True, slots=True)
class Forms:
    """Digits as strokes, all with the same number of points."""

    points: Tensor  # float32, (forms, points, 2), heights of the digit; y points down
    joined: Tensor  # bool, (forms, points - 1): whether a point and the next are of one stroke
    labels: Tensor  # int64, (forms,)


class PenStream:
    """An endless set of digits, the same for the same seed.

    Args:
        forms: what `make_forms` returned.
        seed: determines every image, together with its epoch and place.
        device: where images are generated.
        batch: the largest batch size.
        processes: how many share each batch, each of which generates its own part.
    """

    def __init__(
        self, forms: Forms, seed: int, device: torch.device, batch: int, processes: int = 1
    ) -> None:
        self._seed, self._device = seed, device
        self._x, self._y = (forms.points[..., n].contiguous().to(device) for n in (0, 1))
        self._joined = forms.joined.to(device)
        self._labels = forms.labels.to(device)
        # A piece of this size fits a CPU's caches; a GPU is faster with larger ones.
        self._piece = PIECE if device.type == "cpu" else CHUNK
        while processes > 1 and self._piece > max(batch // processes, PENS):
            self._piece //= 2
        self._chunk: tuple[tuple[int, int], Chunk] | None = None  # by epoch and number
        self.pieces: dict[tuple[int, int], LabelledImages] = {}
        self.page = LabelledImages(
            torch.zeros((batch, SIDE, SIDE), dtype=torch.uint8, device=device),
            torch.zeros(batch, dtype=torch.int64, device=device),
        )
        """The current batch, always in the same memory, for steps that are captured."""
        self._places = torch.arange(batch, device=device)

    def show(self, epoch: int, first: int, last: int, rows: slice) -> Tensor:
        """Write a batch into `page`: the images of an epoch from place `first` up to `last`.

        Args:
            epoch: from 0.
            first: the first one's place.
            last: the place behind the last one's.
            rows: which of them are generated; the others are undefined.

        Returns:
            their indices in `page`, int64 (last - first,).
        """
        shown = self.at(epoch, first + rows.start, first + rows.stop)
        self.page.images[rows] = shown.images
        self.page.labels[rows] = shown.labels
        return self._places[: last - first]

    def at(self, epoch: int, first: int, last: int) -> LabelledImages:
        """The images of an epoch from place `first` up to but not including `last`.

        Fastest for successive ranges.
        """
        size = self._piece
        numbers = range(first // size, (max(first, last - 1)) // size + 1)
        self.pieces = {
            (epoch, number): self.pieces.get((epoch, number)) or self.make_piece(epoch, number)
            for number in numbers
        }
        parts = []
        for number in numbers:
            whole, begin = self.pieces[epoch, number], number * size
            rows = slice(max(first - begin, 0), min(last - begin, size))
            parts.append((whole.images[rows], whole.labels[rows]))
        if len(parts) == 1:
            return LabelledImages(*parts[0])
        images, labels = zip(*parts, strict=True)
        return LabelledImages(torch.cat(images), torch.cat(labels))

    def make_piece(self, epoch: int, number: int) -> LabelledImages:
        """Generate one piece of the stream."""
        chunk_number, within = divmod(number, CHUNK // self._piece)
        key = (epoch, chunk_number)
        if self._chunk is None or self._chunk[0] != key:
            self._chunk = key, self._make_chunk(epoch, chunk_number)
        chunk = self._chunk[1]
        each = self._piece // PENS
        draw = Draw(chunk, slice(within * each, (within + 1) * each))
        chosen = draw.of(chunk.chosen)
        x, y = apply_handwriting(self._x[chosen], self._y[chosen], draw)
        images = render_ink(x, y, self._joined[chosen], draw)
        return LabelledImages(interleave_pens(images), interleave_pens(self._labels[chosen]))

    def _make_chunk(self, epoch: int, number: int) -> Chunk:
        # SeedSequence turns similar seeds into independent ones.
        mixed = np.random.SeedSequence((self._seed, epoch, number)).generate_state(1, np.uint64)
        generator = torch.Generator(self._device).manual_seed(int(mixed[0] >> np.uint64(1)))
        shape = (CHUNK,)
        chosen = torch.randint(len(self._labels), shape, generator=generator, device=self._device)
        return Chunk(chosen, generator)


def make_forms() -> Generator[Progress, None, Forms]:
    """`FORMS` digits, always the same, generated once in a process."""

    def write() -> Generator[Progress, None, Forms]:
        rng = np.random.default_rng(1989)
        points = np.empty((FORMS, POINTS, 2), np.float32)
        joined = np.ones((FORMS, POINTS - 1), bool)
        labels = np.arange(FORMS) % 10
        for number, label in enumerate(labels.tolist()):
            points[number], ends = space_evenly(shape_digit(label, rng))
            joined[number, ends] = False
            if number % 100 == 0:
                yield Progress(_("writing pen strokes"), number, FORMS)
        return Forms(*(torch.from_numpy(each) for each in (points, joined, labels)))

    return (yield from once(("forms", str(FORMS)), write()))


def space_evenly(strokes: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], list[int]]:
    """Resample strokes to `POINTS` points in all, about evenly spaced.

    Returns:
        float64 (POINTS, 2), and the index of each stroke's last point, but for the last stroke.
    """
    lengths = [
        np.concatenate([[0.0], np.hypot(*np.diff(stroke, axis=0).T).cumsum()]) for stroke in strokes
    ]
    whole = sum(float(length[-1]) for length in lengths)
    left, spaced, ends = POINTS, [], []
    for number, (stroke, length) in enumerate(zip(strokes, lengths, strict=True)):
        others = 2 * (len(strokes) - number - 1)
        share = round(POINTS * float(length[-1]) / whole) if others else left
        count = min(max(share, 2), left - others)
        places = np.linspace(0, length[-1], count)
        spaced.append(np.stack([np.interp(places, length, axis) for axis in stroke.T], axis=1))
        left -= count
        ends.append(POINTS - left - 1)
    return np.concatenate(spaced), ends[:-1]
