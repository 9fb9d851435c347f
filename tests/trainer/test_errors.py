"""Errors that a person can put right."""

from __future__ import annotations

import pytest

from trainer.errors import UserError, as_cell
from trainer.recipes.recipe import Recipe, RecipeError


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("two\nlines", r"two\nlines"),
        ("red \x1b[31m", r"red \x1b[31m"),
        ("turned \u202egnp.exe", r"turned \u202egnp.exe"),
        ("half \ud83d", r"half \ud83d"),
        ("手写　数字, é, 👩‍🏫", "手写　数字, é, 👩‍🏫"),
    ],
)
def test_a_message_is_one_line_that_shows_what_it_holds(foreign: str, shown: str) -> None:
    assert str(UserError(f"{foreign} is not known")) == f"{shown} is not known"


def test_a_foreign_name_with_a_line_end_is_told_on_one_line() -> None:
    with pytest.raises(RecipeError) as refusal:
        Recipe.from_json(r'{"name": "mine", "epo\nchs": 3}')
    assert str(refusal.value).startswith(r"epo\nchs is not known")


def test_a_message_is_never_longer_than_can_be_read() -> None:
    told = str(UserError(f"{'long' * 100_000} is not known: take another one"))
    assert len(told) < 5000 and told.endswith("is not known: take another one")


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A1", "+1+cmd()", "-2+3", "@SUM(A1)", "\tx"])
def test_a_spreadsheet_computes_nothing_of_a_foreign_name(name: str) -> None:
    assert as_cell(name) == f"'{name}"


@pytest.mark.parametrize("value", ["+", "=", "-", "7", "-1.5", "1e-05", "-inf", "", "cat", 3, -2.5])
def test_what_is_no_formula_stays_in_a_table(value: object) -> None:
    assert as_cell(value) == value
