"""The tables of what networks recognize, by name."""

from __future__ import annotations

from benchmarks.markdown import (
    Column,
    Make,
    Measurements,
    caption,
    figures,
    markdown_table,
    not_measured,
    rows_of,
)
from benchmarks.measurement import Row, Table
from trainer.networks.builtin import BUILTIN
from trainer.recipes.published_results import Mean, PublishedResult, read


def results(measurements: Measurements) -> str:
    """README's table: the built-in network on the most important test sets."""
    sets = measurements["accuracy"].tables["sets"]
    rows = [row for row in sets.rows if row["set"] in _MAIN_SETS]
    columns = [Column("Test set", "set", names=_SETS), *_SET_COLUMNS]
    return f"{rows_of(Table(sets.units, rows), columns)}\n\n{caption([measurements['accuracy']])}"


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
    rows.append(["the built-in network", *(f"**{share:.2%}**" for share in shipped)])
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
    worse += f"{row['trials']}. The worst change for everyone else who is held out: "
    worse += f"{row['people_worst']:+.2%}."
    parts = [table, worse]
    if "forms_summary" in measurement.tables:
        parts.append(_forms(measurement.tables["forms_summary"].rows))
    return "\n\n".join([*parts, caption([measurement])])


def _forms(networks: list[Row]) -> str:
    """What three corrections of one form do, by the network that learns them."""
    titles = ["Network", "People", "Trials", "Remaining drawings", "Correct before", "After"]
    titles += ["Worst trial before", "After", "Misread before", "After"]
    rows = [
        [
            BUILTIN[row["network"]].title if row["network"] in BUILTIN else row["network"],
            *(f"{row[key]:,}" for key in ("people", "trials", "left")),
            *(f"{row[key]:.2%}" for key in ("mean_before", "mean_after")),
            *(f"{row[key]:.2%}" for key in ("worst_before", "worst_after")),
            *(f"{row[key]:,}" for key in ("misread_before", "misread_after")),
        ]
        for row in networks
    ]
    costs = [
        f"{min(float(row[key]) for row in networks):+.2%} {where}"
        for key, where in (
            ("mnist_worst", "on MNIST's test set"),
            ("built_in_worst", "on the built-in digits"),
            ("people_worst", "for everyone else who is held out"),
        )
    ]
    cost = f"The worst change in a trial: {costs[0]}, {costs[1]}, {costs[2]}."
    return f"{markdown_table(titles, rows)}\n\n{cost}"


_FORMS_SHOWN = 15


def forms(measurements: Measurements) -> str:
    """The forms that are least often read surely and correctly."""
    measurement = measurements["accuracy"]
    if "forms" not in measurement.tables:
        return not_measured("accuracy")
    table = measurement.tables["forms"]
    worst = sorted(table.rows, key=lambda row: float(row["sure_and_correct"]))[:_FORMS_SHOWN]
    columns = [Column("Digit", "digit"), Column("Form", "form"), *_FORM_OUTCOMES]
    rejected = max(float(row["rejected_although_correct"]) for row in table.rows)
    note = (
        f"The {_FORMS_SHOWN} of {len(table.rows)} forms that are least often sure and correct. "
        f"Most often rejected although correct, of all forms: {rejected:.1%}."
    )
    body = rows_of(Table(table.units, worst), columns)
    return f"{body}\n\n{note}\n\n{caption([measurement])}"


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
    figure = row.in_words.replace(" %", "%") or f"{row.reported:.2%}"
    return f"{figure} {row.split}"


def people(measurements: Measurements) -> str:
    """A row for each contributor of real pen digits, with people and digits in each cell."""
    if "people" not in measurements:
        return not_measured("people")
    measurement = measurements["people"]
    heads = ["Contributor", *(title for title in _SPLITS.values())]
    rows = [
        [row["contributor"], *(_people_and_digits(row, split) for split in _SPLITS)]
        for row in measurement.tables["people"].rows
    ]
    note = "In each cell: people / digits."
    return f"{markdown_table(heads, rows)}\n\n{note}\n\n{caption([measurement])}"


def _people_and_digits(row: Row, split: str) -> str:
    count = row[f"{split}_people"]
    return f"{count} / {row[f'{split}_digits']:,}" if count else "–"


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
_PEOPLE = {"writers": "People held out", "contributors": "Laboratories held out"}

_SPLITS = {
    "train": "Training",
    "validation": "Validation",
    "writers": "Held out",
    "contributors": "Held out as a whole",
}
_OUTCOMES = (
    Column("Digits", "digits"),
    Column("People", "people"),
    Column("Correct", "correct", "**{:.2%}**"),
    Column("Sure and correct", "sure_and_correct"),
    Column("Rejected although correct", "rejected_although_correct"),
    Column("Sure and wrong", "sure_and_wrong"),
    Column("Correct, worst tenth of writers", "worst_writers"),
)

_FORM_OUTCOMES = tuple(each for each in _OUTCOMES if each.key not in ("people", "worst_writers"))

RECOGNITION_TABLES: dict[str, Make] = {
    "results": results,
    "people": people,
    "collections": figures(
        "accuracy", "collections", Column("Collection", "collection"), *_OUTCOMES
    ),
    "forms": forms,
    "collection-digits": figures("accuracy", "digits", Column("Digit", "digit"), *_OUTCOMES),
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
        Column("CPU time per number", "milliseconds"),
    ),
    "single-digits": figures(
        "several-digits", "single_digits",
        Column("Single digits written by", "people", names=_PEOPLE), Column("Digits", "digits"),
        Column("Split in two", "torn"),
    ),
    "sheets": figures(
        "sheets", "sheets",
        Column("Written by", "people", names=_PEOPLE), Column("Sheets", "sheets"),
        Column("Digits", "digits"), Column("Correct at their place", "correct", "{:.1%}"),
        Column("Read where there is none", "extra", "{:.1%}"),
        Column("Correct from the clean strokes", "clean", "{:.1%}"),
        Column("CPU time per sheet", "milliseconds"),
    ),
    "photos": figures(
        "photos", "damages",
        Column("Damage", "damage"), Column("Photos", "photos"),
        Column("Correct", "correct", "{:.1%}"),
        Column("Correct from the clean strokes", "correct_clean", "{:.1%}"),
        Column("No digit found", "not_found"), Column("CPU time per photo", "milliseconds"),
    ),
    "corrections": corrections,
    "robustness": robustness,
    "published": published,
}  # fmt: skip
"""What makes each table."""
