"""Labeled images by the name of their dataset: from files, the network, or code.

Knows nothing of networks and training. Begin with `labelled_images`, the two tensors that
a dataset is, and `loading`, which finds, downloads and reads one by its name.
"""

__all__ = [
    "augment",
    "cifar10",
    "download",
    "labelled_images",
    "loading",
    "mnist_like",
    "own",
    "pen",
    "pen_digits",
    "pen_stream",
    "uci",
    "unipen",
]
