"""What all tests of the window share."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def collected_between_tests() -> Iterator[None]:
    """As in the program, no thread but the window's collects garbage: it may be widgets."""
    gc.disable()
    yield
    counts, most = gc.get_count(), gc.get_threshold()
    due = [age for age in range(3) if counts[age] > most[age]]
    if due:
        gc.collect(max(due))
    gc.enable()
