"""Copies on the CPU, shared with nobody: what leaves the thread that trains."""

from __future__ import annotations

import copy

from torch import Tensor

from trainer.networks.factory import Network
from trainer.training.events import State, Weights


def weights_of(network: Network) -> Weights:
    """A network's weights as they are now."""
    return {name: w.detach().cpu().clone() for name, w in network.state_dict().items()}


def on_cpu(state: State) -> State:
    """A deep copy with every tensor on the CPU."""

    def moved(value: object) -> object:
        if isinstance(value, Tensor):
            return value.detach().cpu().clone()
        if isinstance(value, dict):
            return {key: moved(item) for key, item in value.items()}
        if isinstance(value, list):
            return [moved(item) for item in value]
        return copy.deepcopy(value)

    return {key: moved(value) for key, value in state.items()}
