"""Words and numbers in the window's texts."""

from __future__ import annotations

import pytest

from lenet_gui.widgets.formatting import elide_middle, name_of_classes
from lenet_gui.widgets.number_field import range_text


def test_a_range_is_written_without_exponents() -> None:
    assert range_text(0, 2**31 - 1) == "0 to 2,147,483,647"
    assert range_text(1e-6, 10) == "0.000001 to 10"


@pytest.mark.parametrize(
    ("classes", "what"),
    [
        (tuple("0123456789"), "digit"),
        (tuple("ABC"), "letter"),
        (tuple("0AB"), "character"),
        (tuple("おき"), "character"),
        (("Coat", "Bag"), "picture"),
    ],
)
def test_what_a_network_reads(classes: tuple[str, ...], what: str) -> None:
    assert name_of_classes(classes) == what


def test_names_are_elided_in_the_middle() -> None:
    assert elide_middle("studio 14:15", 12) == "studio 14:15"
    assert elide_middle("studio (seed 5) 14:15", 12) == "studio…14:15"
    assert len(elide_middle("a" * 99, 20)) == 20
