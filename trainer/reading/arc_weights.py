"""What counts of an arc; fitted by `benchmarks/recognition/fit_segmentation.py`.

The weights in `trainer.drawing.segmentation` are fitted to geometry alone, and decide what is
read at all; these are fitted to all that is known once it is read.
"""

GEOMETRY = {
    "distance": -1.57,
    "no touch": -5.00,
    "overlap": 5.33,
    "gap": -9.08,
    "rows": -2.62,
    "tall": -2.49,
    "tall apart": 2.22,
    "tall over": 2.43,
    "tall within": 1.12,
    "travel": -0.86,
    "not next": -1.03,
    "too high": 0.99,
    "ends": -0.05,
    "bar begins": -0.51,
    "one": 1.11,
    "low": -52.99,
    "wide": -1.61,
    "flat": -2.17,
    "alone": -1.24,
    "joined": 5.12,
    "dropped": 5.32,
    "dropped length": -3.08,
}
"""Weights of what `LINK`, `SHAPE` and `CUT` of `trainer.drawing.segmentation` weigh as well."""
READ = {
    "log-probability": 2.86,  # of the most probable class
    "refused": 0.67,  # the gate's score below its threshold
    "accepted": 0.40,  # above it
    "alone and sure": 2.62,  # all that is drawn reads as one accepted digit
}
"""Weights of what the network and the gate say."""
BY_CLASS = (
    (1.09, 0.50, -1.36, -1.02),  # 0
    (-0.69, 1.67, 0.58, -0.09),  # 1
    (-0.51, -2.30, 0.79, -0.97),  # 2
    (-1.84, -1.08, -2.42, -2.54),  # 3
    (1.48, 3.15, -5.45, -3.31),  # 4
    (2.14, 0.69, 0.35, -3.09),  # 5
    (0.23, -0.19, -1.66, 0.07),  # 6
    (0.90, -2.39, 0.42, -1.42),  # 7
    (-0.40, -1.56, -3.10, -2.14),  # 8
    (-0.03, 3.37, -1.98, -0.34),  # 9
)
"""For each class the weights of two strokes, of three or more, of the logarithm of width over
height, and of its square."""
