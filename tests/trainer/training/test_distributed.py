"""Training in two processes: the same curve as in one, and a group that is started again."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.support.workarounds import needs_workarounds
from tests.trainer.runs.test_resume import OLD, RECIPE
from trainer import progress
from trainer.data import loading, pen, pen_stream
from trainer.data.augment import distort
from trainer.errors import UserError
from trainer.networks import model
from trainer.networks.lenet5 import LeNet5
from trainer.progress import result_of
from trainer.recipes.recipe import AUGMENTATIONS, Augmentation, Recipe
from trainer.runs import listing
from trainer.runtime.process_group import ALONE, Group
from trainer.runtime.shard import BatchPart
from trainer.training.events import Epoch, Step
from trainer.training.training import initial_snapshot, train

pytestmark = pytest.mark.skipif(
    not torch.distributed.is_available() or not torch.distributed.is_gloo_available(),
    reason="this PyTorch was built without gloo",
)

FORMS = 200  # few, so that they are written in a moment
SGD = {"optimizer": "sgd", "schedule": "constant", "warmup": 0.0, "learning_rate": 0.02}
RECIPES = {
    "adamw": RECIPE,
    # Three images are left for an epoch's last batch: one for one process, two for the other.
    "uneven": dataclasses.replace(
        RECIPE, **SGD, batch_size=89, epochs=2, augmentation=Augmentation(flip=0.5, crop=2)
    ),
    "the paper's": OLD,
    # One image is left: nothing for one of the two.
    "taught": dataclasses.replace(
        RECIPE, batch_size=269, teacher_epochs=1, epochs=2, augmentation=AUGMENTATIONS["none"]
    ),
    # 61 images are left, and parts begin within a piece and end in another one.
    "streamed": dataclasses.replace(RECIPE, streamed=1_261, batch_size=200, epochs=2),
}
DIVERGING = dataclasses.replace(
    RECIPE, **SGD | {"learning_rate": 10.0}, weight_decay=1.0, momentum=0.999
)


@pytest.fixture(scope="module")
def small() -> Iterator[None]:
    """As the fixture `small_pen`, for all tests here; the processes do it themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pen, "WRITTEN", {"train": 300, "test": 100})
        patch.setattr(progress, "shared_results", {})
        patch.setattr(pen_stream, "FORMS", FORMS)
        yield


IN_EACH_PROCESS = """
import contextlib, io, os, signal, sys, torch, weakref
from tests.trainer.training import test_distributed
from trainer.cli.parser import main
from trainer.curves import export
from trainer.data import pen, pen_stream
from trainer.runtime import process_group
from trainer.runtime.workarounds import workarounds_enabled

pen.WRITTEN = {"train": 300, "test": 100}
pen_stream.FORMS = test_distributed.FORMS
export.save = lambda *_: None
os.fsync = lambda _: None
torch.set_num_threads(1)
counted, calls = process_group.Group.sum_over_ranks, []

def total(self, sums):
    calls.append(sums)
    if self.rank == 1 and len(calls) == dies_at:
        os.kill(os.getpid(), how)
    return counted(self, sums)

def diverges(group):
    "Train a run of its own; returns the status with which it ends."
    kept = sys.argv, group.memory.folder, group.memory.keep
    argv = [{"recipe.json": "diverging.json", "runs": "diverged"}.get(a, a) for a in sys.argv]
    sys.argv, group.memory.folder, group.memory.keep = argv, lambda: None, lambda _: None
    with contextlib.redirect_stdout(io.StringIO()):
        found = main()
    sys.argv, group.memory.folder, group.memory.keep = kept
    return found

with process_group.join_group() as group:
    process_group.join_group = lambda: contextlib.nullcontext(group)  # a process joins only once
    begins = os.environ["TORCHELASTIC_RESTART_COUNT"] == "0"
    if begins:
        found = test_distributed.in_a_group(group)
        if group.first:
            torch.save(found, "curves.pt")
    if workarounds_enabled():  # else a group that is started again may not find one another
        if begins:
            assert diverges(group) == 0  # with another status, it would be started again
            process_group.Group.sum_over_ranks = total
            dies_at, how = 4, signal.SIGINT
            assert main() == 130
            dies_at, how = 9, signal.SIGKILL
        assert main() == 0
        assert diverges(group) == 1  # no start is left
    kept = weakref.ref(torch.distributed.group.WORLD)
assert kept() is None  # else its threads outlive it, and can abort the process as it exits
"""
"""Curves, and a run that diverges; then a run that is stopped in its first epoch by its second
process, goes on, loses that process in its second epoch, and goes on in a group that is
started again; and one that diverges there."""

Curve = dict[str, Any]


def curve(recipe: Recipe, group: Group = ALONE) -> Curve:
    """What a training comes to."""
    digits = result_of(loading.load("pen", "train", Path()))
    found: Curve = {"train": [], "validation": [], "weights": {}}
    for event in train(recipe, digits, group=group):
        if isinstance(event, Step):
            found["train"].append((event.step, event.loss, event.accuracy))
        elif isinstance(event, Epoch):
            found["validation"].append((event.step, event.val_loss, event.val_accuracy))
            found["weights"] = dict(event.weights)
    return found


def in_a_group(group: Group) -> dict[str, Curve]:
    """The curves of `RECIPES` in two processes."""
    assert group.any_rank(not group.first)
    with pytest.raises(UserError if group.first else SystemExit):
        group.broadcast_from_first(refuse)
    return {name: curve(recipe, group) for name, recipe in RECIPES.items()}


def refuse() -> None:
    raise UserError("no")


@dataclasses.dataclass(frozen=True, slots=True)
class Ended:
    """What torchrun leaves behind."""

    run: Path
    told: list[dict[str, Any]]
    curves: dict[str, Curve]


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Two processes under torchrun that do what `IN_EACH_PROCESS` says."""
    folder = tmp_path_factory.mktemp("together")
    (folder / "script.py").write_text(IN_EACH_PROCESS)
    (folder / "recipe.json").write_text(RECIPE.to_json())
    (folder / "diverging.json").write_text(DIVERGING.to_json())
    launcher = "-m torch.distributed.run --standalone --nproc-per-node=2 --max-restarts=1"
    asked = "train --recipe recipe.json --device cpu --threads 1 --data . --runs runs --json"
    here = str(Path(__file__).parents[3])
    ended = subprocess.run(
        [sys.executable, *launcher.split(), "script.py", *asked.split()],
        env=os.environ | {"PYTHONPATH": here, "OMP_NUM_THREADS": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert ended.returncode == 0, ended.stderr
    run = next((folder / "runs").glob("*"), folder)
    curves: dict[str, Curve] = torch.load(folder / "curves.pt", weights_only=True)
    return Ended(run, [json.loads(line) for line in ended.stdout.splitlines()], curves)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", RECIPES)
def test_two_processes_have_the_curve_of_one(together: Ended, name: str) -> None:
    """But for rounding: two processes add up the same gradients in another order."""
    one, two = curve(RECIPES[name]), together.curves[name]
    # The paper's optimizer divides by a curvature that may be near zero: rounding grows with
    # the steps, and the first ones are the claim.
    grows = name == "the paper's"
    for split in ("train", "validation"):
        steps, losses, accuracies = zip(*two[split], strict=True)
        expected_steps, expected_losses, expected_accuracies = zip(*one[split], strict=True)
        assert steps == expected_steps
        if split == "train":
            assert losses[:4] == pytest.approx(expected_losses[:4], rel=1e-4)
        assert losses == pytest.approx(expected_losses, rel=0.05 if grows else 1e-4)
        # An image on the verge may be read either way, once.
        pairs = zip(accuracies, expected_accuracies, strict=True)
        assert sum(a != pytest.approx(b, abs=0.05 if grows else None) for a, b in pairs) <= 1
    # Not weight by weight: of a gradient near zero rounding decides the sign, and AdamW makes
    # a full step of it. All weights of a layer together go where they would have gone.
    near = 0.01 if RECIPES[name].optimizer == "adamw" else 0.001
    digits = result_of(loading.load("pen", "train", Path()))
    start = initial_snapshot(RECIPES[name], digits).weights
    for layer, values in one["weights"].items():
        apart, gone = (two["weights"][layer] - values).norm(), (values - start[layer]).norm()
        assert apart <= near * gone or grows, layer


@needs_workarounds
def test_stopped_killed_and_started_again(together: Ended) -> None:
    """It ends with the weights that it would have had, to the bit, and no step twice."""
    record = listing.read_run(together.run).record
    assert (record.state, record.resumed, record.processes) == ("finished", 2, 2)
    expected = together.curves["adamw"]
    history = listing.read_history(together.run)
    for split in ("train", "validation"):
        steps, losses, accuracies = zip(*expected[split], strict=True)
        assert history.steps[split] == list(steps)
        assert history.losses[split] == pytest.approx(losses, rel=1e-5)
        assert history.accuracies[split] == pytest.approx(accuracies, rel=1e-5)
    last = model.load(together.run / "last.safetensors").network.state_dict()
    assert last.keys() == expected["weights"].keys()
    for name, values in expected["weights"].items():
        assert torch.equal(last[name], values), name


@needs_workarounds
def test_a_run_that_diverges_is_left_as_one(together: Ended) -> None:
    """Its status in both of its groups is checked where it ends."""
    told = [
        listing.read_run(run).record for run in (together.run.parents[1] / "diverged").iterdir()
    ]
    assert [(record.state, record.processes) for record in told] == [("diverged", 2)] * 2
    assert all("loss became" in record.problem for record in told)


@needs_workarounds
def test_only_the_first_process_speaks(together: Ended) -> None:
    stopped, *epochs, end = together.told
    assert stopped["run"] == f"runs/{together.run.name}"
    assert stopped["test_accuracy"] is None
    assert [line["epoch"] for line in epochs] == [1, 2, 3]
    assert end["run"] == str(together.run)
    assert end["test_accuracy"] is not None


# A part of a batch


@pytest.mark.parametrize(("total", "parts"), [(60, 2), (7, 3), (1, 2), (3, 8), (64, 1)])
def test_every_image_is_in_one_part(total: int, parts: int) -> None:
    found = [BatchPart.of(total, number, parts) for number in range(parts)]
    trained = [place for part in found if part.share for place in range(total)[part.rows]]
    assert trained == list(range(total))
    assert sum(part.share for part in found) == pytest.approx(1)
    assert all(len(range(total)[part.rows]) for part in found)  # a network needs an image


def test_a_part_meets_the_draws_of_the_whole() -> None:
    images = torch.rand(10, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    part = BatchPart.of(10, 1, 3)
    how = Augmentation(rotation=20, shift=2, elastic=1, flip=0.5, crop=2)
    whole = distort(images, how, torch.Generator().manual_seed(2))
    mine = distort(images[part.rows], how, torch.Generator().manual_seed(2), part)
    torch.testing.assert_close(mine, whole[part.rows])

    network = LeNet5(dropout=0.5, generator=torch.Generator().manual_seed(3)).train()
    network.dropout_source = torch.Generator().manual_seed(4)
    whole = network(images)
    network.dropout_source = torch.Generator().manual_seed(4)
    network.dropout_part = part
    torch.testing.assert_close(network(images[part.rows]), whole[part.rows])
