from __future__ import annotations

import pytest

from trainer.networks.factory import build, image_shape
from trainer.recipes import sharing
from trainer.recipes.catalog import differences, edit_recipe, find_recipe
from trainer.recipes.own_dataset import OwnDataset, parse_own
from trainer.recipes.recipe import Recipe, RecipeError, count_classes, dataset_title

PATHS = ("/home/ann/letters", "C:\\Users\\Ann\\letters.npz", "/a+b/100%/%2B", "/тест/é: a")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("color", [False, True])
def test_a_name_says_all(path: str, color: bool) -> None:
    own = OwnDataset(path, 26, color)
    assert parse_own(own.name) == own
    assert "+" not in own.name
    recipe = Recipe(dataset=own.name)
    assert sharing.read(sharing.text(recipe)) == recipe
    assert count_classes(own.name) == 26
    assert image_shape(own.name) == ((3, 32, 32) if color else (1, 28, 28))
    assert build(recipe).fc3.out_features == 26  # type: ignore[union-attr]


def test_titles() -> None:
    titles = [dataset_title(OwnDataset(path, 3).name) for path in PATHS[:2]]
    assert titles == ["letters", "letters.npz"]
    assert dataset_title("mnist") == "MNIST"
    edited = edit_recipe(find_recipe("studio"), dataset=OwnDataset(PATHS[0], 3).name)
    assert differences(edited) == ["letters"]


@pytest.mark.parametrize(
    "name",
    ["own:1:gray:/a", "own:101:gray:/a", "own:3:blue:/a", "own:3:gray:", "own:3:gray:/a\nb",
     "own:3:gray:/" + "a" * 1001, "/home/ann/letters", 3, None],
)  # fmt: skip
def test_what_is_no_name(name: object) -> None:
    assert parse_own(name) is None
    with pytest.raises(RecipeError, match="it must be one of: mnist"):
        Recipe(dataset=name)  # type: ignore[arg-type]


def test_the_paper_s_network_reads_ten_gray_classes() -> None:
    assert Recipe(dataset=OwnDataset("/a", 10).name, network="lenet5-1998")
    for own in (OwnDataset("/a", 11), OwnDataset("/a", 10, color=True)):
        with pytest.raises(RecipeError, match="network is 'lenet5-1998'"):
            Recipe(dataset=own.name, network="lenet5-1998")
