"""CUDA graphs: work that is captured once on a GPU and replayed.

A replay repeats exactly what was captured: the same kernels on the same memory, with the numbers
that Python passed then. What is to differ between replays must be in a tensor that existed
before the capture. After
https://docs.pytorch.org/docs/stable/notes/cuda.html, "CUDA Graphs".

A capture that fails leaves its stream as the current one, and a generator that believes it is
still captured; `_repair` sets both right.

- Without it: the run that could not be captured, and should continue eagerly, fails.
- Versions: PyTorch 2.14.1 with CUDA 13.0.
- Upstream: https://github.com/pytorch/pytorch/pull/171265 and
  https://github.com/pytorch/pytorch/pull/173421, both for issue 171263.
- Off: LENET_STUDIO_NO_WORKAROUNDS=1.
- No longer needed once `test_a_failed_capture_leaves_no_marks` passes with it off.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

import torch
from torch import Tensor

from trainer.runtime.workarounds import workarounds_enabled

WARM_UP = 3
"""How often to do work before it is captured, while libraries choose their algorithms."""

Result = TypeVar("Result")


class CaptureError(Exception):
    """Work that can't be captured; the message is the first line of the reason."""


_one_at_a_time = threading.Lock()  # a process can capture only one graph at a time


class CapturedGraph(Protocol):
    """Work that was captured."""

    def replay(self) -> None:
        """Launch it again on the current stream, without waiting for it."""


class GraphCapturer(Protocol):
    """Captures work of the thread that calls it."""

    def on_stream(self) -> AbstractContextManager[object]:
        """A context in which work goes to the capturer's own stream."""

    def warm_up(self, work: Callable[[], Result]) -> Result:
        """Do the work now on the own stream, after all earlier work of the current stream."""

    def capture(
        self, work: Callable[[], Result], generator: torch.Generator | None = None
    ) -> tuple[Result, CapturedGraph]:
        """Capture work instead of doing it.

        Args:
            work: must not synchronize, nor branch on computed values.
            generator: the one that the work draws from; replays continue its sequence.

        Returns:
            what `work` returned, in whose tensors each replay leaves its results,
            and the graph, which is valid as long as the generator and its tensors.

        Raises:
            CaptureError: it can't be captured; generator and memory are as before.
        """

    def wait(self) -> None:
        """Wait until all work of the capturer's own stream is done."""

    def host(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """A tensor in pinned memory of the CPU, for asynchronous copies."""


class CudaGraphCapturer:
    """The `GraphCapturer` of NVIDIA's GPUs.

    Args:
        device: the GPU.
        priority: of its stream: -1 goes before waiting work of other streams, 0 is the default.
    """

    def __init__(self, device: torch.device, priority: int = 0) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device, priority=priority)

    def on_stream(self) -> AbstractContextManager[object]:
        """As in `GraphCapturer`."""
        return torch.cuda.stream(self._stream)

    def warm_up(self, work: Callable[[], Result]) -> Result:
        """As in `GraphCapturer`."""
        current = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(current)
        with self.on_stream():
            result = work()
        current.wait_stream(self._stream)
        return result

    def capture(
        self, work: Callable[[], Result], generator: torch.Generator | None = None
    ) -> tuple[Result, CapturedGraph]:
        """As in `GraphCapturer`."""
        graph = torch.cuda.CUDAGraph()
        current = torch.cuda.current_stream(self._device)
        state = None
        if generator is not None:
            with warnings.catch_warnings():  # newer versions of torch do not need this
                warnings.simplefilter("ignore")
                graph.register_generator_state(generator)
            state = generator.get_state()
        try:
            # "thread_local": work of other threads on the device, such as a reading or another run,
            # does not break the capture.
            with (
                _one_at_a_time,
                torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"),
            ):
                result = work()
        except RuntimeError as error:
            if workarounds_enabled():
                _repair(current, generator, state)
            raise CaptureError(_reason(error)) from error
        return result, graph

    def wait(self) -> None:
        """As in `GraphCapturer`."""
        self._stream.synchronize()

    def host(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """As in `GraphCapturer`."""
        return torch.empty(shape, dtype=dtype, pin_memory=True)


RECORDERS: dict[str, Callable[[torch.device, int], GraphCapturer]] = {"cuda": CudaGraphCapturer}
"""Constructors of capturers, by type of device; called with a device and a priority."""


def make_capturer(device: torch.device, priority: int = 0) -> GraphCapturer | None:
    """A capturer for the device, or None where nothing can be captured, as on a CPU."""
    kind = RECORDERS.get(device.type)
    return None if kind is None else kind(device, priority)


def _repair(
    current: torch.cuda.Stream, generator: torch.Generator | None, state: Tensor | None
) -> None:
    """Restore the current stream and the generator's state after a failed capture."""
    torch.cuda.set_stream(current)
    if generator is not None and state is not None:
        fresh = torch.Generator(generator.device)
        fresh.set_state(state)
        generator.graphsafe_set_state(fresh)


def _reason(error: RuntimeError) -> str:
    """The first line of why work could not be captured."""
    # The end of the capture fails as well, with a less specific message than the cause.
    first = error.__context__ if isinstance(error.__context__, RuntimeError) else error
    return (str(first).splitlines() or [type(first).__name__])[0]
