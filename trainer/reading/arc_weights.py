"""What counts of an arc; fitted by `benchmarks/recognition/fit_segmentation.py`.

The weights in `trainer.drawing.segmentation` are fitted to geometry alone, and decide what is
read at all; these are fitted to all that is known once it is read.
"""

GEOMETRY = {
    "distance": -2.32,
    "no touch": 4.39,
    "overlap": 4.95,
    "gap": -5.68,
    "rows": -2.32,
    "tall": -1.99,
    "tall apart": 3.03,
    "tall over": 2.69,
    "tall within": 0.95,
    "travel": -0.89,
    "not next": -1.01,
    "too high": 0.86,
    "ends": 1.84,
    "bar begins": -0.55,
    "one": 1.02,
    "low": -34.15,
    "wide": -0.02,
    "flat": -3.76,
    "alone": -2.25,
    "joined": 4.35,
    "dropped": 5.81,
    "dropped length": -3.82,
}
"""Weights of what `LINK`, `SHAPE` and `CUT` of `trainer.drawing.segmentation` weigh as well."""
READ = {
    "log-probability": 2.25,  # of the most probable class
    "refused": 0.92,  # the gate's score below its threshold
    "accepted": 0.34,  # above it
    "alone and sure": 4.03,  # all that is drawn reads as one accepted digit
}
"""Weights of what the network and the gate say."""
BY_CLASS = (
    (0.06, -2.44, -0.83, 0.46),  # 0
    (-0.53, -1.01, 0.37, -0.11),  # 1
    (-1.36, -5.20, 2.35, 0.49),  # 2
    (-1.65, -5.58, -0.10, -0.92),  # 3
    (1.04, -0.11, -4.41, -2.64),  # 4
    (1.43, -3.06, 0.41, -1.16),  # 5
    (-0.86, -4.23, -0.41, 1.76),  # 6
    (0.09, -3.50, 1.22, -1.41),  # 7
    (-1.09, -4.32, -2.68, -1.64),  # 8
    (-0.21, -1.29, -1.56, 0.01),  # 9
)
"""For each class the weights of two strokes, of three or more, of the logarithm of width over
height, and of its square."""
