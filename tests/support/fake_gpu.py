"""A GPU that computes nothing: where tensors lie is known, what is in them is not.

Under PyTorch's fake tensors an operation on tensors of different devices fails as it does on a
GPU, and so does a generator of chance of another device than what is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.overrides import TorchFunctionMode

GPU = torch.device("cuda", 0)
M = TypeVar("M", bound=nn.Module)
_MODE = FakeTensorMode(allow_non_fake_inputs=False)
"""One for all, as tensors that the program keeps for a device are of the one that made them."""


class GpuGenerator(torch.Generator):
    """A generator of chance that says that it is on the GPU."""

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        """The GPU."""
        return GPU


class _Devices(TorchFunctionMode):
    """Compares the device of a generator with that of what is drawn."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        found = func(*args, **kwargs)
        generator = kwargs.get("generator")
        if generator is not None and isinstance(found, Tensor):
            assert generator.device.type == found.device.type, (
                f"{func.__name__} draws on {found.device} by a generator on {generator.device}"
            )
        return found


@contextmanager
def fake_gpu() -> Iterator[None]:
    """Within it, tensors of `GPU` can be made, but hold no values."""
    with _MODE, _Devices():
        yield


def moved(module: M) -> M:
    """The module with all its weights on the GPU, to be called within `fake_gpu`."""
    for part in module.modules():
        for name, weight in part.named_parameters(recurse=False):
            there = torch.empty(weight.shape, dtype=weight.dtype, device=GPU)
            part.register_parameter(name, nn.Parameter(there, weight.requires_grad))
        for name, values in part.named_buffers(recurse=False):
            part.register_buffer(name, torch.empty(values.shape, dtype=values.dtype, device=GPU))
    return module
