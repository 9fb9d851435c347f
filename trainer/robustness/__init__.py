"""How much distortion a network bears.

Begin with `distortions`, names and numbers alone; `drawings` and `images` distort a drawing and
a dataset's images, `sweep` has networks read them, and `export` writes what came of it. Knows
neither a terminal nor a window.
"""

__all__ = ["distortions", "drawings", "export", "images", "sweep"]
