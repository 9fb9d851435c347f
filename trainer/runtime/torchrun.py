"""How the processes of a group find one another, and what is remembered between two starts.

torchrun tells each process where it stands, and keeps a table of keys that all
of them reach. The table stays when a group is started again after a crash: with
the folder of its run, but also with the addresses of processes that are dead, for which
`open_fresh_store` is the remedy.

- Without it: a group that is started again finds the old addresses and ends with an error.
- Versions: PyTorch 2.14.1.
- Upstream: "TORCH_DISABLE_SHARE_RDZV_TCP_STORE=0 is not compatible with torchelastic restarts",
  https://github.com/pytorch/pytorch/issues/135712.
- Off: LENET_STUDIO_NO_WORKAROUNDS=1.
- No longer needed once the table that torchrun gives to a group is empty at its second start:
  `test_torchruns_table_still_outlives_a_start` fails then.

Needs no torch to be imported.
"""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path
from typing import Any

from trainer.runtime.workarounds import workarounds_enabled

_POLL = 0.02  # seconds


def is_launched() -> bool:
    """Whether this process was started as one of a group that trains together."""
    variables = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
    return all(name in os.environ for name in variables)


def rank() -> int:
    """Which one of the group this process is, from 0."""
    return int(os.environ["RANK"])


def size() -> int:
    """How many processes the group has."""
    return int(os.environ["WORLD_SIZE"])


def local_rank() -> int:
    """Which one this process is of those on its machine, from 0."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def _lasts() -> bool:
    """Whether the table outlives the processes, as torchrun's does."""
    return os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True"


def _store_types() -> tuple[Any, Any]:
    """`PrefixStore` and `TCPStore`."""
    # Imported late: runs of one process need none of it.
    from torch.distributed import PrefixStore, TCPStore  # type: ignore[attr-defined]

    return PrefixStore, TCPStore


def open_store() -> Any:
    """The table, a `torch.distributed.Store`; the first process makes it where nobody did."""
    prefix_store, tcp_store = _store_types()
    address, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    store = tcp_store(address, port, size(), is_master=not _lasts() and rank() == 0)
    return prefix_store("lenet-studio", store)


def open_fresh_store(store: Any) -> Any:
    """A part of the table for this start of the group alone; waits until all ask for it.

    No number tells one start from the other on all machines, so they answer each
    other: the first process calls by a new name, the others answer with new names
    of their own, and the call is of this start if their answers were heard.
    Where workarounds are off, it is the whole table.
    """
    if not workarounds_enabled():
        return store
    prefix_store, _ = _store_types()
    mine = secrets.token_hex(8)
    if rank() == 0:
        store.set("call", mine)
        heard = [store.get(f"{mine}/{other}") for other in range(1, size())]
        store.set(f"{mine}/heard", b" ".join(heard))
        return prefix_store(mine, store)
    while True:
        call = store.get("call").decode()
        store.set(f"{call}/{rank()}", mine)
        if store.check([f"{call}/heard"]):
            heard = store.get(f"{call}/heard").decode().split()
            if heard[rank() - 1] == mine:
                return prefix_store(call, store)
        time.sleep(_POLL)


def will_restart() -> bool:
    """Whether a group that ends with another status than 0 is started again."""
    count, most = "TORCHELASTIC_RESTART_COUNT", "TORCHELASTIC_MAX_RESTARTS"
    return int(os.environ.get(count, "0")) < int(os.environ.get(most, "0"))


class Memory:
    """What stays when torchrun starts the group again after a crash.

    With another launcher nothing does: then such a group begins anew.

    Args:
        store: what `open_store` gave.
    """

    def __init__(self, store: Any) -> None:
        self._store = store

    def folder(self) -> Path | None:
        """The run's folder that this group made when it was started before; None if none."""
        if not _lasts() or not self._store.check(["run"]):
            return None
        return Path(os.fsdecode(self._store.get("run")))

    def keep(self, folder: Path) -> None:
        """Let the group find the run's folder when it is started again."""
        if _lasts():
            self._store.set("run", os.fsencode(folder.absolute()))
