"""How a network learns: the loop, what it yields, and all that a recipe chooses of it.

Begin with `training.Training`, a generator of the events in `events`; `loop` is one run under
way, step by step. Knows nothing of files, windows and threads: `trainer.runs` keeps what comes.
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
    "state_check",
    "steps",
    "training",
]
