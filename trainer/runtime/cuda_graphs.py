"""Work captured once on a GPU and replayed: the one place that knows CUDA graphs.

A replay repeats what was captured to the letter: the same kernels on the same
memory, with the numbers that Python passed then. What shall differ from replay
to replay must lie in a tensor that was there before the capture. After
https://docs.pytorch.org/docs/stable/notes/cuda.html, "CUDA Graphs".
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

import torch
from torch import Tensor

WARM_UP = 3
"""How often work is to be done before it is captured: libraries choose their ways meanwhile."""

Result = TypeVar("Result")


class CaptureError(Exception):
    """Work that can't be captured; the message is the first line of why."""


_one_at_a_time = threading.Lock()  # a process can capture but one graph at once


class CapturedGraph(Protocol):
    """Work that was captured."""

    def replay(self) -> None:
        """Have it done again, on the current stream; does not wait for it."""


class GraphCapturer(Protocol):
    """Captures work of the thread that calls it."""

    def on_stream(self) -> AbstractContextManager[object]:
        """Within, work goes to the recorder's own stream."""

    def warm_up(self, work: Callable[[], Result]) -> Result:
        """Do the work now, aside, after all that the current stream was given before."""

    def capture(
        self, work: Callable[[], Result], generator: torch.Generator | None = None
    ) -> tuple[Result, CapturedGraph]:
        """Capture work instead of doing it.

        Args:
            work: waits for nothing, and makes no choice by what is computed.
            generator: the one that the work draws from; replays draw on from it.

        Returns:
            what `work` returned, in whose tensors each replay leaves its results,
            and the recording, which goes with the generator and all of its tensors.

        Raises:
            NotRecorded: it can't be; generator and memory are as before.
        """

    def wait(self) -> None:
        """Until all is done that was given to the recorder's own stream."""

    def host(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """Memory of the CPU that the device copies from and to by itself."""


class CudaGraphCapturer:
    """The `Recorder` of NVIDIA's GPUs.

    Args:
        device: where.
        priority: of its stream and of what is captured: -1 goes before what
            other streams have waiting, 0 is usual.
    """

    def __init__(self, device: torch.device, priority: int = 0) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device, priority=priority)

    def on_stream(self) -> AbstractContextManager[object]:
        """As in `Recorder`."""
        return torch.cuda.stream(self._stream)

    def warm_up(self, work: Callable[[], Result]) -> Result:
        """As in `Recorder`."""
        current = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(current)
        with self.on_stream():
            result = work()
        current.wait_stream(self._stream)
        return result

    def capture(
        self, work: Callable[[], Result], generator: torch.Generator | None = None
    ) -> tuple[Result, CapturedGraph]:
        """As in `Recorder`."""
        graph = torch.cuda.CUDAGraph()
        current = torch.cuda.current_stream(self._device)
        drawn = None
        if generator is not None:
            with warnings.catch_warnings():  # newer versions of torch need no such word
                warnings.simplefilter("ignore")
                graph.register_generator_state(generator)
            drawn = generator.get_state()
        try:
            # What other threads do on the device meanwhile, a reading or another run, is none
            # of the graph's business: "thread_local" lets them.
            with (
                _one_at_a_time,
                torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"),
            ):
                result = work()
        except RuntimeError as error:
            torch.cuda.set_stream(current)  # a capture that fails may leave its own one behind
            if generator is not None and drawn is not None:
                # The generator may still think that it is being captured.
                fresh = torch.Generator(self._device)
                fresh.set_state(drawn)
                generator.graphsafe_set_state(fresh)
            raise CaptureError(_reason(error)) from error
        return result, graph

    def wait(self) -> None:
        """As in `Recorder`."""
        self._stream.synchronize()

    def host(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """As in `Recorder`."""
        return torch.empty(shape, dtype=dtype, pin_memory=True)


RECORDERS: dict[str, Callable[[torch.device, int], GraphCapturer]] = {"cuda": CudaGraphCapturer}
"""By the type of device: what makes a recorder of a device and a priority."""


def make_capturer(device: torch.device, priority: int = 0) -> GraphCapturer | None:
    """A recorder for the device, or None where nothing can be captured, as on a CPU."""
    kind = RECORDERS.get(device.type)
    return None if kind is None else kind(device, priority)


def _reason(error: RuntimeError) -> str:
    """The first line of why work could not be captured."""
    # What ends a capture complains as well, and less to the point than what broke it.
    first = error.__context__ if isinstance(error.__context__, RuntimeError) else error
    return (str(first).splitlines() or [type(first).__name__])[0]
