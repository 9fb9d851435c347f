"""Learning from a few own digits: they are read then, and nothing else is forgotten."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.conftest import pen_digits
from tests.support.gui import ONE, SEVEN
from trainer.data import loading
from trainer.data.labelled_images import LabelledImages
from trainer.errors import UserError
from trainer.evaluation.report import evaluate
from trainer.my_digits import familiar
from trainer.my_digits import fine_tuning as learning
from trainer.my_digits.digit import (
    OwnDigit,
    export,
    own_digit,
    read_export,
    render_digit,
    render_digits,
    render_variations,
)
from trainer.my_digits.fine_tuning import (
    FineTuningOptions,
    Learned,
    LearningError,
    fine_tune,
    fine_tune_network,
    prepare_practice,
    record_answers,
)
from trainer.my_digits.store import MyDigits
from trainer.networks import model as weights
from trainer.networks.model import Model
from trainer.progress import Progress, result_of

# Everything may be forgotten here, for what a 1 is must be.
QUICK = FineTuningOptions(steps=25, known_batch=64, pictures=100, folds=3, forgotten=1.0)


@pytest.fixture(scope="module")
def model() -> Model:
    return weights.load_shipped()


@pytest.fixture(scope="module")
def rehearsal() -> LabelledImages:
    return pen_digits(400, seed=31)


@pytest.fixture(scope="module")
def tests() -> dict[str, LabelledImages]:
    return {"Built-in digits": pen_digits(300, seed=32)}


def strange_sevens(count: int) -> list[OwnDigit]:
    """What everyone else would read as 1: someone's 7."""
    return [own_digit(7, [[(x + n / 7 * y, y) for x, y in ONE]]) for n in range(count)]


@pytest.fixture(scope="module")
def learned(model: Model, rehearsal: LabelledImages, tests: dict[str, LabelledImages]) -> Learned:
    method = dataclasses.replace(QUICK, steps=60, softness=1.0, own_weight=3.0)
    return result_of(fine_tune(model, strange_sevens(6), rehearsal, tests, method))


def test_own_forms_are_read_after_learning_and_were_not_before(learned: Learned) -> None:
    own = learned.changes[0]
    assert (own.name, own.count) == ("My digits", 6)
    assert own.before < 0.5 < own.after


def test_each_set_is_measured_before_and_after(
    learned: Learned, model: Model, tests: dict[str, LabelledImages]
) -> None:
    change = learned.changes[1]
    digits = tests["Built-in digits"]
    assert (change.name, change.count) == ("Built-in digits", 300)
    assert change.before == evaluate(model.network, digits, model.recipe).accuracy
    after = evaluate(learned.model.network, digits, learned.model.recipe).accuracy
    assert change.after == after


def test_what_was_learned_is_a_model_of_its_own(learned: Learned, model: Model) -> None:
    kept = learned.model
    assert kept.name == f"{model.name} + mine"
    assert kept.temperature == model.temperature and kept.classes == model.classes
    assert kept.history["own_digits"] == 6 and "test_accuracy" not in kept.history
    old, new = model.network.state_dict(), kept.network.state_dict()
    changed = {name for name in old if not torch.equal(old[name], new[name])}
    assert changed == {n for n in old if n.startswith("fc")}
    assert "6 digits" in learned.measured and "3-fold" in learned.measured


def test_a_model_that_learned_is_saved_and_opened_again(learned: Learned, tmp_path: Path) -> None:
    weights.save(learned.model, tmp_path / "mine.safetensors")
    opened = weights.load(tmp_path / "mine.safetensors")
    assert opened.history == learned.model.history


def test_learning_once_more_says_that_before_is_flattered(
    learned: Learned, rehearsal: LabelledImages
) -> None:
    again = result_of(fine_tune(learned.model, strange_sevens(3), rehearsal, {}, QUICK))
    assert "flatters" in again.measured and "flatters" not in learned.measured
    assert again.model.name == learned.model.name


def test_the_same_seed_learns_the_same(model: Model, rehearsal: LabelledImages) -> None:
    def once(seed: int) -> torch.Tensor:
        done = result_of(fine_tune(model, strange_sevens(3), rehearsal, {}, QUICK, seed))
        return done.model.network.fc3.weight

    assert torch.equal(once(1), once(1))
    assert not torch.equal(once(1), once(2))


def test_it_goes_back_to_the_old_network_rather_than_forget(
    model: Model, rehearsal: LabelledImages
) -> None:
    method = dataclasses.replace(QUICK, own_weight=50.0, rate=1e-2)
    # Ones that are sevens: what is learned contradicts what is known.
    practice = result_of(prepare_practice(model, strange_sevens(3), method, seed=1))
    known = result_of(record_answers(model, rehearsal, method, seed=1))

    def accuracy(forgotten: float) -> float:
        allowed = dataclasses.replace(method, forgotten=forgotten)
        network = result_of(fine_tune_network(model, practice, known, allowed, seed=1))
        return evaluate(network, rehearsal, model.recipe).accuracy

    before = evaluate(model.network, rehearsal, model.recipe).accuracy
    assert accuracy(forgotten=1.0) < before - 0.05
    assert accuracy(forgotten=0.0) >= before - 0.02


def test_it_says_so_when_nothing_could_be_learned_without_forgetting(
    model: Model, rehearsal: LabelledImages
) -> None:
    method = dataclasses.replace(QUICK, own_weight=50.0, rate=1e-2, forgotten=-1.0)
    done = result_of(fine_tune(model, strange_sevens(3), rehearsal, {}, method))
    old, new = model.network.state_dict(), done.model.network.state_dict()
    assert all(torch.equal(old[name], new[name]) for name in old)
    assert "too many other digits" in done.measured and not done.changed


def test_the_network_learned_from_is_left_as_it_was(
    model: Model, rehearsal: LabelledImages
) -> None:
    before = {name: w.clone() for name, w in model.network.state_dict().items()}
    result_of(fine_tune(model, strange_sevens(3), rehearsal, {}, QUICK))
    assert all(torch.equal(w, before[name]) for name, w in model.network.state_dict().items())


def test_every_drawing_is_held_out_from_the_network_that_reads_it(
    model: Model, rehearsal: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[int]] = []

    def spy(model: Model, practice: object, *rest: object) -> object:
        seen.append(set(practice.drawings.tolist()))  # type: ignore[attr-defined]
        return fine_tune_network(model, practice, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("trainer.my_digits.fine_tuning.fine_tune_network", spy)
    result_of(fine_tune(model, strange_sevens(7), rehearsal, {}, QUICK))
    everything = set(range(7))
    assert seen[0] == everything and len(seen) == 4
    left_out = [everything - part for part in seen[1:]]
    assert all(left_out) and sorted(n for part in left_out for n in part) == list(range(7))


def test_nothing_to_learn_from_is_told(model: Model, rehearsal: LabelledImages) -> None:
    with pytest.raises(LearningError, match="nothing to learn from"):
        result_of(fine_tune(model, [], rehearsal, {}, QUICK))


def test_one_digit_is_learned_and_not_held_out(model: Model, rehearsal: LabelledImages) -> None:
    method = dataclasses.replace(QUICK, steps=60, softness=1.0, own_weight=3.0)
    done = result_of(fine_tune(model, strange_sevens(1), rehearsal, {}, method))
    assert (done.changes[0].before, done.changes[0].after) == (0.0, 1.0)
    assert "none was held out" in done.measured


def test_nothing_is_changed_where_all_is_read_already(
    model: Model, rehearsal: LabelledImages
) -> None:
    method = dataclasses.replace(QUICK, lost=1.0)
    done = result_of(fine_tune(model, [own_digit(7, [SEVEN])], rehearsal, {}, method))
    old, new = model.network.state_dict(), done.model.network.state_dict()
    assert all(torch.equal(old[name], new[name]) for name in old)
    assert "nothing to learn" in done.measured


def test_a_network_for_something_else_is_told(model: Model, rehearsal: LabelledImages) -> None:
    clothes = dataclasses.replace(model, classes=loading.FASHION_CLASSES)
    with pytest.raises(LearningError, match="T-shirt"):
        result_of(fine_tune(clothes, strange_sevens(5), rehearsal, {}, QUICK))


# Pictures


def test_own_digits_are_drawn_as_they_are_read() -> None:
    strokes, dot = own_digit(7, [SEVEN]), own_digit(0, (), bytes(400) + b"\xff" + bytes(383))
    assert render_digit(strokes).sum() > 5000
    assert render_digit(dot).sum() == 255 and render_digit(dot)[14, 8] == 255
    both = render_digits([strokes, dot])
    assert both.images.shape == (2, 28, 28) and both.labels.tolist() == [7, 0]


def test_variants_differ_and_keep_their_label() -> None:
    shown = render_variations([own_digit(7, [SEVEN])], 5, np.random.default_rng(1))
    assert shown.labels.tolist() == [7] * 6
    assert len({image.numpy().tobytes() for image in shown.images}) == 6
    assert np.array_equal(shown.images[0].numpy(), render_digit(own_digit(7, [SEVEN])))


def test_a_picture_without_strokes_is_shown_as_it_is() -> None:
    dot = own_digit(0, (), bytes(400) + b"\xff" + bytes(383))
    shown = render_variations([dot], 2, np.random.default_rng(1))
    assert len(shown) == 3 and len({image.numpy().tobytes() for image in shown.images}) == 1


# With datasets


def test_familiar_digits_are_those_that_its_command_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(familiar, "asset", lambda name: tmp_path / name)
    (tmp_path / familiar.SHIPPED).write_bytes(familiar.write_shipped({"rehearsal": 20, "test": 9}))
    familiar.read_shipped.cache_clear()
    written = familiar.read_shipped()
    familiar.read_shipped.cache_clear()
    assert (len(written.rehearsal), len(written.test)) == (20, 9)
    plain = pen_digits(20, seed=62)
    assert torch.equal(written.rehearsal.labels, plain.labels)
    assert (written.rehearsal.images.int() - plain.images.int()).abs().max() <= 9


@pytest.mark.parametrize("content", [b"", b"no such file", b"PK\x05\x06" + bytes(18)])
def test_damaged_familiar_digits_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(familiar, "asset", lambda name: tmp_path / name)
    (tmp_path / familiar.SHIPPED).write_bytes(content)
    familiar.read_shipped.cache_clear()
    with pytest.raises(UserError, match="damaged"):
        familiar.read_shipped()


def test_without_mnist_the_built_in_digits_do(model: Model, tmp_path: Path) -> None:
    told: list[str] = []
    work = learning.learn_from(model, strange_sevens(3), tmp_path, QUICK)
    try:
        while True:
            progress = next(work)
            assert isinstance(progress, Progress)
            told.append(progress.what)
    except StopIteration as end:
        learned: Learned = end.value
    assert [change.name for change in learned.changes] == ["My digits", "Built-in digits"]
    assert "test_accuracy" not in learned.model.history
    assert {"practicing", "testing on your digits"} <= set(told)


def test_no_digits_are_told_before_datasets_are_read(model: Model, tmp_path: Path) -> None:
    work = learning.learn_from(model, [], tmp_path, QUICK)
    with pytest.raises(LearningError):
        next(work)


def test_with_mnist_it_is_gone_over_and_measured(
    model: Model,
    real_data: Path,
    small_pen: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(familiar.COUNTS, "mnist", 900)
    known = result_of(familiar.load_rehearsal(real_data))
    assert len(known) == 900 + len(familiar.read_shipped().rehearsal)
    # The first is an upright line, such as somebody who is held out drew it.
    own = strange_sevens(4)[1:]
    learned = result_of(learning.learn_from(model, own, real_data, QUICK))
    mnist = learned.changes[1]
    assert (mnist.name, mnist.count) == ("MNIST test", 10_000)
    assert learned.model.history["test_accuracy"] == mnist.after


# Test pictures


@pytest.fixture
def with_mnist(small_pen: None, monkeypatch: pytest.MonkeyPatch) -> LabelledImages:
    """A small MNIST is there; returns its test set."""
    splits = {"train": pen_digits(900, seed=34), "test": pen_digits(60, seed=33)}
    give_datasets(monkeypatch, lambda name, split: splits[split] if name == "mnist" else None)
    return splits["test"]


def give_datasets(
    monkeypatch: pytest.MonkeyPatch, find: Callable[[str, str], LabelledImages | None]
) -> None:
    """Let these datasets be there, beside those that are."""
    load, missing = loading.load, loading.list_missing

    def given(name: str, split: str, folder: Path) -> Generator[Progress, None, LabelledImages]:
        return find(name, split) or (yield from load(name, split, folder))

    def absent(name: str, folder: Path) -> list[str]:
        return [] if find(name, "test") else missing(name, folder)

    monkeypatch.setattr(loading, "load", given)
    monkeypatch.setattr(loading, "list_missing", absent)


def corrected(tests: LabelledImages, number: int, source: str = "") -> OwnDigit:
    """What is kept of a dataset's picture that was given a label."""
    image = tests.images[number].numpy().tobytes()
    return own_digit(int(tests.labels[number]), (), image, source=source)


@pytest.mark.parametrize("source", ["mnist test {}", ""])  # kept by now, and by older versions
def test_test_pictures_are_not_learned_from(
    model: Model, with_mnist: LabelledImages, tmp_path: Path, source: str
) -> None:
    own = strange_sevens(4)
    taken = [corrected(with_mnist, number, source.format(number)) for number in (3, 8)]
    learned = result_of(learning.learn_from(model, [*taken, *own], tmp_path, QUICK))
    assert learned.changes[0].count == learned.model.history["own_digits"] == 4
    assert "2 of your 6 digits are test pictures (MNIST) and were left out" in learned.measured
    alone = result_of(learning.learn_from(model, own, tmp_path, QUICK))
    assert "left out" not in alone.measured
    old, new = alone.model.network.state_dict(), learned.model.network.state_dict()
    assert all(torch.equal(old[name], new[name]) for name in old)


def test_test_pictures_alone_teach_nothing(
    model: Model, with_mnist: LabelledImages, tmp_path: Path
) -> None:
    taken = [corrected(with_mnist, number) for number in range(12)]
    with pytest.raises(LearningError, match=r"12 of your 12 .*MNIST.* Label others first"):
        result_of(learning.learn_from(model, taken, tmp_path, QUICK))


def test_a_test_picture_is_known_by_its_source_where_the_dataset_is_gone(
    model: Model, tmp_path: Path, small_pen: None
) -> None:
    taken = [corrected(pen_digits(60, seed=33), n, f"emnist-digits test {n}") for n in range(3)]
    with pytest.raises(LearningError, match="EMNIST digits\\) and were left out"):
        result_of(learning.learn_from(model, taken, tmp_path, QUICK))


def test_a_drawing_that_equals_a_test_picture_is_not_learned_from(
    model: Model, tmp_path: Path, small_pen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawings = [own_digit(7, [[(x + n / 7 * y, y) for x, y in SEVEN]]) for n in range(5)]
    same = LabelledImages(
        torch.from_numpy(render_digit(drawings[2]))[None], torch.tensor([drawings[2].label])
    )

    give_datasets(monkeypatch, lambda name, _: same if name == "unipen" else None)
    kept, told = result_of(familiar.leave_out_test_pictures(drawings, tmp_path))
    assert kept == drawings[:2] + drawings[3:]
    assert told.startswith("1 of your 5 digits is a test picture (Real pen digits (UNIPEN))")


def test_a_straight_1_that_equals_a_test_picture_by_chance_is_learned_from(
    tmp_path: Path, small_pen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    straight = own_digit(1, [[(140.0, 20.0 + 10 * n, 12.0) for n in range(20)]])
    same = LabelledImages(torch.from_numpy(render_digit(straight))[None], torch.tensor([1]))
    give_datasets(monkeypatch, lambda name, _: same if name == "unipen" else None)
    kept, told = result_of(familiar.leave_out_test_pictures([straight], tmp_path))
    assert (kept, told) == ([straight], "")


def test_a_picture_that_equals_a_built_in_test_picture_is_not_learned_from(
    tmp_path: Path, small_pen: None
) -> None:
    tests = result_of(loading.load("pen", "test", tmp_path))
    kept, told = result_of(familiar.leave_out_test_pictures([corrected(tests, 3)], tmp_path))
    assert not kept and "Pen digits (built in)" in told


def test_where_a_digit_is_from_is_kept_and_passed_on(tmp_path: Path) -> None:
    digit = corrected(pen_digits(3, seed=33), 1, "mnist test 1")
    MyDigits(tmp_path / "mine.jsonl").add(digit)
    assert MyDigits(tmp_path / "mine.jsonl").load() == (digit,)
    export([digit], tmp_path / "mine.json")
    (again,) = read_export(tmp_path / "mine.json")
    assert (again.source, again.test_set) == ("mnist test 1", "mnist")
