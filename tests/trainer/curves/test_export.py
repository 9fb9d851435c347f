"""A history as arrays, and as pictures and a table. No window."""

from __future__ import annotations

import csv
import io
import math
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.support.workarounds import needs_workarounds
from trainer.curves import export
from trainer.curves.decimation import MinMaxDecimator
from trainer.curves.series import Average, Points, Series, find_plateau
from trainer.curves.spec import CurveLine, View, style_of
from trainer.evaluation.figures import encode_figure
from trainer.training.history import History


def history(epochs: int = 4, steps: int = 50, flat: float = 0.0) -> History:
    """A run that learns; `flat` epochs of it pass before it does."""
    made = History()
    for step in range(1, epochs * steps + 1):
        epoch = step / steps
        learned = 1 - math.exp(-5 * max(0.0, epoch - flat))
        now = {"step": step, "seconds": step / 10, "learning_rate": 0.1 / step}
        wobble = 0.003 * math.sin(step)
        made.add("train", epoch, 2.31 - 2.2 * learned, 0.11 + 0.85 * learned + wobble, **now)
        if step % steps == 0:
            made.add("validation", epoch, 2.3 - 2.1 * learned, 0.11 + 0.84 * learned, **now)
    return made


# Arrays


@pytest.mark.parametrize("weight", [0.1, 0.6, 0.99, 0.999])
def test_smoothing_is_tensorboards(weight: float) -> None:
    values = np.random.default_rng(1).normal(size=1500) + 3
    last, expected = 0.0, []
    for number, value in enumerate(values, start=1):
        last = last * weight + (1 - weight) * value
        expected.append(last / (1 - weight**number))
    np.testing.assert_allclose(Average(weight).take(values), expected, rtol=1e-6)
    bit_by_bit = Average(weight)
    for end in (1, 2, 100, 101, 900, 900, 1500):
        np.testing.assert_allclose(bit_by_bit.take(values[:end]), expected[:end], rtol=1e-6)


def test_without_weight_nothing_is_smoothed() -> None:
    values = np.array([3.0, 1.0, 2.0])
    assert Average(0.0).take(values) is values
    assert Average(0.9).take(values[:1]).tolist() == pytest.approx([3.0])


def test_a_screen_shows_the_lowest_and_highest_of_each_column() -> None:
    x = np.arange(10_000.0)
    y = np.random.default_rng(2).normal(size=len(x))
    y[5_432] = 99.0
    kept, same = MinMaxDecimator().choose(x, y, 0, 10_000, 400)
    assert same == 0 and len(kept) <= 2 * 400 + 2 and (np.diff(kept) > 0).all()
    assert 5_432 in kept
    for start in range(0, 10_000, 25):  # a column
        part = y[start : start + 25]
        assert {start + part.argmin(), start + part.argmax()} <= set(kept)


def test_of_many_points_no_extreme_is_lost() -> None:
    x = np.arange(1_000_000.0)
    y = np.random.default_rng(3).normal(size=len(x))
    kept, _ = MinMaxDecimator().choose(x, y, 1000.5, 999_000.5, 300)
    assert len(kept) <= 2 * 300 + 2 and (np.diff(kept) > 0).all()
    assert kept[0] == 1000 and kept[-1] == 999_001
    seen = y[1001:999_001]
    assert {1001 + seen.argmin(), 1001 + seen.argmax()} <= set(kept)
    # A block of points may be told to the column beside, and no more than that.
    for column in range(1, 299):
        edge = 1000.5 + column * 998_000 / 300
        within = y[int(edge + 257) : int(edge + 998_000 / 300 - 256)]
        near = y[kept[(kept > edge - 257) & (kept < edge + 998_000 / 300 + 257)]]
        assert near.min() <= within.min() and near.max() >= within.max()


def test_what_a_growing_curve_shows_is_what_all_of_it_at_once_would() -> None:
    generator = np.random.default_rng(4)
    x, y = np.cumsum(generator.random(5000)), generator.normal(size=5000).round(1)
    for low, high, columns in ((0, 3000, 100), (200.3, 900.7, 40), (2400, 2600, 300)):
        growing, before = MinMaxDecimator(), np.empty(0, np.intp)
        for end in (1, 2, 50, 299, 301, 302, 350, 1200, 1201, 1202, 4999, 5000):
            kept, same = growing.choose(x[:end], y[:end], low, high, columns)
            assert kept[:same].tolist() == before[:same].tolist()
            whole, _ = MinMaxDecimator().choose(x[:end], y[:end], low, high, columns)
            assert kept.tolist() == whole.tolist()
            before = kept
        assert growing.choose(x, y, low, high, columns)[1] == len(before)  # nothing came


def test_few_points_are_all_drawn_with_the_neighbors_out_of_sight() -> None:
    x = np.arange(100_000.0)
    kept, _ = MinMaxDecimator().choose(x, np.sin(x), 500.5, 510.5, 400)
    assert kept.tolist() == list(range(500, 512))
    assert MinMaxDecimator().choose(x[:0], x[:0], 0, 1, 400)[0].tolist() == []


def test_points_are_taken_over_as_they_come() -> None:
    run, points = history(2), Points()
    points.take(run, "train")
    early = points.column("losses")
    kept = early.copy()
    for step in range(101, 2000):
        now = {"step": step, "seconds": step / 10, "learning_rate": 0.1}
        run.add("train", step / 50, 0.5, 0.9, **now)
        if step % 37 == 0:
            points.take(run, "train")
    points.take(run, "train")
    assert points.count == 1999
    assert points.column("epochs").tolist() == run.epochs["train"]
    assert early.tolist() == kept.tolist()


def test_what_a_run_did_anew_takes_the_place_of_what_it_had_done() -> None:
    run = history(2)
    series = Series(run)
    still = series.still()
    before = still.train.column("losses").copy()
    for step in range(60, 121):  # taken up again at step 60
        now = {"step": step, "seconds": step / 10, "learning_rate": 0.1}
        run.add("train", step / 50, 7.0, 0.9, **now)
    series.take(run)
    assert series.train.column("losses").tolist() == run.losses["train"]
    assert still.train.column("losses").tolist() == before.tolist()


def test_a_plateau_is_found_and_where_it_ends() -> None:
    assert find_plateau(history()) is None
    assert find_plateau(History()) is None
    found = find_plateau(history(flat=2.0))
    assert found is not None and found.start == 0 and 1.9 <= found.end <= 2.3
    still_there = find_plateau(history(epochs=1, flat=9.0))
    assert still_there is not None and still_there.end == 1.0


@pytest.mark.parametrize("flat", [0.0, 0.9, 2.0])
def test_a_growing_runs_plateau_is_that_of_all_its_points(flat: float) -> None:
    whole, growing, run = history(flat=flat), Series(), History()
    for number, epoch in enumerate(whole.epochs["train"]):
        now = {"step": number + 1, "seconds": 0.1 * number, "learning_rate": 0.1}
        run.add("train", epoch, 1.0, whole.accuracies["train"][number], **now)
        growing.take(run)
        assert find_plateau(growing) == find_plateau(run)
    now = {"step": 3, "seconds": 0.3, "learning_rate": 0.1}
    run.add("train", 0.05, 1.0, 0.5, **now)  # taken up again at its beginning
    growing.take(run)
    assert find_plateau(growing) is None is find_plateau(run)


def test_the_best_is_the_first_of_equal_ones() -> None:
    run = History()
    for epoch, accuracy in enumerate((0.5, 0.9, 0.9, 0.8), start=1):
        now = {"step": epoch, "seconds": 1.0 * epoch, "learning_rate": 0.1}
        run.add("validation", epoch, 1.0, accuracy, **now)
    assert Series(run).best() == 1
    assert Series(History()).best() is None
    assert CurveLine("a", style_of(0), Series(run)).best() == "★ 90.00 %"


# Files


@pytest.mark.parametrize("run", [History(), history(1, 1), history()], ids=["none", "one", "many"])
def test_a_run_leaves_its_curves(run: History, tmp_path: Path) -> None:
    export.save("a run", run, tmp_path)
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert b"</svg>" in (tmp_path / "curves.svg").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["curves.png", "curves.svg"]


def test_any_title_can_be_drawn() -> None:
    figure = export.draw({"_$x^{ (64 %)": history(1, 5)})
    assert encode_figure(figure, ".svg")


def test_what_cannot_be_written_is_raised(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        export.save("a run", History(), tmp_path / "nowhere")


def test_the_picture_tells_run_and_best() -> None:
    figure = export.draw({"first": history(), "second": history(flat=2.0)})
    accuracy = figure.axes[1]
    legend = accuracy.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "first  ★ 95.00 %",
        "second  ★ 95.00 %",
    ]


def test_a_legend_of_many_runs_leaves_the_picture_room() -> None:
    run = history(2)
    figure = export.draw({f"run {n}": run for n in range(60)})
    figure.canvas.draw()
    legend = figure.axes[1].get_legend()
    assert legend is not None
    texts = [text.get_text().split("  ")[0] for text in legend.get_texts()]
    assert texts == [*(f"run {n}" for n in range(17)), "and 43 more"]
    box, axes = legend.get_window_extent(), figure.axes[1].bbox
    assert axes.y0 <= box.y0 and box.y1 <= axes.y1


def test_the_rate_of_a_schedule_that_ends_at_0_can_be_drawn() -> None:
    run = history(1, 5)
    run.learning_rates["train"][-1] = 0.0
    lines = [CurveLine("a", style_of(0), Series(run))]
    figure = export.render_figure(lines, View(("rate",), "step"))
    low, high = figure.axes[0].get_ylim()
    assert 0 < low < 0.1 / 4 and high > 0.1
    assert encode_figure(figure, ".png")


def test_the_table_has_every_point() -> None:
    run = history()
    rows = list(
        csv.DictReader(
            io.StringIO(export.write_csv([CurveLine("a", style_of(0), Series(run))]).decode())
        )
    )
    assert len(rows) == 4 * 50 + 4
    assert rows[0] == {
        "run": "a", "split": "train", "epoch": "0.02", "step": "1", "seconds": "0.1",
        "loss": f"{run.losses['train'][0]:.8g}",
        "accuracy": f"{run.accuracies['train'][0]:.8g}", "learning_rate": "0.1",
    }  # fmt: skip
    assert rows[-1]["split"] == "validation" and rows[-1]["step"] == "200"


@needs_workarounds
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files can't be listed")
def test_no_font_stays_open_for_a_thread_that_ended() -> None:
    def open_fonts() -> int:
        links = [path for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
        return sum(str(path.readlink()).endswith(".ttf") for path in links)

    def draw() -> None:
        encode_figure(export.draw({"run": history(1)}), ".png")

    before = open_fonts()
    waits = threading.Event()
    threads = [threading.Thread(target=lambda: (draw(), waits.wait())) for _ in range(3)]
    for thread in threads:  # side by side, so that none has the number of one before
        thread.start()
    waits.set()
    for thread in threads:
        thread.join()
    assert open_fonts() <= before
