"""A network applied along a line of digits in one pass, with an answer every 4 pixels.

After LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to
Document Recognition", Proc. IEEE 86(11), 1998, section VII (space displacement
neural networks). To move a network's window along a line need not cost a pass
for each place: neighboring windows share almost all their units. So every
layer is computed once, over the whole line: C5 becomes a convolution whose
kernels are as large as S4's maps were, F6 and the output are applied at each
place, and all weights are shared by all places. Two poolings by 2 make the
places 4 pixels apart.

Each answer is the network's answer for that window alone, but for the influence of what lies beyond
the window:

- The network of 1998 pads nothing itself; MNIST's 28x28 was put into 32x32 of
  paper. Here two columns of the line on each side take that paper's place.
  Where they are paper, the answer is the one for the window alone; always it
  is the network's own for 32 columns of the line.
- `LeNet5` pads C1 by 2 with zeros, which are neither paper nor ink: after
  normalizing, paper is (0 - mean) / std. A window in the line sees real columns
  where one cut out sees zeros, except at the line's two ends, so its answer
  differs a little even beside plain paper. It is exactly that of the network
  whose C1 is padded above and below only, on 32 columns of the line. A line of
  28 columns is the network itself.
- A network that is shown pictures enlarged to 32x32 has steps of 3.5 pixels, so it
  reads each window by itself.

The line itself is of digits written side by side, one long picture drawn as
`rasterize.rasterize` draws one. Knows nothing of Qt.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from trainer.drawing.rasterize import (
    BOX,
    FINE,
    PEN,
    SIDE,
    Pixels,
    Stroke,
    as_points,
    compute_fine_widths,
    draw_at,
)
from trainer.networks.factory import Network, input_shape, prepare_images
from trainer.networks.lenet5 import ACTIVATIONS, POOLINGS, Change, LeNet5, unchanged
from trainer.networks.lenet1998 import LeNet1998, squash
from trainer.networks.model import Model
from trainer.recipes.recipe import Recipe

STRIDE = 4
"""Pixels of the line from one answer to the next."""


class SlidingDigit(NamedTuple):
    """A digit of the line."""

    place: int  # of its window, counted from 0
    digit: int
    probability: float  # there, 0 to 1

    @property
    def column(self) -> float:
        """The middle of its window, in pixels of the line."""
        return self.place * STRIDE + SIDE / 2


_APART = 4
"""Least distance of the answers of two digits, in places."""
_LEAST = 0.3
"""Least merit of an answer, from 0, the line's lowest score, to 1, its highest."""
_OFF_CENTER = 0.05
"""Penalty for each pixel of distance between the centers of the ink and of the window."""
_EDGE, _CORE = 4, 11
"""Columns on each side of a window that are outside a digit's 20 pixels, and its middle."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A network's input and answers along a line."""

    picture: Pixels  # (28, W)
    scores: NDArray[np.float32]  # (places, 10): logits, or minus the penalties
    probabilities: NDArray[np.float64]  # (places, 10), calibrated as for one picture
    digits: tuple[SlidingDigit, ...]  # from left to right


def slide(model: Model, picture: Pixels, change: Change = unchanged) -> Line:
    """Run a model along a line, in one forward pass.

    Args:
        model: on any device.
        picture: uint8, (28, W), W at least 28; 0 paper and 255 full ink.
        change: as for the network's `layers`.

    Raises:
        ValueError: another shape or dtype.
    """
    if picture.dtype != np.uint8 or picture.ndim != 2 or picture.shape[0] != SIDE:
        raise ValueError(f"the line is {picture.dtype} {picture.shape}; it must be uint8 (28, W)")
    if picture.shape[1] < SIDE:
        raise ValueError(f"the line is {picture.shape[1]} pixels long; it must be at least {SIDE}")
    with torch.inference_mode():
        inputs = prepare_line(torch.tensor(picture, device=model.device), model.recipe)
        scores = logits_along_line(model.network, inputs, change).cpu()
        probabilities = (scores.double() / model.temperature).softmax(1).numpy()
    places = find_digits(picture, scores.numpy())
    answers = tuple(_describe_digit(place, probabilities) for place in places)
    return Line(picture, scores.numpy(), probabilities, answers)


def _describe_digit(place: int, probabilities: NDArray[np.float64]) -> SlidingDigit:
    digit = int(probabilities[place].argmax())
    return SlidingDigit(place, digit, float(probabilities[place, digit]))


def prepare_line(picture: Tensor, recipe: Recipe) -> Tensor:
    """A line as the recipe's network takes it, prepared as `prepare_images` does one picture.

    Args:
        picture: uint8, (28, W).
        recipe: the network's.

    Returns:
        float32, (1, channels, height, W, or W + 4 where the network takes 32x32), normalized;
        or, for a network of enlarged pictures, each place by itself: (places, 1, 32, 32).
    """
    if recipe.border == "enlarged":  # whose steps of 4 are 3.5 pixels of the line
        windows = picture.unfold(1, SIDE, STRIDE).transpose(0, 1)  # (places, 28, 28)
        return prepare_images(windows, recipe)
    channels, height, _ = input_shape(recipe)
    margin = (height - SIDE) // 2
    line = F.pad(picture.float() / 255, (margin,) * 4)
    return ((line - recipe.mean) / recipe.std).expand(1, channels, -1, -1)


def logits_along_line(network: Network, line: Tensor, change: Change = unchanged) -> Tensor:
    """The network's logits at each place of a line.

    Args:
        network: in evaluation mode.
        line: what `prepare_line` returned.
        change: called with the same layers as in the network's `layers`; their
            values are those of the whole line, (1, maps, height, width), or of
            full layers (places, units).

    Returns:
        (places, 10); the window of place n begins at column 4n.
    """
    if len(line) > 1:  # each place by itself
        return network.layers(line, change).logits
    if isinstance(network, LeNet1998):
        return _along_1998(network, line, change)
    return _along_today(network, line, change)


def _along_today(network: LeNet5, line: Tensor, change: Change) -> Tensor:
    squashed, pool = ACTIVATIONS[network.activation], POOLINGS[network.pooling]
    conv1 = change("conv1_active", squashed(network.conv1(line)))
    pool1 = change("pool1", pool(conv1, 2))
    conv2 = change("conv2_active", squashed(network.conv2(pool1)))
    pool2 = change("pool2", pool(conv2, 2))  # (1, 16, 5, places + 4)
    name = network.hidden_activation
    fc1 = _at_places(network, pool2)
    fc1 = change("fc1", fc1 if name == "none" else ACTIVATIONS[name](fc1))
    fc2 = network.fc2(fc1)
    fc2 = change("fc2", fc2 if name == "none" else ACTIVATIONS[name](fc2))
    logits: Tensor = network.fc3(fc2)
    return logits


def _along_1998(network: LeNet1998, line: Tensor, change: Change) -> Tensor:
    conv1 = change("conv1_active", squash(network.conv1(line)))
    pool1 = change("pool1", squash(network.pool1(conv1)))
    conv2 = change("conv2_active", squash(network.conv2(pool1)))
    pool2 = change("pool2", squash(network.pool2(conv2)))
    fc1 = change("fc1", squash(_at_places(network, pool2)))
    fc2 = change("fc2", squash(network.fc2(fc1)))
    return -(fc2[:, None] - network.bitmaps).square().sum(2)


def _at_places(network: Network, pool2: Tensor) -> Tensor:
    """C5's sums, (places, 120), of S4's maps along the line: its weights as 5x5 kernels."""
    side = pool2.shape[2]
    kernels = network.fc1.weight.view(-1, pool2.shape[1], side, side)
    # (1, 120, 1, places); F6 and the output are then the same full layers at every place.
    return F.conv2d(pool2, kernels, network.fc1.bias)[0, :, 0].T


def find_digits(picture: Pixels, scores: NDArray[np.float32]) -> tuple[int, ...]:
    """The places of the windows that show a digit, from left to right.

    Between two digits a window shows halves of both, and the network must
    answer there too, often with a high probability. But its score is then
    lower. So an answer's merit is its score on a scale from the line's least to
    its best, less something where the ink is not in the window's middle; of
    all choices of places `_APART` from each other, that with the largest sum
    of merits above `_LEAST` is taken.

    The networks were trained on single digits, so neighbors in their window
    disturb them. Of lines of 2 to 5 built-in pen digits, the built-in network
    reads 85 % without a mistake where gaps are 0.3 to 0.7 of a digit's height,
    and 58 % where they are 0.1 to 0.4; cut out by their strokes, 98 % of both.

    Args:
        picture: uint8, (28, W).
        scores: (places, 10).
    """
    best = scores.max(axis=1).astype(np.float64)
    spread = float(best.max() - best.min())
    merits = (best - best.min()) / spread if spread > 0 else np.ones(len(best))
    columns = np.arange(_EDGE, SIDE - _EDGE) + 0.5
    for place in range(len(best)):
        ink = picture[:, place * STRIDE : place * STRIDE + SIDE].sum(axis=0, dtype=np.float64)
        if not ink[_CORE : SIDE - _CORE].any():
            merits[place] = -1.0
            continue
        inner = ink[_EDGE : SIDE - _EDGE]
        merits[place] -= _OFF_CENTER * abs(float((inner * columns).sum() / inner.sum()) - SIDE / 2)
    return choose_places(merits - _LEAST)


def choose_places(merits: NDArray[np.float64]) -> tuple[int, ...]:
    """The places at least `_APART` from each other whose merits have the largest sum."""
    sums, is_best_with = [0.0], []  # of the best choice among the first 0, 1, 2 ... places
    for place, merit in enumerate(merits.tolist()):
        sum_with = sums[max(0, place + 1 - _APART)] + merit
        is_best_with.append(sum_with > sums[-1])
        sums.append(max(sums[-1], sum_with))
    chosen = []
    place = len(is_best_with) - 1
    while place >= 0:
        if is_best_with[place]:
            chosen.append(place)
        place -= _APART if is_best_with[place] else 1
    return tuple(reversed(chosen))


MARGIN = SIDE // 2
"""Paper before the first ink and after the last, in pixels: a narrow digit can stand in the
middle of a window there."""
_STEP = 4
"""The picture's length is the shortest window and a multiple of this, so that no column at
its end is outside all windows."""
_LONGEST = 640
_TALLEST = 26.0
"""No ink is higher than this in the picture, in pixels."""
_SMALLEST = 1e-6  # of a digit's size, where it is a point

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in the strokes' unit, of the pen's points."""


@dataclass(frozen=True, slots=True, eq=False)
class LinePicture:
    """A line of digits as a network's input."""

    pixels: Pixels  # (28, W): 0 paper and 255 full ink
    middles: tuple[float, ...]  # of each digit's box, in columns of the picture


def digits_on_line(boxes: Sequence[Box], chosen: int) -> list[int]:
    """The digits on the same line of writing as one of them.

    Args:
        boxes: of the digits, in reading order.
        chosen: the one.

    Returns:
        Their indices, in reading order: all whose height on the paper overlaps
        with that of another one of the line.
    """
    members, pending = {chosen}, [chosen]
    while pending:
        _, top, _, bottom = boxes[pending.pop()]
        more = {n for n, box in enumerate(boxes) if box[1] <= bottom and box[3] >= top} - members
        members |= more
        pending += more
    return sorted(members)


def draw_line(strokes: Sequence[Stroke], boxes: Sequence[Box]) -> LinePicture:
    """A line of digits at the scale at which its middle-sized digit is 20 pixels.

    Unlike `rasterize`, nothing is fitted or centered digit by digit: all keep
    their places, and their sizes beside each other. The pen's line is as wide
    as MNIST's. Where sizes or places differ so much that the line would not
    fit, all is drawn smaller.

    Args:
        strokes: of all digits of the line, in any one unit.
        boxes: of its digits.

    Returns:
        The ink in the middle of the height, with `MARGIN` of paper on both sides.

    Raises:
        StrokesError: a stroke is not what `rasterize` takes.
        ValueError: no digits, or none with ink.
    """
    lines = [line for line in map(as_points, strokes) if len(line)]
    if not boxes or not lines:
        raise ValueError("a line needs at least one digit")
    points = np.concatenate(lines)
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    scale = _scale(boxes, *(high - low).tolist())
    widths = compute_fine_widths(points, PEN * FINE)
    length = float(high[0] - low[0]) * scale + PEN + 2 * MARGIN
    width = SIDE + _STEP * math.ceil((length - SIDE) / _STEP)
    center, middle = (low + high) / 2, np.array([width / 2, SIDE / 2])
    # A pixel's number is that of its corner, and lines run through their pixels' middles.
    xy = ((points[:, :2] - center) * scale + middle) * FINE - 0.5
    fine = draw_at(xy, widths, [len(line) for line in lines], width * FINE)[: SIDE * FINE]
    # Down first, then across: both at once is seven times slower.
    sums = fine.reshape(SIDE, FINE, -1).sum(axis=1, dtype=np.uint16)
    means = sums.reshape(SIDE, width, FINE).sum(axis=2, dtype=np.uint16) / FINE**2
    middles = [((left + right) / 2 - center[0]) * scale + width / 2 for left, _, right, _ in boxes]
    return LinePicture(
        np.asarray(np.rint(means), np.uint8), tuple(float(column) for column in middles)
    )


def _scale(boxes: Sequence[Box], across: float, down: float) -> float:
    """Pixels for a unit of the strokes; `across` and `down` are the whole line's."""
    sides = [max(right - left, bottom - top) for left, top, right, bottom in boxes]
    scale = (BOX - PEN) / max(float(np.median(sides)), _SMALLEST)
    return min(
        scale,
        (_TALLEST - PEN) / max(down, _SMALLEST),
        (_LONGEST - PEN) / max(across, _SMALLEST),
    )
