"""Ink, however it came, to the 28x28 image that a network reads.

Strokes, files of strokes, photos and scans all end here as uint8 (28, 28), 0 paper and 255
ink. Knows no torch, no network and no window. Begin with `rasterize`, the one renderer;
`preprocessing` shows its steps, `segmentation` divides a drawing into digits, and `sheet`
is what the window knows before numpy is there.
"""

__all__ = [
    "cuts",
    "pdf",
    "photos",
    "picture",
    "picture_file",
    "preprocessing",
    "rasterize",
    "segmentation",
    "segmentation_graph",
    "sheet",
    "stroke_files",
    "svg",
    "variation",
]
