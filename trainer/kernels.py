"""The weights of a network's two convolutions, as arrays to look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.lenet1998 import LeNet1998
from trainer.networks import Network


@dataclass(frozen=True, slots=True, eq=False)
class Kernels:
    """What each map is made with, copied: the network may go on learning."""

    conv1: NDArray[np.float32]  # (6, channels, 5, 5)
    conv2: NDArray[np.float32]  # (16, 6, 5, 5); NaN where the network has no such connection


def kernels(network: Network) -> Kernels:
    """The kernels of a network on any device."""
    with torch.no_grad():
        conv1, conv2 = network.conv1.weight.detach(), network.conv2.weight.detach()
        if isinstance(network, LeNet1998):
            outputs, maps, size, _ = network.conv2.shape
            nowhere = conv2.new_full((outputs * maps, size, size), torch.nan)
            dense = nowhere.index_copy(0, network.conv2.places, conv2)
            conv2 = dense.view(network.conv2.shape)
    return Kernels(conv1.cpu().numpy().copy(), conv2.cpu().numpy().copy())
