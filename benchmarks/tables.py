"""The tables of README.md and docs/ by name."""

from __future__ import annotations

from benchmarks.markdown import (
    Column,
    Make,
    Measurements,
    caption,
    figures,
    markdown_table,
    place_of,
    rows_of,
    short_command,
)
from benchmarks.measurement import Row
from benchmarks.recognition_tables import RECOGNITION_TABLES
from benchmarks.registry import BENCHMARKS


def gpu(measurements: Measurements) -> str:
    """The figures of a GPU, or that there are none."""
    if "gpu" not in measurements:
        return (
            "Nothing has been measured on a GPU yet: no machine with one was available. "
            f"`{short_command('gpu')}` measures it on a machine with an NVIDIA GPU."
        )
    measurement = measurements["gpu"]
    parts = [
        rows_of(measurement.tables["epochs"], [
            Column("Epoch at a batch of 512", "way"), Column("Time", "seconds", "{:.3f} s"),
            Column("Speedup over textbook loop", "clock", "{:.1f}×"),
        ]),
        rows_of(measurement.tables["stream"], [
            Column("Streamed digits", "digits"), Column("Making them", "making", "{:.3f} s"),
            Column("Training on them", "training", "{:.3f} s"),
        ]),
        rows_of(measurement.tables["ninety_nine"], [
            Column("`ninety-nine`", "device"), Column("Seed", "seed"),
            Column("Time", "seconds", "{:.2f} s"), Column("Test accuracy", "accuracy"),
        ]),
        rows_of(measurement.tables["readings"], [
            Column("Reading with all maps", "way"), Column("Median", "median", "{:.3f} ms"),
            Column("p99", "p99", "{:.3f} ms"),
        ]),
        caption([measurement]),
    ]  # fmt: skip
    return "\n\n".join(parts)


def training_speed(measurements: Measurements) -> str:
    """A row for each way, and for each batch size its time and both ratios."""
    measurement = measurements["training-speed"]
    table = measurement.tables["epochs"]
    batches = list(dict.fromkeys(row["batch"] for row in table.rows))
    cells: dict[str, list[str]] = {}
    for row in table.rows:
        ratios = [f"{row['clock']:.2f}×", f"{row['cpu']:.2f}×"]
        cells.setdefault(row["way"], [row["way"]]).extend([f"{row['seconds']:.2f} s", *ratios])
    heads = ["Way of training"]
    for batch in batches:
        heads += [f"Batch {batch}", "Speedup", "In CPU time"]
    extra = rows_of(measurement.tables["distortions"], [
        Column("Batch", "batch"), Column("Distortion", "distortion"),
        Column("Extra time", "extra_time", "{:+.0%}"), Column("Arithmetic", "arithmetic"),
    ])  # fmt: skip
    return f"{markdown_table(heads, cells.values())}\n\n{extra}\n\n{caption([measurement])}"


def speed(measurements: Measurements) -> str:
    """README's table: the most important times."""
    goal, ninety_nine = measurements["time-to-accuracy"].tables["goals"].rows
    epochs = measurements["training-speed"].tables["epochs"]
    epoch = epochs.where(batch=512, way="`lenet train`, complete")
    textbook = epochs.where(batch=512, way="textbook loop")
    (evaluation,) = measurements["evaluation-speed"].tables["evaluation"].rows
    events = measurements["first-window"].tables["events"]
    window, answer, torch = (
        events.where(event=event)["median"] for event in ("window", "answer", "import torch")
    )
    (pen,) = measurements["pen-to-screen"].tables["moves"].rows
    (busy,) = measurements["pen-to-screen-one-run"].tables["moves"].rows
    rows = [
        [
            f"Train to {goal['accuracy']:.2%} on MNIST's test set",
            f"{goal['seconds']:.1f} s",
            f"{goal['textbook_seconds']:.0f} s, textbook loop",
        ],
        ["Train to 99%", f"{ninety_nine['seconds']:.1f} s", "–"],
        [
            "Train one epoch, batch 512",
            f"{epoch['seconds']:.2f} s",
            f"{textbook['seconds']:.2f} s, textbook loop",
        ],
        [
            "Evaluate 10,000 images",
            f"{evaluation['seconds']:.2f} s",
            f"{evaluation['textbook_seconds']:.2f} s, textbook loop",
        ],
        ["Process start to first window", f"{window:.2f} s", "–"],
        [
            "Process start to first prediction",
            f"{answer:.2f} s",
            f"{torch:.2f} s, `import torch` alone",
        ],
        ["Pen move to prediction and all maps on screen", _latency(pen), "–"],
        ["The same while a run trains", _latency(busy), "–"],
    ]
    names = ("time-to-accuracy", "training-speed", "evaluation-speed", "first-window")
    sources = [measurements[name] for name in (*names, "pen-to-screen", "pen-to-screen-one-run")]
    places = dict.fromkeys(map(place_of, sources))
    table = markdown_table(["What", "LeNet Studio", "For comparison"], rows)
    return f"{table}\n\n*Measured {'; '.join(places)}. To measure again: `python -m benchmarks`.*"


def _latency(row: Row) -> str:
    return f"{row['median']:.1f} ms (99% within {row['p99']:.1f} ms)"


def pen_to_screen(measurements: Measurements) -> str:
    """A row for each tab and number of runs."""
    names = [name for name in BENCHMARKS if name.startswith("pen-to-screen")]
    rows = []
    for name in names:
        (row,) = measurements[name].tables["moves"].rows
        shown = f"{row['seen']:,} of {row['moves']:,}"
        times = [f"{row[key]:.1f} ms" for key in ("median", "p99", "largest")]
        cells = [row["tab"].title(), f"{row['runs']}", shown]
        rows.append([*cells, *times, f"{row['late']:.2%}"])
    heads = ["Tab", "Runs training", "Moves shown", "Median", "p99", "Largest", "Later than 16 ms"]
    return f"{markdown_table(heads, rows)}\n\n{caption(measurements[name] for name in names)}"


_EVENTS = {
    "window": "First window on screen",
    "answer": "First prediction",
    "import torch": "`import torch` alone",
    "answer after import torch": "First prediction, after `import torch`",
}
_LEVELS = (
    Column("Memory", "memory", "{:.0f} MB"), Column("Allocated", "allocated", "{:.0f} MB"),
    Column("Threads", "threads"),
    Column("Open files", "files"), Column("Qt’s objects", "qt_objects"),
    Column("Python’s blocks", "python_blocks"),
)  # fmt: skip
TABLES: dict[str, Make] = RECOGNITION_TABLES | {
    "speed": speed,
    "training-speed": training_speed,
    "time-to-accuracy": figures(
        "time-to-accuracy", "goals",
        Column("Test accuracy", "accuracy"), Column("Recipe", "recipe"),
        Column("Seeds that reach it", "reached"), Column("of", "runs"),
        Column("Time", "seconds", "{:.1f} s"), Column("CPU time", "cpu_seconds", "{:.1f} s"),
        Column("Textbook loop", "textbook_seconds", "{:.0f} s"),
        Column("Its CPU time", "textbook_cpu_seconds", "{:.0f} s"),
        Column("Speedup", "seconds_ratio", "{:.0f}×"),
        Column("In CPU time", "cpu_seconds_ratio", "{:.0f}×"),
    ),
    "time-to-accuracy-epochs": figures(
        "time-to-accuracy", "epochs",
        Column("Recipe", "recipe"), Column("Seed", "seed", names={0: "–"}),
        Column("Epoch", "epoch"), Column("Test accuracy", "accuracy"),
        Column("Time", "seconds", "{:.1f} s"), Column("CPU time", "cpu_seconds", "{:.1f} s"),
    ),
    "evaluation-speed": figures(
        "evaluation-speed", "evaluation",
        Column("Images", "images"), Column("Time", "seconds", "{:.3f} s"),
        Column("Textbook loop", "textbook_seconds", "{:.3f} s"),
        Column("Speedup", "clock", "{:.1f}×"),
    ),
    "predict-many": figures(
        "predict-many", "command",
        Column("Drawings", "drawings"), Column("Time", "seconds", "{:.2f} s"),
        Column("`import torch` alone", "import_torch", "{:.2f} s"),
    ),
    "gpu": gpu,
    "first-window": figures(
        "first-window", "events",
        Column("Event", "event", names=_EVENTS), Column("Median", "median", "{:.3f} s"),
        Column("Runs (s)", "runs", "{:.3f}"),
    ),
    "pen-to-screen": pen_to_screen,
    "sharing": figures(
        "sharing", "training_time",
        Column("Beside the run", "beside"),
        Column("Training time, relative to a machine at rest", "training_time", "{:.2f}×"),
    ),
    "sharing-turns": figures(
        "sharing", "turns",
        Column("Beside the run", "beside"), Column("At rest", "at_rest", "{:.1f} steps/s"),
        Column("Beside it", "shared", "{:.1f} steps/s"),
    ),
    "rasterize": figures(
        "rasterize", "rasterize",
        Column("Drawings", "drawings"), Column("Median", "median", "{:.2f} ms"),
        Column("p99", "p99", "{:.2f} ms"),
    ),
    "built-in-digits": figures(
        "rasterize", "built_in_digits",
        Column("Digits", "digits"), Column("Rate", "rate"),
    ),
    "curves": figures(
        "curves", "actions",
        Column("Action", "action"), Column("Median", "median", "{:.1f} ms"),
        Column("90%", "p90", "{:.1f} ms"), Column("Largest", "largest", "{:.1f} ms"),
        Column("Longest turn", "longest_turn", "{:.1f} ms"),
    ),
    "curves-memory": figures(
        "curves", "shown",
        Column("Runs", "runs"), Column("Points per run", "points_per_run"),
        Column("Size", "size"), Column("Memory of the first picture", "memory"),
    ),
    "memory": figures(
        "memory", "rounds", Column("After round", "round"), Column("Memory", "memory"),
    ),
    "kill": figures(
        "kill", "kills",
        Column("What was killed", "kind"), Column("Kills", "kills"), Column("Looks", "trials"),
        Column("Lost", "lost"), Column("Half files", "half"), Column("Time", "seconds", "{:.0f} s"),
    ),
    "fuzz": figures(
        "fuzz", "kinds",
        Column("Input", "kind"), Column("Damaged", "cases"), Column("Read", "read"),
        Column("Refused", "refused"), Column("Other exceptions", "exceptions"),
        Column("Over 2 s", "hangs"), Column("Crashes", "crashes"),
        Column("Longest", "longest", "{:.3f} s"),
    ),
    "monkey": figures(
        "monkey", "monkey",
        Column("Events", "events"), Column("Crashes", "crashes"), Column("Errors", "errors"),
        Column("Qt’s warnings", "warnings"), Column("Stops", "busy_stops"),
        Column("Longest", "longest_busy", "{:.2f} s"),
        Column("Memory", "memory", "{:+.0f} MB"), Column("Allocated", "allocated", "{:+.0f} MB"),
        Column("Threads", "threads", "{:+}"),
        Column("Open files", "files", "{:+}"), Column("Qt’s objects", "qt_objects", "{:+,}"),
    ),
    "monkey-levels": figures(
        "monkey", "levels", Column("After events", "events"), *_LEVELS,
    ),
    "soak": figures(
        "soak", "levels",
        Column("Minute", "minute", "{:.0f}"), Column("Acts", "acts"), *_LEVELS,
        Column("Stops", "busy_stops"), Column("Errors", "errors"),
        Column("Qt’s warnings", "warnings"),
    ),
    "data-scale": figures(
        "data-scale", "epochs",
        Column("Images", "images"), Column("Time per 60,000", "seconds", "{:.2f} s"),
        Column("CPU time", "cpu_seconds", "{:.2f} s"),
        Column("of it making the images", "making_cpu_seconds", "{:.2f} s"),
        Column("Peak memory", "peak_memory"),
    ),
}  # fmt: skip
"""What makes each table."""
