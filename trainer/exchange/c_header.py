"""A network as one C header for microcontrollers: 8-bit weights, and a function that reads.

Weights are rounded to 8 bits, each output's by a scale of its own (symmetric, as of Jacob et al.,
"Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
CVPR 2018); values between the layers stay float32. It is C99, needs math.h alone, allocates
nothing, and takes about 65 KB of constants and 8 KB of memory.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import torch
from torch import Tensor

from trainer import __version__
from trainer.errors import UserError
from trainer.networks.lenet5 import LeNet5
from trainer.networks.model import Model
from trainer.translation import gettext as _

_LAYERS = ("conv1", "conv2", "fc1", "fc2", "fc3")
_LEVELS = 127
_ACTIVATIONS = {
    "relu": "x > 0 ? x : 0",
    "tanh": "tanhf(x)",
    "sigmoid": "1 / (1 + expf(-x))",
    "leaky_relu": "x > 0 ? x : 0.01f * x",
    "elu": "x > 0 ? x : expm1f(x)",
    "gelu": "0.5f * x * (1 + erff(x * 0.70710678f))",
    "silu": "x / (1 + expf(-x))",
    "none": "x",
}


class HeaderError(UserError):
    """A network that can't be written as C."""


@dataclass(frozen=True, slots=True, eq=False)
class QuantizedModel:
    """A model whose weights are whole numbers times a scale."""

    model: Model  # as it was
    network: LeNet5  # which computes with the rounded weights
    levels: dict[str, Tensor]  # by layer: int8, (outputs, inputs)
    scales: dict[str, Tensor]  # by layer: float32, (outputs,)


def quantize(model: Model) -> QuantizedModel:
    """Round a model's weights to 8 bits.

    Args:
        model: on the CPU; not changed.

    Raises:
        HeaderError: it is the network of 1998, for which there is no such header.
    """
    network = model.to(torch.device("cpu")).network
    if not isinstance(network, LeNet5):
        raise HeaderError(
            _("the network of 1998 can't be written as C: choose a LeNet-5 of today, or ONNX")
        )
    levels, scales = {}, {}
    with torch.no_grad():
        for name in _LAYERS:
            weight = getattr(network, name).weight
            rows = weight.flatten(1)
            scale = (rows.abs().amax(1) / _LEVELS).clamp(min=1e-12)
            rounded = (rows / scale[:, None]).round()
            weight.copy_((rounded * scale[:, None]).view_as(weight))
            levels[name], scales[name] = rounded.to(torch.int8), scale
    return QuantizedModel(model, network, levels, scales)


def write_header(quantized: QuantizedModel, note: str = "") -> str:
    """The header's text.

    Args:
        quantized: the network.
        note: a line for the comment at its top.
    """
    model, network = quantized.model, quantized.network
    channels, side, _width = network.shape
    padded = side + 2 * network.padding
    first = (padded - 4) // 2
    second = (first - 4) // 2
    mean, std, border = model.recipe.mean, model.recipe.std, model.recipe.border
    picture = 28 if border in ("paper", "enlarged") else side
    values = {
        "name": _comment(model.name),
        "version": __version__,
        "note": _comment(note),
        "classes": ", ".join(_quote(name) for name in model.classes),
        "count": len(model.classes),
        "channels": channels,
        "picture": picture,
        "side": side,
        "padding": network.padding,
        "first": first,
        "second": second,
        "inputs": 16 * second * second,
        "mean": _number(mean),
        "std": _number(std),
        "constants": "\n".join(_constants(quantized, name) for name in _LAYERS),
        "activation": _ACTIVATIONS[network.activation],
        "hidden": _ACTIVATIONS[network.hidden_activation],
        "pixel": _ENLARGED if border == "enlarged" else _SHIFTED,
        "pool": _MAXIMUM if network.pooling == "max" else _AVERAGE,
    }
    text = _TEMPLATE
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return text


def _comment(text: str) -> str:
    """Text that can't end a comment."""
    return " ".join(text.replace("*/", "* /").split())


def _quote(text: str) -> str:
    """A C string, in ASCII: other characters as their UTF-8 bytes, each in three octal digits."""
    octal = "".join(f"\\{byte:03o}" if byte > 126 or byte < 32 else chr(byte)
                    for byte in json.dumps(text, ensure_ascii=False)[1:-1].encode())  # fmt: skip
    return f'"{octal}"'


def _number(value: float) -> str:
    text = f"{value:.9g}"
    return f"{text if any(c in text for c in '.e') else text + '.0'}f"


def _constants(quantized: QuantizedModel, name: str) -> str:
    """A layer's weights, scales and biases."""
    weights = [str(value) for value in quantized.levels[name].flatten().tolist()]
    bias = getattr(quantized.network, name).bias.tolist()
    scales = quantized.scales[name].tolist()
    rows = "\n".join(
        "    " + ", ".join(weights[n : n + 24]) + "," for n in range(0, len(weights), 24)
    )
    return (
        f"static const int8_t lenet_{name}_weight[{len(weights)}] = {{\n{rows}\n}};\n"
        f"static const float lenet_{name}_scale[] = {{{', '.join(map(_number, scales))}}};\n"
        f"static const float lenet_{name}_bias[] = {{{', '.join(map(_number, bias))}}};\n"
    )


_MAXIMUM = "best = n == 0 || value > best ? value : best;"
_AVERAGE = "best += value / 4;"

_SHIFTED = """    int margin = (LENET_SIDE - LENET_PICTURE) / 2;
    y -= margin;
    x -= margin;
    if (y < 0 || x < 0 || y >= LENET_PICTURE || x >= LENET_PICTURE) return 0;
    return image[(map * LENET_PICTURE + y) * LENET_PICTURE + x] / 255.0f;"""
_ENLARGED = """    const uint8_t *at = image + map * LENET_PICTURE * LENET_PICTURE;
    float ratio = (float)LENET_PICTURE / LENET_SIDE;
    float fy = (y + 0.5f) * ratio - 0.5f, fx = (x + 0.5f) * ratio - 0.5f;
    fy = fy < 0 ? 0 : fy;
    fx = fx < 0 ? 0 : fx;
    int top = (int)fy, left = (int)fx;
    int bottom = top + 1 < LENET_PICTURE ? top + 1 : top;
    int right = left + 1 < LENET_PICTURE ? left + 1 : left;
    float v = fy - top, u = fx - left;
    const uint8_t *upper = at + top * LENET_PICTURE, *lower = at + bottom * LENET_PICTURE;
    float above = upper[left] * (1 - u) + upper[right] * u;
    float below = lower[left] * (1 - u) + lower[right] * u;
    return (above * (1 - v) + below * v) / 255.0f;"""

_TEMPLATE = """/* @name@, a LeNet-5 with 8-bit weights, by LeNet Studio @version@.
 * @note@
 *
 *     int best = lenet_read(image, scores);
 *
 * image: LENET_CHANNELS x LENET_PICTURE x LENET_PICTURE bytes, row by row, 0 paper to 255 ink.
 * scores: LENET_CLASSES floats; the largest is the answer, whose name is lenet_classes[best].
 * C99; link with -lm. Include it in one file.
 */
#ifndef LENET_H
#define LENET_H

#include <math.h>
#include <stdint.h>

#define LENET_CHANNELS @channels@
#define LENET_PICTURE @picture@ /* pixels on a side */
#define LENET_SIDE @side@ /* of what the first convolution sees */
#define LENET_PADDING @padding@ /* zeros around it */
#define LENET_POOL1 @first@
#define LENET_POOL2 @second@
#define LENET_CLASSES @count@

static const char *const lenet_classes[LENET_CLASSES] = {@classes@};

@constants@
static float lenet_activation(float x) { return @activation@; }

static float lenet_hidden(float x) { return @hidden@; }

/* A pixel of the picture, 0 to 1, as it is surrounded with paper or enlarged. */
static float lenet_ink(const uint8_t *image, int map, int y, int x) {
@pixel@
}

static float lenet_pixel(const uint8_t *image, int map, int y, int x) {
    y -= LENET_PADDING;
    x -= LENET_PADDING;
    if (y < 0 || x < 0 || y >= LENET_SIDE || x >= LENET_SIDE) return 0;
    return (lenet_ink(image, map, y, x) - @mean@) / @std@;
}

static float lenet_conv1_at(const uint8_t *image, int map, int y, int x) {
    float sum = 0;
    for (int c = 0; c < LENET_CHANNELS; c++)
        for (int i = 0; i < 25; i++)
            sum += lenet_conv1_weight[(map * LENET_CHANNELS + c) * 25 + i] *
                   lenet_pixel(image, c, y + i / 5, x + i % 5);
    return sum * lenet_conv1_scale[map] + lenet_conv1_bias[map];
}

static float lenet_conv2_at(const float *pool1, int map, int y, int x) {
    float sum = 0;
    for (int c = 0; c < 6; c++)
        for (int i = 0; i < 25; i++)
            sum += lenet_conv2_weight[(map * 6 + c) * 25 + i] *
                   pool1[(c * LENET_POOL1 + y + i / 5) * LENET_POOL1 + x + i % 5];
    return sum * lenet_conv2_scale[map] + lenet_conv2_bias[map];
}

static void lenet_full(const float *from, int inputs, float *to, int outputs,
                       const int8_t *weight, const float *scale, const float *bias) {
    for (int n = 0; n < outputs; n++) {
        float sum = 0;
        for (int i = 0; i < inputs; i++) sum += weight[n * inputs + i] * from[i];
        to[n] = sum * scale[n] + bias[n];
    }
}

/* Not for several threads at once: what lies between the layers is static. */
static int lenet_read(const uint8_t *image, float *scores) {
    static float pool1[6 * LENET_POOL1 * LENET_POOL1], pool2[@inputs@], c5[120], f6[84];
    for (int map = 0; map < 6; map++)
        for (int y = 0; y < LENET_POOL1; y++)
            for (int x = 0; x < LENET_POOL1; x++) {
                float best = 0;
                for (int n = 0; n < 4; n++) {
                    float value = lenet_activation(
                        lenet_conv1_at(image, map, 2 * y + n / 2, 2 * x + n % 2));
                    @pool@
                }
                pool1[(map * LENET_POOL1 + y) * LENET_POOL1 + x] = best;
            }
    for (int map = 0; map < 16; map++)
        for (int y = 0; y < LENET_POOL2; y++)
            for (int x = 0; x < LENET_POOL2; x++) {
                float best = 0;
                for (int n = 0; n < 4; n++) {
                    float value = lenet_activation(
                        lenet_conv2_at(pool1, map, 2 * y + n / 2, 2 * x + n % 2));
                    @pool@
                }
                pool2[(map * LENET_POOL2 + y) * LENET_POOL2 + x] = best;
            }
    lenet_full(pool2, @inputs@, c5, 120, lenet_fc1_weight, lenet_fc1_scale, lenet_fc1_bias);
    for (int n = 0; n < 120; n++) c5[n] = lenet_hidden(c5[n]);
    lenet_full(c5, 120, f6, 84, lenet_fc2_weight, lenet_fc2_scale, lenet_fc2_bias);
    for (int n = 0; n < 84; n++) f6[n] = lenet_hidden(f6[n]);
    lenet_full(f6, 84, scores, LENET_CLASSES, lenet_fc3_weight, lenet_fc3_scale, lenet_fc3_bias);
    int best = 0;
    for (int n = 1; n < LENET_CLASSES; n++)
        if (scores[n] > scores[best]) best = n;
    return best;
}

#endif
"""
