"""Whether a training can go on from a state: whether it is built as a fresh training's.

PyTorch copies what it is given, and its fused optimizers then compute with it unseen: moments of
another shape or type end the whole process. So a state is compared with that of a fresh training
before anything of it is loaded: keys, shapes, types, and numbers that must be finite.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from trainer.data.labelled_images import LabelledImages
from trainer.networks.factory import build, input_shape
from trainer.networks.lenet5 import ARITHMETICS
from trainer.recipes.recipe import Recipe
from trainer.training import losses, optimizers
from trainer.training.events import State
from trainer.training.optimizers import SDLM
from trainer.translation import gettext as _

_DEVICES = ("cpu", "cuda", "mps")
_ADDED_SINCE = ("arithmetic", "threads")  # older checkpoints have them not
_BY_DEVICE = ("foreach", "fused")
"""Of an optimizer: how it computes."""


class StateError(ValueError):
    """A state of another training, or of none; the message goes on from "its state"."""


def check_state(state: State, recipe: Recipe, digits: LabelledImages) -> None:
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
