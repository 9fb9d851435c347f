"""A recipe as one small text: it comes through exactly, and what can't be says why."""

from __future__ import annotations

import dataclasses
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trainer import __version__
from trainer.cli.parser import main
from trainer.recipes import sharing
from trainer.recipes.catalog import RECIPES, edit_recipe, find_recipe
from trainer.recipes.recipe import Augmentation, Recipe, RecipeError
from trainer.runs import lifecycle

UNUSUAL = Recipe(
    name="Größe 3",
    description="two\nlines {with} braces",
    dataset="pen",
    validation=1 / 7,
    augmentation=Augmentation(rotation=1, flip=0.1 + 0.2, crop=2),
    schedule="table",
    rates=((1, 0.1), (3, 1 / 3)),
    seed=2**31 - 1,
)
RUNS = [
    *RECIPES.values(),
    UNUSUAL,
    Recipe(),
    edit_recipe(find_recipe("studio"), epochs=3, seed=7, augmentation=Augmentation()),
    dataclasses.replace(find_recipe("fashion-paper"), seed=3),  # changed, and called as before
    edit_recipe(find_recipe("studio"), description="in my own words"),
    edit_recipe(UNUSUAL, epochs=2),
]


@pytest.mark.parametrize("recipe", RUNS, ids=lambda recipe: recipe.name)
def test_what_is_read_is_what_was_written(recipe: Recipe) -> None:
    assert sharing.read(sharing.text(recipe)) == recipe


def test_the_text_holds_only_what_is_other_than_in_the_named_recipe() -> None:
    shared = json.loads(sharing.text(edit_recipe(find_recipe("studio"), epochs=3, seed=7)))
    assert shared.pop("check").isalnum()
    assert shared == {
        "lenet_studio": __version__,
        "name": "studio-edited",
        "based_on": "studio",
        "seed": 7,
        "epochs": 3,
    }


def test_a_whole_recipe_is_taken_too() -> None:
    assert sharing.read(find_recipe("fashion-improved").to_json()) == find_recipe(
        "fashion-improved"
    )


def test_text_around_it_does_not_disturb() -> None:
    shared = sharing.text(find_recipe("studio"))
    assert sharing.read(f"Try this:\n```json\n{shared}\n```\nGreetings\n") == find_recipe("studio")


def test_a_text_written_by_hand_needs_no_more_than_a_base() -> None:
    recipe = sharing.read('{"based_on": "studio", "epochs": 3}')
    assert recipe == edit_recipe(find_recipe("studio"), epochs=3)
    assert sharing.read('{"based_on": "studio"}') == find_recipe("studio")
    assert sharing.read('{"epochs": 3}') == Recipe(epochs=3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there is no text"),
        ("  \n", "there is no text"),
        ("studio", "this is no recipe: a recipe's text stands between { and }"),
        ("} {", "this is no recipe"),
        ("{" * 60_000 + "}", "a recipe must be JSON"),
        ("{" + " " * 70_000 + "}", "too long for a recipe, which has 65,536 characters at most"),
        ('{"epochs": 3', "this is no recipe"),
        ('{"epochs": }', "a recipe must be JSON"),
        ('{"epoch": 3}', "epoch is not known; known are: activation"),
        ('{"based_on": "studio", "epochs": 0}', "epochs is 0; it must be a whole number from 1"),
        ('{"based_on": "studio", "optimizer": "sdlm"}', "that needs network 'lenet5-1998'"),
        ('{"based_on": "studio", "augmentation": {"turn": 3}}', "augmentation.turn is not known"),
        ('{"based_on": 3}', "based_on is 3; it must be a short text"),
        ('{"check": ["x"]}', "check is ['x']; it must be a short text"),
        (
            '{"based_on": "of-tomorrow", "lenet_studio": "9.9"}',
            f"'of-tomorrow', which is not in LeNet Studio {__version__} "
            "(the text is by LeNet Studio 9.9)",
        ),
    ],
)
def test_text_that_is_no_recipe_is_refused(text: str, message: str) -> None:
    with pytest.raises(RecipeError) as error:
        sharing.read(text)
    assert message in str(error.value)


def test_a_text_that_was_changed_on_its_way_is_noticed() -> None:
    shared = sharing.text(find_recipe("studio"))
    changed = shared.replace('"seed": 1', '"seed": 2')
    assert changed != shared
    with pytest.raises(RecipeError, match=r'changed on its way.*Remove its line "check"'):
        sharing.read(changed)
    values = json.loads(changed)
    del values["check"]
    assert sharing.read(json.dumps(values)) == dataclasses.replace(find_recipe("studio"), seed=2)


def test_a_named_recipe_that_is_another_one_there_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shared = sharing.text(find_recipe("studio")).replace(__version__, "0.0.1")
    monkeypatch.setitem(RECIPES, "studio", dataclasses.replace(find_recipe("studio"), beta2=0.9))
    with pytest.raises(RecipeError, match=r"by LeNet Studio 0\.0\.1"):
        sharing.read(shared)


def test_other_words_in_a_description_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = sharing.text(find_recipe("studio"))
    monkeypatch.setitem(
        RECIPES, "studio", dataclasses.replace(find_recipe("studio"), description="New")
    )
    assert sharing.read(shared) == find_recipe("studio")


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(b"\xef\xbb\xbf" + sharing.text(UNUSUAL).encode())  # as Windows' editor does
    assert sharing.read_file(path) == UNUSUAL
    path.write_bytes(sharing.text(UNUSUAL).encode("utf-16"))  # as a shell on Windows does
    assert sharing.read_file(path) == UNUSUAL
    path.write_bytes(b"{\xff}")
    with pytest.raises(RecipeError, match=r"mine\.json cannot be read: .*utf-8"):
        sharing.read_file(path)
    with pytest.raises(RecipeError, match=r"none\.json cannot be read: No such file"):
        sharing.read_file(tmp_path / "none.json")
    with pytest.raises(RecipeError, match="cannot be read"):
        sharing.read_file(tmp_path)


def test_an_input_that_never_ends_is_left_early(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO(b"x" * 10_000_000)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
    with pytest.raises(RecipeError, match="too long"):
        sharing.read_input()
    assert stream.tell() < 5 * sharing.LONGEST


def test_needs_neither_torch_nor_qt() -> None:
    program = (
        "import sys, trainer.recipes.sharing, trainer.recipes.published_results; "
        "sys.exit('torch' in sys.modules or 'PySide6' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


def test_lenet_train_takes_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = sharing.text(Recipe(dataset="pen", seed=5)).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    asked: list[Recipe] = []

    def run(recipe: Recipe, **_: object) -> Iterator[object]:
        asked.append(recipe)
        yield from ()

    monkeypatch.setattr(lifecycle, "run", run)
    assert main(["train", "--recipe", "-", "--runs", str(tmp_path), "--epochs", "2"]) == 0
    assert asked == [Recipe(dataset="pen", seed=5, epochs=2)]


@pytest.mark.parametrize("given", [b"\xff\xfe", b"studio", b'{"epochs": 0}'])
def test_lenet_train_refuses_an_input_that_is_no_recipe(
    given: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
    assert main(["train", "--recipe", "-", "--runs", str(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.startswith("lenet: ")
    assert captured.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
