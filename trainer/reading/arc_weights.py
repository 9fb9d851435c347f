"""What counts of an arc; fitted by `benchmarks/recognition/fit_segmentation.py`.

The weights in `trainer.drawing.segmentation` are fitted to geometry alone, and decide what is
read at all; these are fitted to all that is known once it is read.
"""

GEOMETRY = {
    "distance": -2.48,
    "no touch": -1.94,
    "overlap": 5.90,
    "gap": -10.00,
    "rows": -2.22,
    "tall": -1.50,
    "tall apart": 2.31,
    "tall over": 2.42,
    "tall within": 0.86,
    "travel": -1.19,
    "not next": -1.42,
    "too high": 1.32,
    "ends": 1.18,
    "bar begins": -0.79,
    "one": 1.38,
    "low": -23.23,
    "wide": -1.44,
    "flat": -5.29,
    "alone": 0.16,
    "joined": 6.13,
    "dropped": 3.56,
    "dropped length": 1.58,
    "through": -0.45,
    "straight": -1.68,
}
"""Weights of what `LINK`, `SHAPE` and `CUT` of `trainer.drawing.segmentation` weigh as well."""
READ = {
    "log-probability": 2.99,  # of the most probable class
    "refused": 0.79,  # the gate's score below its threshold
    "accepted": 0.51,  # above it
    "alone and sure": 0.86,  # all that is drawn reads as one accepted digit
}
"""Weights of what the network and the gate say."""
BY_CLASS = (
    (1.22, -0.00, -1.50, 0.67),  # 0
    (-0.28, 1.39, 0.63, 0.02),  # 1
    (-0.27, -5.51, 1.88, -0.02),  # 2
    (-2.22, -2.79, -0.50, -1.50),  # 3
    (1.82, 1.17, -3.76, -2.20),  # 4
    (1.99, -0.61, 1.28, -0.71),  # 5
    (-1.62, -6.45, -0.32, 1.38),  # 6
    (0.40, -1.24, -0.36, -2.76),  # 7
    (-1.54, -2.96, -3.89, -1.60),  # 8
    (-0.47, 0.53, -2.09, 0.82),  # 9
)
"""For each class the weights of two strokes, of three or more, of the logarithm of width over
height, and of its square."""
