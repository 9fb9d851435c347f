"""Networks from other programs, and for other programs.

Import: `foreign_file` reads the tensors of a file, `matching` finds LeNet-5's layers among them,
and `trials` tries which preprocessing, activation and pooling they were trained with; `importing`
does all three. Export: `onnx_graph`, `export` and `c_header` write a model in other formats and
check what they wrote. Knows no window and no command line.
"""

from __future__ import annotations

from typing import Literal, get_args

from trainer.translation import N_

__all__ = [
    "ENDINGS",
    "FORMATS",
    "TITLES",
    "WITH_OPTIONS",
    "Format",
    "c_header",
    "export",
    "foreign_file",
    "importing",
    "matching",
    "onnx_graph",
    "trials",
]

# The formats in which networks are exported, as pure data, without torch.
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
