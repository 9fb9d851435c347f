"""Training: the loop, its events, and the losses, optimizers and batches that recipes choose.

Begin with `training.Training`, which yields the events in `events`; `loop` has the epochs and
steps. Knows nothing of files, windows and threads: `trainer.runs` writes what is yielded.
"""

__all__ = [
    "autotune",
    "batches",
    "events",
    "gate",
    "history",
    "loop",
    "losses",
    "optimizers",
    "steps",
    "training",
]
