"""The colors of the Inspect tab: which values are shown, on which scale, in which colors.

`values` turns numbers into images, `bar` lets one choose, `scale` shows the legend. Begin
with `values`.
"""

__all__ = [
    "bar",
    "scale",
    "values",
]
