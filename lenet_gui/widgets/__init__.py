"""Widgets, formats and colors that several tabs use.

Knows no tab and no thread of one: what is here can be used anywhere in the window. Begin
with what you need; `theme` is the look of everything, `formatting` how numbers are written.
"""

__all__ = [
    "banner",
    "colormap",
    "controls",
    "dataset_offer",
    "file_dialogs",
    "formatting",
    "labels",
    "lists",
    "live_updates",
    "model_chooser",
    "number_field",
    "probabilities",
    "sliders",
    "theme",
]
