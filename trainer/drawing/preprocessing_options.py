"""Which steps lead from ink to what is read; apart, so that a window may know them before numpy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PreprocessingOptions:
    """The steps that are taken; see `trainer.drawing.preprocessing`."""

    box: bool = True  # cut the ink out; else the whole paper is taken
    fit: bool = True  # bring it to 20 pixels, with MNIST's line; else paper's scale and line stay
    center: bool = True  # its mass to the center; else it stays where it lay on the paper

    @property
    def all(self) -> bool:
        """Whether none is left out."""
        return self.box and self.fit and self.center
