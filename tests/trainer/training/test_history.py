"""Long histories, made short for the screen."""

from __future__ import annotations

import pytest

from trainer.training.history import History


def history(count: int) -> History:
    made = History()
    for step in range(1, count + 1):
        loss, accuracy = (0.1, 0.9) if step == 777 else (1.0 + step / 1e6, 0.5)
        made.add(
            *("train", step / 100, loss, accuracy), step=step, seconds=step / 10, learning_rate=1e-3
        )
        if step % 100 == 0:
            made.add(
                *("validation", step / 100, 1.0, 0.5), step=step, seconds=step, learning_rate=1e-3
            )
    return made


def test_a_short_history_stays_the_same() -> None:
    short = history(100)
    assert short.thinned(100) is short
    assert History().thinned(1).epochs == {"train": [], "validation": []}


@pytest.mark.parametrize("most", [1, 7, 100, 999])
def test_a_long_one_has_its_ends_and_its_best(most: int) -> None:
    whole, made = history(1000), history(1000).thinned(most)
    steps = made.steps["train"]
    assert len(steps) <= most + 3
    assert steps == sorted(set(steps)) and {1, 777, 1000} <= set(steps)
    for column in ("epochs", "losses", "accuracies", "seconds", "learning_rates"):
        before = dict(zip(whole.steps["train"], getattr(whole, column)["train"], strict=True))
        assert getattr(made, column)["train"] == [before[step] for step in steps]
    if most >= 10:
        assert made.steps["validation"] == whole.steps["validation"]
