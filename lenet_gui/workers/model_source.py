"""Where a network comes from, so that another thread can load it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trainer.networks.model import Model


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Where a network comes from: it is here, in a file, or with neither the one that ships."""

    title: str
    model: Model | None = None
    path: Path | None = None

    def load(self) -> Model:
        """The network, on the CPU.

        Raises:
            ModelError: its file can't be read.
        """
        # Brings torch: not before the window shows.
        from trainer.networks import model as weights

        if self.model is not None:
            return self.model
        if self.path is None:
            return weights.load_shipped()
        return dataclasses.replace(weights.load(self.path), name=self.title)
