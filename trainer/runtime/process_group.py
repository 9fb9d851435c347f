"""Processes that train one network together, each on a shard of every batch.

torchrun starts them, on one machine or several, and restarts all of them when one dies. Here they
form a group, exchange values and sum gradients and figures. Knows nothing of recipes, files or the
terminal.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from trainer.errors import UserError
from trainer.runtime import devices, torchrun
from trainer.runtime.shard import BatchPart
from trainer.translation import gettext as _

T = TypeVar("T")


class GroupError(UserError):
    """A group of which a process ended or can't be reached."""


def check_reached(error: RuntimeError) -> None:
    """Convert an error that says that another process could not be reached.

    Raises:
        GroupError: it is such an error.
    """
    # gloo has no class of its own; `DistError` is of NCCL and the store.
    if isinstance(error, dist.DistError) or "gloo" in str(error).lower():
        raise GroupError(_("another process of this run ended or can't be reached")) from error


class Group:
    """The processes that train together; this one may be alone.

    All of them must call the same methods in the same order, since these are collective; only
    `device` and `part` are not.

    Args:
        rank: of this process, from 0.
        size: the number of processes.
        local_rank: the rank among the processes of this machine, from 0.
        memory: what survives a restart of the group; None for a process that is alone.
    """

    def __init__(
        self,
        rank: int = 0,
        size: int = 1,
        local_rank: int = 0,
        memory: torchrun.Memory | None = None,
    ) -> None:
        self.rank, self.size, self.local_rank, self.memory = rank, size, local_rank, memory

    @property
    def first(self) -> bool:
        """Whether this process writes the files and reports events."""
        return self.rank == 0

    @property
    def many(self) -> bool:
        """Whether there are several processes."""
        return self.size > 1

    def device(self, name: str) -> torch.device:
        """The device of that name, one of `devices.NAMES`; a GPU for each process.

        Raises:
            devices.DeviceError: it can't be used, or this machine has fewer GPUs than processes.
        """
        chosen = devices.choose(name)
        if not self.many or chosen.type == "cpu":
            return chosen
        if chosen.type != "cuda":
            if name == "auto":
                return torch.device("cpu")
            raise devices.DeviceError(
                _("{name} can't train in several processes: try --device cpu").format(name=name)
            )
        count = torch.cuda.device_count()
        if self.local_rank >= count:
            raise devices.DeviceError(
                _(
                    "this machine has {count} GPUs, and more processes: give torchrun "
                    "--nproc-per-node={count}, or train on the processors with --device cpu"
                ).format(count=count)
            )
        torch.cuda.set_device(self.local_rank)
        return torch.device("cuda", self.local_rank)

    def part(self, total: int) -> BatchPart:
        """This process's part of a batch of `total` images."""
        return BatchPart.of(total, self.rank, self.size)

    def wrapped(self, network: nn.Module) -> nn.Module:
        """The network, wrapped so that gradients are averaged over all processes."""
        if not self.many:
            return network
        # Only in a group: it brings much that one process alone does not need.
        from torch.nn.parallel import DistributedDataParallel

        # No network here has a buffer that training changes.
        wrapped = DistributedDataParallel(network)
        wrapped.broadcast_buffers = False  # as an argument, newer versions of torch warn of it
        return wrapped

    def sum_over_ranks(self, sums: Tensor) -> list[float]:
        """Sum over all processes.

        Args:
            sums: float, on this process's device. Afterwards it is the total in the first process
                and 0 in the others, so that accumulating can continue, and a checkpoint of the
                first process is complete.
        """
        if self.many:
            dist.all_reduce(sums)
        totals: list[float] = sums.tolist()
        if not self.first:
            sums.zero_()
        return totals

    def gather_rows(self, rows: Tensor, total: int) -> Tensor:
        """Collect the rows that each process has for its `part` of the images, in their order.

        Args:
            rows: (n, ...) of this process's part, on its device.
            total: how many images there are.

        Returns:
            (total, ...), the same in every process.
        """
        if not self.many:
            return rows
        all_rows = rows.new_zeros(total, *rows.shape[1:])
        part = self.part(total)
        if part.share:
            all_rows[part.rows] = rows
        dist.all_reduce(all_rows)  # a row is not 0 in one process only: adding zeros is exact
        return all_rows

    def broadcast_tensors(self, tensors: Iterable[Tensor]) -> None:
        """Copy the first process's values to all others, in place."""
        if not self.many:
            return
        for tensor in tensors:
            dist.broadcast(tensor, 0)

    def any_rank(self, mine: bool) -> bool:
        """Whether `mine` is true in any process."""
        if not self.many:
            return mine
        anyone = torch.tensor(int(mine))
        dist.all_reduce(anyone)
        return bool(anyone)

    def broadcast_from_first(self, make: Callable[[], T] | None = None) -> T:
        """Send what `make` returns in the first process to all.

        Args:
            make: called in the first process only; its result must be picklable.

        Raises:
            UserError: from `make`, in the first process; the others exit without a message.
        """
        if not self.many:
            assert make is not None
            return make()
        message: list[Any] = [None, ""]  # the result of `make`, or its error message
        mistake: UserError | None = None
        if self.first:
            assert make is not None
            try:
                message[0] = make()
            except UserError as error:
                mistake, message[1] = error, str(error)
        dist.broadcast_object_list(message, 0, device=torch.device("cpu"))
        if mistake is not None:
            raise mistake
        if message[1]:
            raise SystemExit(2)
        result: T = message[0]
        return result

    def first_on_each_machine(self, work: Callable[[], T]) -> T:
        """Do `work` in all processes, on each machine first in one and then in the others."""
        if not self.many:
            return work()
        if not self.local_rank:
            result = work()
        self.any_rank(False)
        return work() if self.local_rank else result


ALONE = Group()


@contextmanager
def join_group() -> Iterator[Group]:
    """Join the group that this process was started in; waits for all of its processes.

    Raises:
        GroupError: another process ended or can't be reached.
    """
    # DistributedDataParallel imports it, too late: the functions' defaults are the group that is
    # there then (`group=dist.group.WORLD`), which then outlives `destroy_process_group`. Its
    # threads wait for Python's lock when the process exits, and that aborts it.
    import torch.distributed.nn

    # Values that are exchanged are in the CPU's memory, also where GPUs train.
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    rank, size, store = torchrun.rank(), torchrun.size(), torchrun.open_store()
    dist.init_process_group(
        backend, store=torchrun.open_fresh_store(store), rank=rank, world_size=size
    )
    try:
        yield Group(rank, size, torchrun.local_rank(), torchrun.Memory(store))
    except RuntimeError as error:
        check_reached(error)
        raise
    finally:
        dist.destroy_process_group()
        gc.collect()  # a network that `wrapped` has wrapped holds the group, in a circle
