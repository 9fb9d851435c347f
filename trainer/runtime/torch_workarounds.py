"""PyTorch's optimizers without PyTorch's compiler, which no recipe uses.

An optimizer's methods import `torch._dynamo` when they are first called, only to tell the
compiler to keep out (`torch/_compile.py`). `without_dynamo` takes these wrappers off, and no
other: `torch.no_grad`, the profiler's hook and the hooks of a step stay.

- Without it: 0.9 s and 150 MB (SymPy, among others) at the first optimizer of a process, by
  `python -X importtime -c "import torch; torch.optim.SGD([torch.ones(1)])"`, with 2 CPU cores.
- Versions: PyTorch 2.14.1.
- Upstream: none found of optimizers; "Don't unconditionally import torch._dynamo, it's slow",
  https://github.com/pytorch/pytorch/pull/162595, is of the same import elsewhere.
- Off: LENET_STUDIO_NO_WORKAROUNDS=1.
- No longer needed once `test_pytorch_still_imports_its_compiler` fails.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import CellType, FunctionType
from typing import Any, TypeVar

import torch
from torch.optim import Optimizer

from trainer.runtime.workarounds import workarounds_enabled

T = TypeVar("T", bound=Optimizer)


def without_dynamo(kind: type[T]) -> type[T]:
    """A subclass that takes the same steps; `torch.compile` cannot be used on it."""
    if not workarounds_enabled():
        return kind
    methods = {name: getattr(kind, name) for name in dir(kind)}
    functions = {name: m for name, m in methods.items() if isinstance(m, FunctionType)}
    stripped = {name: _strip(function) for name, function in functions.items()}
    changed = {name: f for name, f in stripped.items() if f is not functions[name]}
    return type(kind.__name__, (kind,), changed)


def _strip(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function without the compiler's wrappers; itself if it has none."""
    wrapped = getattr(function, "__wrapped__", None)
    if not isinstance(function, FunctionType) or wrapped is None:
        return function
    inner = _strip(wrapped)
    if function.__globals__["__name__"] == "torch._compile":
        return inner
    if function.__code__.co_name == "_use_grad":  # of `torch.optim.optimizer`
        return _track_gradients_if_differentiable(inner)
    return function if inner is wrapped else _rewrap(function, wrapped, inner)


def _track_gradients_if_differentiable(step: Callable[..., Any]) -> Callable[..., Any]:
    """PyTorch's `_use_grad_for_differentiable`, without a word to the compiler."""

    @functools.wraps(step)
    def with_gradients(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        with torch.set_grad_enabled(self.defaults["differentiable"]):
            return step(self, *args, **kwargs)

    return with_gradients


def _rewrap(
    wrapper: FunctionType, wrapped: Callable[..., Any], inner: Callable[..., Any]
) -> Callable[..., Any]:
    """A copy of a wrapper that calls `inner` where it called `wrapped`."""
    cells = tuple(
        CellType(inner) if cell.cell_contents is wrapped else cell
        for cell in wrapper.__closure__ or ()
    )
    copy = FunctionType(
        wrapper.__code__, wrapper.__globals__, wrapper.__name__, wrapper.__defaults__, cells
    )
    functools.update_wrapper(copy, wrapper)
    copy.__dict__["__wrapped__"] = inner
    return copy
