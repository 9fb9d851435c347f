"""checkpoint.pt: all that a run needs to be resumed as if it had never stopped.

All other files of the run's folder but the model files are rewritten from it. It is written beside
its place and then moved there, so that it is always whole, and read as plain values and tensors,
so that a foreign one can't run code. Also here: device, threads and versions, which figures depend
on, and which may differ when a run is resumed.
"""

from __future__ import annotations

import importlib.metadata
import io
import platform
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from trainer import __version__
from trainer.errors import UserError
from trainer.files import is_file, open_plain, write_whole
from trainer.recipes.recipe import Recipe
from trainer.runs.record import Record, RunError
from trainer.training import state_check
from trainer.training.state_check import StateError
from trainer.translation import N_, ngettext
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from trainer.data.labelled_images import LabelledImages


NAME = "checkpoint.pt"
FORMAT = 1
_LARGEST = 256 << 20  # bytes; the longest run has some ten million


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a run at one moment."""

    recipe: Recipe
    record: Record
    history: str  # the content of history.csv
    data: int  # `fingerprint` of the training set
    state: dict[str, Any]  # of `training.Training`; empty before `Chosen`

    @property
    def step(self) -> int:
        """The number of batches trained."""
        return int(self.state.get("step", 0))

    @property
    def epochs(self) -> int:
        """The number of epochs trained and validated."""
        return int(self.state.get("epoch", 0))


def fingerprint(digits: LabelledImages) -> int:
    """A checksum of images and labels (CRC-32)."""
    checksum = zlib.crc32(digits.labels.contiguous().numpy().data)
    return zlib.crc32(digits.images.contiguous().numpy().data, checksum)


def save(checkpoint: Checkpoint, folder: Path) -> None:
    """Write a checkpoint into a run's folder; an older one is replaced at once.

    Raises:
        OSError: it can't be written.
    """
    content = {
        "format": FORMAT,
        "recipe": checkpoint.recipe.to_json(),
        "record": checkpoint.record.to_values(),
        "history": checkpoint.history,
        "data": checkpoint.data,
        "state": checkpoint.state,
    }
    written = io.BytesIO()
    torch.save(content, written)
    write_whole(folder / NAME, written.getvalue())


def load(folder: Path) -> Checkpoint:
    """Load the checkpoint of a run.

    Raises:
        RunError: there is none, or it is damaged; the message says what to do.
    """
    path = folder / NAME
    try:
        with open_plain(path) as file:
            content = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise _lost(folder, _("{file} is missing").format(file=NAME)) from None
    except OSError as error:
        text = _("{file} cannot be read ({reason})")
        raise _lost(folder, text.format(file=NAME, reason=error.strerror or error)) from None
    if len(content) > _LARGEST:
        raise _lost(folder, _("{file} is too large").format(file=NAME))
    try:
        return _check(content)
    except (UserError, ValueError, TypeError, KeyError) as error:
        text = _("{file} is damaged ({reason})")
        raise _lost(folder, text.format(file=NAME, reason=error)) from None


def check_state(checkpoint: Checkpoint, folder: Path, digits: LabelledImages) -> None:
    """Check a checkpoint's training state before any of it is loaded.

    Raises:
        RunError: it is of another network, or damaged; the message says what to do.
    """
    try:
        state_check.check_state(checkpoint.state, checkpoint.recipe, digits)
    except StateError as error:
        text = _("{file} is damaged (its state {reason})")
        raise _lost(folder, text.format(file=NAME, reason=error)) from None


def _lost(folder: Path, why: str) -> RunError:
    kept = any(is_file(folder / f"{name}.safetensors") for name in ("best", "last"))
    with_weights = _(
        "{run} can't go on: {reason}. The weights that it kept can still be used, and its recipe "
        "can be trained anew."
    )
    without = _("{run} can't go on: {reason}. Its recipe can be trained anew.")
    return RunError((with_weights if kept else without).format(run=folder.name, reason=why))


def _check(content: bytes) -> Checkpoint:
    """Parse a checkpoint.

    Raises:
        ValueError, TypeError, KeyError, RecipeError: it is damaged.
    """
    try:
        damaged = zipfile.ZipFile(io.BytesIO(content)).testzip()  # torch checks no checksums
        if damaged is not None:
            raise ValueError(damaged)
        values: Any = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception:  # of any kind, as the content may be anything
        raise ValueError(_("its content can't be read")) from None
    _check_values(values)
    if not isinstance(values, dict) or _is_other(values.get("format")):
        raise ValueError(_("it is not of this version of the program"))
    checkpoint = Checkpoint(
        Recipe.from_json(values["recipe"]),
        Record.of(values["record"]),
        values["history"],
        values["data"],
        values["state"],
    )
    kinds = ((checkpoint.history, str), (checkpoint.data, int), (checkpoint.state, dict))
    if not all(isinstance(part, kind) for part, kind in kinds):
        raise ValueError(_("its parts are of the wrong kind"))
    return checkpoint


def _is_other(version: object) -> bool:
    return not isinstance(version, int) or version != FORMAT


_MOST_VALUES = 100_000
"""Most values of a checkpoint, with those of its lists and dictionaries; a thousand are usual."""


def _check_values(values: Any) -> None:
    """Check that no list holds itself, or another one many times, and that tensors have values.

    Raises:
        ValueError: one does, or has none.
    """
    waiting = [values]
    for _look in range(_MOST_VALUES):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value
        elif isinstance(value, torch.Tensor) and value.is_meta:
            break
    raise ValueError(_("its parts are of the wrong kind"))


_NAMES = {
    "device": N_("device"),
    "processes": N_("processes"),
    "threads": N_("threads"),
    "torch": "torch",
}


def find_versions() -> dict[str, str]:
    """The versions that figures may depend on."""
    return {
        "lenet-studio": __version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),  # a class of its own
        "torchvision": importlib.metadata.version("torchvision"),
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
    }


def describe_place(device: torch.device, processes: int) -> str:
    """Where a run trains, for people."""
    if processes == 1:
        return str(device)
    text = ngettext("{device}, {n} process", "{device}, {n} processes", processes)
    return text.format(device=device, n=processes)


def describe_differences(before: Record, device: torch.device, processes: int = 1) -> str:
    """Why a resumed run may not be reproducible here; empty if it is."""
    now = {
        "device": str(device),
        "processes": str(processes),
        "threads": str(torch.get_num_threads()),
        "torch": torch.__version__,
    }
    then = {
        "device": before.device,
        "processes": str(before.processes),
        "threads": str(before.threads or torch.get_num_threads()),
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
