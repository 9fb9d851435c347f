"""The command line, as a person or a script uses it."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from lenet_gui.__main__ import main as open_window
from trainer.cli import listings, output
from trainer.cli import parser as cli
from trainer.data import loading
from trainer.data.loading import DIGIT_CLASSES, FASHION_CLASSES
from trainer.drawing.rasterize import rasterize
from trainer.networks import model as weights
from trainer.networks.lenet5 import LeNet5
from trainer.networks.model import Model
from trainer.progress import Progress
from trainer.reading import predict
from trainer.recipes.catalog import RECIPES
from trainer.recipes.recipe import Recipe, list_data_sources
from trainer.runs import listing
from trainer.runtime import devices
from trainer.training.events import DeviceLost, Epoch

SEVEN = [[[0, 0], [40, 0], [15, 70]], [[10, 35], [35, 35]]]
ONE = [[[5, 0], [5, 9]]]

pytestmark = pytest.mark.usefixtures("small_pen")

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    network = LeNet5(generator=torch.Generator().manual_seed(1)).eval()
    path = tmp_path / "model.safetensors"
    weights.save(Model(network, Recipe(mean=0.1, std=0.3), DIGIT_CLASSES), path)
    return path


def lenet(*arguments: str | Path) -> int:
    """Run the command here; returns its exit status."""
    try:
        return cli.main([str(argument) for argument in arguments])
    except SystemExit as end:
        assert isinstance(end.code, int)
        return end.code


def train_here(tmp_path: Path, *more: str | Path) -> int:
    return lenet("train", "--dataset", "pen", "--device", "cpu", "--runs", tmp_path / "runs", *more)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# train


def test_train_json(tmp_path: Path, capsys: Capture) -> None:
    assert train_here(tmp_path, "--epochs", "2", "--json") == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    *epochs, end = lines(captured.out)
    assert [line["epoch"] for line in epochs] == [1, 2]
    for line in epochs:
        assert set(line) == {"epoch", "train_loss", "val_accuracy", "seconds"}
        assert line["train_loss"] > 0
        assert 0 <= line["val_accuracy"] <= 1
    assert set(end) == {"run", "test_accuracy", "seconds"}
    record = json.loads((Path(end["run"]) / "run.json").read_text())
    assert record["state"] == "finished"
    assert record["test_accuracy"] == end["test_accuracy"]
    assert epochs[0]["seconds"] < epochs[1]["seconds"] <= end["seconds"]


def test_train_for_people(tmp_path: Path, capsys: Capture) -> None:
    assert train_here(tmp_path, "--epochs", "1") == 0
    captured = capsys.readouterr()
    (folder,) = (tmp_path / "runs").iterdir()
    first, epoch, last = captured.out.splitlines()
    assert first == f"studio on cpu, into {folder}"
    assert epoch.startswith("epoch   1/1  train loss ")
    assert epoch.endswith("best")
    assert last.startswith("test ")
    assert str(folder) in last


def test_train_takes_what_it_is_told(tmp_path: Path) -> None:
    told = ("--epochs", "1", "--batch-size", "77", "--seed", "42", "--threads", "1")
    assert train_here(tmp_path, "--recipe", "mnist-sigmoid-adamw", *told, "--json") == 0
    (past,) = listing.list_runs(tmp_path / "runs")[0]
    named = RECIPES["mnist-sigmoid-adamw"]
    assert past.recipe == Recipe(
        **{f: getattr(named, f) for f in Recipe.__dataclass_fields__}
        | {"dataset": "pen", "epochs": 1, "batch_size": 77, "seed": 42}
    )


def test_train_by_a_recipe_from_a_file(tmp_path: Path, capsys: Capture) -> None:
    recipe = Recipe(name="mine", dataset="pen", epochs=1, batch_size=50)
    path = tmp_path / "mine.json"
    path.write_bytes(b"\xef\xbb\xbf" + recipe.to_json().encode())  # as Windows' editor saves it
    assert lenet("train", "--recipe", path, "--runs", tmp_path / "runs", "--json") == 0
    (past,) = listing.list_runs(tmp_path / "runs")[0]
    assert past.recipe == recipe


def test_runs_lie_in_the_users_folder_if_nothing_is_said(capsys: Capture) -> None:
    assert lenet("train", "--dataset", "pen", "--epochs", "1", "--json") == 0
    end = lines(capsys.readouterr().out)[-1]
    assert Path(end["run"]).is_relative_to(os.environ["HOME"])


def test_the_same_seed_prints_the_same_figures(tmp_path: Path, capsys: Capture) -> None:
    figures = []
    for _ in range(2):
        assert train_here(tmp_path, "--epochs", "1", "--json") == 0
        epoch, end = lines(capsys.readouterr().out)
        figures.append((epoch["train_loss"], epoch["val_accuracy"], end["test_accuracy"]))
    assert figures[0] == figures[1]


def test_train_that_diverges_says_so_and_exits_1(tmp_path: Path, capsys: Capture) -> None:
    recipe = Recipe(
        dataset="pen", optimizer="sgd", learning_rate=10, weight_decay=1, epochs=90, batch_size=30
    )
    (tmp_path / "absurd.json").write_text(recipe.to_json())
    absurd = ("--recipe", tmp_path / "absurd.json", "--json")
    assert train_here(tmp_path, *absurd) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("lenet: the loss became ")
    assert captured.err.count("\n") == 1
    assert lines(captured.out)[-1]["test_accuracy"] is None


def test_a_lost_device_is_told(capsys: Capture) -> None:
    with output.Reporter(Recipe(), as_json=True) as reporter:
        reporter.show(DeviceLost("cuda", "out of memory"))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "lenet: cuda failed (out of memory); continuing on the CPU\n"


def test_two_dashes_are_no_value(capsys: Capture) -> None:
    assert lenet("summary", "--model=--") == 2
    assert capsys.readouterr().err.startswith("lenet: argument --model: expected one argument")
    with pytest.raises(SystemExit):
        open_window(["--my-digits=--"])
    assert "argument --my-digits: expected one argument" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use can't be deleted")
def test_a_folder_that_is_gone_is_one_line(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert lenet("summary") == 2
    assert capsys.readouterr().err.startswith("lenet: the folder you are in is gone")
    with pytest.raises(SystemExit):
        open_window(["--version"])
    assert Path.cwd() == Path("/")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
@pytest.mark.parametrize("command", ["--version", "--help"])
def test_help_that_no_disk_takes_is_told(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert lenet(command) == 2
    assert capsys.readouterr().err.startswith("lenet: the output cannot be written")


# Ctrl-C


@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_ctrl_c_and_other_requests_end_between_two_events(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, name: str, status: int
) -> None:
    number = getattr(signal, name, None)
    if number is None:
        pytest.skip("the system has none")
    show = output.Reporter.show

    def interrupted(self: output.Reporter, event: object) -> None:
        show(self, event)
        if isinstance(event, Epoch):
            signal.raise_signal(number)

    monkeypatch.setattr(output.Reporter, "show", interrupted)
    usual = signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL
    before = signal.signal(number, usual)  # whatever started the tests may ignore it, as nohup does
    try:
        assert train_here(tmp_path, "--epochs", "50") == status
        assert signal.getsignal(number) is usual
    finally:
        signal.signal(number, before)
    captured = capsys.readouterr()
    (folder,) = (tmp_path / "runs").iterdir()
    stopped, how = captured.out.splitlines()[-2:]
    assert stopped.startswith("stopped after ")
    assert how == f'resume with: lenet resume "{folder}"'
    assert weights.load(folder / "best.safetensors").history["epochs"] == 1


def test_ctrl_c_before_training_is_one_line(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(loading, "list_missing", interrupted)
    assert train_here(tmp_path) == 130
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "lenet: stopped\n")


SMALL = (
    "import sys; from trainer.data import pen; "
    "pen.WRITTEN = {'train': 300, 'test': 100}; "
    "from trainer.cli.parser import main; sys.exit(main())"
)


def test_ctrl_c_in_a_process_of_its_own_keeps_the_best(tmp_path: Path) -> None:
    arguments = ["train", "--dataset", "pen", "--epochs", "1000", "--threads", "1", "--json"]
    with subprocess.Popen(
        [sys.executable, "-c", SMALL, *arguments, "--runs", tmp_path, "--device", "cpu"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["epoch"] == 1
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == ""
    end = lines(out)[-1]
    assert end["test_accuracy"] is None
    best = weights.load(Path(end["run"]) / "best.safetensors")
    assert best.recipe.epochs == 1000
    assert json.loads((Path(end["run"]) / "run.json").read_text())["state"] == "stopped"


# resume and exact


def test_resume_goes_on_where_ctrl_c_ended_it(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = output.Reporter.show

    def interrupted(self: output.Reporter, event: object) -> None:
        show(self, event)
        if isinstance(event, Epoch) and event.epoch == 1:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(output.Reporter, "show", interrupted)
    assert train_here(tmp_path, "--epochs", "2") == 130
    (folder,) = (tmp_path / "runs").iterdir()
    capsys.readouterr()
    assert lenet("resume", folder) == 0
    first, epoch, last = capsys.readouterr().out.splitlines()
    assert first == f"studio on cpu after step 3, into {folder}"
    assert epoch.startswith("epoch   2/2  train loss ")
    assert last.startswith("test ")

    assert lenet("resume", folder) == 0
    told = f"{folder.name} is finished already: there is nothing left to train\n"
    assert capsys.readouterr().out == told
    assert lenet("resume", folder, "--json") == 0
    record = listing.read_record(folder)
    (end,) = lines(capsys.readouterr().out)
    assert end["run"] == str(folder)
    assert end["test_accuracy"] == record.test_accuracy


def test_exact_takes_one_image_a_step(tmp_path: Path, capsys: Capture) -> None:
    exact = ("--recipe", "lenet5-1998", "--exact", "--epochs", "1")
    assert train_here(tmp_path, *exact, "--json") == 0
    (past,) = listing.list_runs(tmp_path / "runs")[0]
    assert past.recipe.batch_size == 1
    assert past.record.steps_per_epoch == 300 - round(300 * past.recipe.validation)
    assert lines(capsys.readouterr().out)[0]["train_loss"] > 0


# evaluate


def test_where_the_device_gives_up_the_cpu_reads(
    model_file: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_many, calls = predict.read_many, []

    def failing_once(model: Model, images: Any) -> Any:
        calls.append(model)
        if len(calls) == 1:
            raise RuntimeError("CUDA error: out of memory\nmore")
        return read_many(model, images)

    monkeypatch.setattr(predict, "read_many", failing_once)
    monkeypatch.setattr(devices, "is_device_failure", lambda *_: True)
    strokes = tmp_path / "one.json"
    strokes.write_text('[{"strokes": [[[5, 0], [5, 9]]]}]')
    assert lenet("predict", "--strokes", strokes, "--model", model_file, "--json") == 0
    captured = capsys.readouterr()
    assert len(json.loads(captured.out)) == 1
    assert captured.err.count("\n") == 1 and "CUDA error: out of memory)" in captured.err


def test_evaluate(model_file: Path, capsys: Capture) -> None:
    arguments = ("evaluate", "--dataset", "pen", "--model", model_file, "--device", "cpu")
    assert lenet(*arguments, "--json") == 0
    captured = capsys.readouterr()
    (found,) = lines(captured.out)
    assert set(found) == {"accuracy", "loss", "count"}
    assert found["count"] == 100
    assert captured.err == ""
    assert lenet(*arguments) == 0
    right = round(found["accuracy"] * 100)
    assert capsys.readouterr().out == (
        f"Pen digits (built in): {right:.2f}% of 100 correct, {100 - right} wrong, "
        f"loss {found['loss']:.4f}\n"
    )


def test_the_sum_is_tested_on_its_first_part(
    model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def missing(name: str, folder: Path) -> list[str]:
        asked.append(name)
        raise loading.DataError("enough")

    monkeypatch.setattr(loading, "list_missing", missing)
    assert lenet("evaluate", "--dataset", "mnist+pen", "--model", model_file) == 2
    assert asked == ["mnist"]


# predict


def read(model_file: Path, images: list[Any]) -> list[dict[str, Any]]:
    found = predict.read_answers(weights.load(model_file), np.stack(images))
    return [
        {
            "digit": answer.digit,
            "probabilities": list(answer.probabilities),
            "verdict": str(answer.verdict),
        }
        for answer in found
    ]


def test_predict_strokes_from_a_file(tmp_path: Path, model_file: Path, capsys: Capture) -> None:
    drawings = [SEVEN, ONE, [], [[]]]
    nothing = {"digit": None, "probabilities": [], "verdict": "nothing drawn"}
    answers = read(model_file, [rasterize(drawing) for drawing in drawings[:2]])
    expected = [*answers, nothing, nothing]
    content = json.dumps([{"strokes": d, "label": 3} for d in drawings]).encode()
    for pack in (bytes, gzip.compress):
        path = tmp_path / "strokes"
        path.write_bytes(pack(content))
        assert lenet("predict", "--strokes", path, "--model", model_file, "--json") == 0
        (found,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert found == expected
    for row in answers:
        assert sum(row["probabilities"]) == pytest.approx(1)


def test_predict_strokes_from_standard_input(
    model_file: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = json.dumps([{"strokes": SEVEN}, {"strokes": ONE}]).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert lenet("predict", "--strokes", "-", "--model", model_file) == 0
    first, second = capsys.readouterr().out.splitlines()
    expected = read(model_file, [rasterize(SEVEN), rasterize(ONE)])
    for number, (line, row) in enumerate(zip((first, second), expected, strict=True)):
        share = row["probabilities"][row["digit"]]
        assert line.startswith(f"drawing {number}: {row['digit']}  {share:.1%}")
        assert (", or " in line) == (row["verdict"] == "unsure")
        assert ("does not look like a digit" in line) == (row["verdict"] == "not a digit")


def test_predict_no_strokes_at_all(tmp_path: Path, model_file: Path, capsys: Capture) -> None:
    (tmp_path / "none.json").write_text("[]")
    arguments = ("predict", "--strokes", tmp_path / "none.json", "--model", model_file)
    assert lenet(*arguments, "--json") == 0
    assert capsys.readouterr().out == "[]\n"
    assert lenet(*arguments) == 0
    assert capsys.readouterr().out == ""


def test_predict_pictures_in_the_order_given(
    tmp_path: Path, model_file: Path, capsys: Capture
) -> None:
    pictures = [rasterize(SEVEN), rasterize(ONE), rasterize([[[0, 0], [9, 0]]])]
    paths = [tmp_path / f"{name}.png" for name in "bca"]
    for path, picture in zip(paths, pictures, strict=True):
        Image.fromarray(255 - picture).save(path)
    assert lenet("predict", *paths, "--model", model_file, "--json") == 0
    expected = read(model_file, pictures)
    assert json.loads(capsys.readouterr().out) == expected
    assert len({row["probabilities"][0] for row in expected}) == 3
    assert lenet("predict", *paths, "--model", model_file) == 0
    names = [line.split(": ")[0] for line in capsys.readouterr().out.splitlines()]
    assert names == [str(path) for path in paths]


def test_predict_tells_the_models_own_classes(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "fashion.safetensors"
    weights.save(Model(LeNet5().eval(), Recipe(), FASHION_CLASSES), path)
    (tmp_path / "one.json").write_text(json.dumps([{"strokes": ONE}]))
    assert lenet("predict", "--strokes", tmp_path / "one.json", "--model", path) == 0
    shown = capsys.readouterr().out
    assert any(f": {name}  " in shown for name in FASHION_CLASSES), shown
    assert lenet("predict", "--strokes", tmp_path / "one.json", "--model", path, "--json") == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["class"] == FASHION_CLASSES[told["digit"]]


# summary and recipes


def test_summary_of_a_recipe(capsys: Capture) -> None:
    assert lenet("summary", "--recipe", "lenet5-1998", "--json") == 0
    table = json.loads(capsys.readouterr().out)
    assert sum(row["parameters"] for row in table) == 60_000
    assert sum(row["connections"] for row in table) == 340_908
    assert lenet("summary", "--recipe", "nope") == 2
    assert "there is no recipe 'nope'" in capsys.readouterr().err


def test_summary_names_the_sources_of_the_data(tmp_path: Path, capsys: Capture) -> None:
    recipe = Recipe(dataset="unipen")
    sources = list_data_sources("unipen")
    model = Model(LeNet5().eval(), recipe, DIGIT_CLASSES, data_sources=sources)
    weights.save(model, tmp_path / "a.safetensors")
    assert lenet("summary", "--model", tmp_path / "a.safetensors") == 0
    *_, last = capsys.readouterr().out.splitlines()
    assert last == f"trained on {sources[-1]}"


def test_summary(model_file: Path, capsys: Capture) -> None:
    assert lenet("summary", "--model", model_file) == 0
    table = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert table[0] == ["layer", "output", "neurons", "parameters", "connections"]
    assert table[2] == ["conv1", "6x28x28", "4,704", "156", "122,304"]
    assert table[-1] == ["total", "61,706", "429,342"]
    assert lenet("summary", "--model", model_file, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert sum(row["parameters"] for row in found) == 61_706
    assert found[1]["output"] == [6, 28, 28]


def test_recipes(capsys: Capture) -> None:
    assert lenet("recipes") == 0
    text = capsys.readouterr().out
    assert all(name in text for name in RECIPES)
    assert lenet("recipes", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in found] == list(RECIPES)
    assert lenet("recipes", "studio") == 0
    assert Recipe.from_json(capsys.readouterr().out) == RECIPES["studio"]


# The user's mistakes


def json_file(path: Path, content: str) -> Path:
    path.write_text(content)
    return path


Arguments = Callable[[Path], list[str | Path]]
MISTAKES: dict[str, tuple[Arguments, str]] = {
    "no command": (lambda t: [], "COMMAND (see lenet --help)"),
    "unknown command": (lambda t: ["tain"], "'tain'"),
    "unknown option": (lambda t: ["train", "--epoch-count", "3"], "--epoch-count 3"),
    "no number": (lambda t: ["train", "--epochs", "x"], "--epochs: invalid int value: 'x'"),
    "option of no value": (lambda t: ["train", "--epochs"], "--epochs: expected one argument"),
    "epochs": (lambda t: ["train", "--epochs", "0"], "epochs is 0; it must be a whole number from"),
    "batch": (lambda t: ["train", "--batch-size", "20000"], "batch_size is 20000; it must be a"),
    "seed": (
        lambda t: ["train", "--seed", "-1"],
        "seed is -1; it must be a whole number from 0",
    ),
    "threads": (lambda t: ["train", "--threads", "0"], "--threads is 0; it must be from 1 to"),
    "many threads": (lambda t: ["train", "--threads", "99999"], "--threads is 99999; it must be"),
    "dataset": (lambda t: ["train", "--dataset", "cats"], "cats is neither a dataset (mnist, "),
    "recipe": (
        lambda t: ["train", "--recipe", "nope"],
        "no recipe 'nope'; there are: ninety-nine, studio",
    ),
    "recipe file": (lambda t: ["train", "--recipe", t / "no.json"], "no.json cannot be read: No"),
    "folder as recipe": (lambda t: ["train", "--recipe", folder(t, "x.json")], "x.json cannot be"),
    "bad recipe": (
        lambda t: ["train", "--recipe", json_file(t / "r.json", '{"epochs": "many"}')],
        "r.json: epochs is 'many'; it must be a whole number from 1 to 1000",
    ),
    "binary recipe": (
        lambda t: ["train", "--recipe", binary_file(t / "r.json")],
        "r.json cannot be read: ",
    ),
    "device": (lambda t: ["train", "--device", "cuda"], "cuda can't be used here: not in a test"),
    "unknown device": (lambda t: ["train", "--device", "tpu"], "--device: invalid choice: 'tpu'"),
    "recipe of a newer version": (
        lambda t: ["train", "--recipe", json_file(t / "r.json", '{"epoch": 3}')],
        "r.json: epoch is not known; known are: activation",
    ),
    "exact": (
        lambda t: ["train", "--exact"],
        "--exact is for recipes with the network lenet5-1998, and studio has lenet5",
    ),
    "exact batches": (
        lambda t: ["train", "--exact", "--recipe", "lenet5-1998", "--batch-size", "8"],
        "--exact takes one image a step",
    ),
    "no run": (lambda t: ["resume", t / "none"], "none is not a run's folder"),
    "nothing of a run": (lambda t: ["resume", t], "can't go on: checkpoint.pt is missing"),
    "resuming threads": (lambda t: ["resume", t, "--threads", "0"], "--threads is 0; it must be"),
    "runs in a file": (
        lambda t: ["train", "--dataset", "pen", "--runs", json_file(t / "f", "")],
        "f cannot be written: ",
    ),
    "runs below a file": (
        lambda t: ["train", "--dataset", "pen", "--runs", json_file(t / "f", "") / "runs"],
        "runs cannot be written: ",
    ),
    "runs of a long name": (
        lambda t: ["train", "--dataset", "pen", "--runs", t / ("x" * 300)],
        "cannot be written: File name too long",
    ),
    "data in a file": (
        lambda t: ["train", "--dataset", "mnist", "--data", json_file(t / "f", "")],
        "cannot be made",
    ),
    "data of a long name": (
        lambda t: ["train", "--dataset", "mnist", "--data", t / ("x" * 300)],
        "cannot be made (File name too long)",
    ),
    "no network": (
        lambda t: ["train", "--dataset", "mnist", "--data", t],
        "MNIST could not be downloaded",
    ),
    "damaged data": (
        lambda t: ["evaluate", "--model", t / "model.safetensors", "--data", damaged_data(t)],
        "does not have the ",
    ),
    "other classes": (
        lambda t: ["evaluate", "--model", fashion_model(t), "--dataset", "pen"],
        "this network knows T-shirt, Trouser ..., and Pen digits (built in) has 0, 1 ...",
    ),
    "no model": (
        lambda t: ["evaluate", "--dataset", "pen", "--model", t / "none"],
        "none cannot be read: No such file or directory",
    ),
    "folder as model": (lambda t: ["summary", "--model", t], "cannot be read: Is a directory"),
    "no model at all": (
        lambda t: ["summary", "--model", json_file(t / "x", "no model")],
        "x is not a whole safetensors file",
    ),
    "nothing to read": (lambda t: ["predict"], "nothing to read: give picture files or --strokes"),
    "both": (lambda t: ["predict", "a.png", "--strokes", "b"], "either pictures or --strokes"),
    "no picture": (lambda t: ["predict", t / "a.png"], "a.png cannot be read: No such file"),
    "text as picture": (
        lambda t: ["predict", json_file(t / "a.png", "text")],
        "a.png is not a picture that can be read",
    ),
    "no strokes file": (lambda t: ["predict", "--strokes", t / "s"], "s cannot be read: No such"),
    "strokes": (
        lambda t: ["predict", "--strokes", json_file(t / "s", '[{"strokes": [[[1, "2\\n"]]]}]')],
        "s: drawing 0: a stroke must be a list of [x, y] points",
    ),
    "deep strokes": (
        lambda t: ["predict", "--strokes", json_file(t / "s", "[" * 100_000)],
        "s: not JSON: ",
    ),
    "binary strokes": (
        lambda t: ["predict", "--strokes", binary_file(t / "s")],
        "s cannot be read: ",
    ),
    "binary input": (lambda t: ["predict", "--strokes", "-"], "standard input cannot be read: "),
    "recipe's name": (
        lambda t: ["recipes", "nope"],
        "no recipe 'nope'; there are: ninety-nine, studio, handwriting",
    ),
}


def folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def binary_file(path: Path) -> Path:
    path.write_bytes(b"\xff\xfe\x00")
    return path


def damaged_data(parent: Path) -> Path:
    for kind in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (parent / f"{kind}-ubyte").write_bytes(b"damaged")
    return parent


def fashion_model(parent: Path) -> Path:
    path = parent / "fashion.safetensors"
    weights.save(Model(LeNet5().eval(), Recipe(), FASHION_CLASSES), path)
    return path


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_and_exit_2(
    tmp_path: Path,
    model_file: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    mistake: str,
) -> None:
    import torchvision.datasets

    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", ["http://127.0.0.1:1/"])
    monkeypatch.setenv("no_proxy", "*")
    missing = devices.Device("cuda", "NVIDIA GPU", "not in a test")
    monkeypatch.setattr(devices, "describe_cuda", lambda: missing)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe[")))
    arguments, message = MISTAKES[mistake]
    assert lenet(*arguments(tmp_path)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("lenet: ")
    assert captured.err.count("\n") == 1
    assert captured.err.endswith("\n")
    assert message in captured.err


def test_where_shipped_weights_are_missing_it_says_what_to_do(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "SHIPPED", "nothing.safetensors")
    assert lenet("summary") == 2
    assert "nothing.safetensors is not among the program's assets" in capsys.readouterr().err


def test_a_fault_of_the_program_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(listings, "find_recipe", broken)
    with pytest.raises(ZeroDivisionError):
        lenet("recipes", "studio")


# The terminal


def broken_pipe() -> io.TextIOWrapper:
    """To write to, with nobody who reads it."""
    reads, writes = os.pipe()
    os.close(reads)
    return open(writes, "w")  # noqa: PTH123


def test_a_reader_who_leaves_ends_a_run_cleanly(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with broken_pipe() as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        assert train_here(tmp_path, "--epochs", "50", "--json") == 1
    assert capsys.readouterr().err == ""
    (folder,) = (tmp_path / "runs").iterdir()
    record = json.loads((folder / "run.json").read_text())
    assert (record["state"], record["epochs"]) == ("stopped", 1)


def test_a_reader_who_is_gone_is_no_error_message() -> None:
    with broken_pipe() as pipe:
        ended = subprocess.run(
            [sys.executable, "-m", "trainer", "recipes"],
            stdout=pipe,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert (ended.returncode, ended.stderr) == (1, "")


def test_as_a_module_of_its_own() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "trainer", "recipes", "nope"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("lenet: there is no recipe 'nope'")
    assert ended.stderr.count("\n") == 1


def test_a_name_that_the_terminal_cant_show_is_shown_otherwise(
    tmp_path: Path, model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = tmp_path / "größe.png"
    Image.fromarray(rasterize(ONE)).save(picture)
    shown = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(shown, encoding="ascii"))
    assert lenet("predict", picture, "--model", model_file) == 0
    assert b"gr\\xf6\\xdfe.png: " in shown.getvalue()


COMMANDS = (
    "train",
    "resume",
    "evaluate",
    "predict",
    "robustness",
    "summary",
    "gate",
    "forms",
    "download",
    "data",
    "classes",
    "recipes",
    "doctor",
    "completion",
    "bundle",
    "import",
    "export",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_explained(
    command: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/tmp/100%s")
    assert lenet(command, "--help") == 0
    usage, description, *rest = capsys.readouterr().out.split("\n\n")
    assert usage.startswith(f"usage: lenet {command}")
    assert not description.startswith(("options:", "positional arguments:"))
    tables = [part for part in rest if part.startswith(("options:", "positional arguments:"))]
    assert tables
    for table in tables:
        for entry in re.split(r"\n(?=  \S)", table)[1:]:  # the names, two spaces, what they do
            assert re.search(r"\S\s{2,}\S", entry), entry
    explained = "".join(tables)
    assert all(option in explained for option in re.findall(r"--[a-z-]+", usage))


def test_help_names_every_command(capsys: Capture) -> None:
    assert lenet("--help") == 0
    commands = capsys.readouterr().out.split("commands:")[1]
    assert tuple(re.findall(r"^    ([a-z]+)", commands, re.MULTILINE)) == COMMANDS


def test_version(capsys: Capture) -> None:
    from trainer import __version__

    assert lenet("--version") == 0
    assert capsys.readouterr().out == f"lenet-studio {__version__}\n"


def test_json_lines_tell_how_far_a_long_preparation_is(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    for every, count in ((0.0, 2), (3600.0, 0)):
        monkeypatch.setattr(output, "PROGRESS_EVERY", every)
        with output.Reporter(Recipe(), as_json=True) as reporter:
            reporter.show(Progress("training the teacher", 5, 90))
            reporter.show(Progress("training the teacher", 6, 90))
        told = lines(capsys.readouterr().out)
        wanted = [{"progress": "training the teacher", "done": n, "total": 90} for n in (5, 6)]
        assert told == wanted[:count]
    with output.Reporter(Recipe(), as_json=False) as reporter:
        reporter.show(Progress("training the teacher", 5, 90))
    assert capsys.readouterr().out == ""


def test_plain_arithmetic_makes_the_same_weights_twice(tmp_path: Path) -> None:
    """By a recipe of which other trainings time what is quickest."""
    folders = []
    for name in ("first", "second"):
        options = ("--epochs", "1", "--arithmetic", "plain", "--runs", tmp_path / name)
        assert lenet("train", "--dataset", "pen", "--device", "cpu", *options) == 0
        folders += (tmp_path / name).iterdir()
    assert [json.loads((f / "run.json").read_text())["arithmetic"] for f in folders] == [
        "plain"
    ] * 2
    first, second = (weights.load(f / "best.safetensors").network.state_dict() for f in folders)
    assert all(torch.equal(first[name], second[name]) for name in first)


# Hostile names and numbers


@pytest.mark.parametrize(
    "command",
    [
        ("data", "~nobody-of-this-name/x"),
        ("evaluate", "--dataset", "~nobody-of-this-name/x"),
        ("evaluate", "--dataset", "a" * 300),
        ("predict", "--multiple", "a" * 300),
        ("resume", "a" * 300),
        ("bundle", "--check", "a" * 300),
        ("forms", "--seed", "-1", "--picture", "forms.png"),
        ("forms", "--picture", ""),
        ("gate", "--out", "gate.safetensors", "--seed", str(1 << 64)),
        ("gate", "--out", "gate.safetensors", "--epochs", "0"),
        ("classes", "set.json", "--seed", "-1"),
        ("robustness", "--csv", "/"),
        ("export", "lenet5", ".", "--format", "npz"),
    ],
)
def test_a_name_or_number_that_can_not_be_is_refused_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert lenet(*command) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not list(tmp_path.iterdir())
