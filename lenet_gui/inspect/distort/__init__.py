"""The Distort panel: how much distortion the network tolerates, on a drawing or a dataset.

The distortions are `trainer.robustness`'s, computed in threads. Begin with `panel`; `page`
is one drawing distorted, `accuracy_page` a whole test set.
"""

__all__ = [
    "accuracy_page",
    "chart",
    "page",
    "panel",
    "sweep_page",
    "workers",
]
