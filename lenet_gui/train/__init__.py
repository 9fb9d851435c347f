"""The Train tab: the recipe's form, the table of runs, and the threads that train them.

What trains is `trainer.runs`, iterated in `training_thread`; its events become rows in `run_model`.
Knows no other tab. Begin with `tab`.
"""

__all__ = [
    "plateau_note",
    "recipe_fields",
    "recipe_form",
    "recipe_panel",
    "results_window",
    "run_actions",
    "run_model",
    "run_table",
    "tab",
    "training_thread",
]
