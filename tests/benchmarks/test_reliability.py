"""The campaigns see what they look for: a digit that is gone, half a file, a reader that fails."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from benchmarks.reliability import fuzz, kill, mutations
from benchmarks.reliability.inputs import KINDS, Kind
from trainer.errors import UserError
from trainer.files import asset
from trainer.networks import model as weights


@pytest.mark.parametrize("name", KINDS)
def test_a_few_damaged_inputs_of_each_kind_are_read_or_refused(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    base = kind.make(tmp_path / "input")
    for number in range(25):
        try:
            kind.damage(base, random.Random(f"test {number}"))()
        except UserError as refusal:
            assert str(refusal)


def test_the_same_chance_makes_the_same_damage() -> None:
    good = bytes(range(256)) * 4
    one, same, other = (mutations.damage(good, random.Random(seed)) for seed in (1, 1, 2))
    assert one == same != other and one != good


def test_what_is_no_refusal_is_counted(tmp_path: Path) -> None:
    def fail(_base: object, chance: random.Random) -> fuzz.Reader:
        def read() -> None:
            raise chance.choice((UserError, KeyError))("broken")

        return read

    found = fuzz.try_cases(Kind("broken", lambda _: None, fail), 1, range(99_999), 0.2, tmp_path)
    assert found["cases"] == found["refused"] + found["other exceptions"]
    assert len(found["problems"]) == found["other exceptions"] > 0
    assert found["problems"][0].startswith("case ") and "KeyError at" in found["problems"][0]


def test_a_process_that_dies_is_counted_and_the_next_case_tried() -> None:
    row, problems = fuzz.fuzz("recipe", seed=1, cases=range(9), seconds=0)
    assert (row["crashes"], problems) == (0, []) and row["cases"] >= 1


def test_half_files_are_found(tmp_path: Path) -> None:
    whole = asset(weights.SHIPPED).read_bytes()
    (tmp_path / "whole.safetensors").write_bytes(whole)
    (tmp_path / ".writing.part").write_bytes(whole[:99])
    (tmp_path / "good.json").write_text(json.dumps([1]))
    assert kill.find_half(tmp_path) == []
    (tmp_path / "half.safetensors").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "half.json").write_text("[1")
    (tmp_path / "half.svg").write_text("<svg>")
    (tmp_path / "half.csv").write_text("a,b\n1,")
    assert len(kill.find_half(tmp_path)) == 4


def test_digits_that_are_gone_are_counted(tmp_path: Path) -> None:
    loop = kill.Loop.__new__(kill.Loop)
    loop.what, loop.path, loop.read = "keep", tmp_path / "mine.jsonl", kill.read_kept
    loop.began, loop.told = 0.01, {"0123456789abcdef"}
    outcome = kill.Outcome("keeping digits")
    loop.trial(random.Random(1), outcome)
    assert (outcome.kills, outcome.lost, outcome.half) == (1, 1, 0)
