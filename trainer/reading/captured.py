"""Read one picture after the other with what lies on a GPU, as soon as one is drawn.

Asked for one by one, the kernels of a single picture take longer to ask for than
to compute, and each layer's maps would come back by themselves. So the pass is
captured once, with all its maps in one piece: a reading is one copy there, one
replay and one copy back. It has a stream of its own that goes before whatever a
training has waiting. On a CPU this is `predict.read`.
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

_FIRST = -1  # the priority of what must not wait


class LiveReading:
    """Reads as `predict.read` does, with one model after the other; for one thread."""

    def __init__(self) -> None:
        self._captured: _CapturedReading | None = None
        self._problem = self._told = ""

    def take_problem(self) -> str:
        """Why readings are not captured where they ought to be; empty if they are, or once told."""
        news = self._problem if self._problem != self._told else ""
        self._told = self._problem
        return news

    def read(
        self,
        model: Model,
        image: NDArray[np.uint8],
        edits: Sequence[Intervention] = (),
        gate: bool = True,
    ) -> Prediction:
        """As `predict.read`, and raises what that does."""
        if model.device.type not in cuda_graphs.RECORDERS or edits or self._problem:
            return predict.read(model, image, edits, gate)
        predict.check(image)
        try:
            if self._captured is None or not self._captured.fits(model):
                self._captured = _CapturedReading(model)
            return self._captured.read(model, image, gate)
        except cuda_graphs.CaptureError as error:
            self._captured = None
            self._problem = _(
                "the GPU could not capture a reading ({error}); it reads more slowly"
            ).format(error=error)
            return predict.read(model, image, edits, gate)


@dataclass(frozen=True, slots=True, eq=False)
class _Pass:
    """A captured pass, and where its results are."""

    recording: cuda_graphs.CapturedGraph
    results: Tensor  # float32, all in one piece, on the device
    host: Tensor  # as much memory of the CPU
    shapes: dict[str, torch.Size]  # of each result, in their order


class _CapturedReading:
    """A network's passes, with its weights of the moment.

    Args:
        model: on a device that captures; its weights are copied.
    """

    def __init__(self, model: Model) -> None:
        recorder = cuda_graphs.make_capturer(model.device, _FIRST)
        assert recorder is not None  # the caller has looked
        self._recorder = recorder
        self._model = model  # whose weights these are
        self._own = dataclasses.replace(model, network=model.to(model.device).network)
        self._given = recorder.host((1, 28, 28), torch.uint8)
        self._pictures = torch.zeros((1, 28, 28), dtype=torch.uint8, device=model.device)
        self._passes: dict[bool, _Pass] = {}  # without and with the gate

    def fits(self, model: Model) -> bool:
        """Whether the model is the same but for its weights, as one that is learning."""
        return (model.recipe, model.classes, model.device) == (
            *(self._own.recipe, self._own.classes),
            self._own.device,
        )

    def read(self, model: Model, image: NDArray[np.uint8], gate: bool) -> Prediction:
        """As `predict.read`, with a model that fits.

        Raises:
            cuda_graphs.CaptureError: the pass can't be captured.
        """
        if gate not in self._passes:
            self._passes[gate] = self._record(gate)
        captured = self._passes[gate]
        self._given[0] = torch.from_numpy(image)
        with self._recorder.on_stream():
            if model is not self._model:
                self._own.network.load_state_dict(model.network.state_dict())
                self._model = model
            self._pictures.copy_(self._given, non_blocking=True)
            captured.recording.replay()
            captured.host.copy_(captured.results, non_blocking=True)
        self._recorder.wait()
        results = captured.host.clone()  # the next reading comes into the same memory
        parts = results.split([shape.numel() for shape in captured.shapes.values()])
        found = {
            name: part.view(shape)
            for (name, shape), part in zip(captured.shapes.items(), parts, strict=True)
        }
        return predict.make_predictions(model, found, image[np.newaxis])[0]

    def _record(self, gate: bool) -> _Pass:
        def work() -> tuple[Tensor, dict[str, torch.Size]]:
            found = predict.compute_layers(self._own, self._pictures, gate=gate)
            with torch.inference_mode():
                whole = torch.cat([values.float().flatten() for values in found.values()])
            return whole, {name: values.shape for name, values in found.items()}

        for _time in range(cuda_graphs.WARM_UP):
            self._recorder.warm_up(work)
        (results, shapes), recording = self._recorder.capture(work)
        return _Pass(
            recording, results, self._recorder.host(tuple(results.shape), results.dtype), shapes
        )
