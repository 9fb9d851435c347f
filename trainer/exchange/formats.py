"""The formats in which networks are exported, as pure data, without torch."""

from __future__ import annotations

from typing import Literal, get_args

from trainer.translation import N_

Format = Literal["onnx", "torch-export", "npz", "c"]
FORMATS: tuple[Format, ...] = get_args(Format)
TITLES: dict[Format, str] = {
    "onnx": N_("ONNX model"),
    "torch-export": N_("PyTorch program (torch.export)"),
    "npz": N_("NumPy arrays"),
    "c": N_("C header with 8-bit weights"),
}
"""What a person calls them; to be translated where it is shown."""
ENDINGS: dict[Format, str] = {"onnx": "onnx", "torch-export": "pt2", "npz": "npz", "c": "h"}
WITH_OPTIONS: tuple[Format, ...] = ("onnx", "torch-export")
"""Those that can give probabilities, or take pictures that are normalized already."""
