"""Photos and scans to 28x28: ink told from paper, the digit from the rest, and normalized.

The modules in the order in which a photo passes them: `preparation` rotates, crops and resizes
it, `contrast` estimates the paper's brightness, `binarization` makes masks of ink, `components`
chooses the connected components that are the digit, and `size_normalization` lays it out as the
datasets have it. `search` tries several thresholds and takes the best candidate; begin with its
`find_digit`. `trainer.pages` uses the same for pictures of several digits.
"""

__all__ = [
    "binarization",
    "components",
    "contrast",
    "preparation",
    "search",
    "size_normalization",
]
