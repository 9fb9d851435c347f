"""Which images excite a map most, against every unit computed in numpy; and a picture made up."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tests.conftest import pen_digits
from tests.support.inspecting import paper_model, shipped
from trainer.data import loading
from trainer.data.labelled_images import LabelledImages
from trainer.inspect import activation_maximization, top_images
from trainer.inspect import top_images as exciting_cache
from trainer.inspect.activation_maximization import SyntheticImage, synthesize
from trainer.inspect.top_images import TopImages
from trainer.networks import factory
from trainer.networks.anatomy import Unit, list_stages
from trainer.networks.lenet1998 import LeNet1998
from trainer.networks.model import Model
from trainer.progress import Progress, result_of
from trainer.reading import predict
from trainer.recipes.recipe import Recipe

COUNT = 14
BOTH = pytest.mark.parametrize("model", [shipped(), paper_model()], ids=["today", "1998"])
Doubles = NDArray[np.float64]


@cache
def some() -> LabelledImages:
    return pen_digits(COUNT, seed=11)


@cache
def found(model: Model) -> TopImages:
    return result_of(top_images.search_top_images(model, some(), "mnist"))


def untrained(recipe: Recipe) -> Model:
    network = factory.build(recipe, torch.Generator().manual_seed(3)).eval()
    return Model(network, recipe, tuple("0123456789"))


# The network once more, in numpy


def _convolved(images: Doubles, weight: Doubles, bias: Doubles) -> Doubles:
    windows = sliding_window_view(images, weight.shape[2:], axis=(1, 2))
    return np.einsum("cyxij,mcij->myx", windows, weight) + bias[:, None, None]


def _pooled(images: Doubles) -> Doubles:
    maps, height, width = images.shape
    return images.reshape(maps, height // 2, 2, width // 2, 2)


def numpy_stages(model: Model, image: NDArray[np.uint8]) -> list[tuple[Doubles, Doubles]]:
    """Sums and values of C1 to the output, each (maps, height, width), of a gray image."""
    network, recipe = model.network, model.recipe
    w = {k: v.numpy().astype(np.float64) for k, v in network.state_dict().items()}
    paper = isinstance(network, LeNet1998)

    def squash(sums: Doubles) -> Doubles:
        return 1.7159 * np.tanh(sums * 2 / 3) if paper else np.maximum(sums, 0)

    # The paper's input has two pixels of paper around it, today's of the mean's gray.
    image = np.pad(image / 255, 2) if paper else image / 255
    image = (image - recipe.mean) / recipe.std
    c1 = _convolved(
        (image if paper else np.pad(image, 2))[None], w["conv1.weight"], w["conv1.bias"]
    )
    kernels = w["conv2.weight"]
    if isinstance(network, LeNet1998):
        kernels = network.conv2.dense().detach().numpy().astype(np.float64)

    def subsampled(values: Doubles, name: str) -> tuple[Doubles, Doubles]:
        if not paper:
            return (_pooled(values).max((2, 4)),) * 2
        shape = (-1, 1, 1)
        sums = _pooled(values).sum((2, 4)) * w[f"{name}.weight"].reshape(shape)
        sums = sums + w[f"{name}.bias"].reshape(shape)
        return sums, squash(sums)

    s2 = subsampled(squash(c1), "pool1")
    c3 = _convolved(s2[1], kernels, w["conv2.bias"])
    s4 = subsampled(squash(c3), "pool2")
    c5 = w["fc1.weight"].reshape(120, -1) @ s4[1].ravel() + w["fc1.bias"]
    f6 = w["fc2.weight"] @ squash(c5) + w["fc2.bias"]
    if isinstance(network, LeNet1998):
        scores = -((squash(f6) - network.bitmaps.numpy()) ** 2).sum(1)
    else:
        scores = w["fc3.weight"] @ squash(f6) + w["fc3.bias"]
    full = [(v[:, None, None], squash(v)[:, None, None]) for v in (c5, f6)]
    out = scores[:, None, None]
    return [(c1, squash(c1)), s2, (c3, squash(c3)), s4, *full, (out, out)]


# Finding


@BOTH
def test_the_best_of_every_map_are_those_of_all_units_of_all_images(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(top_images, "BATCH_SIZE", 4)  # some batches, the last one smaller
    made = result_of(top_images.search_top_images(model, some(), "mnist"))
    images = some().images.numpy()
    each = [numpy_stages(model, image) for image in images]
    for number, stage in enumerate(made.stages[1:], 1):
        for map_ in range(stage.shape[0]):
            best = made.best(number, map_)
            largest = sorted((float(of[number - 1][0][map_].max()) for of in each), reverse=True)
            assert len(best) == 9 and len({b.number for b in best}) == 9
            for rank, b in enumerate(best):
                sums, values = each[b.number][number - 1]
                assert b.unit[:2] == (number, map_)
                # That unit is the largest of its image, and that image is of its rank.
                assert sums[b.unit[1:]] == pytest.approx(largest[rank], abs=1e-4)
                assert b.value == pytest.approx(values[b.unit[1:]], abs=1e-4)
                assert np.array_equal(b.image, images[b.number])
                assert b.label == str(int(some().labels[b.number]))


def test_equals_stay_in_the_datasets_order_and_few_images_are_all_there_are() -> None:
    one = some().at(torch.tensor([3, 3, 3]))
    made = result_of(top_images.search_top_images(shipped(), one, "mnist"))
    for number, stage in enumerate(made.stages[1:], 1):
        assert made.peaks[number - 1].values.shape == (stage.shape[0], 3)
    assert [b.number for b in made.best(3, 7)] == [0, 1, 2]
    for wrong in ((0, 0), (8, 0), (1, 6), (1, -1)):
        with pytest.raises(IndexError, match="no map"):
            made.best(*wrong)


@BOTH
@pytest.mark.parametrize("stage", [1, 2, 3, 4])
def test_what_lies_outside_the_patch_does_not_matter_and_its_corners_do(
    model: Model, stage: int
) -> None:
    rng = np.random.default_rng(5)
    _, height, width = list_stages(model.network)[stage].shape
    for y, x in ((0, 0), (height // 2, width // 3), (height - 1, width - 1)):
        unit = Unit(stage, 1, y, x)
        patch = top_images.cut_patch(list_stages(model.network), unit, 28)
        left, top, right, bottom = map(int, patch)
        assert patch == (left, top, right, bottom)
        image = rng.integers(0, 256, (28, 28), np.uint8)
        other = rng.integers(0, 256, (28, 28), np.uint8)
        other[top:bottom, left:right] = image[top:bottom, left:right]

        def value(of: NDArray[np.uint8], unit: Unit = unit) -> float:
            sums = numpy_stages(model, of)[unit.stage - 1][0]
            return float(sums[unit[1:]])

        assert value(image) == pytest.approx(value(other), abs=1e-9)
        changed = 0
        for corner in ((top, left), (top, right - 1), (bottom - 1, left), (bottom - 1, right - 1)):
            bent = image.copy()
            bent[corner] ^= 255
            changed += value(bent) != value(image)
        if stage == 1 or model is paper_model():  # max pooling may look elsewhere
            assert changed == 4


def test_patches_of_images_that_are_not_as_large_as_the_input() -> None:
    colors = untrained(Recipe(dataset="cifar10"))
    unit = Unit(1, 0, 10, 20)  # of 32x32: rows 8 to 13, columns 18 to 23
    assert top_images.cut_patch(list_stages(colors.network), unit, 32) == (18, 8, 23, 13)
    assert top_images.cut_patch(list_stages(colors.network), unit, 28) == (16, 6, 21, 11)
    shrunk = top_images.cut_patch(list_stages(shipped().network), unit, 32)
    assert shrunk == pytest.approx(tuple(at * 32 / 28 for at in (18, 8, 23, 13)))
    whole = top_images.cut_patch(list_stages(paper_model().network), Unit(7, 0, 0, 0), 28)
    assert whole == (0, 0, 28, 28)


def test_a_network_of_colors_looks_at_grey_images_too() -> None:
    colors = untrained(Recipe(dataset="cifar10", activation="tanh", pooling="average"))
    made = result_of(top_images.search_top_images(colors, some(), "mnist"))
    best = made.best(7, 4)[0]
    logits = predict.read(colors, best.image).maps["logits"].values[4, 0, 0]
    assert best.value == pytest.approx(float(logits), abs=1e-5)


def test_of_mnist(real_data: Path) -> None:
    digits = result_of(loading.load("mnist", "test", real_data))
    made = result_of(top_images.search_top_images(shipped(), digits, "mnist"))
    assert made.count == 10_000
    for digit in (1, 7):
        best = made.best(7, digit)
        assert {b.label for b in best} == {str(digit)}
        scores = [numpy_stages(shipped(), b.image)[6][0][digit, 0, 0] for b in best]
        assert [b.value for b in best] == pytest.approx(scores, abs=1e-3)
        assert scores == sorted(scores, reverse=True)
        others = [numpy_stages(shipped(), i)[6][0][digit, 0, 0] for i in digits.images[:60].numpy()]
        assert max(others) <= scores[0] + 1e-4


# Keeping


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every dataset is `some()`; which were read is told."""
    asked: list[str] = []

    def load(name: str, split: str, folder: Path) -> Iterator[Progress]:
        asked.append(f"{name} {split}")
        yield Progress("reading", 0, 0)
        return some()

    monkeypatch.setattr(loading, "load", load)
    return asked


def same(one: TopImages | None, other: TopImages) -> bool:
    assert one is not None
    pairs = [(one, other), *zip(one.peaks, other.peaks, strict=True)]
    return all(
        np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b
        for left, right in pairs
        for field in dataclasses.fields(left)
        if field.name != "peaks"
        for a, b in [(getattr(left, field.name), getattr(right, field.name))]
    )


def test_it_is_found_once_for_each_network_and_dataset(load: list[str], tmp_path: Path) -> None:
    def ask(model: Model, dataset: str = "mnist") -> TopImages:
        return result_of(exciting_cache.find_top_images(model, dataset, tmp_path))

    assert exciting_cache.load_cached(shipped(), "mnist", tmp_path) is None
    first = ask(shipped())
    assert load == ["mnist test"] and same(first, found(shipped()))
    assert same(ask(shipped()), first) and load == ["mnist test"]
    renamed = dataclasses.replace(shipped().recipe, name="another", description="name")
    assert same(ask(dataclasses.replace(shipped(), name="x", recipe=renamed)), first)
    assert len(load) == 1
    ask(shipped(), "fashion")
    ask(paper_model())
    assert len(load) == 3
    learned = shipped().to(torch.device("cpu"))
    with torch.no_grad():
        learned.network.fc2.bias[0] += 0.001
    ask(learned)
    assert len(load) == 4
    assert same(ask(paper_model()), found(paper_model())) and len(load) == 4


def _files() -> list[Path]:
    from trainer.files import cache_folder

    return sorted((cache_folder() / "exciting").glob("*"))


def _rewritten(path: Path, **changes: Any) -> None:
    with np.load(path) as parts:
        held = {**parts, **changes}
    made = io.BytesIO()
    np.savez(made, **{name: part for name, part in held.items() if part is not None})
    path.write_bytes(made.getvalue())


DAMAGES = {
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-2000]),
    "no archive": lambda path: path.write_bytes(b"seven"),
    "empty": lambda path: path.write_bytes(b""),
    "flipped": lambda path: path.write_bytes(path.read_bytes()[:400] + b"\xff" * 9000),
    "a part missing": lambda path: _rewritten(path, labels=None),
    "objects": lambda path: _rewritten(path, images=np.array([{}], object)),
    "other shape": lambda path: _rewritten(path, images=np.zeros((3, 7, 7), np.uint8)),
    "other type": lambda path: _rewritten(path, **{"C1 values": np.zeros((6, 9))}),
    "places outside": lambda path: _rewritten(
        path, **{"C1 places": np.full((6, 9, 2), 28, np.int16)}
    ),
    "unknown images": lambda path: _rewritten(
        path, **{"C3 numbers": np.full((16, 9), 9999, np.int32)}
    ),
    "no text": lambda path: _rewritten(path, told=np.zeros(4, np.uint8)),
    "no numbers": lambda path: _rewritten(path, numbers=np.zeros(0, np.int32)),
    "a text that never ends": lambda path: _rewritten(
        path, told=np.frombuffer(b"[" * 100_000, np.uint8)
    ),
    "a packing that nobody knows": lambda path: path.write_bytes(
        path.read_bytes().replace(b"PK\x01\x02", b"PK\x01\x02\xff\xff\xff\xff")
    ),
    "much in little": lambda path: _rewritten(path, more=np.zeros(200 << 20, np.uint8)),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_as_good_as_none(damage: str, load: list[str], tmp_path: Path) -> None:
    exciting_cache.cache(found(shipped()), shipped(), tmp_path)
    (path,) = _files()
    assert same(exciting_cache.load_cached(shipped(), "mnist", tmp_path), found(shipped()))
    DAMAGES[damage](path)
    assert exciting_cache.load_cached(shipped(), "mnist", tmp_path) is None
    again = result_of(exciting_cache.find_top_images(shipped(), "mnist", tmp_path))
    assert same(again, found(shipped())) and load == ["mnist test"]


def test_left_off_half_way_it_keeps_nothing(load: list[str], tmp_path: Path) -> None:
    work = exciting_cache.find_top_images(shipped(), "mnist", tmp_path)
    told = [next(work), next(work)]
    assert told[1] == Progress("looking at images", 0, COUNT)
    work.close()
    assert _files() == []


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(exciting_cache, "MOST_CACHED", 2)
    for name in ("mnist", "fashion", "cifar10"):
        made = dataclasses.replace(found(shipped()), dataset=name)
        exciting_cache.cache(made, shipped(), tmp_path)
    assert len(_files()) == 2
    assert exciting_cache.load_cached(shipped(), "mnist", tmp_path) is None
    assert exciting_cache.load_cached(shipped(), "cifar10", tmp_path) is not None


def test_a_disk_that_takes_nothing_is_no_reason_to_fail(
    monkeypatch: pytest.MonkeyPatch, load: list[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("here is no folder")
    monkeypatch.setattr(exciting_cache, "cache_folder", lambda: tmp_path / "file")
    made = result_of(exciting_cache.find_top_images(shipped(), "mnist", tmp_path))
    assert same(made, found(shipped()))


# Making one up


def made_up(model: Model, stage: int, map_: int) -> tuple[list[SyntheticImage], SyntheticImage]:
    def work() -> Generator[SyntheticImage, None, list[SyntheticImage]]:
        last = yield from synthesize(model, stage, map_)
        return [last]

    steps: list[SyntheticImage] = []
    generator = work()
    while True:
        try:
            steps.append(next(generator))
        except StopIteration as end:
            return steps, end.value[0]


def test_c1_likes_best_its_kernels_own_picture() -> None:
    model = shipped()
    weight = model.network.conv1.weight.detach().numpy().astype(np.float64)
    ink, paper = ((at - model.recipe.mean) / model.recipe.std for at in (1, 0))
    for map_ in (0, 4):
        kernel = weight[map_, 0]
        most = np.where(kernel > 0, kernel * ink, kernel * paper).sum()
        most += float(model.network.conv1.bias.detach()[map_])
        steps, made = made_up(model, 1, map_)
        # The pull towards blank paper keeps the faintest weights' pixels from full ink.
        assert 0.99 * most < made.value <= most + 1e-4
        middle = made.image[12:17, 12:17]
        sure = np.abs(kernel) > 0.02
        assert ((middle > 127) == (kernel > 0))[sure].all()
        assert not np.delete(made.image.ravel(), _inside(12, 17)).any()
        assert [each.done for each in steps] == list(range(0, activation_maximization.STEPS, 8))


def _inside(first: int, last: int) -> list[int]:
    return [28 * y + x for y in range(first, last) for x in range(first, last)]


@BOTH
def test_what_it_reaches_is_what_the_network_makes_of_the_picture(model: Model) -> None:
    for stage, map_ in ((2, 1), (3, 5), (7, 3)):
        steps, made = made_up(model, stage, map_)
        assert made.image.dtype == np.uint8 and made.image.shape == (28, 28)
        assert made.done == made.total == activation_maximization.STEPS
        reached = numpy_stages(model, made.image)[stage - 1][1][map_].max()
        assert made.value == pytest.approx(reached, abs=1e-4)
        assert made.value > steps[0].value
        assert made.value >= found(model).best(stage, map_)[0].value - 1e-4
    again = made_up(model, 7, 3)[1]
    assert np.array_equal(again.image, made.image)


def test_a_picture_in_colors_and_other_activations() -> None:
    recipe = Recipe(
        dataset="cifar10", activation="sigmoid", pooling="average", hidden_activation="none"
    )
    model = untrained(recipe)
    before = [weight.clone() for weight in model.network.parameters()]
    for stage in (2, 6):
        steps, made = made_up(model, stage, 3)
        assert made.image.shape == (3, 32, 32) and made.value > steps[0].value
    assert all(
        torch.equal(a, b) and b.grad is None
        for a, b in zip(before, model.network.parameters(), strict=True)
    )


@pytest.mark.parametrize("wrong", [(0, 0), (8, 0), (7, 10)])
def test_of_no_such_map(wrong: tuple[int, int]) -> None:
    with pytest.raises(IndexError, match="no map"):
        next(synthesize(shipped(), *wrong))
