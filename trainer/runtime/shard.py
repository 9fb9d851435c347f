"""The part of a batch that one of several processes trains on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BatchPart:
    """The images `rows` of a batch of `total`, in its order.

    Random numbers are drawn for the whole batch, of which these rows are used: so each image gets
    the same ones as with a single process.
    """

    rows: slice
    total: int
    share: float = 1.0
    """The weight of its mean loss in the batch's mean, 0 to 1."""

    @staticmethod
    def whole(total: int) -> BatchPart:
        """All of a batch."""
        return BatchPart(slice(0, total), total)

    @staticmethod
    def of(total: int, number: int, parts: int) -> BatchPart:
        """Part `number` of `parts`, as equal as can be.

        No part is empty, since a network needs an image: a part that would be empty is the first
        image, with a share of 0.
        """
        first, last = total * number // parts, total * (number + 1) // parts
        if first == last:
            return BatchPart(slice(0, 1), total, 0.0)
        return BatchPart(slice(first, last), total, (last - first) / total)
