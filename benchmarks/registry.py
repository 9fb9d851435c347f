"""All benchmarks by name: what each measures, and the command that runs it."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One run of a benchmark's module.

    Attributes:
        title: what is measured.
        module: the module within `benchmarks`.
        options: of its command line.
        quick: whether it is run when no name is given; the others take longer than ten minutes,
            or need data that cannot be downloaded by the program.
    """

    title: str
    module: str
    options: tuple[str, ...] = ()
    quick: bool = True

    @property
    def arguments(self) -> list[str]:
        """The process to start."""
        return [sys.executable, "-m", f"benchmarks.{self.module}", *self.options]


def _slow(title: str, module: str) -> Benchmark:
    return Benchmark(title, f"recognition.{module}", quick=False)


def _pen(while_what: str, *options: str) -> Benchmark:
    return Benchmark(f"Pen move to screen, {while_what}", "window.pen_to_screen", options)


BENCHMARKS = {
    "training-speed": Benchmark("Seconds per training epoch", "speed.training_speed"),
    "time-to-accuracy": Benchmark(
        "Training time to 98.79% and to 99%", "speed.time_to_accuracy", ("--rounds", "1")
    ),
    "evaluation-speed": Benchmark("Evaluation of 10,000 images", "speed.evaluation_speed"),
    "predict-many": Benchmark("`lenet predict` on 10,000 drawings", "speed.predict_many"),
    "gpu": Benchmark("Training and inference on a GPU", "speed.gpu"),
    "first-window": Benchmark("Startup to first window and answer", "window.first_window"),
    "pen-to-screen": _pen("Draw tab"),
    "pen-to-screen-inspect": _pen("Inspect tab", "--tab", "inspect", "--size", "1600x1000"),
    "pen-to-screen-one-run": _pen("Draw tab during one training run", "--training", "1"),
    "pen-to-screen-two-runs": _pen("Draw tab during two training runs", "--training", "2"),
    "sharing": Benchmark("Training beside the window and another program", "window.sharing"),
    "rasterize": Benchmark("Strokes to 28x28 images", "speed.rasterize"),
    "curves": Benchmark("Curves of long training runs", "window.curves"),
    "erasing": Benchmark("Erasing in drawings of many points", "window.erasing"),
    "monkey": Benchmark("Random events in the window", "window.monkey"),
    "soak": Benchmark("An hour of ordinary use", "window.soak", quick=False),
    "memory": Benchmark("Memory over ten runs and 1,000 drawings", "window.memory"),
    "data-scale": Benchmark("Training on 60,000 to 2,400,000 images", "speed.data_scale"),
    "kill": Benchmark("Programs killed at random moments", "reliability.kill"),
    "fuzz": Benchmark("Inputs damaged at random", "reliability.fuzz"),
    "accuracy": _slow("Accuracy, rejection, and calibration", "accuracy"),
    "people": _slow("People who wrote the real pen digits", "people"),
    "several-digits": _slow("Numbers of several digits", "several_digits"),
    "photos": _slow("Photos of pen digits", "photos"),
    "sheets": _slow("Sheets of many digits", "sheets"),
    "corrections": _slow("Learning from one person's corrections", "corrections"),
    "robustness": Benchmark("Accuracy on distorted images", "recognition.robustness"),
    "ablation": _slow("Effect of each part of the training recipe", "ablation"),
    "fit-segmentation": _slow("Fit of the segmentation weights", "fit_segmentation"),
    "fit-division": _slow("Fit of the weights that divide pictures", "fit_division"),
}
"""In the order in which they run."""
