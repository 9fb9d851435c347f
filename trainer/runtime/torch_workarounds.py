"""PyTorch's optimizers without PyTorch's compiler, which no recipe uses.

An optimizer's methods import `torch._dynamo` when they are first called, only to
tell the compiler to keep out: with SymPy and Triton, more than a second and
170 MB. They are the same methods here, without what is wrapped round them.
"""

from __future__ import annotations

import inspect
from typing import TypeVar

import torch
from torch.optim import Optimizer

_METHODS = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")

T = TypeVar("T", bound=Optimizer)


def without_dynamo(kind: type[T]) -> type[T]:
    """The same optimizer, which takes the same steps; `torch.compile` cannot be used on it."""
    # What is wrapped is told by functools.wraps' `__wrapped__`; where there is none, in
    # another version of PyTorch say, the method stays what it is.
    methods = {name: inspect.unwrap(getattr(kind, name)) for name in _METHODS}
    step = torch.no_grad()(inspect.unwrap(kind.step))
    return type(kind.__name__, (kind,), {**methods, "step": step})
