"""What counts of an arc; fitted by `benchmarks/recognition/fit_segmentation.py`.

The weights in `trainer.drawing.segmentation` are fitted to geometry alone, and decide what is
read at all; these are fitted to all that is known once it is read.
"""

GEOMETRY = {
    "distance": -2.58,
    "no touch": 3.98,
    "overlap": 5.70,
    "gap": -8.24,
    "rows": -2.47,
    "tall": -1.83,
    "tall apart": 3.01,
    "tall over": 1.55,
    "tall within": 1.23,
    "travel": -0.92,
    "not next": -0.79,
    "too high": 0.89,
    "ends": 0.63,
    "bar begins": -0.63,
    "one": 0.93,
    "low": -35.46,
    "wide": 0.35,
    "flat": -4.47,
    "alone": -2.40,
    "joined": 4.69,
    "dropped": 2.00,
    "dropped length": 2.40,
    "through": -1.00,
    "straight": -1.50,
}
"""Weights of what `LINK`, `SHAPE` and `CUT` of `trainer.drawing.segmentation` weigh as well."""
READ = {
    "log-probability": 2.30,  # of the most probable class
    "refused": 0.89,  # the gate's score below its threshold
    "accepted": 0.37,  # above it
    "alone and sure": 3.35,  # all that is drawn reads as one accepted digit
}
"""Weights of what the network and the gate say."""
BY_CLASS = (
    (0.21, -1.73, -1.09, 0.80),  # 0
    (-0.48, -0.27, 0.53, -0.07),  # 1
    (-1.08, -5.15, 3.07, 1.08),  # 2
    (-1.48, -6.05, -0.57, -1.53),  # 3
    (1.13, 0.03, -4.51, -3.16),  # 4
    (1.62, -2.93, 0.89, 0.18),  # 5
    (-0.65, -6.30, -0.23, 2.24),  # 6
    (-0.04, -3.12, 1.76, -0.71),  # 7
    (-1.17, -4.24, -2.60, -1.61),  # 8
    (0.06, -0.75, -1.76, -0.35),  # 9
)
"""For each class the weights of two strokes, of three or more, of the logarithm of width over
height, and of its square."""
