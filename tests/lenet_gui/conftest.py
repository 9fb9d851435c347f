"""What all tests of the window share."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from lenet_gui.app.qt_workarounds import collect_what_is_due
from tests.support.gui import restore_look


@pytest.fixture(autouse=True)
def collected_between_tests() -> Iterator[None]:
    """As in the program, no thread but the window's collects garbage: it may be widgets."""
    gc.disable()
    yield
    collect_what_is_due()
    gc.enable()


@pytest.fixture
def own_look(qapp: QApplication) -> Iterator[None]:
    """Whatever a test does to colors and styles, the next one finds what it would have found."""
    with restore_look(qapp):
        yield
