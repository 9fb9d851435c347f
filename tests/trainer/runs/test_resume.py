"""A run that was stopped, killed or damaged, and goes on."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import torch

from trainer import progress
from trainer.curves import export
from trainer.data import pen
from trainer.networks import model as weights
from trainer.progress import Progress
from trainer.recipes.recipe import AUGMENTATIONS, Recipe
from trainer.runs import checkpoint, lifecycle, listing, tensorboard
from trainer.runs import folder as run_folder
from trainer.runs.record import Finished, FinishedAlready, RunError, Started
from trainer.training import loop, training
from trainer.training.events import Epoch, Step

CPU = torch.device("cpu")
RECIPE = Recipe(
    name="small",
    dataset="pen",
    epochs=3,
    batch_size=60,
    learning_rate=3e-3,
    schedule="cosine",
    warmup=0.2,
    augmentation=AUGMENTATIONS["elastic"],
    dropout=0.2,
    weight_average=0.9,
)
OLD = Recipe(
    name="old",
    dataset="pen",
    epochs=2,
    batch_size=30,
    network="lenet5-1998",
    optimizer="sdlm",
    loss="map",
    schedule="table",
    rates=((1, 0.0005), (2, 0.0002)),
    batch_gradient="sum",
    mean=0.1,
    std=0.8,
)

pytestmark = pytest.mark.usefixtures("small_pen")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing curves, and waiting for the disk, takes most of so small a run's time."""
    monkeypatch.setattr(export, "save", lambda *_: None)
    monkeypatch.setattr(os, "fsync", lambda _: None)


def started(tmp_path: Path, recipe: Recipe = RECIPE) -> Any:
    return lifecycle.run(recipe, data=tmp_path, runs=tmp_path / "runs", device=CPU)


def resumed(folder: Path, **more: Any) -> Any:
    return lifecycle.resume(folder, data=folder, device=CPU, **more)


_whole: dict[Recipe, Path] = {}


def whole(tmp_path: Path, recipe: Recipe = RECIPE) -> Path:
    """The folder of a run that never stopped; the same one for all tests, none changes it."""
    if recipe not in _whole:
        _whole[recipe] = list(started(tmp_path / "whole", recipe))[-1].folder
    return _whole[recipe]


def ran(tmp_path: Path, recipe: Recipe = RECIPE) -> Path:
    """The folder of a new run that never stopped."""
    folder: Path = list(started(tmp_path, recipe))[-1].folder
    return folder


def only_run(tmp_path: Path) -> Path:
    (folder,) = (tmp_path / "runs").iterdir()
    return folder


def stop_at(events: Any, wanted: Callable[[Any], bool]) -> None:
    """Stop right after the first event of which that is true."""
    with closing(events):
        assert any(wanted(event) for event in events), "it never came to that"


def left_behind(folder: Path) -> dict[str, Any]:
    """All of a run's folder that may not depend on whether it ever stopped."""
    rows = csv.DictReader(io.StringIO((folder / "history.csv").read_text()))
    record = json.loads((folder / "run.json").read_text())
    told = {name: record[name] for name in ("state", "epochs", "best_epoch", "test_accuracy")}
    models = {
        str(path.relative_to(folder)): told_by(weights.load(path))
        for path in sorted(folder.rglob("*.safetensors"))
    }
    return {
        "history": [{k: v for k, v in row.items() if k != "seconds"} for row in rows],
        "record": told,
        "test": json.loads((folder / "test.json").read_text()),
        "tensorboard": scalars(folder),
        **models,
    }


def told_by(model: weights.Model) -> tuple[Any, ...]:
    """All that a model file says, to the last bit."""
    tensors = {k: w.numpy().tobytes() for k, w in model.network.state_dict().items()}
    return model.recipe, model.classes, model.history, model.temperature, tensors


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard shows of a run."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder / "tensorboard"), size_guidance={"scalars": 0})
    found.Reload()
    return {
        tag: [(event.step, event.value) for event in found.Scalars(tag)]
        for tag in found.Tags()["scalars"]
    }


def assert_same(one: Path, other: Path) -> None:
    left, right = left_behind(one), left_behind(other)
    assert left.keys() == right.keys()
    for name in left:
        assert left[name] == right[name], name


# The same as if it had never stopped


def is_step(number: int) -> Callable[[Any], bool]:
    return lambda event: isinstance(event, Step) and event.step == number


STOPS: dict[str, Callable[[Any], bool]] = {
    "before the first step": lambda event: isinstance(event, Started),
    "first step": is_step(1),
    "within an epoch": is_step(7),
    "last step of an epoch": is_step(10),
    "validating": lambda event: event == Progress("validating", 0, 30),
    "epoch": lambda event: isinstance(event, Epoch),
    "last epoch": lambda event: isinstance(event, Epoch) and event.epoch == 3,
    "testing": lambda event: isinstance(event, Progress) and event.what == "testing on the images",
}


@pytest.mark.parametrize("where", STOPS)
def test_stopped_and_resumed(tmp_path: Path, where: str) -> None:
    stop_at(started(tmp_path), STOPS[where])
    folder = only_run(tmp_path)
    assert json.loads((folder / "run.json").read_text())["state"] == "stopped"
    list(resumed(folder))
    assert_same(folder, whole(tmp_path))


PARTS = [
    {"optimizer": "sgd", "schedule": "constant", "warmup": 0.0},
    {"optimizer": "adam", "schedule": "one_cycle", "warmup": 0.0, "label_smoothing": 0.1},
    {"schedule": "step", "step_epochs": 1, "step_factor": 0.5},
    {"schedule": "table", "rates": ((1, 0.003), (3, 0.001))},
    {"activation": "tanh", "pooling": "average", "weight_average": 0.0, "c5": "convolution"},
    {"teacher_epochs": 1, "augmentation": AUGMENTATIONS["none"]},
]


@pytest.mark.parametrize(
    "recipe",
    [dataclasses.replace(RECIPE, epochs=2, **part) for part in PARTS] + [OLD],
    ids=lambda recipe: recipe.name,
)
def test_every_part_of_a_recipe_goes_on(tmp_path: Path, recipe: Recipe) -> None:
    """Stopped after every few steps."""
    stop_at(started(tmp_path, recipe), is_step(2))
    folder = only_run(tmp_path)
    for number in (3, 5, 6, 9):
        stop_at(resumed(folder), is_step(number))
    list(resumed(folder))
    assert_same(folder, whole(tmp_path, recipe))
    assert json.loads((folder / "run.json").read_text())["resumed"] == 5


class Killed(BaseException):
    """Ends a run here as a kill does: nothing is tidied up."""


def killing(monkeypatch: pytest.MonkeyPatch, at: int) -> list[str]:
    """Kill the run just before the file that it writes as number `at` is there."""
    written: list[str] = []
    replace = Path.replace

    def replace_until(self: Path, target: Path) -> None:
        written.append(target.name)
        if len(written) == at:
            (target.parent / f".{target.name}.0123.part").write_bytes(b"half")
            raise Killed
        replace(self, target)

    monkeypatch.setattr(Path, "replace", replace_until)
    monkeypatch.setattr(run_folder.RunFolder, "finish", lambda *_: None)
    return written


def test_killed_between_any_two_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = dataclasses.replace(RECIPE, epochs=2, batch_size=90)
    expected = whole(tmp_path, recipe)
    stop_at(started(tmp_path, recipe), lambda event: isinstance(event, Started))
    begun = only_run(tmp_path)
    for at in range(1, 100):
        folder = tmp_path / str(at)
        shutil.copytree(begun, folder)
        with monkeypatch.context() as patch:
            written = killing(patch, at)
            with contextlib.suppress(Killed):
                list(resumed(folder))
                break  # it came to its end
        assert listing.read_run(folder).resumable
        list(resumed(folder))
        assert_same(folder, expected)
        assert not list(folder.rglob(".*.part"))
        shutil.rmtree(folder)
    assert written.count("checkpoint.pt") == 3
    assert written[-1] == "test.json"


SMALL = (
    "import os, sys; from trainer.curves import export; from trainer.data import pen; "
    "from trainer.runs import folder; "
    "os.fsync = lambda _: None; "
    "pen.WRITTEN = {'train': 300, 'test': 100}; "
    "folder._CHECKPOINT_EVERY = 0.1; "
    "export.save = lambda *_: None; "
    "from trainer.cli.parser import main; sys.exit(main())"
)


def lenet(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SMALL, *map(str, arguments), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def killed(process: subprocess.Popen[str], after: float) -> bool:
    """Kill a training process so many seconds after its first epoch; False if it was through."""
    with process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith('{"')
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            process.kill()
    assert process.returncode in (0, -signal.SIGKILL)
    return process.returncode != 0


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_process_killed_at_random_steps(tmp_path: Path) -> None:
    recipe = dataclasses.replace(RECIPE, epochs=30, batch_size=30)  # 9 steps an epoch
    (tmp_path / "recipe.json").write_text(recipe.to_json())
    expected = whole(tmp_path, recipe)
    source = random.Random()  # another moment each time
    given = ("--recipe", tmp_path / "recipe.json", "--runs", tmp_path / "runs")
    # With as many threads as the run that never stopped: only then it is the same to the bit.
    threads = torch.get_num_threads()
    process = lenet("train", *given, "--device", "cpu", "--threads", str(threads))
    assert killed(process, source.uniform(0, 0.3))
    folder = only_run(tmp_path)
    for _ in range(2):
        assert listing.read_run(folder).interrupted
        if not killed(lenet("resume", folder), source.uniform(0, 0.3)):
            break
    else:
        list(resumed(folder))
    assert_same(folder, expected)


def test_a_device_that_fails_leaves_no_line_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training.devices, "is_reliable", lambda _: False)
    learn, steps = loop.TrainingLoop.learn, []

    def failing(self: Any, index: Any) -> Any:
        steps.append(self.step)
        if len(steps) == 8:  # the third step of the second epoch
            raise torch.OutOfMemoryError("CUDA out of memory")
        return learn(self, index)

    monkeypatch.setattr(loop.TrainingLoop, "learn", failing)
    folder = list(started(tmp_path))[-1].folder
    assert steps[7:9] == [7, 5]
    assert_same(folder, whole(tmp_path))


# What goes with it


def test_as_many_threads_as_before(tmp_path: Path) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(before + 1)
    try:
        stop_at(started(tmp_path), is_step(2))
    finally:
        torch.set_num_threads(before)
    folder = only_run(tmp_path)
    with closing(resumed(folder)) as events:
        assert next(e for e in events if isinstance(e, Started)).note == ""
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before
    with closing(resumed(folder, threads=before)) as events:
        begun = next(e for e in events if isinstance(e, Started))
    assert f"threads {before + 1} before, {before} now" in begun.note
    assert listing.read_run(folder).record.threads == before


def test_what_started_says_of_where_it_goes_on(tmp_path: Path) -> None:
    stop_at(started(tmp_path), is_step(7))
    with closing(resumed(only_run(tmp_path))) as events:
        assert next(e for e in events if isinstance(e, Started)).step == 7


def test_tensorboard_shows_the_history(tmp_path: Path) -> None:
    folder = whole(tmp_path)
    history, shown = listing.read_history(folder), scalars(folder)
    for split in ("train", "validation"):
        for name, column in (("loss", history.losses), ("accuracy", history.accuracies)):
            steps, values = zip(*shown[f"{name}/{split}"], strict=True)
            assert list(steps) == history.steps[split]
            assert values == pytest.approx(column[split])
    assert [value for _, value in shown["learning_rate"]] == pytest.approx(
        history.learning_rates["train"]
    )


def test_without_tensorboard_nothing_else_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tensorboard.importlib.util, "find_spec", lambda name: None)
    folder = ran(tmp_path)
    assert not (folder / "tensorboard").exists()
    assert json.loads((folder / "run.json").read_text())["state"] == "finished"


@pytest.mark.parametrize("done", [*range(1, 30), 199, 200, 201, 1000])
def test_which_epochs_stay(done: int) -> None:
    for most in (8, 200):
        kept = run_folder.epochs_to_keep(done, done // 2, most)
        assert {0, 1, done // 2, done} <= kept <= set(range(done + 1))
        assert len(kept) <= most
        later = run_folder.epochs_to_keep(done + 1, done + 1, most)
        assert later - kept <= {done + 1}  # nothing is wanted that was thrown away


def test_many_epochs_are_thinned_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_folder, "MOST_EPOCH_FILES", 6)
    recipe = dataclasses.replace(RECIPE, epochs=8, batch_size=270)
    stop_at(started(tmp_path, recipe), lambda e: isinstance(e, Epoch) and e.epoch == 5)
    folder = only_run(tmp_path)
    list(resumed(folder))
    kept = [epoch for epoch, _ in listing.list_epochs(folder)]
    best = listing.read_run(folder).record.best_epoch
    assert kept == sorted({0, 1, 5, best, 8})
    assert_same(folder, whole(tmp_path, recipe))


# Nothing to go on with


def test_a_finished_run_is_finished_already(tmp_path: Path) -> None:
    folder = ran(tmp_path)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(FinishedAlready, match="is finished already"):
        next(resumed(folder))
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_diverged_run_would_only_diverge_again(tmp_path: Path) -> None:
    recipe = dataclasses.replace(RECIPE, optimizer="sgd", learning_rate=10, weight_decay=1)
    folder = whole(tmp_path, dataclasses.replace(recipe, epochs=90))
    assert not listing.read_run(folder).resumable
    with pytest.raises(RunError, match="smaller learning rate usually helps"):
        next(resumed(folder))


def test_a_folder_that_is_no_runs(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for name, why in (("file", "is not a run's"), ("none", "is not a run's"), ("folder", NO_FILE)):
        with pytest.raises(RunError, match=why):
            next(resumed(tmp_path / name))
    assert not list((tmp_path / "folder").iterdir())


def test_other_data_than_it_began_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_at(started(tmp_path), is_step(2))
    monkeypatch.setattr(pen, "WRITTEN", {"train": 299, "test": 100})
    monkeypatch.setattr(progress, "shared_results", {})
    with pytest.raises(RunError, match="is not the data that it began with"):
        list(resumed(only_run(tmp_path)))


def test_another_recipe_than_it_began_with(tmp_path: Path) -> None:
    stop_at(started(tmp_path), is_step(2))
    folder = only_run(tmp_path)
    (folder / "recipe.json").write_text(dataclasses.replace(RECIPE, epochs=9).to_json())
    with pytest.raises(RunError, match=r"recipe\.json was changed since it began"):
        next(resumed(folder))


# Damaged folders

NO_FILE = "checkpoint.pt is missing"


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """A run stopped in its second epoch."""
    stop_at(started(tmp_path), is_step(7))
    return only_run(tmp_path)


NAMES = ["recipe.json", "run.json", "history.csv", "best.safetensors", "last.safetensors"]
NAMES += ["run.lock", "tensorboard", "curves.png", "epochs/0000.safetensors"]


def lose(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def test_each_file_missing_in_turn(tmp_path: Path, stopped: Path) -> None:
    """The checkpoint is enough; the list goes on, whatever is missing."""
    expected = whole(tmp_path)
    for name in NAMES:
        folder = stopped.with_name("half")
        shutil.copytree(stopped, folder)
        lose(folder / name)
        found, problems = listing.list_runs(folder.parent)
        assert stopped in [past.folder for past in found]
        if name in ("recipe.json", "run.json"):
            assert problems == [f"half is damaged: {name} is missing"]
        elif name == "history.csv":
            with pytest.raises(RunError, match=r"half has no history.*csv is missing"):
                listing.read_history(folder)
        list(resumed(folder))
        if not name.startswith("epochs"):
            assert_same(folder, expected)
        lose(folder)


def test_all_copies_of_the_best_weights_missing(stopped: Path) -> None:
    lose(stopped / "best.safetensors")
    lose(stopped / "epochs")
    with pytest.raises(RunError, match=r"best.safetensors is missing or damaged"):
        list(resumed(stopped))
    assert checkpoint.load(stopped).step == 7  # nothing was made worse


def test_no_checkpoint(stopped: Path) -> None:
    lose(stopped / "checkpoint.pt")
    assert not listing.read_run(stopped).resumable
    with pytest.raises(RunError, match=NO_FILE):
        next(resumed(stopped))


def test_a_damaged_checkpoint(stopped: Path, tmp_path: Path) -> None:
    path = stopped / "checkpoint.pt"
    content = path.read_bytes()
    other = io.BytesIO()
    torch.save({"format": 1, "recipe": Path("x")}, other)
    damages = [content[:length] for length in (0, 1, 1000, len(content) // 2, len(content) - 1)]
    for place in range(64, len(content), len(content) // 7):
        damages.append(content[:place] + bytes(64) + content[place + 64 :])
    for damage in (*damages, b"x" * 5000, other.getvalue(), pickled_harm(tmp_path / "harm")):
        path.write_bytes(damage)
        try:
            kept = checkpoint.load(stopped)
        except RunError as error:
            assert "checkpoint.pt is damaged" in str(error)
        else:
            path.write_bytes(content)
            assert same_state(kept.state, checkpoint.load(stopped).state)
    assert not (tmp_path / "harm").exists()


def pickled_harm(made: Path) -> bytes:
    """A checkpoint that would make a file, were it unpickled as Python's pickle does."""

    class Harm:
        def __reduce__(self) -> Any:
            return Path.touch, (made,)

    written = io.BytesIO()
    torch.save({"format": 1, "recipe": Harm()}, written)
    return written.getvalue()


def same_state(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same_state(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return all(same_state(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)


@pytest.mark.parametrize("cut", [1, 3, 20, 60])
def test_a_history_cut_in_mid_line(tmp_path: Path, stopped: Path, cut: int) -> None:
    path = stopped / "history.csv"
    whole_text = path.read_text()
    path.write_text(whole_text[:-cut])
    history = listing.read_history(stopped)
    assert history.steps["train"] == list(range(1, whole_text[:-cut].count("\n") - 1))
    list(resumed(stopped))
    assert_same(stopped, whole(tmp_path))


# A disk that fills up

resource = pytest.importorskip("resource", reason="needs a limit on files' sizes")


@pytest.fixture
def full() -> Iterator[Callable[[int], None]]:
    """Lets no file grow beyond so many bytes from now on."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda most: resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("most", [100_000, 250, 0])
def test_a_disk_that_fills_up_in_mid_epoch(
    tmp_path: Path, full: Callable[[int], None], capfd: pytest.CaptureFixture[str], most: int
) -> None:
    """No room for a model, for a line, for anything."""
    expected = whole(tmp_path)
    with closing(started(tmp_path)) as events:
        for event in events:
            if isinstance(event, Step) and event.step == 7:
                break
        kept = checkpoint.load(only_run(tmp_path))
        full(most)
        with pytest.raises(RunError, match=r"free some space\), then resume the run"):
            list(events)
        full(resource.RLIM_INFINITY)
    folder = only_run(tmp_path)
    assert kept.step == 5
    assert checkpoint.load(folder).step == 5
    assert listing.read_run(folder).resumable
    assert capfd.readouterr().err == ""
    list(resumed(folder))
    assert_same(folder, expected)


def test_a_disk_that_is_full_from_the_start(tmp_path: Path, full: Callable[[int], None]) -> None:
    full(0)
    with pytest.raises(RunError, match="cannot be written"):
        list(started(tmp_path))
    full(resource.RLIM_INFINITY)
    assert not list((tmp_path / "runs").iterdir())


def test_before_the_first_step_nothing_is_said_to_be_kept(
    tmp_path: Path, full: Callable[[int], None]
) -> None:
    events = started(tmp_path)
    next(event for event in events if isinstance(event, Started))
    full(0)
    with pytest.raises(RunError, match="then resume the run: it begins anew"):
        list(events)
    full(resource.RLIM_INFINITY)
    list(resumed(only_run(tmp_path)))
    assert_same(only_run(tmp_path), whole(tmp_path))


def test_a_disk_that_is_full_when_it_is_stopped(
    tmp_path: Path, full: Callable[[int], None]
) -> None:
    events = started(tmp_path)
    for event in events:
        if isinstance(event, Step) and event.step == 7:
            break
    full(0)
    with pytest.raises(RunError, match=r"what it had done up to step 5 is kept"):
        events.close()
    full(resource.RLIM_INFINITY)
    list(resumed(only_run(tmp_path)))
    assert_same(only_run(tmp_path), whole(tmp_path))


def test_a_folder_that_is_deleted_while_it_trains(tmp_path: Path) -> None:
    events = started(tmp_path)
    for event in events:
        if isinstance(event, Step):
            break
    folder = only_run(tmp_path)
    lose(folder)
    with pytest.raises(RunError, match="cannot be written: No such file") as told:
        list(events)
    assert "The folder is gone, and with it what the run had done" in str(told.value)
    assert "is kept" not in str(told.value) and not folder.exists()


def test_a_folder_that_is_brought_back_goes_on(tmp_path: Path) -> None:
    events = started(tmp_path)
    next(event for event in events if isinstance(event, Epoch))
    folder = only_run(tmp_path)
    folder.rename(tmp_path / "away")
    with pytest.raises(RunError, match="or bring the folder back and resume the run"):
        list(events)
    (tmp_path / "away").rename(folder)
    list(resumed(folder))
    assert_same(folder, whole(tmp_path))


def test_nothing_is_promised_where_the_checkpoint_is_gone(tmp_path: Path) -> None:
    events = started(tmp_path)
    next(event for event in events if isinstance(event, Step))
    folder = only_run(tmp_path)
    lose(folder)
    folder.mkdir()
    (folder / "history.csv").mkdir()
    with pytest.raises(RunError, match=r"No checkpoint can be read there now, so its recipe has"):
        list(events)
    with pytest.raises(RunError, match=r"can't go on: checkpoint.pt is missing. Its recipe"):
        checkpoint.load(folder)  # not: "the weights that it kept"


def test_weights_that_are_said_to_be_kept_can_be_used(tmp_path: Path) -> None:
    stop_at(started(tmp_path), lambda event: isinstance(event, Epoch))
    folder = only_run(tmp_path)
    (folder / "checkpoint.pt").unlink()
    with pytest.raises(RunError, match="The weights that it kept can still be used"):
        checkpoint.load(folder)
    assert weights.load(folder / "best.safetensors").history["epochs"] == 1


# Two programs at one folder


def test_two_at_one_folder(tmp_path: Path) -> None:
    with closing(started(tmp_path)) as events:
        next(event for event in events if isinstance(event, Step))
        folder = only_run(tmp_path)
        past = listing.read_run(folder)
        assert (past.busy, past.interrupted, past.resumable) == (True, False, False)
        with pytest.raises(RunError, match="is being trained by another window or program"):
            list(resumed(folder))
        next(events)  # which is none the worse for it
    past = listing.read_run(folder)
    assert (past.busy, past.interrupted, past.resumable) == (False, False, True)
    list(resumed(folder))
    assert_same(folder, whole(tmp_path))


HOLDS = (
    "import sys; from pathlib import Path; from trainer.files import try_lock\n"
    "with Path(sys.argv[1]).open('ab') as file, try_lock(file) as ours:\n"
    "    print(ours, flush=True); sys.stdin.read()"
)


def test_another_program_at_one_folder(stopped: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDS, stopped / "run.lock"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert listing.is_training(stopped)
        with pytest.raises(RunError, match="is being trained by another window or program"):
            next(resumed(stopped))
        other.kill()  # a program that dies leaves nothing locked
    assert not listing.is_training(stopped)
    stop_at(resumed(stopped), lambda event: isinstance(event, Started))


# Well-formed checkpoints of another training


def set_in(values: Any, path: tuple[Any, ...], value: object) -> None:
    """Put a value into dicts and lists; `...` takes what is there away."""
    *way, last = path
    for key in way:
        values = values[key]
    if value is ...:
        del values[last]
    else:
        values[last] = value


MOMENT = ("optimizer", "state", 0, "exp_avg")
GROUP = ("optimizer", "param_groups", 0)
OTHER_STATES: dict[str, tuple[tuple[Any, ...], object]] = {
    "a moment of another shape": (MOMENT, torch.zeros(1)),
    "a larger moment": (MOMENT, torch.zeros(10, 10, 10)),
    "a moment of another type": (MOMENT, torch.zeros(6, 1, 5, 5, dtype=torch.float64)),
    "a moment that is no tensor": (MOMENT, 3.0),
    "a sparse moment": (MOMENT, torch.zeros(6, 1, 5, 5).to_sparse()),
    "no moment": (MOMENT, ...),
    "no moments of a weight": (("optimizer", "state", 3), ...),
    "moments of a weight more": (("optimizer", "state", 99), {}),
    "no moments": (("optimizer", "state"), {}),
    "a step that is a list": (("optimizer", "state", 0, "step"), [1]),
    "a whole step": (("optimizer", "state", 0, "step"), torch.tensor(3)),
    "fewer weights": ((*GROUP, "params"), [0, 1]),
    "the weights in another order": ((*GROUP, "params"), [1, 0, *range(2, 10)]),
    "a rate that is a text": ((*GROUP, "lr"), "0.1"),
    "a rate of two numbers": ((*GROUP, "lr"), torch.zeros(2)),
    "one beta": ((*GROUP, "betas"), (0.9,)),
    "another optimizer": ((*GROUP, "amsgrad"), True),
    "a flag that is a text": ((*GROUP, "fused"), "yes"),
    "no groups": (("optimizer", "param_groups"), []),
    "two groups": (("optimizer", "param_groups"), [{}, {}]),
    "no optimizer": (("optimizer",), None),
    "weights of another shape": (("network", "c1.weight"), torch.zeros(7, 1, 5, 5)),
    "a layer more": (("network", "c9.weight"), torch.zeros(3)),
    "a mean of another shape": (("average", "module.c1.weight"), torch.zeros(7)),
    "a schedule of other parts": (("schedule", "last_epoch"), ...),
    "a schedule of texts": (("schedule", "last_epoch"), "one"),
    "totals of three": (("totals",), torch.zeros(3)),
    "no generator": (("generator",), None),
    "a damaged generator": (("generator",), torch.zeros(5056, dtype=torch.uint8)),
    "a generator of another length": (("generator",), torch.zeros(3, dtype=torch.uint8)),
    "no device": (("device",), ...),
    "a device that is none": (("device",), "abacus"),
    "a step that is no number": (("step",), "nine"),
    "a step of another epoch": (("step",), 10**9),
    "an endless step": (("step",), float("inf")),
    "an epoch that is not to come": (("epoch",), 10**6),
    "seconds that are not finite": (("seconds",), float("nan")),
    "a best beyond all numbers": (("best",), 10**400),
    "many threads": (("threads",), 10**9),
}


@pytest.mark.parametrize("what", OTHER_STATES)
def test_a_checkpoint_of_another_training_is_refused_before_it_is_loaded(
    stopped: Path, what: str
) -> None:
    kept = checkpoint.load(stopped)
    path, value = OTHER_STATES[what]
    set_in(kept.state, path, value)
    checkpoint.save(kept, stopped)
    before = {path.name: path.read_bytes() for path in stopped.iterdir() if path.is_file()}
    with pytest.raises(RunError, match=r"can't go on: checkpoint\.pt is damaged \(.*trained anew"):
        list(resumed(stopped))
    after = {path.name: path.read_bytes() for path in stopped.iterdir() if path.is_file()}
    assert after == before | {"run.lock": b""}


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_link_out_of_the_folder_is_not_followed_when_files_are_deleted(
    stopped: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (stopped / "epochs").rename(elsewhere)
    for name in ("0007.safetensors", ".note.part"):
        (elsewhere / name).write_bytes(b"somebody's")
    (stopped / "epochs").symlink_to(elsewhere, target_is_directory=True)
    list(resumed(stopped))
    for name in ("0007.safetensors", ".note.part"):
        assert (elsewhere / name).read_bytes() == b"somebody's"


@pytest.mark.parametrize("told", ["yesterday", "", "0001-01-01T00:00:00+14:00"])
def test_a_run_that_does_not_tell_when_it_began_goes_on(stopped: Path, told: str) -> None:
    content = torch.load(stopped / "checkpoint.pt", weights_only=True)
    content["record"]["started"] = told
    torch.save(content, stopped / "checkpoint.pt")
    *_events, last = resumed(stopped)
    assert isinstance(last, Finished)


def _endless() -> list[object]:
    """A list that is short, and holds more than can be counted."""
    found: list[object] = [1]
    for _level in range(40):
        found = [found, found]
    return found


@pytest.mark.parametrize(
    ("key", "value"),
    [("data", torch.zeros(3, device="meta")), ("format", torch.zeros(2)), ("record", _endless())],
)
def test_a_checkpoint_of_other_parts_is_refused_at_once(
    stopped: Path, key: str, value: object
) -> None:
    content = torch.load(stopped / "checkpoint.pt", weights_only=True)
    torch.save({**content, key: value}, stopped / "checkpoint.pt")
    with pytest.raises(RunError, match="is damaged"):
        list(resumed(stopped))
