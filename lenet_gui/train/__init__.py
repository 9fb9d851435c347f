"""The Train tab: the recipe's form, the table of runs, and the threads that train them.

What trains is `trainer.runs`, iterated in `training_thread`, when it is a run's turn in
`run_queue`; its events become a row's figures in `run_item`. `runs_on_disk` follows the folder.
Knows no other tab. Begin with `tab`.
"""

from typing import TYPE_CHECKING

from trainer import import_when_used

if TYPE_CHECKING:
    from lenet_gui.train import tab

__all__ = [
    "plateau_note",
    "recipe_fields",
    "recipe_form",
    "recipe_panel",
    "results_window",
    "run_actions",
    "run_item",
    "run_model",
    "run_queue",
    "run_table",
    "runs_on_disk",
    "tab",
    "training_thread",
]

__getattr__ = import_when_used(__name__, __all__)
