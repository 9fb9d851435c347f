"""Optimizers without PyTorch's compiler take the same steps, and nothing imports it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import LinearLR

from trainer.runtime.torch_workarounds import without_dynamo

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
(folder / "idx").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4]))
assert mnist_like.read_idx(folder / "idx", "idx", folder).tolist() == [5, 0, 4]
print([name for name in ("torch._dynamo", "sympy", "triton", "torchvision") if name in sys.modules])
"""


def steps(kind: type[Optimizer], options: dict[str, Any]) -> tuple[nn.Parameter, Optimizer]:
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
        (Adam, {"lr": 0.1}),
        (SGD, {"lr": 0.1, "momentum": 0.9}),
    ],
)
def test_the_same_steps_to_the_last_bit(kind: type[Optimizer], options: dict[str, Any]) -> None:
    weight, optimizer = steps(without_dynamo(kind), options)
    expected, of_torch = steps(kind, options)
    assert torch.equal(weight, expected) and not torch.equal(weight, torch.linspace(-1, 1, 7))
    assert str(optimizer.state_dict()) == str(of_torch.state_dict())
    assert isinstance(optimizer, kind) and weight.requires_grad


def test_a_run_needs_no_compiler(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.stdout.strip() == "[]", ended.stderr
