"""The order and the names of classes."""

from __future__ import annotations

from trainer.data.own.splitting import order_classes


def test_whole_numbers_stand_by_their_value_however_long() -> None:
    huge = "1" + "0" * 5000
    assert order_classes({"10", "9", "007", huge, "0"}) == ("0", "007", "9", "10", huge)
