"""Sweeps and accuracies, against one picture read at a time; and the command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import pen_digits
from tests.support.inspecting import paper_model, picture, shipped
from tests.trainer.cli.test_parser import Capture, lenet
from trainer.data.labelled_images import LabelledImages
from trainer.errors import UserError
from trainer.networks import model as weights
from trainer.progress import Progress, result_of
from trainer.reading import predict
from trainer.robustness import export, sweep
from trainer.robustness.distortions import PARAMETERS, Distortion, DistortionError
from trainer.robustness.drawings import Distorter
from trainer.robustness.images import distort
from trainer.robustness.sweep import AnswerInterval, Curve, Sweep

ROTATION = PARAMETERS["rotation"]
VALUES = (-60.0, -20.0, 0.0, 30.0)


@pytest.fixture(scope="module")
def found() -> Sweep:
    base = Distortion(scale=0.9, noise=0.05, seed=2)
    models = [shipped(), paper_model()]
    return sweep.sweep(models, Distorter(picture(2)), base, ROTATION, VALUES)


def test_a_sweep_is_one_reading_after_the_other(found: Sweep) -> None:
    for number, value in enumerate(VALUES):
        image = Distorter(picture(2)).picture(
            Distortion(scale=0.9, noise=0.05, seed=2, rotation=value)
        )
        for network, model in enumerate((shipped(), paper_model())):
            wanted = predict.read(model, image).probabilities
            assert found.probabilities[network, number] == pytest.approx(wanted, abs=1e-5)
    assert found.names == (shipped().name, "of 1998")


def test_a_sweep_goes_over_the_whole_range_by_itself() -> None:
    found = sweep.sweep([shipped()], Distorter(picture()), Distortion(), PARAMETERS["noise"])
    assert (found.values[0], found.values[-1], len(found.values)) == (0.0, 0.5, 41)
    plain = predict.read(shipped(), picture()).probabilities
    assert found.probabilities[0, 0] == pytest.approx(plain, abs=1e-6)


def test_where_the_answer_changes() -> None:
    answers = [1, 1, 7, 7, 7, 2]
    shares = np.eye(10)[answers] * 0.9 + 0.01
    values = (-90.0, -40.0, -10.0, 0.0, 20.0, 50.0)
    made = Sweep(ROTATION, values, ("a",), tuple("0123456789"), shares[None])
    assert made.answer_intervals(0) == [
        AnswerInterval(0, 1, 1),
        AnswerInterval(2, 4, 7),
        AnswerInterval(5, 5, 2),
    ]
    assert made.stable_range(0) == (-10.0, 20.0)


def test_a_sweep_that_nobody_waits_for_is_given_up() -> None:
    asked: list[int] = []

    def stale() -> bool:
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(sweep.Stale):
        sweep.sweep([shipped()], Distorter(picture()), Distortion(), ROTATION, stale=stale)
    assert len(asked) == 4


def test_accuracies_are_those_of_each_distorted_image(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "BATCH_SIZE", 16)
    digits = pen_digits(40, seed=8)
    models = [shipped(), paper_model()]
    wanted = {"rotation": (-50.0, 0.0), "noise": (0.2,)}
    work = sweep.measure_robustness(models, digits, "pen", wanted, Distortion(seed=3))
    events: list[Progress | Curve] = []
    while True:
        try:
            events.append(next(work))
        except StopIteration as end:
            found = end.value
            break
    assert [e.done for e in events if isinstance(e, Progress)] == [
        0, 16, 32, 40, 56, 72, 80, 96, 112,
    ]  # fmt: skip
    assert {e.total for e in events if isinstance(e, Progress)} == {120}
    assert [e for e in events if isinstance(e, Curve)] == list(found.curves)
    for curve in found.curves:
        for number, value in enumerate(curve.values):
            how = Distortion(seed=3).with_value(curve.parameter.name, value)
            parts = [distort(digits.images[n : n + 16], how, n) for n in range(0, 40, 16)]
            images = torch.cat(parts).numpy()
            for network, model in enumerate(models):
                answers = [predict.read(model, image).digit for image in images]
                right = np.mean(np.array(answers) == digits.labels.numpy())
                assert curve.accuracies[network][number] == pytest.approx(right)
    assert found.curves[0].accuracies[0][1] > 0.9
    assert (found.count, found.names) == (40, (shipped().name, "of 1998"))


def test_what_makes_no_sense_is_refused() -> None:
    assert list(sweep.choose_parameters(())) == list(PARAMETERS)
    assert sweep.choose_parameters(["scale"], [2, 0.5, 2]) == {"scale": (0.5, 2.0)}
    with pytest.raises(DistortionError, match="no distortion 'twist'"):
        sweep.choose_parameters(["twist"])
    with pytest.raises(DistortionError, match="values are for one distortion"):
        sweep.choose_parameters(["scale", "noise"], [1.0])
    with pytest.raises(DistortionError, match=r"noise is 0.7; it must be from 0 to 0.5"):
        sweep.choose_parameters(["noise"], [0.7])
    none = LabelledImages(
        torch.zeros(0, 28, 28, dtype=torch.uint8), torch.zeros(0, dtype=torch.int64)
    )
    with pytest.raises(UserError, match="no images"):
        result_of(sweep.measure_robustness([shipped()], none, "pen", {"noise": (0.1,)}))


def test_a_sweep_as_table_and_pictures(found: Sweep) -> None:
    rows = list(csv.DictReader(io.StringIO(export.content(found, ".csv").decode())))
    assert len(rows) == 2 * len(VALUES)
    row = rows[1]
    assert (row["network"], row["distortion"], float(row["value"])) == ("lenet5", "rotation", -20.0)
    shares = [float(row[name]) for name in "0123456789"]
    assert shares == pytest.approx(found.probabilities[0, 1].tolist(), abs=1e-5)
    assert row["answer"] == str(int(np.argmax(shares)))
    assert export.content(found, ".png").startswith(b"\x89PNG")
    assert b"<svg" in export.content(found, ".SVG")


@pytest.mark.usefixtures("small_pen")
def test_the_command(tmp_path: Path, capsys: Capture) -> None:
    other = tmp_path / "a run" / "best.safetensors"
    other.parent.mkdir()
    weights.save(paper_model(), other)
    table, drawn = tmp_path / "table.csv", tmp_path / "curves.svg"
    common = ("robustness", "--dataset", "pen", "--device", "cpu", "--threads", "1")
    rotated = ("--distortion", "rotation", "--values=-70,0", "--compare", other)
    status = lenet(*common, *rotated, "--csv", table, "--picture", drawn, "--json")
    assert status == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["dataset"], told["count"], told["refit"]) == ("pen", 100, False)
    (curve,) = told["distortions"]
    assert (curve["name"], curve["values"]) == ("rotation", [-70.0, 0.0])
    assert lenet("evaluate", "--dataset", "pen", "--device", "cpu", "--json") == 0
    plain = json.loads(capsys.readouterr().out)["accuracy"]
    assert curve["accuracies"][0][1] == pytest.approx(plain)
    assert curve["accuracies"][0][0] < plain
    rows = list(csv.DictReader(io.StringIO(table.read_text())))
    flat = [share for network in curve["accuracies"] for share in network]
    assert [float(row["accuracy"]) for row in rows] == pytest.approx(flat)
    assert told["networks"] == ["lenet5", "a run best"]
    assert {row["network"] for row in rows} == set(told["networks"])
    assert "<svg" in drawn.read_text()
    assert lenet(*common, "--distortion", "noise", "--values", "0,0.5", "--images", "30") == 0
    out = capsys.readouterr().out
    assert "30 test images" in out
    assert "50 %" in out


@pytest.mark.usefixtures("small_pen")
def test_the_command_refuses(tmp_path: Path, capsys: Capture) -> None:
    for arguments, told in (
        (("--values", "1,b"), "'1,b' must be numbers with commas between them"),
        (("--values", "1"), "values are for one distortion"),
        (("--distortion", "scale", "--values", "9"), "scale is 9; it must be from 0.4 to 2.5"),
        (("--images", "0"), "--images is 0"),
        (("--seed", "-1"), "--seed is -1"),
        (("--threads", "0"), "--threads is 0"),
        (("--picture", tmp_path / "a.gif"), "must end in one of .png, .svg"),
        (("--csv", "/proc/none/a.csv"), "cannot be written"),
    ):
        assert lenet("robustness", "--dataset", "pen", *arguments) == 2, arguments
        lines = capsys.readouterr().err.strip().splitlines()
        assert len(lines) == 1
        assert told in lines[0]
