"""The networks, their model file, and what can be looked at or held in them.

Knows nothing of data sets and of training. Begin with `lenet5`, today's layout, and
`lenet1998`, the paper's; `factory` builds what a recipe asks for, `model` is the file, and
`gate` the network that says what is no digit.
"""

__all__ = [
    "anatomy",
    "builtin",
    "factory",
    "fused_convolution",
    "gate",
    "interventions",
    "kernels",
    "lenet5",
    "lenet1998",
    "model",
]
