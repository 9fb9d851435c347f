"""Which part of a batch is trained here, where several processes share each batch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BatchPart:
    """The images `rows` of a batch of `total`, in its order.

    Whoever draws by chance draws for the whole batch and takes these rows: so
    each image meets the draws that it would have met in one process.
    """

    rows: slice
    total: int
    share: float = 1.0
    """What its mean loss counts in the batch's mean, 0 to 1."""

    @staticmethod
    def whole(total: int) -> BatchPart:
        """All of a batch."""
        return BatchPart(slice(0, total), total)

    @staticmethod
    def of(total: int, number: int, parts: int) -> BatchPart:
        """Part `number` of `parts`, as equal as can be.

        None is empty, as a network can't be asked about no image: a part that
        would be is the first image, with no share.
        """
        first, last = total * number // parts, total * (number + 1) // parts
        if first == last:
            return BatchPart(slice(0, 1), total, 0.0)
        return BatchPart(slice(first, last), total, (last - first) / total)
