"""A stand-in for CUDA graphs on the CPU, as strict as they are, to test what is captured.

Capturing writes down every operation with the tensors and numbers that it was
given, and undoes what it did. A replay does the operations again, on the same
tensors and with the same numbers, into the same results. To wait for a value
while capturing is an error, as on a GPU.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from trainer.runtime import cuda_graphs

Result = TypeVar("Result")

_WAITING = ("_local_scalar_dense", "is_nonzero", "nonzero", "equal")


class FakeCudaGraph(TorchDispatchMode):
    """Operations as they were captured."""

    def __init__(self) -> None:
        super().__init__()
        self.operations: list[tuple[Any, Any, Any, Any]] = []
        self.before: list[tuple[Tensor, Tensor]] = []  # what capturing changed, and what it was
        self.replays = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func._schema.name.removeprefix("aten::") in _WAITING:
            raise RuntimeError("operation not permitted when stream is capturing")
        for argument, value in zip(func._schema.arguments, args, strict=False):
            if argument.alias_info is not None and argument.alias_info.is_write:
                with torch.no_grad():
                    tensors = [t for t in tree_leaves(value) if isinstance(t, Tensor)]
                    self.before += [(tensor, tensor.clone()) for tensor in tensors]
        result = func(*args, **kwargs)
        self.operations.append((func, args, kwargs, result))
        return result

    def undo(self) -> None:
        """Make everything as it was before the capture."""
        with torch.inference_mode():
            for tensor, value in reversed(self.before):
                tensor.copy_(value)
        self.before = []

    def replay(self) -> None:
        """Do it all again."""
        self.replays += 1
        with torch.inference_mode():  # where also what was made within one may be written
            for func, args, kwargs, result in self.operations:
                again = func(*args, **kwargs)
                given = {_memory(value) for value in tree_leaves((args, kwargs))}
                for old, new in zip(tree_leaves(result), tree_leaves(again), strict=True):
                    # Else in place, or a view of what has been replayed.
                    if isinstance(old, Tensor) and _memory(old) not in given:
                        old.copy_(new)


def _memory(value: object) -> int | None:
    """Where a tensor's numbers lie."""
    return value.untyped_storage().data_ptr() if isinstance(value, Tensor) else None


class FakeGraphCapturer:
    """The `cuda_graphs.GraphCapturer` that makes them."""

    graphs: list[FakeCudaGraph] = []  # noqa: RUF012  emptied by `use_fake_graphs`

    def __init__(self, device: torch.device, priority: int = 0) -> None:
        self.priority = priority

    def on_stream(self) -> AbstractContextManager[object]:
        """As in `cuda_graphs.GraphCapturer`."""
        return nullcontext()

    def warm_up(self, work: Callable[[], Result]) -> Result:
        """As in `cuda_graphs.GraphCapturer`."""
        return work()

    def capture(
        self, work: Callable[[], Result], generator: torch.Generator | None = None
    ) -> tuple[Result, cuda_graphs.CapturedGraph]:
        """As in `cuda_graphs.GraphCapturer`."""
        graph = FakeCudaGraph()
        drawn = None if generator is None else generator.get_state()
        try:
            with graph:
                result = work()
        except RuntimeError as error:
            raise cuda_graphs.CaptureError(str(error)) from error
        finally:
            graph.undo()
            if generator is not None and drawn is not None:
                generator.set_state(drawn)
        self.graphs.append(graph)
        return result, graph

    def wait(self) -> None:
        """As in `cuda_graphs.GraphCapturer`."""

    def host(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """As in `cuda_graphs.GraphCapturer`."""
        return torch.empty(shape, dtype=dtype)


def use_fake_graphs(monkeypatch: pytest.MonkeyPatch) -> list[FakeCudaGraph]:
    """Have the CPU capture, until the test ends; returns what is captured."""
    FakeGraphCapturer.graphs = []
    monkeypatch.setitem(cuda_graphs.RECORDERS, "cpu", FakeGraphCapturer)
    return FakeGraphCapturer.graphs
