"""What a run's figures may depend on beside its recipe: device, threads and versions."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from trainer import __version__
from trainer.runs.record import Record
from trainer.translation import N_, ngettext
from trainer.translation import gettext as _

_NAMES = {
    "device": N_("device"),
    "processes": N_("processes"),
    "threads": N_("threads"),
    "torch": "torch",
}


def count_threads() -> int:
    """How many threads this one trains with on the CPU."""
    return torch.get_num_threads()


@contextmanager
def use_threads(count: int) -> Iterator[None]:
    """Let this thread train with so many; with as many as before if it is 0."""
    before = torch.get_num_threads()
    if count:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def find_versions() -> dict[str, str]:
    """What the figures may depend on."""
    return {
        "lenet-studio": __version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),  # a class of its own
        "torchvision": importlib.metadata.version("torchvision"),
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
    }


def describe_place(device: torch.device, processes: int) -> str:
    """Where a run trains, to be shown."""
    if processes == 1:
        return str(device)
    text = ngettext("{device}, {n} process", "{device}, {n} processes", processes)
    return text.format(device=device, n=processes)


def describe_differences(before: Record, device: torch.device, processes: int = 1) -> str:
    """Why a run may not go on exactly as it would have here; empty if it does."""
    now = {
        "device": str(device),
        "processes": str(processes),
        "threads": str(count_threads()),
        "torch": torch.__version__,
    }
    then = {
        "device": before.device,
        "processes": str(before.processes),
        "threads": str(before.threads or count_threads()),
        "torch": before.versions.get("torch", torch.__version__),
    }
    text = _("{name} {before} before, {now} now")
    changed = [
        text.format(name=_(_NAMES[k]), before=then[k], now=now[k]) for k in now if now[k] != then[k]
    ]
    if not changed:
        return ""
    sentence = _("figures may differ from those of a run that never stopped ({changes})")
    return sentence.format(changes="; ".join(changed))
