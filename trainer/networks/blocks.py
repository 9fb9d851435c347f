"""What the teacher and the gate are built of: small padded convolutions."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def fuse_batch_norm(layers: nn.Sequential) -> nn.Sequential:
    """The same function, each normalisation taken into the convolution before it."""
    kept: list[nn.Module] = []
    for layer in layers:
        if isinstance(layer, nn.BatchNorm2d):
            before = kept.pop()
            assert isinstance(before, nn.Conv2d)
            kept.append(fuse_conv_bn_eval(before, layer))
        else:
            kept.append(layer)
    return nn.Sequential(*kept).to(memory_format=torch.channels_last)


def convolution_block(inputs: int, outputs: int) -> list[nn.Module]:
    """3x3, padded, batch-normalized and rectified."""
    return [
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    ]


def initialize(layers: nn.Sequential, generator: torch.Generator | None) -> None:
    """PyTorch's own initial weights, but drawn from `generator`."""
    for layer in layers:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_uniform_(layer.weight, a=math.sqrt(5), generator=generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def fast_arithmetic(device: torch.device) -> AbstractContextManager[object]:
    """bfloat16 where the device multiplies matrices of it: there it is thrice as fast."""
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported()
    else:
        known = getattr(torch.cpu, "get_capabilities", None)  # newer versions of torch have it
        fast = device.type == "cpu" and known is not None and bool(known().get("amx_bf16"))
    return torch.autocast(device.type, torch.bfloat16, enabled=fast)
