"""Digits, and what is no digit, written by code with numpy alone.

Knows nothing of data sets, torch or networks. Begin with `font`, which writes a digit:
`allographs` has the table of the ten digits' forms and `style` how handwritings differ. `letters`
and `scribbles` have forms that are not digits, of which `non_digits` writes images.
"""

__all__ = [
    "allographs",
    "font",
    "forms_0_to_4",
    "forms_5_to_9",
    "hand",
    "letters",
    "non_digits",
    "scribbles",
    "style",
]
