"""LeNet-5's layers, found among tensors of any names by their shapes and their order.

The layers of LeNet-5 all have other shapes, so that names are not needed, and neither is the
order but where two vectors are of one length. Weights may be laid out as PyTorch has them
(outputs first) or as TensorFlow has them (outputs last). Batch normalization is computed into
the layer before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from trainer.errors import UserError
from trainer.exchange.foreign_file import Array, describe_tensors
from trainer.translation import gettext as _

Order = Literal["chw", "hwc"]
"""How the maps of S4 became one row: map by map as in PyTorch, or pixel by pixel as in Keras."""

LAYERS = ("conv1", "conv2", "fc1", "fc2", "fc3")
_OUTPUTS = {"conv1": 6, "conv2": 16, "fc1": 120, "fc2": 84}
_MOST_CLASSES = 100
_EPSILON = {"torch": 1e-5, "keras": 1e-3}
"""What the two libraries add to a variance, unless told otherwise."""


class MatchingError(UserError):
    """Tensors that are no LeNet-5 which this program knows; the message says what is missing."""


@dataclass(frozen=True, slots=True, eq=False)
class MatchedNetwork:
    """Weights by the names that `lenet5.LeNet5` gives them."""

    weights: dict[str, torch.Tensor]  # float32, as of a network whose `c5` is the one below
    c5: str  # "full", or "convolution"
    side: int  # of S4's maps: 4 or 5
    classes: int
    orders: tuple[Order, ...]  # those that are possible, the likeliest first
    sources: dict[str, str]  # for each of the weights, the name in the file
    unused: tuple[str, ...]  # names in the file that are no part of it
    normalized: tuple[str, ...]  # layers that batch normalization was computed into

    def with_order(self, order: Order) -> dict[str, torch.Tensor]:
        """The weights, if S4's maps became one row in that order."""
        if order == "chw":
            return self.weights
        rows = self.weights["fc1.weight"].view(-1, self.side, self.side, 16)
        changed = rows.permute(0, 3, 1, 2).flatten(1).contiguous()
        return {**self.weights, "fc1.weight": changed}


def match_layers(tensors: dict[str, Array], file: str) -> MatchedNetwork:
    """Find LeNet-5 among a file's tensors.

    Args:
        tensors: float32, by name, in the file's order.
        file: what to call it in messages.

    Raises:
        MatchingError: a layer is missing; the message says which, and what the file holds.
    """
    return _Matching(dict(tensors), file).match()


class _Matching:
    """One file's tensors, from which those that were matched are taken out."""

    def __init__(self, left: dict[str, Array], file: str) -> None:
        self.all, self.left, self.file = dict(left), left, file
        self.names = list(left)
        self.sources: dict[str, str] = {}
        self.weights: dict[str, Array] = {}
        self.kernels_last = self.rows_last = False  # whether outputs come last, as in TensorFlow

    def match(self) -> MatchedNetwork:
        tests: dict[str, Callable[[Array], Array | None]] = {
            "conv1": self._conv1, "conv2": self._conv2, "fc1": self._fc1,
            "fc2": lambda array: _full(array, 84, 120), "fc3": _output,
        }  # fmt: skip
        for layer in LAYERS:
            self._take_weight(layer, tests[layer])
        missing = [layer for layer in LAYERS if f"{layer}.weight" not in self.weights]
        if missing:
            raise MatchingError(self._say_what_is_missing(missing))
        fc1, classes = self.weights["fc1.weight"], len(self.weights["fc3.weight"])
        side = fc1.shape[-1] if fc1.ndim == 4 else round((fc1.shape[1] / 16) ** 0.5)
        normalized = []
        for layer in LAYERS:
            length = _OUTPUTS.get(layer, classes)
            norm = self._take_normalization(layer, length)
            self._take_bias(layer, length)
            if norm is not None:
                self._normalize(layer, norm)
                normalized.append(layer)
        orders: tuple[Order, ...] = ("chw",)
        if fc1.ndim == 2 and self.kernels_last:
            orders = ("hwc",)
        elif fc1.ndim == 2 and self.rows_last:  # as what was converted from TensorFlow to ONNX
            orders = ("chw", "hwc")
        return MatchedNetwork(
            weights={
                name: torch.from_numpy(np.ascontiguousarray(array))
                for name, array in self.weights.items()
            },
            c5="convolution" if fc1.ndim == 4 else "full",
            side=side,
            classes=classes,
            orders=orders,
            sources=self.sources,
            unused=tuple(self.left),
            normalized=tuple(normalized),
        )

    # Weights: each test gives the array as PyTorch lays it out, or None if it is another layer's.

    def _take_weight(self, layer: str, test: Callable[[Array], Array | None]) -> None:
        for name, array in self.left.items():
            if (matched := test(array)) is not None:
                self.weights[f"{layer}.weight"] = matched
                self.sources[f"{layer}.weight"] = name
                del self.left[name]
                return

    def _conv1(self, array: Array) -> Array | None:
        return self._kernels(array, (6, 1, 5, 5))

    def _conv2(self, array: Array) -> Array | None:
        return self._kernels(array, (16, 6, 5, 5))

    def _fc1(self, array: Array) -> Array | None:
        for side in (5, 4):
            if array.ndim == 4:
                matched = self._kernels(array, (120, 16, side, side))
            else:
                matched = _full(array, 120, 16 * side * side)
                self.rows_last |= matched is not None and array.shape[0] != 120
            if matched is not None:
                return matched
        return None

    def _kernels(self, array: Array, shape: tuple[int, int, int, int]) -> Array | None:
        if array.shape == shape:
            return array
        outputs, inputs, height, width = shape
        if array.shape != (height, width, inputs, outputs):
            return None
        self.kernels_last = True
        return array.transpose(3, 2, 0, 1)

    # Biases and batch normalization, found beside the weight, or else by their length.

    def _take_bias(self, layer: str, length: int) -> None:
        weight = self.sources[f"{layer}.weight"]
        fits = [name for name, array in self.left.items() if array.shape == (length,)]
        siblings = [name for name in fits if _stem(name) == _stem(weight)]
        after = [name for name in fits if self.names.index(name) > self.names.index(weight)]
        for name in (*siblings, *after, *fits):
            if name in self.left:
                self.weights[f"{layer}.bias"] = self.left.pop(name)
                self.sources[f"{layer}.bias"] = name
                return
        self.weights[f"{layer}.bias"] = np.zeros(length, np.float32)

    def _take_normalization(self, layer: str, length: int) -> list[Array] | None:
        """Scale, shift, mean and variance: four vectors of one length with one stem."""
        groups: dict[str, list[str]] = {}
        for name, array in self.left.items():
            if array.shape == (length,):
                groups.setdefault(_stem(name), []).append(name)
        for names in groups.values():
            if len(names) == 4:
                ordered = sorted(names, key=_part_of_normalization)
                if len({_part_of_normalization(name) for name in names}) == 4:
                    return [self.left.pop(name) for name in ordered]
        return None

    def _normalize(self, layer: str, norm: list[Array]) -> None:
        scale, shift, mean, variance = (values.astype(np.float64) for values in norm)
        factor = scale / np.sqrt(variance + _EPSILON["keras" if self.kernels_last else "torch"])
        weight, bias = self.weights[f"{layer}.weight"], self.weights[f"{layer}.bias"]
        by_output = factor.reshape(-1, *[1] * (weight.ndim - 1))
        self.weights[f"{layer}.weight"] = (weight * by_output).astype(np.float32)
        self.weights[f"{layer}.bias"] = ((bias - mean) * factor + shift).astype(np.float32)

    # What to say

    def _say_what_is_missing(self, missing: list[str]) -> str:
        held = describe_tensors(self.all)
        first = next((array for array in self.all.values() if array.ndim == 4), None)
        if first is not None and "conv1" in missing:
            # As (outputs, inputs, height, width), or as TensorFlow has it: height, width first.
            last = first.shape[2] != first.shape[3]
            height, width, inputs, outputs = np.roll(first.shape, 0 if last else 2)
            if not last:
                inputs, outputs = outputs, inputs
            if inputs == 3:
                return _(
                    "{file} is a network for color pictures, and only those for gray ones are "
                    "imported; it holds {tensors}"
                ).format(file=self.file, tensors=held)
            return _(
                "{file} is not a LeNet-5: its first convolution has {count} kernels of {height}x"
                "{width}, and LeNet-5 has 6 of 5x5; it holds {tensors}"
            ).format(file=self.file, count=outputs, height=height, width=width, tensors=held)
        wanted = {
            "conv1": _("C1 (6 kernels of 1x5x5)"),
            "conv2": _("C3 (16 kernels of 6x5x5)"),
            "fc1": _("C5 (120 units for 400 or 256 values)"),
            "fc2": _("F6 (84 units for 120 values)"),
            "fc3": _("the output (a unit for each class, for 84 values)"),
        }
        return _("{file} is not a LeNet-5: it has no {layers}; it holds {tensors}").format(
            file=self.file, layers=", ".join(wanted[layer] for layer in missing), tensors=held
        )


def _full(array: Array, outputs: int, inputs: int) -> Array | None:
    """A full layer's weights as (outputs, inputs); None if they are not of that size."""
    if array.ndim == 4 and array.shape[2:] == (1, 1):
        array = array[..., 0, 0]
    if array.ndim == 4 and array.shape[:2] == (1, 1):
        array = array[0, 0]
    if array.shape == (outputs, inputs):
        return array
    return array.T if array.shape == (inputs, outputs) else None


def _output(array: Array) -> Array | None:
    """The output layer's weights as (classes, 84); None if they are not."""
    flat = _full(array, array.shape[0], 84)
    if flat is None:
        flat = _full(array, array.shape[-1], 84)
    return flat if flat is not None and 2 <= len(flat) <= _MOST_CLASSES else None


def _stem(name: str) -> str:
    """What a name has before its last part: "fc1" of "fc1.bias", "dense/vars" of "dense/vars/1"."""
    *before, last = re.split(r"[./]", name)
    if before:
        return "/".join(before)
    return re.sub(r"[_-]?(weights?|bias(es)?|kernel|[wb])$", "", last, flags=re.IGNORECASE)


_PARTS = (
    ("gamma", "scale", "weight", "0"),
    ("beta", "shift", "offset", "bias", "1"),
    ("moving_mean", "running_mean", "mean", "2"),
    ("moving_variance", "running_var", "variance", "var", "3"),
)


def _part_of_normalization(name: str) -> int:
    """0 for its scale, 1 for its shift, 2 for the mean, 3 for the variance; 4 for none of them."""
    last = re.split(r"[./]", name)[-1].split(":")[0].lower()
    return next((number for number, words in enumerate(_PARTS) if last in words), 4)
