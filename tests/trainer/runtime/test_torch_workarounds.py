"""Optimizers without PyTorch's compiler take the same steps, and nothing imports it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import LinearLR

from tests.support.workarounds import needs_workarounds, run_python
from trainer.networks.lenet1998 import LeNet1998
from trainer.runtime.torch_workarounds import without_dynamo
from trainer.training.optimizers import SDLM

SCRIPT = """
import sys
from pathlib import Path
import torch
from trainer.data import mnist_like, pen
from trainer.recipes.recipe import Recipe
from trainer.runs import lifecycle
pen.WRITTEN = {"train": 300, "test": 100}
folder = Path(sys.argv[1])
for optimizer in ("adamw", "sgd"):
    recipe = Recipe(dataset="pen", epochs=1, optimizer=optimizer)
    list(lifecycle.run(recipe, data=folder, runs=folder, device=torch.device("cpu")))
idx = bytearray([0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4])
assert mnist_like.parse_idx(idx, "idx", folder).tolist() == [5, 0, 4]
print([name for name in ("torch._dynamo", "sympy", "triton", "torchvision") if name in sys.modules])
"""


PLAIN = [
    kind
    for kind in vars(torch.optim).values()
    if isinstance(kind, type)
    and issubclass(kind, Optimizer)
    and kind is not Optimizer
    # They need sparse gradients, matrices, a closure.
    and kind.__name__ not in ("SparseAdam", "Muon", "LBFGS")
]


def take_steps(kind: type[Optimizer], options: dict[str, Any]) -> tuple[nn.Parameter, Optimizer]:
    """Ten steps, with the optimizer put down and taken up again in between."""
    weight = nn.Parameter(torch.linspace(-1, 1, 7))
    optimizer = kind([weight], **options)
    schedule = LinearLR(optimizer, 0.5, total_iters=8)
    for number in range(10):
        optimizer.zero_grad()
        (weight**4).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        if number == 5:
            kept = optimizer.state_dict()
            optimizer = kind([weight], **options)
            optimizer.load_state_dict(kept)
            schedule.optimizer = optimizer
    return weight, optimizer


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (AdamW, {"lr": 0.1, "weight_decay": 0.1, "fused": True}),
        (Adam, {"lr": 0.1, "fused": True}),
        (SGD, {"lr": 0.1, "momentum": 0.9}),
        *((kind, {"lr": 0.1}) for kind in PLAIN),
    ],
)
def test_the_same_steps_to_the_last_bit(kind: type[Optimizer], options: dict[str, Any]) -> None:
    weight, optimizer = take_steps(without_dynamo(kind), options)
    expected, of_torch = take_steps(kind, options)
    assert torch.equal(weight, expected) and not torch.equal(weight, torch.linspace(-1, 1, 7))
    assert str(optimizer.state_dict()) == str(of_torch.state_dict())
    assert isinstance(optimizer, kind) and weight.requires_grad


def test_the_papers_optimizer_takes_the_same_steps() -> None:
    weights = []
    for change in (without_dynamo, lambda kind: kind):
        torch.manual_seed(0)
        network = LeNet1998()
        images = torch.rand(4, 1, 32, 32)
        optimizer = change(SDLM)(network, 0.001, 0.02)
        for _ in range(3):
            optimizer.estimate(images, None)
            optimizer.zero_grad()
            network(images).square().sum().backward()
            optimizer.step()
        weights.append(nn.utils.parameters_to_vector(network.parameters()))
    assert torch.equal(*weights)


@pytest.mark.parametrize("used_before", [False, True])
def test_all_other_wrappers_stay(used_before: bool) -> None:
    kind = type("Fresh", (SGD,), {"step": SGD.step})
    if used_before:  # then PyTorch has put its profiler's hook round the step
        kind([nn.Parameter(torch.ones(1))])
    weight = nn.Parameter(torch.ones(1))
    optimizer = without_dynamo(kind)([weight], lr=0.1)
    calls: list[str] = []
    optimizer.register_step_pre_hook(lambda *_: calls.append("before"))
    optimizer.register_step_post_hook(lambda *_: calls.append("after"))
    weight.grad = torch.ones(1)
    with torch.profiler.profile() as profile:
        optimizer.step()
    assert calls == ["before", "after"]
    assert any("Optimizer.step" in event.key for event in profile.key_averages())


def test_a_step_that_is_differentiable_stays_so() -> None:
    weight = torch.ones(1, requires_grad=True).clone()
    weight.grad = torch.ones(1, requires_grad=True)
    without_dynamo(SGD)([weight], lr=0.1, differentiable=True).step()
    assert weight.grad_fn is not None and "Backward" in type(weight.grad_fn).__name__
    assert weight.grad_fn.next_functions[1][0] is not None  # it leads back to the gradient


def test_pytorch_still_imports_its_compiler() -> None:
    """Where it fails, `without_dynamo` is no longer needed."""
    script = (
        "import sys, torch; torch.optim.SGD([torch.ones(1)]); print('torch._dynamo' in sys.modules)"
    )
    assert run_python(script) == "True"


@needs_workarounds
def test_a_run_needs_no_compiler(tmp_path: Path) -> None:
    assert run_python(SCRIPT, str(tmp_path)) == "[]"
