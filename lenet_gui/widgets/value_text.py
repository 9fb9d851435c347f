"""Values as short texts, with the minus sign that people write."""

from __future__ import annotations

MINUS = "−"


def value_text(value: float) -> str:
    """Three digits or so: "0.42", "−1.30", "12.3", "−205"."""
    size = abs(value)
    return rounded(value, 2 if size < 9.995 else 1 if size < 99.95 else 0)


def rounded(value: float, decimals: int) -> str:
    """With so many decimals, and never as minus nothing."""
    text = f"{value:.{decimals}f}"
    if text.startswith("-"):
        text = text[1:] if not text.strip("-0.") else MINUS + text[1:]
    return text


def longest(low: float, high: float, decimals: int) -> str:
    """The longest text of values from `low` to `high`, with 0 for each digit."""
    texts = (rounded(low, decimals), rounded(high, decimals))
    return max(("".join("0" if c.isdigit() else c for c in text) for text in texts), key=len)
