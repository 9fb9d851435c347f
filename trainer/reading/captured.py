"""Read images one at a time on a GPU, without waiting for the many small launches of a pass.

To launch the kernels of a single image takes longer than to compute them, and each layer's maps
would be copied back on their own. So the forward pass is captured once as a graph, with all maps
in one tensor: a reading is one copy to the GPU, one replay and one copy back. It has a stream of
high priority, which goes before the work of a training. On a CPU this is `predict.read`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.networks.interventions import Intervention
from trainer.networks.model import Model
from trainer.reading import predict
from trainer.reading.predict import Prediction
from trainer.runtime import cuda_graphs
from trainer.translation import gettext as _

_HIGH_PRIORITY = -1  # of a CUDA stream


class LiveReading:
    """Reads as `predict.read` does, with one model after the other; for one thread."""

    def __init__(self) -> None:
        self._captured: _CapturedReading | None = None
        self._problem = self._reported = ""

    def take_problem(self) -> str:
        """Why a device that can capture does not; "" if it does, or once it has been returned."""
        news = self._problem if self._problem != self._reported else ""
        self._reported = self._problem
        return news

    def read(
        self,
        model: Model,
        image: NDArray[np.uint8],
        interventions: Sequence[Intervention] = (),
        *,
        gate: bool = True,
    ) -> Prediction:
        """As `predict.read`, with the same errors."""
        if model.device.type not in cuda_graphs.RECORDERS or interventions or self._problem:
            return predict.read(model, image, interventions, gate=gate)
        predict.check(image)
        try:
            if self._captured is None or not self._captured.fits(model):
                self._captured = _CapturedReading(model)
            return self._captured.read(model, image, gate=gate)
        except cuda_graphs.CaptureError as error:
            self._captured = None
            self._problem = _(
                "the GPU could not capture a reading ({error}); it reads more slowly"
            ).format(error=error)
            return predict.read(model, image, interventions, gate=gate)


@dataclass(frozen=True, slots=True, eq=False)
class _Pass:
    """A captured pass, and where its results are."""

    recording: cuda_graphs.CapturedGraph
    results: Tensor  # float32, (values,): all layers flattened, on the device
    host: Tensor  # the same shape, in pinned memory of the CPU
    shapes: dict[str, torch.Size]  # of each result, in their order


class _CapturedReading:
    """The captured passes of one network, whose weights can be replaced.

    Args:
        model: on a device that captures; its weights are copied.
    """

    def __init__(self, model: Model) -> None:
        recorder = cuda_graphs.make_capturer(model.device, _HIGH_PRIORITY)
        assert recorder is not None  # the caller has looked
        self._recorder = recorder
        self._model = model  # whose weights `_own` has
        self._own = dataclasses.replace(model, network=model.to(model.device).network)
        self._host_images = recorder.host((1, 28, 28), torch.uint8)
        self._images = torch.zeros((1, 28, 28), dtype=torch.uint8, device=model.device)
        self._passes: dict[bool, _Pass] = {}  # without and with the gate

    def fits(self, model: Model) -> bool:
        """Whether the model is the same but for its weights, as one that is learning."""
        own = self._own
        return (model.recipe, model.classes, model.device) == (own.recipe, own.classes, own.device)

    def read(self, model: Model, image: NDArray[np.uint8], *, gate: bool) -> Prediction:
        """As `predict.read`, with a model that fits.

        Raises:
            cuda_graphs.CaptureError: the pass can't be captured.
        """
        if gate not in self._passes:
            self._passes[gate] = self._record(gate=gate)
        captured = self._passes[gate]
        self._host_images[0] = torch.from_numpy(image)
        with self._recorder.on_stream():
            if model is not self._model:
                self._own.network.load_state_dict(model.network.state_dict())
                self._model = model
            self._images.copy_(self._host_images, non_blocking=True)
            captured.recording.replay()
            captured.host.copy_(captured.results, non_blocking=True)
        self._recorder.wait()
        results = captured.host.clone()  # the next reading overwrites this memory
        parts = results.split([shape.numel() for shape in captured.shapes.values()])
        layers = {
            name: part.view(shape)
            for (name, shape), part in zip(captured.shapes.items(), parts, strict=True)
        }
        return predict.make_predictions(model, layers, image[np.newaxis])[0]

    def _record(self, *, gate: bool) -> _Pass:
        def compute() -> tuple[Tensor, dict[str, torch.Size]]:
            layers = predict.compute_layers(self._own, self._images, gate=gate)
            with torch.inference_mode():
                flat = torch.cat([values.float().flatten() for values in layers.values()])
            return flat, {name: values.shape for name, values in layers.items()}

        for _time in range(cuda_graphs.WARM_UP):
            self._recorder.warm_up(compute)
        (results, shapes), recording = self._recorder.capture(compute)
        return _Pass(
            recording, results, self._recorder.host(tuple(results.shape), results.dtype), shapes
        )
