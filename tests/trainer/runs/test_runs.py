from __future__ import annotations

import csv
import dataclasses
import json
import os
import shutil
import threading
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import torch

from trainer import files
from trainer.curves import export
from trainer.data.loading import DataMissing
from trainer.evaluation import report
from trainer.networks import model as weights
from trainer.recipes.recipe import Recipe
from trainer.runs import folder as run_folder
from trainer.runs import lifecycle, listing
from trainer.runs.record import (
    NOTES_FILE,
    Finished,
    Notes,
    Record,
    RunError,
    RunState,
    Started,
    read_notes,
    write_notes,
)
from trainer.training import training
from trainer.training.events import DeviceLost, Diverged, Epoch, Step
from trainer.training.history import History

RECIPE = Recipe(name="small", dataset="pen", epochs=2, batch_size=30, learning_rate=3e-3)
CPU = torch.device("cpu")

pytestmark = pytest.mark.usefixtures("small_pen")


drawn = export.save


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing curves, and waiting for the disk, takes most of so small a run's time."""
    monkeypatch.setattr(export, "save", lambda *_: None)
    monkeypatch.setattr(os, "fsync", lambda _: None)


def events_of(folder: Path, recipe: Recipe = RECIPE) -> list[Any]:
    return list(lifecycle.run(recipe, data=folder / "data", runs=folder / "runs", device=CPU))


def only(events: list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def record_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "run.json").read_text())
    return found


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """The folder of a run that went through."""
    folder: Path = events_of(tmp_path)[-1].folder
    return folder


# A run that goes through


def test_a_whole_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "save", drawn)
    events = events_of(tmp_path)
    (started,), (end,) = only(events, Started), only(events, Finished)
    epochs = only(events, Epoch)
    assert events[-1] is end
    assert end.folder == started.folder
    assert started.device == "cpu"
    assert started.folder.parent == tmp_path / "runs"
    assert {path.name for path in started.folder.iterdir()} == {
        "recipe.json",
        "run.json",
        "history.csv",
        "curves.png",
        "curves.svg",
        "best.safetensors",
        "last.safetensors",
        "epochs",
        "test.json",
        "checkpoint.pt",
        "tensorboard",
        "run.lock",
    }
    kept = listing.list_epochs(started.folder)
    assert [epoch for epoch, _ in kept] == [0, 1, 2]
    for epoch, path in kept:
        assert weights.load(path).history["epochs"] == epoch
    date, time, name = started.folder.name.split("_")
    assert datetime.strptime(f"{date} {time}", "%Y-%m-%d %H%M%S")
    assert name == "small"
    assert Recipe.from_json((end.folder / "recipe.json").read_text()) == RECIPE

    best = max(epochs, key=lambda event: event.val_accuracy)
    record = record_of(end.folder)
    assert record["state"] == "finished"
    assert record["problem"] == ""
    assert record["device"] == "cpu"
    assert record["epochs"] == 2
    assert record["steps_per_epoch"] == 9  # 270 / 30
    assert record["best_epoch"] == best.epoch
    assert record["best_val_accuracy"] == best.val_accuracy
    assert record["test_accuracy"] == end.test_accuracy
    assert record["seconds"] > 0
    assert record["versions"]["torch"] == torch.__version__
    assert record["threads"] == torch.get_num_threads()
    assert record["seed"] == RECIPE.seed


def test_the_test_report(tmp_path: Path) -> None:
    end = events_of(tmp_path)[-1]
    told = json.loads((end.folder / "test.json").read_text())
    assert told["dataset"] == "pen"
    assert told["accuracy"] == end.test_accuracy
    assert told["count"] == 100
    assert told["loss"] > 0
    confusion = torch.tensor(told["confusion"])
    assert int(confusion.sum()) == 100
    assert int(confusion.diagonal().sum()) == round(told["accuracy"] * 100)
    assert [row["name"] for row in told["classes"]] == list("0123456789")
    for row, support in zip(told["classes"], confusion.sum(1).tolist(), strict=True):
        assert row["support"] == support


def test_best_and_last_weights_are_those_of_their_epochs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accuracies = iter([0.2, 0.7, 0.3, 0.9])  # three epochs and the test

    monkeypatch.setattr(report, "score", lambda *_: report.Score(next(accuracies), 1.0, 30))
    events = events_of(tmp_path, dataclasses.replace(RECIPE, epochs=3))
    folder = events[-1].folder
    _, second, third = only(events, Epoch)
    for name, epoch in (("best", second), ("last", third)):
        model = weights.load(folder / f"{name}.safetensors")
        assert model.history["epochs"] == epoch.epoch
        assert model.history["val_accuracy"] == epoch.val_accuracy
        assert model.recipe == dataclasses.replace(RECIPE, epochs=3)
        for key, values in model.network.state_dict().items():
            assert torch.equal(values, epoch.weights[key])
    assert weights.load(folder / "best.safetensors").history["test_accuracy"] == 0.9
    assert events[-1].test_accuracy == 0.9


def test_history_holds_every_step_and_epoch(tmp_path: Path) -> None:
    events = events_of(tmp_path)
    folder = events[-1].folder
    with (folder / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    told = [event for event in events if isinstance(event, Step | Epoch)]
    assert [(int(row["epoch"]), int(row["step"])) for row in rows] == [
        (event.epoch, event.step) for event in told
    ]
    assert [row["split"] for row in rows].count("validation") == 2

    history = listing.read_history(folder)
    steps, epochs = only(events, Step), only(events, Epoch)
    assert history.epochs["train"] == pytest.approx([event.step / 9 for event in steps])
    assert history.epochs["validation"] == [1, 2]
    assert history.steps == {"train": [e.step for e in steps], "validation": [9, 18]}
    assert history.learning_rates["train"] == [RECIPE.learning_rate] * 18
    assert history.seconds["train"] == pytest.approx([e.seconds for e in steps], rel=1e-5)
    assert history.losses["train"] == pytest.approx([e.loss for e in steps], rel=1e-5)
    assert history.losses["validation"] == pytest.approx([e.val_loss for e in epochs], rel=1e-5)
    assert history.accuracies["validation"] == pytest.approx(
        [e.val_accuracy for e in epochs], rel=1e-5
    )


def test_everything_is_on_disk_before_it_is_told(tmp_path: Path) -> None:
    """Whoever hears of an epoch may use its file, and a program killed then loses nothing."""
    with closing(
        lifecycle.run(RECIPE, data=tmp_path, runs=tmp_path / "runs", device=CPU)
    ) as events:
        for event in events:
            if isinstance(event, Started):
                folder = event.folder
                assert record_of(folder)["state"] == "running"
            elif isinstance(event, Step):
                assert record_of(folder)["steps_per_epoch"] == event.steps_per_epoch
                assert listing.read_history(folder).epochs["train"][-1] == event.step / 9
            elif isinstance(event, Epoch):
                last = weights.load(folder / "last.safetensors")
                assert last.history["epochs"] == event.epoch
                assert record_of(folder)["epochs"] == event.epoch


# Runs that end otherwise


@pytest.mark.parametrize("kind", [Started, Step, Epoch])
def test_stopped_early_keeps_what_it_has(tmp_path: Path, kind: type) -> None:
    events = lifecycle.run(RECIPE, data=tmp_path, runs=tmp_path / "runs", device=CPU)
    folder = None
    for event in events:
        if isinstance(event, Started):
            folder = event.folder
        if isinstance(event, kind):
            break
    events.close()
    assert folder is not None
    record = record_of(folder)
    assert record["state"] == "stopped"
    assert record["test_accuracy"] is None
    assert (folder / "best.safetensors").exists() == (kind is Epoch)
    if kind is Epoch:
        assert weights.load(folder / "best.safetensors").history["epochs"] == 1
        assert record["best_val_accuracy"] is not None
    assert not list(folder.glob("*.part")) + list(folder.glob(".*.part"))


def test_diverged(tmp_path: Path) -> None:
    recipe = dataclasses.replace(
        RECIPE, optimizer="sgd", learning_rate=10, weight_decay=1, epochs=50
    )
    events = events_of(tmp_path, recipe)
    assert len(only(events, Diverged)) == 1
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.test_accuracy is None
    record = record_of(end.folder)
    assert record["state"] == "diverged"
    assert "a smaller learning rate usually helps" in record["problem"]
    listing.read_history(end.folder)
    if record["best_epoch"]:
        weights.load(end.folder / "best.safetensors")


def test_a_fault_is_written_down_and_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError("something broke")
        yield

    monkeypatch.setattr(training.Training, "__iter__", broken)
    with pytest.raises(RuntimeError, match="something broke"):
        events_of(tmp_path)
    (folder,) = (tmp_path / "runs").iterdir()
    assert record_of(folder)["state"] == "failed"
    assert record_of(folder)["problem"] == "something broke"


def test_the_device_that_was_lost_is_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = training.Training.__iter__

    def loses(self: training.Training) -> Any:
        yield DeviceLost("cuda", "out of memory")
        yield from train(self)

    monkeypatch.setattr(training.Training, "__iter__", loses)
    folder = events_of(tmp_path)[-1].folder
    assert record_of(folder)["device"] == "cpu, after cuda failed: out of memory"


def test_without_its_data_a_run_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(DataMissing):
        events_of(tmp_path, Recipe(dataset="mnist"))
    assert not (tmp_path / "runs").exists()


def test_a_place_that_cant_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("in the way")
    with pytest.raises(RunError, match="runs cannot be written: "):
        events_of(tmp_path)


@pytest.mark.parametrize("kind", [Step, Epoch])
def test_a_disk_that_fills_up_is_told_and_what_was_kept_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type
) -> None:
    events = lifecycle.run(RECIPE, data=tmp_path, runs=tmp_path / "runs", device=CPU)
    for event in events:
        if isinstance(event, Epoch):
            break

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if kind is Step:
        monkeypatch.setattr(run_folder.RunFolder, "append_row", full)
    else:
        monkeypatch.setattr(files, "write_whole", full)
    with pytest.raises(RunError, match=r"No space left on device.* then resume the run"):
        list(events)
    (folder,) = (tmp_path / "runs").iterdir()
    assert record_of(folder)["state"] == "failed"
    assert weights.load(folder / "best.safetensors").history["epochs"] == 1


# Names


def test_two_runs_in_the_same_second_have_their_own_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Stopped:
            return cls(2026, 11, 21, 14, 15, 0)

    monkeypatch.setattr(lifecycle, "datetime", Stopped)
    recipe = dataclasses.replace(RECIPE, epochs=1)
    names = [events_of(tmp_path, recipe)[-1].folder.name for _ in range(3)]
    first = "2026-11-21_141500_small"
    assert names == [first, f"{first}-2", f"{first}-3"]
    assert [past.folder.name for past in listing.list_runs(tmp_path / "runs")[0]] == names[::-1]


def test_folders_made_at_once_are_told_apart(tmp_path: Path) -> None:
    made: list[Path] = []
    barrier = threading.Barrier(8)

    def make() -> None:
        barrier.wait()
        made.append(files.make_new_folder(tmp_path, "same"))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8


@pytest.mark.parametrize("name", ["../../up", "a/b", "C:\\x", "what? *", "Größe 3", "", "."])
def test_a_recipes_name_never_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    made = files.make_new_folder(tmp_path / "runs", f"now_{name}")
    assert made.parent == tmp_path / "runs"
    assert not set(made.name) & set('/\\:*?"<>|. ')


# Read back


def test_past_runs_are_listed_newest_first(tmp_path: Path, finished: Path) -> None:
    older = finished.with_name("2001-01-01_000000_small")
    shutil.copytree(finished, older)
    found, problems = listing.list_runs(tmp_path / "runs")
    assert [past.folder for past in found] == [finished, older]
    assert problems == []
    assert found[0].recipe == RECIPE
    assert dataclasses.asdict(found[0].record) == record_of(finished)


def test_no_runs_at_all(tmp_path: Path) -> None:
    assert listing.list_runs(tmp_path / "none") == ([], [])
    (tmp_path / "something else").mkdir()
    (tmp_path / "file").write_text("")
    assert listing.list_runs(tmp_path) == ([], [])


DAMAGES = [
    ("run.json", ""),
    ("run.json", "{"),
    ("run.json", "[]"),
    ("run.json", "[" * 50_000),
    ("run.json", '{"state": "finished", "later": 1}'),
    ("run.json", '{"state": 3}'),
    ("run.json", '{"state": "sleeping"}'),
    ("run.json", '{"epochs": "2"}'),
    ("run.json", '{"epochs": true}'),
    ("run.json", '{"best_val_accuracy": "high"}'),
    ("run.json", '{"versions": []}'),
    ("run.json", "\udcff"),
    ("recipe.json", "{"),
    ("recipe.json", '{"epochs": 0}'),
    ("recipe.json", None),
]


@pytest.mark.parametrize(("name", "content"), DAMAGES)
def test_a_damaged_run_is_told_and_the_others_are_listed(
    tmp_path: Path, name: str, content: str | None
) -> None:
    for folder in ("good", "damaged"):
        path = tmp_path / folder
        path.mkdir()
        (path / "recipe.json").write_text(RECIPE.to_json())
        (path / "run.json").write_text('{"state": "finished", "best_val_accuracy": null}')
    if content is None:
        (tmp_path / "damaged" / name).unlink()
    else:
        (tmp_path / "damaged" / name).write_bytes(content.encode(errors="surrogateescape"))
    found, problems = listing.list_runs(tmp_path)
    assert [past.folder.name for past in found] == ["good"]
    (problem,) = problems
    assert problem.startswith("damaged is damaged: ")


def test_a_history_cut_anywhere_is_read_up_to_there(finished: Path) -> None:
    path = finished / "history.csv"
    whole = listing.read_history(finished)
    content = path.read_text()
    for length in range(len(content)):
        path.write_text(content[:length])
        found = listing.read_history(finished)
        for split in ("train", "validation"):
            count = len(found.losses[split])
            for kind in ("epochs", "losses", "accuracies", "seconds", "learning_rates"):
                assert getattr(found, kind)[split] == getattr(whole, kind)[split][:count]
        lines = content[:length].count("\n")
        assert sum(map(len, found.losses.values())) >= lines - 1


def test_a_damaged_line_ends_a_history(finished: Path) -> None:
    path = finished / "history.csv"
    whole, content = listing.read_history(finished), path.read_text()
    good = "1,1,train,1,1,1,1\n"
    for line in (
        "9,9,train,nan,1,1,1",
        "9,x,train,1,1,1,1",
        "9,9,other,1,1,1,1",
        f"9,{'9' * 400},train,1,1,1,1",
        "9,-1,train,1,1,1,1",
        "\0",
        "9,9,train",
        '"' + "x" * 200_000,
    ):
        path.write_text(content + line + "\n" + good)
        assert listing.read_history(finished) == whole
    path.write_text(content + good)
    assert listing.read_history(finished) != whole


def test_a_history_that_is_not_there_is_told(finished: Path) -> None:
    path = finished / "history.csv"
    path.write_bytes(b"\xff\xff")
    with pytest.raises(RunError, match="has no history that can be read"):
        listing.read_history(finished)
    path.unlink()
    with pytest.raises(RunError, match="has no history that can be read"):
        listing.read_history(finished)


# Files


def test_written_files_have_the_usual_permissions(tmp_path: Path) -> None:
    files.write_whole(tmp_path / "one", b"x")
    (tmp_path / "other").write_bytes(b"x")
    assert (tmp_path / "one").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_file_written_by_many_at_once_is_one_of_theirs(tmp_path: Path) -> None:
    contents = [bytes([n]) * 100_000 for n in range(8)]
    threads = [
        threading.Thread(target=files.write_whole, args=(tmp_path / "file", content))
        for content in contents
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "file").read_bytes() in contents
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_where_data_and_runs_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert files.data_folder().name == "data"
    assert files.runs_folder().parent == files.data_folder().parent
    monkeypatch.setenv("LENET_DATA", str(tmp_path / "env"))
    assert files.data_folder() == tmp_path / "env"
    assert files.data_folder(tmp_path / "given") == tmp_path / "given"
    assert files.runs_folder(tmp_path / "given") == tmp_path / "given"


def test_an_asset_that_is_not_there_is_told() -> None:
    with pytest.raises(FileNotFoundError, match="reinstall lenet-studio"):
        files.asset("nothing")


def test_what_is_trained_anew_takes_the_place_of_what_was_lost() -> None:
    history = History()
    for epochs in (0.5, 1.0, 1.5, 1.8, 1.5, 2.0):
        history.add("train", epochs, 1 / epochs, 0.5, step=1, seconds=epochs, learning_rate=0.1)
    assert history.epochs["train"] == [0.5, 1.0, 1.5, 2.0]
    assert history.losses["train"] == [1 / 0.5, 1.0, 1 / 1.5, 0.5]
    assert history.seconds["train"] == history.epochs["train"]
    for column in (history.accuracies, history.steps, history.learning_rates):
        assert len(column["train"]) == 4


def test_runs_are_listed_by_the_time_that_all_clocks_share(tmp_path: Path) -> None:
    """Folders are named by local time: that of another time zone, or an hour that came twice."""
    starts = {
        "2026-10-25_023000_old": "2026-10-25T02:30:00+02:00",
        "2026-10-25_021500_new": "2026-10-25T02:15:00+01:00",
        "2026-10-25_100000_japan": "2026-10-25T10:00:00+09:00",
        "2026-10-25_010000_none": "one o'clock",
    }
    for name, start in starts.items():
        folder = tmp_path / name
        folder.mkdir()
        (folder / "recipe.json").write_text(Recipe().to_json())
        record = Record(state=RunState.FINISHED, started=start)
        (folder / "run.json").write_text(json.dumps(record.to_values()))
    found, problems = listing.list_runs(tmp_path)
    names = [run.folder.name[18:] for run in found]
    assert names == ["new", "japan", "old", "none"] and not problems


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 10**400),
        ("epochs", -(10**30)),
        ("seconds", 10**400),
        ("seconds", float("inf")),
        ("best_val_accuracy", float("nan")),
        ("best_epoch", 1 << 70),
    ],
)
def test_a_number_that_cannot_be_spoils_only_its_run(
    tmp_path: Path, name: str, value: float
) -> None:
    for folder in (tmp_path / "bad", tmp_path / "good"):
        folder.mkdir()
        (folder / "recipe.json").write_text(Recipe().to_json())
        values = Record(state=RunState.FINISHED).to_values()
        if folder.name == "bad":
            values[name] = value
        (folder / "run.json").write_text(json.dumps(values))
    found, (problem,) = listing.list_runs(tmp_path)
    assert [run.folder.name for run in found] == ["good"]
    assert problem.startswith(f"bad is damaged: {name} is ") and len(problem) < 100


@pytest.mark.parametrize("name", ["手" * 80, "𝟗" * 80, "x" * 80])
def test_a_recipes_long_name_fits_a_folders(tmp_path: Path, name: str) -> None:
    made = files.make_new_folder(tmp_path, f"2026-11-21_141500_{Recipe(name=name).name}")
    assert made.is_dir() and len(made.name.encode()) <= 120
    assert len(files.make_new_folder(tmp_path, made.name).name.encode()) <= 124


# Notes, and the listing that looks again


def test_notes_are_kept_in_the_runs_folder_and_damaged_ones_are_none(tmp_path: Path) -> None:
    told = Notes("  My\nbest ", " two\nlines ")
    assert write_notes(tmp_path, told) == Notes("My best", "two\nlines")
    assert read_notes(tmp_path) == Notes("My best", "two\nlines")
    for damaged in ("{", "[]", '{"title": 1, "note": ""}', "[" * 60_000):
        (tmp_path / NOTES_FILE).write_text(damaged)
        assert read_notes(tmp_path) == Notes()
    write_notes(tmp_path, Notes())
    assert not (tmp_path / NOTES_FILE).exists()
    with pytest.raises(RunError, match="cannot be written"):
        write_notes(tmp_path / "gone", told)


def test_a_listing_reads_only_what_has_changed(tmp_path: Path, finished: Path) -> None:
    for path in finished.iterdir():
        os.utime(path, (1e9, 1e9))  # long ago
    listed = listing.RunListing()
    (first,) = listed.look(tmp_path / "runs").runs
    (again,) = listed.look(tmp_path / "runs").runs
    assert again is first and first.step > 0 and first.epochs == RECIPE.epochs
    write_notes(finished, Notes("named"))
    (noted,) = listed.look(tmp_path / "runs").runs
    assert noted is not first and noted.notes.title == "named"
    record = finished / "run.json"
    text = record.read_text("utf-8")
    written = record.stat().st_mtime_ns
    record.write_text(text.replace('"finished"', '"stopped" '), "utf-8")  # as long as before
    now = time.time_ns()
    os.utime(record, ns=(now, now))
    (stopped,) = listed.look(tmp_path / "runs").runs
    record.write_text(text, "utf-8")
    os.utime(record, ns=(now, now))  # within one tick of a coarse clock
    (last,) = listed.look(tmp_path / "runs").runs
    assert written != now and (stopped.record.state, last.record.state) == ("stopped", "finished")
    shutil.rmtree(finished)
    assert listed.look(tmp_path / "runs").folders == frozenset()
