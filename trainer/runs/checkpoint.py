"""checkpoint.pt: all that a run needs to be resumed as if it had never stopped.

All other files of the run's folder but the model files are rewritten from it. It is written beside
its place and then moved there, so that it is always whole, and read as plain values and tensors,
so that a foreign one can't run code. Also here: device, threads and versions, which figures depend
on, and which may differ when a run is resumed.
"""

from __future__ import annotations

import importlib.metadata
import io
import math
import platform
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from trainer import __version__
from trainer.data.labelled_images import LabelledImages
from trainer.errors import UserError
from trainer.files import is_file, open_plain, write_whole
from trainer.networks.factory import build, input_shape
from trainer.networks.lenet5 import ARITHMETICS
from trainer.recipes.recipe import Recipe
from trainer.runs.record import Record, RunError
from trainer.training import losses, optimizers
from trainer.training.events import State
from trainer.training.optimizers import SDLM
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
        check_training_state(checkpoint.state, checkpoint.recipe, digits)
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


# Whether a training can go on from a state. PyTorch copies what it is given, and its fused
# optimizers then compute with it unseen: moments of another shape or type end the whole process.
# So a state is compared with that of a fresh training before anything of it is loaded: keys,
# shapes, types, and numbers that must be finite.

_DEVICES = ("cpu", "cuda", "mps")
_ADDED_SINCE = ("arithmetic", "threads")  # older checkpoints have them not
_BY_DEVICE = ("foreach", "fused")
"""Of an optimizer: how it computes."""


class StateError(ValueError):
    """A state of another training, or of none; the message goes on from "its state"."""


def check_training_state(state: State, recipe: Recipe, digits: LabelledImages) -> None:
    """See whether a run by a recipe can go on from a state; an empty one is its start.

    Args:
        state: what `training.Training.state` gave, or what a file says that it gave.
        recipe: the run's.
        digits: its training set, the validation split within.

    Raises:
        StateError: it can't.
    """
    if not state:
        return
    training, _other = digits.split(recipe.validation, torch.arange(len(digits)))
    steps = math.ceil((recipe.streamed or len(training)) / recipe.batch_size)  # an epoch's
    expected = _fresh_state(recipe, len(digits.classes), steps)
    missing = expected.keys() - state.keys() - set(_ADDED_SINCE)
    if missing:
        raise StateError(_("lacks {min}").format(min=min(missing)))
    for name, value in expected.items():
        if name in state and name not in ("optimizer", "generator"):
            _compare(name, state[name], value)
    _check_numbers(state, recipe, steps)
    _check_optimizer(state["optimizer"], expected["optimizer"], stepped=state["step"] > 0)
    _check_generator(state["generator"], state["device"])


def _fresh_state(recipe: Recipe, classes: int, steps: int) -> State:
    """The state of a training by a recipe after its first step."""
    network = build(recipe)
    average = optimizers.build_running_mean(network, recipe)
    optimizer = optimizers.build_optimizer(network, recipe)
    schedule = optimizers.build_schedule(optimizer, recipe, steps)
    teacher = losses.Teacher(classes, input_shape(recipe)) if recipe.teacher_epochs else None
    for weight in network.parameters():
        weight.grad = torch.zeros_like(weight)
        if isinstance(optimizer, SDLM):
            optimizer.state[weight]["curvature"] = torch.zeros_like(weight)
    if not isinstance(optimizer, SDLM):
        optimizer.step()
    return {
        "network": network.state_dict(),
        "average": average.state_dict() if average is not None else {},
        "teacher": teacher.state_dict() if teacher is not None else {},
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
        "totals": torch.zeros(2),
        "generator": torch.Generator().get_state(),
        "device": "cpu",
        "arithmetic": "plain",
        "threads": 1,
        "epoch": 0,
        "step": 0,
        "seconds": 0.0,
        "best": 0.0,
    }


def _compare(place: str, actual: Any, expected: Any) -> None:
    """See whether two values are built alike.

    Raises:
        StateError: they are not; the message names the place.
    """
    if isinstance(expected, Tensor):
        if not isinstance(actual, Tensor) or actual.layout != torch.strided:
            raise StateError(_("has no numbers at {place}").format(place=place))
        if (actual.shape, actual.dtype) != (expected.shape, expected.dtype):
            raise StateError(
                _("has {described} at {place}, and this network {described2}").format(
                    described=_describe(actual), place=place, described2=_describe(expected)
                )
            )
    elif isinstance(expected, dict):
        if not isinstance(actual, dict) or actual.keys() != expected.keys():
            raise StateError(_("has other parts than this network at {place}").format(place=place))
        for key, value in expected.items():
            _compare(f"{place}.{key}", actual[key], value)
    elif isinstance(expected, list | tuple):
        if not isinstance(actual, type(expected)) or len(actual) != len(expected):
            raise StateError(_("has other parts than this network at {place}").format(place=place))
        for number, value in enumerate(expected):
            _compare(f"{place}.{number}", actual[number], value)
    elif isinstance(expected, bool) or not isinstance(expected, int | float):
        if type(actual) is not type(expected):
            raise StateError(_("has another kind of value at {place}").format(place=place))
    elif isinstance(actual, bool) or not isinstance(actual, int | float) or not _is_finite(actual):
        raise StateError(_("has no number at {place}").format(place=place))


def _describe(values: Tensor) -> str:
    return f"{str(values.dtype).removeprefix('torch.')} {tuple(values.shape)}"


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False


def _check_numbers(state: State, recipe: Recipe, steps: int) -> None:
    for name in ("epoch", "step", "threads"):
        if not isinstance(state.get(name, 1), int):
            raise StateError(_("has no whole number at {name}").format(name=name))
    done = state["step"] - state["epoch"] * steps  # of the epoch that it is in
    if not 0 <= state["epoch"] <= recipe.epochs or not 0 <= done <= steps:
        raise StateError(_("is of an epoch or a step that the recipe does not have"))
    if not 1 <= state.get("threads", 1) <= 1 << 16:
        raise StateError(_("has a number of threads that can't be"))
    if state.get("arithmetic", ARITHMETICS[0]) not in ARITHMETICS:
        raise StateError(
            _("is of an arithmetic {state!r}, which is not known").format(state=state["arithmetic"])
        )
    if state["device"] not in _DEVICES:
        raise StateError(
            _("is of a device {state!r}, which is not known").format(state=state["device"])
        )


def _check_optimizer(state: Any, expected: dict[str, Any], *, stepped: bool) -> None:
    """The same for an optimizer, which has no moments before its first step."""
    if not isinstance(state, dict) or state.keys() != expected.keys():
        raise StateError(_("has other parts than this network at optimizer"))
    if state["state"] != {} or stepped:
        _compare("optimizer.state", state["state"], expected["state"])
    if not isinstance(state["param_groups"], list) or len(state["param_groups"]) != 1:
        raise StateError(_("has other parts than this network at optimizer.param_groups"))
    group, fresh = state["param_groups"][0], dict(expected["param_groups"][0])
    if not isinstance(group, dict):
        raise StateError(_("has other parts than this network at optimizer.param_groups"))
    for name in _BY_DEVICE:
        fresh.pop(name, None)
        if not isinstance(group.get(name), bool | None):
            raise StateError(_("has another kind of value at optimizer.{name}").format(name=name))
    _compare("optimizer", {k: v for k, v in group.items() if k not in _BY_DEVICE}, fresh)
    for name, value in fresh.items():  # "amsgrad", say, asks for moments that are not there
        if isinstance(value, bool) and group[name] != value:
            raise StateError(_("is of another optimizer ({name})").format(name=name))
    if group["params"] != fresh["params"]:
        raise StateError(_("has other parts than this network at optimizer.params"))


def _check_generator(state: Any, device: str) -> None:
    """See whether random numbers can go on from there."""
    if not isinstance(state, Tensor) or state.dtype != torch.uint8 or state.ndim != 1:
        raise StateError(_("has no state of random numbers"))
    if device == "cpu":
        try:
            torch.Generator().set_state(state)
        except RuntimeError:
            raise StateError(_("has a damaged state of random numbers")) from None
