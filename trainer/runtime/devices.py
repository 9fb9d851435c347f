"""The devices that PyTorch can use here, why not the others, and what to do when one fails."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch

from trainer.errors import UserError
from trainer.translation import gettext as _

Result = TypeVar("Result")

NAMES = ("auto", "cuda", "mps", "cpu")


class DeviceError(UserError, ValueError):
    """A device that can't be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Device:
    """One kind of device."""

    name: str  # one of NAMES, without "auto"
    title: str  # as the maker calls it
    problem: str = ""  # why it can't be used; empty if it can


def list_devices() -> list[Device]:
    """All kinds, best first, each with the reason where it can't be used."""
    processor = platform.processor() or platform.machine() or "processor"
    return [describe_cuda(), describe_mps(), Device("cpu", processor)]


def describe_cuda() -> Device:
    """The first CUDA GPU, or why there is none."""
    if not torch.backends.cuda.is_built():
        return Device("cuda", _("NVIDIA GPU"), _("this PyTorch was built without CUDA"))
    if not torch.cuda.is_available():
        return Device("cuda", _("NVIDIA GPU"), _("no NVIDIA GPU with a working driver was found"))
    return Device("cuda", torch.cuda.get_device_name(0))


def describe_mps() -> Device:
    """The GPU of an Apple Silicon Mac, or why there is none."""
    if not torch.backends.mps.is_built():
        return Device("mps", _("Apple GPU"), _("only on Apple computers"))
    if not torch.backends.mps.is_available():
        return Device("mps", _("Apple GPU"), _("needs macOS 12.3 or newer and an Apple GPU"))
    return Device("mps", _("Apple GPU"))


def choose(name: str = "auto") -> torch.device:
    """The device of that name; "auto" takes CUDA, then MPS, then the CPU.

    Raises:
        DeviceError: not a device's name, or it can't be used here.
    """
    if name not in NAMES:
        raise DeviceError(
            _("device is {name!r}; it must be one of: {list}").format(
                name=name, list=", ".join(NAMES)
            )
        )
    for device in list_devices():
        if name == "auto" and not device.problem:
            return torch.device(device.name)
        if name == device.name:
            if device.problem:
                raise DeviceError(
                    _("{name} can't be used here: {problem}").format(
                        name=name, problem=device.problem
                    )
                )
            return torch.device(name)
    raise DeviceError(_("no device can be used"))


def is_reliable(device: torch.device) -> bool:
    """Whether a device never fails, so that no state need be kept for that case."""
    return device.type == "cpu"


def is_device_failure(error: RuntimeError, device: torch.device) -> bool:
    """Whether `error` is a failure of the device (memory, driver), not a bug of the program."""
    if is_reliable(device):
        return False
    words = ("cuda", "cudnn", "cublas", "mps", "out of memory", "accelerator")
    return isinstance(error, torch.OutOfMemoryError) or any(w in str(error).lower() for w in words)


def first_line(error: RuntimeError) -> str:
    """The first line of a device's error message; the rest is advice to programmers."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def run_with_cpu_fallback(
    device: torch.device,
    work: Callable[[torch.device], Result],
    on_failure: Callable[[str], None] | None = None,
) -> Result:
    """Run `work` on a device, or on the CPU if the device fails.

    Args:
        device: where to try first.
        work: called with the device, and perhaps a second time with the CPU.
        on_failure: called before the second try, with the device's reason.

    Raises:
        RuntimeError: from `work`, if it is not a failure of the device.
    """
    try:
        return work(device)
    except RuntimeError as error:
        if not is_device_failure(error, device):
            raise
        reason = first_line(error)
    # Outside `except`, so that the error no longer keeps what lies on the device alive.
    if on_failure is not None:
        on_failure(reason)
    return work(torch.device("cpu"))
