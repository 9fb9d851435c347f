"""One reading taken apart: how the network is built, why it answers so, and what its maps like.

Begin with `arithmetic`, which computes one unit's value again, or with `attribution`, which
says what each pixel has to do with an answer. Knows nothing of training and of Qt.
"""

__all__ = [
    "activation_maximization",
    "arithmetic",
    "attribution",
    "contributions",
    "layer_texts",
    "nearest_forms",
    "sliding",
    "top_images",
    "tour",
    "weights",
]
