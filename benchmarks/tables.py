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
from benchmarks.measurement import Row, Table
from benchmarks.registry import BENCHMARKS
from trainer.recipes.published_results import Mean, PublishedResult, read


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


def ablation(measurements: Measurements) -> str:
    """A row for each step, and one for the whole recipe, which is the built-in network's."""
    measurement, sets = measurements["ablation"], measurements["accuracy"].tables["sets"]
    tests = {
        "MNIST test": "MNIST test",
        "pen, people held out": "People held out",
        "pen, laboratories held out": "Laboratories held out",
        "built-in test": "Built-in test",
    }
    rows = [
        [row["step"], *(f"{row[test]:.2%}" for test in tests)]
        for row in measurement.tables["steps"].rows
    ]
    shipped = (sets.where(set=test)["correct"] for test in tests)
    rows.append(["the recipe, four times as long", *(f"**{share:.2%}**" for share in shipped)])
    return f"{markdown_table(['Recipe', *tests.values()], rows)}\n\n{caption([measurement])}"


def corrections(measurements: Measurements) -> str:
    """What is gained and forgotten, over all trials."""
    measurement = measurements["corrections"]
    row = measurement.tables["summary"].where(trials_of="all")
    people = len({trial["writer"] for trial in measurement.tables["trials"].rows})
    shares = {
        f"Remaining drawings, mean of {people} people": ("mean_before", "mean_after"),
        "Remaining drawings, worst trial": ("worst_before", "worst_after"),
        "MNIST's test set, worst trial": ("mnist_before", "mnist_worst_after"),
        "Built-in pen digits, worst trial": ("built_in_before", "built_in_worst_after"),
    }
    rows = [[title, *(f"{row[key]:.2%}" for key in keys)] for title, keys in shares.items()]
    table = markdown_table(["Accuracy", "Before", "After"], rows)
    worse = f"Trials with fewer correct drawings than before: {row['fewer_correct']} of "
    worse += f"{row['trials']}."
    return f"{table}\n\n{worse}\n\n{caption([measurement])}"


_DISTORTIONS = {
    "rotation": ("Rotation", "{:+g}°"),
    "scale": ("Scale", "{:g}×"),
    "across": ("Horizontal shift", "{:+g} px"),
    "down": ("Vertical shift (down is positive)", "{:+g} px"),
    "shear": ("Shear", "{:+g}"),
    "width": ("Stroke width", "{:g}×"),
    "noise": ("Inverted pixels", "{:.0%}"),
}


def robustness(measurements: Measurements) -> str:
    """A row for each distortion, with an amount and its accuracy in each cell."""
    measurement = measurements["robustness"]
    rows: dict[str, list[str]] = {}
    for row in measurement.tables["amounts"].rows:
        title, form = _DISTORTIONS[row["distortion"]]
        if row["distortion"] != "rotation" or row["amount"]:
            amount = form.format(row["amount"]).replace("-", "−")
            rows.setdefault(title, [title]).append(f"{amount}: {row['correct']:.2%}")
    width = max(map(len, rows.values()))
    filled = [cells + [""] * (width - len(cells)) for cells in rows.values()]
    none = measurement.tables["amounts"].where(distortion="rotation", amount=0)["correct"]
    table = markdown_table(["Distortion", *[""] * (width - 1)], filled)
    return f"{table}\n\nWithout distortion: {none:.2%}.\n\n{caption([measurement])}"


def published(_measurements: Measurements) -> str:
    """The published experiments, from the figures that ship with the program."""
    results = read()
    rows = [
        [
            f"`{row.recipe}`",
            _source(row),
            _percent(row.validation) if row.split == "validation" else "–",
            _percent(row.test),
            f"{row.seeds}",
            f"{row.epochs}",
            f"{row.seconds_per_epoch:.1f} s",
        ]
        for row in results.rows
    ]
    heads = [
        "Recipe",
        "Source reports",
        "Validation",
        "Test",
        "Runs",
        "Epochs",
        "Time per epoch",
    ]
    note = (
        "Mean ± standard deviation of the runs, each with a seed of its own; the time is that of "
        f"the fastest epoch. Measured by `lenet train --recipe NAME`: {results.date}, "
        f"{results.machine}."
    )
    return f"{markdown_table(heads, rows)}\n\n*{note}*"


def _percent(mean: Mean) -> str:
    spread = "" if mean.spread is None else f" ± {mean.spread * 100:.2f}"
    return f"{mean.value * 100:.2f}{spread}%"


def _source(row: PublishedResult) -> str:
    if row.reported is None:
        return "–"
    figure = row.told.replace(" %", "%") or f"{row.reported:.2%}"
    return f"{figure} {row.split}"


def results(measurements: Measurements) -> str:
    """README's table: the built-in network on the most important test sets."""
    sets = measurements["accuracy"].tables["sets"]
    rows = [row for row in sets.rows if row["set"] in _MAIN_SETS]
    columns = [Column("Test set", "set", names=_SETS), *_SET_COLUMNS]
    return f"{rows_of(Table(sets.units, rows), columns)}\n\n{caption([measurements['accuracy']])}"


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


_SETS = {
    "MNIST test": "MNIST, test set",
    "pen, people held out": "Real pen digits, people held out",
    "pen, laboratories held out": "Real pen digits, laboratories held out",
    "built-in test": "Built-in pen digits, test set",
    "pen, all held out": "All people and laboratories held out",
    "at a third of the canvas": "The same, at one third of the canvas size",
    "a third, top left": "One third, top left corner",
    "a third, top right": "One third, top right corner",
    "a third, bottom left": "One third, bottom left corner",
    "a third, bottom right": "One third, bottom right corner",
    "thinnest pen": "Thinnest pen",
    "widest pen": "Widest pen",
    "a third, in a corner, thinnest pen": "One third, in a corner, thinnest pen",
    "a third, in a corner, widest pen": "One third, in a corner, widest pen",
    "pen, other sources, people held out": "Real pen digits, other collections",
}
_MAIN_SETS = (
    "MNIST test",
    "pen, people held out",
    "pen, laboratories held out",
    "pen, other sources, people held out",
    "built-in test",
)
_SET_COLUMNS = (
    Column("Images", "images"),
    Column("Correct", "correct", "**{:.2%}**"),
    Column("Unsure", "unsure"),
    Column("Correct where sure", "correct_where_sure"),
    Column("Rejected", "rejected"),
    Column("Calibration error", "calibration_error"),
)
_EVENTS = {
    "window": "First window on screen",
    "answer": "First prediction",
    "import torch": "`import torch` alone",
    "answer after import torch": "First prediction, after `import torch`",
}
_PEOPLE = {"writers": "People held out", "contributors": "Laboratories held out"}

TABLES: dict[str, Make] = {
    "results": results,
    "speed": speed,
    "accuracy": figures(
        "accuracy", "sets", Column("Test set", "set", names=_SETS), *_SET_COLUMNS
    ),
    "non-digits": figures(
        "accuracy", "non_digits",
        Column("Not a digit", "kind"), Column("Drawings", "drawings"),
        Column("Taken for a digit", "accepted", "{:.1%}"),
    ),
    "ablation": ablation,
    "several-digits": figures(
        "several-digits", "numbers",
        Column("Written by", "people", names=_PEOPLE), Column("Numbers", "kind"),
        Column("Count", "count"), Column("Whole number correct", "whole", "{:.1%}"),
        Column("Digits correct", "digits", "{:.1%}"),
        Column("Digit count correct", "correct_count", "{:.1%}"),
    ),
    "single-digits": figures(
        "several-digits", "single_digits",
        Column("Single digits written by", "people", names=_PEOPLE), Column("Digits", "digits"),
        Column("Split in two", "torn"),
    ),
    "photos": figures(
        "photos", "damages",
        Column("Damage", "damage"), Column("Photos", "photos"),
        Column("Correct", "correct", "{:.0%}"),
        Column("Correct from the clean strokes", "correct_clean", "{:.0%}"),
        Column("No digit found", "not_found"), Column("CPU time per photo", "milliseconds"),
    ),
    "corrections": corrections,
    "robustness": robustness,
    "published": published,
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
    ),
    "curves-memory": figures(
        "curves", "shown",
        Column("Runs", "runs"), Column("Points per run", "points_per_run"),
        Column("Size", "size"), Column("Memory of the first picture", "memory"),
    ),
    "memory": figures(
        "memory", "rounds", Column("After round", "round"), Column("Memory", "memory"),
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
