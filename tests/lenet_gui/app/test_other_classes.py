"""A network of clothes or letters: the window speaks of what it reads."""

from __future__ import annotations

CLOTHES = (
    *("Top", "Trousers", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Boot"),
)
