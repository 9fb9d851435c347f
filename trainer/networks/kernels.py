"""The weights of a network's two convolutions, and of any one unit, as arrays to look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.networks.anatomy import Kind, Stage, Unit
from trainer.networks.factory import Network
from trainer.networks.lenet1998 import LeNet1998


@dataclass(frozen=True, slots=True, eq=False)
class Kernels:
    """What each map is made with, copied: the network may go on learning."""

    conv1: NDArray[np.float32]  # (6, channels, 5, 5)
    conv2: NDArray[np.float32]  # (16, 6, 5, 5); NaN where the network has no such connection


def collect_kernels(network: Network) -> Kernels:
    """The kernels of a network on any device."""
    with torch.no_grad():
        conv1, conv2 = network.conv1.weight.detach(), network.conv2.weight.detach()
        if isinstance(network, LeNet1998):
            outputs, maps, size, _ = network.conv2.shape
            nowhere = conv2.new_full((outputs * maps, size, size), torch.nan)
            dense = nowhere.index_copy(0, network.conv2.places, conv2)
            conv2 = dense.view(network.conv2.shape)
    return Kernels(conv1.cpu().numpy().copy(), conv2.cpu().numpy().copy())


def incoming_weights(
    network: Network, stages: tuple[Stage, ...], unit: Unit
) -> NDArray[np.float32] | None:
    """What a unit multiplies the values of the stage before with, copied.

    Of the 1998 network's outputs, the bitmap that F6 is compared with.

    Args:
        network: on any device.
        stages: its anatomy.
        unit: whose weights.

    Returns:
        float32, (maps of the stage before, height, width), NaN for maps that
        it does not see; one number, (1, 1, 1), for the 1998 network's
        subsampling; None for the input and for pooling without weights.
    """
    stage = stages[unit.stage]
    if stage.kind in (Kind.CONVOLUTION, Kind.FULL):
        layer = {"C1": "conv1", "C3": "conv2", "C5": "fc1", "F6": "fc2"}[stage.name]
        if stage.kind == Kind.CONVOLUTION:
            kernel: NDArray[np.float32] = getattr(collect_kernels(network), layer)[unit.map]
            return kernel
        weight = getattr(network, layer).weight[unit.map]
    elif isinstance(network, LeNet1998):
        if stage.kind == Kind.INPUT:
            return None
        layers = {"S2": network.pool1.weight, "S4": network.pool2.weight}
        weight = (
            network.bitmaps[unit.map] if stage.kind == Kind.OUTPUT else layers[stage.name][unit.map]
        )
        if stage.kind == Kind.POOLING:
            return np.full((1, 1, 1), weight.item(), np.float32)
    elif stage.kind == Kind.OUTPUT:
        weight = network.fc3.weight[unit.map]
    else:
        return None
    copied: NDArray[np.float32] = weight.detach().cpu().numpy().copy()
    return copied.reshape(stages[unit.stage - 1].shape)
