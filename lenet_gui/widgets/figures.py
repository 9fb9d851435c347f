"""Shares and times as they are written everywhere in the window."""

from __future__ import annotations


def percent(share: float | None) -> str:
    """0.98765 as "98.77 %"; nothing for None."""
    return "" if share is None else f"{share * 100:.2f} %"


def duration(seconds: float) -> str:
    """75 as "1:15"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
