"""Networks from other programs, and for other programs.

Import: `foreign_file` reads the tensors of a file, `matching` finds LeNet-5's layers among them,
and `trials` tries which preprocessing, activation and pooling they were trained with; `importing`
does all three. Export: `onnx_graph`, `export` and `c_header` write a model in other formats and
check what they wrote. Knows no window and no command line.
"""

__all__ = [
    "c_header",
    "export",
    "foreign_file",
    "formats",
    "importing",
    "matching",
    "onnx_graph",
    "trials",
]
