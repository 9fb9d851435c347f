"""Which benchmarks `python -m benchmarks` runs, and what README tells of each."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.readme_table import Row

HERE = Path(__file__).resolve().parent

_PEN = r"p50 (?P<p50>[\d.]+) ms, p99 (?P<p99>[\d.]+) ms.*?16 ms (?P<late>[\d.]+)%"
_SEEN = "p50 {p50} ms, p99 {p99} ms, later than 16 ms {late} %"


def _pen(what: str) -> tuple[Row, ...]:
    return (Row(what, _PEN, _SEEN),)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One run of a script."""

    title: str
    script: str
    options: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()

    @property
    def command(self) -> list[str]:
        """What is run."""
        return [sys.executable, str(HERE / f"{self.script}.py"), *self.options]

    @property
    def written(self) -> str:
        """What a person would type."""
        return " ".join(["python", f"benchmarks/{self.script}.py", *self.options])


_GOALS = (
    Row(
        "98.79 % of MNIST's test set, which source A reports",
        r"reaches 98\.79%.*?after (?P<here>[\d.]+) s.*?textbook: (?P<there>[\d.]+) s"
        r".*?processors(?P<yet>.*?)\n +(?P<least>[a-z ]*)(?P<times>[\d.]+) times sooner",
        "{here} s of training",
        "source A's recipe in the textbook loop: {there} s{yet}",
        "{least}{times}x",
    ),
    Row(
        "99 %, by the recipe `ninety-nine`",
        r"reaches 99\.00% with (?P<some>\d+) of (?P<all>\d+) seeds\n +after (?P<here>[\d.]+) s",
        "{here} s, with {some} of {all} seeds",
    ),
)
_EVALUATION = (
    Row(
        "MNIST's 10,000 test images read",
        r"10,000 images: (?P<here>[\d.]+) s; "
        r"textbook: (?P<there>[\d.]+) s, (?P<times>[\d.]+) times",
        "{here} s",
        "the textbook loop: {there} s",
        "{times}x",
    ),
)
_START = (
    Row("process start to first window", r"^window: median (?P<here>[\d.]+) s", "{here} s"),
    Row(
        "process start to first answer",
        r"^answer: median (?P<here>[\d.]+) s.*?^import torch: median (?P<there>[\d.]+) s"
        r".*?^answer after import torch: median (?P<more>-?[\d.]+) s",
        "{here} s",
        "`import torch` alone: {there} s",
        "{more} s later",
    ),
)
_SHARING = (
    Row(
        "a run in the window while the pen moves",
        r"^the pen moving: training takes (?P<times>[\d.]+) times as long",
        "{times} times as long",
        "the same with the window at rest",
    ),
    Row(
        "a run in the window beside a process that keeps one core busy",
        r"^another process busy: training takes (?P<times>[\d.]+) times as long",
        "{times} times as long",
        "the same with the machine at rest",
    ),
)
_RASTERIZE = (
    Row(
        "strokes to 28x28",
        r"median (?P<middle>[\d.]+) ms, p99 (?P<high>[\d.]+) ms",
        "median {middle} ms, p99 {high} ms",
    ),
)
_CURVES = (
    Row(
        "ten runs' curves, 100,000 points each, drawn anew with new points",
        r"^new points of every run +(?P<middle>[\d.]+) ms +(?P<high>[\d.]+) ms",
        "median {middle} ms, 90 % {high} ms",
    ),
)
_MEMORY = (
    Row(
        "memory, at the start and after ten trainings and 1,000 drawings",
        r"^after the start: (?P<start>\d+) MB.*^after round 10: (?P<end>\d+) MB"
        r".*to the last: (?P<more>-?[\d.]+)%",
        "{start} and {end} MB; {more} % from the first training on",
    ),
)
_PREDICT = (
    Row(
        "`lenet predict` on 10,000 drawings, start included",
        r"drawings: (?P<here>[\d.]+) s, and import torch alone (?P<there>[\d.]+) s",
        "{here} s",
        "`import torch` alone: {there} s",
    ),
)


def _gpu_epoch(what: str, way: str) -> Row:
    return Row(
        f"an epoch on a GPU, batch 512{what}",
        rf"^textbook +(?P<there>[\d.]+) .*?^{way} +(?P<here>[\d.]+) +(?P<times>[\d.]+)$",
        "{here} s",
        "the textbook loop there: {there} s",
        "{times}x",
    )


def _gpu_reading(what: str, way: str) -> Row:
    return Row(
        f"a reading with all maps on a GPU{what}",
        rf"^CPU, one thread +(?P<there>[\d.]+) .*?^{way} +(?P<middle>[\d.]+) +(?P<high>[\d.]+)$",
        "median {middle} ms, p99 {high} ms",
        "on the CPU, one thread: {there} ms",
    )


_GPU = (
    _gpu_epoch("", "captured"),
    _gpu_epoch(", affine distortion", "captured, affine"),
    _gpu_epoch(", elastic distortion", "captured, elastic"),
    Row(
        "60,000 streamed digits on a GPU",
        r"streamed digits: (?P<alone>[\d.]+) s to make, (?P<here>[\d.]+) s to train",
        "{here} s to train on them",
        "only to make them: {alone} s",
    ),
    Row(
        "`ninety-nine` on a GPU, first seed",
        r"seed 1 on cuda +(?P<here>[\d.]+) s +(?P<right>[\d.]+)%.*?"
        r"seed 1 on cpu +(?P<there>[\d.]+) s +(?P<also>[\d.]+)%",
        "{here} s, {right} %",
        "on the CPU: {there} s, {also} %",
    ),
    _gpu_reading("", "GPU, captured"),
    _gpu_reading(", while a run trains there", "GPU, captured, while a run trains there"),
)

BENCHMARKS = {
    "training": Benchmark("Seconds an epoch, beside the textbook loop", "training_speed"),
    "goals": Benchmark(
        "Time to 98.79 % and to 99 %", "training_speed", ("--goals", "--rounds", "1"), _GOALS
    ),
    "evaluation": Benchmark(
        "Reading 10,000 images", "training_speed", ("--evaluation",), _EVALUATION
    ),
    "predict": Benchmark("Reading 10,000 drawings by a command", "predict_many", (), _PREDICT),
    "gpu": Benchmark("Training and reading on a GPU", "gpu", (), _GPU),
    "start": Benchmark(
        "Process start to first window and first answer", "first_window", (), _START
    ),
    "draw": Benchmark(
        "Pen move to screen, Draw tab",
        "pen_to_screen",
        (),
        _pen("pen move to answer, bars and all maps on screen"),
    ),
    "inspect": Benchmark(
        "Pen move to screen, Inspect tab",
        "pen_to_screen",
        ("--tab", "inspect", "--size", "1600x1000"),
        _pen("the same, all layers of the Inspect tab at 1600x1000"),
    ),
    "draw-training": Benchmark(
        "Pen move to screen while a run trains",
        "pen_to_screen",
        ("--training", "1"),
        _pen("the Draw tab while a run trains"),
    ),
    "draw-two": Benchmark(
        "Pen move to screen while two runs train",
        "pen_to_screen",
        ("--training", "2"),
        _pen("the Draw tab while two runs train"),
    ),
    "sharing": Benchmark(
        "What training loses to its window, and to another program", "sharing", (), _SHARING
    ),
    "rasterize": Benchmark("Strokes to pictures", "rasterize", (), _RASTERIZE),
    "curves": Benchmark("Curves of long runs", "curves", (), _CURVES),
    "memory": Benchmark("Memory over ten trainings and 1,000 drawings", "memory", (), _MEMORY),
    "data": Benchmark("From 60,000 to 2,400,000 images", "data_scale"),
}
"""In README's order."""
