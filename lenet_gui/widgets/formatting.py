"""How many digits the arithmetic's numbers have, in accounts and in small cells."""

from __future__ import annotations

from lenet_gui.widgets.value_text import MINUS, rounded


def decimals(largest: float) -> int:
    """How many decimals a column of numbers has whose largest magnitude is this."""
    return 3 if largest < 10 else 2 if largest < 100 else 1 if largest < 1e4 else 0


def number(value: float, decimals: int = 3) -> str:
    """A number of an account."""
    return rounded(value, decimals)


def short(value: float, whole: bool) -> str:
    """A number for a small cell: two digits or three, "0" where it rounds to nothing.

    Args:
        value: any.
        whole: there is room for "−0.42"; else it is "−.42", and 1.31 is "1.3".
    """
    size = abs(value)
    if size < 0.005:
        return "0"
    sign = MINUS if value < 0 else ""
    if size < (9.995 if whole else 0.995):
        text = f"{size:.2f}"
        return sign + (text if whole else text.lstrip("0"))
    if size < (99.95 if whole else 9.95):
        return f"{sign}{size:.1f}"
    if size < 999.5:
        return f"{sign}{size:.0f}"
    return sign + f"{size:.0e}".replace("e+0", "e").replace("e+", "e")
