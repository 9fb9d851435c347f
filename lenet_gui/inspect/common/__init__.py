"""What the Inspect tab's panels share: the inspection, styles, cells of values, picture files.

The lowest floor of the tab: knows no panel. Begin with `inspection`, which is what every
panel is shown.
"""

__all__ = [
    "image_files",
    "inspection",
    "style",
    "value_cells",
]
