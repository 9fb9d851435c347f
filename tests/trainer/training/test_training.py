from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from trainer.data.labelled_images import LabelledImages
from trainer.evaluation import report
from trainer.networks import lenet5
from trainer.networks.factory import build
from trainer.networks.lenet5 import LeNet5
from trainer.progress import Progress
from trainer.recipes.recipe import AUGMENTATIONS, Recipe
from trainer.runtime import devices
from trainer.training import loop, training
from trainer.training.events import Chosen, DeviceLost, Diverged, Epoch, Step
from trainer.training.training import train

QUICK = Recipe(
    name="quick",
    dataset="pen",
    epochs=2,
    batch_size=30,
    learning_rate=3e-3,
    augmentation=AUGMENTATIONS["affine"],
)


def with_(**changes: Any) -> Recipe:
    return dataclasses.replace(QUICK, **changes)


def only(events: list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def curve(events: list[Any]) -> list[tuple[Any, ...]]:
    """All that may not differ from run to run: everything but time and tensors."""
    timed = {"seconds", "images_per_second", "weights"}
    return [
        (
            type(event).__name__,
            *(getattr(event, f.name) for f in dataclasses.fields(event) if f.name not in timed),
        )
        for event in events
    ]


def same_weights(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[k], other[k]) for k in one)


# The events


def test_what_is_told_and_when(digits: LabelledImages) -> None:
    events = list(train(QUICK, digits))
    steps, epochs = only(events, Step), only(events, Epoch)
    assert [event.step for event in steps] == list(range(1, 37))  # 540 / 30, twice
    assert [event.epoch for event in steps] == [1] * 18 + [2] * 18
    assert [(event.epoch, event.step) for event in epochs] == [(1, 18), (2, 36)]
    assert {event.steps_per_epoch for event in steps} == {18}
    assert isinstance(events[-1], Epoch)
    assert only(events, Progress)[0] == Progress("validating", 0, 60)
    times = [event.seconds for event in events if isinstance(event, Step | Epoch)]
    assert times == sorted(times)
    assert all(event.images_per_second > 0 for event in steps)


def test_an_epochs_training_figures_are_the_mean_of_its_steps(digits: LabelledImages) -> None:
    recipe = with_(epochs=1, batch_size=100)  # the last batch has only 40
    events = list(train(recipe, digits))
    sizes = [100] * 5 + [40]
    steps, (epoch,) = only(events, Step), only(events, Epoch)
    for name in ("loss", "accuracy"):
        mean = sum(getattr(s, name) * n for s, n in zip(steps, sizes, strict=True)) / 540
        assert getattr(epoch, f"train_{name}") == pytest.approx(mean, rel=1e-5)


def test_it_learns(digits: LabelledImages) -> None:
    epochs = only(list(train(with_(epochs=12, augmentation=AUGMENTATIONS["none"]), digits)), Epoch)
    assert epochs[-1].train_loss < epochs[0].train_loss / 3
    assert epochs[-1].val_accuracy > 0.8


def test_best_is_told_of_every_epoch_above_all_before(
    digits: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    accuracies = iter([0.5, 0.4, 0.5, 0.7])

    monkeypatch.setattr(report, "score", lambda *_: report.Score(next(accuracies), 1.0, 60))
    epochs = only(list(train(with_(epochs=4), digits)), Epoch)
    assert [event.best for event in epochs] == [True, False, False, True]


def test_there_are_about_a_hundred_steps_an_epoch_at_most(digits: LabelledImages) -> None:
    steps = only(list(train(with_(epochs=1, batch_size=1), digits)), Step)
    assert len(steps) == pytest.approx(108, abs=1)
    assert steps[-1].step == 540


def test_a_caller_who_wants_to_stop_never_waits_for_many_batches(
    digits: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "EVENTS_PER_EPOCH", 1)
    steps = only(list(train(with_(epochs=1, batch_size=1), digits)), Step)
    assert [event.step for event in steps] == [100, 200, 300, 400, 500, 540]


def test_stopped_by_ceasing_to_iterate(digits: LabelledImages) -> None:
    events = train(QUICK, digits)
    first = next(event for event in events if not isinstance(event, Chosen))
    assert isinstance(first, Step)
    events.close()  # type: ignore[attr-defined]
    with pytest.raises(StopIteration):
        next(events)


# Going on


@pytest.mark.parametrize("stop", [0, 7, 17, 18, 19, 30, 37])
def test_goes_on_from_any_event_as_if_it_had_never_stopped(
    digits: LabelledImages, stop: int
) -> None:
    recipe = with_(schedule="cosine", weight_average=0.9, dropout=0.3)
    events = list(train(recipe, digits))
    first = training.Training(recipe, digits)
    begun = [event for _, event in zip(range(stop + 1), first, strict=False)]
    assert curve(begun) == curve(events[: stop + 1])
    again = list(train(recipe, digits, state=first.state()))
    assert curve([e for e in again if not isinstance(e, Progress | Chosen)]) == curve(
        [e for e in events[stop + 1 :] if not isinstance(e, Progress | Chosen)]
    )
    last = only(events, Epoch)[-1]
    assert all(same_weights(e.weights, last.weights) for e in only(again, Epoch)[-1:])


def test_before_its_first_step_it_goes_on_from_the_start(digits: LabelledImages) -> None:
    assert training.Training(QUICK, digits).state() == {}


def test_on_another_kind_of_device_every_image_is_still_seen_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learned, _ = watch(monkeypatch)
    recipe = with_(epochs=1, augmentation=AUGMENTATIONS["none"])
    first = training.Training(recipe, numbered(500))
    stopped = next(event for event in first if isinstance(event, Step) and event.step == 7)
    state = first.state() | {"device": "cuda", "generator": torch.zeros(16, dtype=torch.uint8)}
    list(train(recipe, numbered(500), state=state))
    assert stopped.step == 7
    seen = number_of(torch.cat(learned))
    assert len(seen) == len(set(seen)) == 450


# The same seed, the same run


@pytest.mark.parametrize("average", [0.0, 0.9])
def test_the_same_seed_gives_the_same_curve_whatever_else_runs(
    digits: LabelledImages, average: float
) -> None:
    recipe = with_(weight_average=average, augmentation=AUGMENTATIONS["elastic"])
    torch.manual_seed(1)
    alone = list(train(recipe, digits))
    torch.manual_seed(2)
    beside = []
    other = train(with_(seed=5), digits)
    for event in train(recipe, digits):
        beside.append(event)
        torch.rand(3)  # somebody else uses torch's global generator
        next(other, None)  # and another run goes on
    assert curve(beside) == curve(alone)
    pairs = zip(only(alone, Epoch), only(beside, Epoch), strict=True)
    assert all(same_weights(a.weights, b.weights) for a, b in pairs)


def test_another_seed_gives_another_curve(digits: LabelledImages) -> None:
    assert curve(list(train(QUICK, digits))) != curve(list(train(with_(seed=2), digits)))


def test_weights_are_copies(digits: LabelledImages) -> None:
    events = train(with_(epochs=2), digits)
    first = next(event for event in events if isinstance(event, Epoch))
    kept = {name: w.clone() for name, w in first.weights.items()}
    for w in first.weights.values():
        assert w.device.type == "cpu"
        assert not w.requires_grad
        w.zero_()  # nor does the run mind what becomes of them
    second = next(event for event in events if isinstance(event, Epoch))
    undisturbed = only(list(train(with_(epochs=2), digits)), Epoch)
    assert same_weights(second.weights, undisturbed[1].weights)
    assert same_weights(kept, undisturbed[0].weights)
    assert not same_weights(kept, second.weights)


# What is trained on


def numbered(count: int) -> LabelledImages:
    """Images that can be told apart: each has its number in its first two pixels."""
    images = torch.zeros(count, 28, 28, dtype=torch.uint8)
    numbers = torch.arange(count)
    images[:, 0, 0], images[:, 0, 1] = numbers // 256, numbers % 256
    images[:, 10:20, 10:20] = 200
    return LabelledImages(images, numbers % 10)


def number_of(images: Tensor) -> list[int]:
    pixels = (images[:, 0, 0, :2] * 255).round().int()
    return (pixels[:, 0] * 256 + pixels[:, 1]).tolist()


def watch(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Tensor], list[Tensor]]:
    """What networks are given from now on: while they learn, and while they are tested."""
    learned: list[Tensor] = []
    tested: list[Tensor] = []
    forward = LeNet5.forward

    def watched(self: LeNet5, images: Tensor) -> Tensor:
        (learned if torch.is_grad_enabled() else tested).append(images.detach().clone())
        return forward(self, images)

    monkeypatch.setattr(LeNet5, "forward", watched)
    return learned, tested


def test_validation_and_training_share_no_image(monkeypatch: pytest.MonkeyPatch) -> None:
    learned, tested = watch(monkeypatch)
    recipe = with_(validation=0.2, augmentation=AUGMENTATIONS["none"])
    list(train(recipe, numbered(500)))
    training_set, held_out = number_of(torch.cat(learned)), number_of(torch.cat(tested))
    assert len(training_set) == 2 * 400
    assert sorted(training_set[:400]) == sorted(training_set[400:])  # each once an epoch
    assert training_set[:400] != training_set[400:]  # in another order
    assert sorted(held_out[:100]) == sorted(held_out[100:])  # the same ones every time
    assert sorted({*training_set, *held_out}) == list(range(500))
    assert not {*training_set} & {*held_out}
    assert sorted(held_out[:100]) != list(range(400, 500))  # drawn, not cut off


def test_only_training_images_are_distorted_and_labels_stay(
    digits: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned, tested = watch(monkeypatch)
    list(train(with_(epochs=1), digits))
    originals = {bytes((image * 255).round().byte().numpy()) for image in digits.images / 255}
    of_tested = [bytes((i * 255).round().byte().numpy()) for i in torch.cat(tested)[:, 0]]
    of_learned = [bytes((i * 255).round().byte().numpy()) for i in torch.cat(learned)[:, 0]]
    assert all(image in originals for image in of_tested)
    assert not any(image in originals for image in of_learned)


def test_labels_stay_with_their_images(monkeypatch: pytest.MonkeyPatch) -> None:
    learned, _ = watch(monkeypatch)
    given: list[Tensor] = []
    entropy = functional.cross_entropy

    def watched(logits: Tensor, labels: Tensor, **more: Any) -> Tensor:
        if "label_smoothing" in more:
            given.append(labels.clone())
        return entropy(logits, labels, **more)

    monkeypatch.setattr(functional, "cross_entropy", watched)
    list(train(with_(augmentation=AUGMENTATIONS["none"]), numbered(300)))
    numbers = torch.tensor(number_of(torch.cat(learned)))
    assert torch.equal(torch.cat(given), numbers % 10)


def test_images_are_normalized_by_the_recipe(
    digits: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned, tested = watch(monkeypatch)
    recipe = with_(epochs=1, mean=0.2, std=0.5, augmentation=AUGMENTATIONS["none"])
    list(train(recipe, digits))
    for images in (torch.cat(learned), torch.cat(tested)):
        assert images.min() == pytest.approx(-0.4)
        assert images.max() == pytest.approx(1.6)


@pytest.mark.parametrize(("count", "validation"), [(1, 0.5), (100, 0.001), (0, 0.1)])
def test_too_few_images_to_hold_some_out(count: int, validation: float) -> None:
    with pytest.raises(ValueError, match=f"{count} images are too few"):
        next(iter(train(with_(validation=validation), numbered(count))))


# Every part that a recipe may name


def choices(name: str) -> tuple[str, ...]:
    found: tuple[str, ...] = Recipe.__dataclass_fields__[name].metadata["choices"]
    return found


OLD = {"network": "lenet5-1998", "optimizer": "sdlm", "batch_gradient": "sum"}


@pytest.mark.parametrize(
    "changes",
    [{"optimizer": name} for name in choices("optimizer") if name != "sdlm"]
    + [
        {"schedule": name, "warmup": w, "rates": ((1, 1e-3),), "step_epochs": 1}
        for name in choices("schedule")
        for w in (0.0, 0.5)
    ]
    + [{"activation": name} for name in lenet5.ACTIVATIONS]
    + [{"pooling": name} for name in lenet5.POOLINGS]
    + [{"hidden_activation": name} for name in choices("hidden_activation")]
    + [{"label_smoothing": 0.1}, {"weight_average": 0.9}, {"batch_size": 10_000}]
    + [{"dropout": 0.5}, {"c5": "convolution"}, {"batch_gradient": "sum"}]
    + [OLD | {"loss": "map"}, OLD | {"loss": "mse"}, OLD | {"optimizer": "adam"}],
    ids=str,
)
def test_every_part_trains(digits: LabelledImages, changes: dict[str, Any]) -> None:
    recipe = with_(epochs=1, **({"batch_size": 270} | changes))
    epoch = only(list(train(recipe, digits)), Epoch)[0]
    start = build(recipe, _first_weights(recipe, digits))
    assert torch.isfinite(torch.tensor(epoch.val_loss))
    moved = [not torch.equal(epoch.weights[name], w) for name, w in start.named_parameters()]
    assert all(moved)


def _first_weights(recipe: Recipe, digits: LabelledImages) -> torch.Generator:
    source = torch.Generator().manual_seed(recipe.seed)
    torch.randperm(len(digits), generator=source)
    return source


@pytest.mark.parametrize("name", ["weight_decay", "momentum", "beta2", "label_smoothing"])
def test_every_number_matters(digits: LabelledImages, name: str) -> None:
    value = {"weight_decay": 0.5, "momentum": 0.5, "beta2": 0.6, "label_smoothing": 0.2}[name]
    assert curve(list(train(with_(epochs=1, **{name: value}), digits))) != curve(
        list(train(with_(epochs=1), digits))
    )


def rates(digits: LabelledImages, **changes: Any) -> list[float]:
    recipe = with_(epochs=2, batch_size=54, learning_rate=1e-3, **changes)
    return [event.learning_rate for event in only(list(train(recipe, digits)), Step)]


def test_constant_schedule(digits: LabelledImages) -> None:
    assert rates(digits) == [1e-3] * 20


def test_cosine_schedule_ends_at_zero(digits: LabelledImages) -> None:
    found = rates(digits, schedule="cosine")
    assert found == sorted(found, reverse=True)
    assert found[9] == pytest.approx(5e-4)
    assert found[-1] == pytest.approx(0, abs=1e-9)


def test_step_schedule(digits: LabelledImages) -> None:
    found = rates(digits, schedule="step", step_epochs=1, step_factor=0.2)
    assert found == pytest.approx([1e-3] * 9 + [2e-4] * 10 + [4e-5])  # the rate of the next step


def test_one_cycle_schedule_rises_and_falls(digits: LabelledImages) -> None:
    found = rates(digits, schedule="one_cycle")
    top = found.index(max(found))
    assert found[top] == pytest.approx(1e-3, rel=0.01)
    assert found[:top] == sorted(found[:top])
    assert found[top:] == sorted(found[top:], reverse=True)
    assert found[-1] < 1e-5


def test_a_table_of_rates(digits: LabelledImages) -> None:
    found = rates(digits, schedule="table", rates=((1, 1e-3), (2, 3e-4)))
    assert found == pytest.approx([1e-3] * 9 + [3e-4] * 11)


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_warmup_rises_to_the_whole_rate(digits: LabelledImages, schedule: str) -> None:
    found = rates(digits, schedule=schedule, warmup=0.25)
    assert found[:5] == sorted(found[:5])
    assert found[0] < 3e-4
    assert found[4] == pytest.approx(1e-3)
    assert found[-1] == pytest.approx(1e-3 if schedule == "constant" else 0, abs=1e-9)


def test_the_mean_of_weights_is_what_is_tested_and_kept(digits: LabelledImages) -> None:
    """Against a mean kept by hand over the weights after every step."""
    recipe = with_(epochs=1, weight_average=0.5, batch_size=270)
    plain = with_(epochs=1, batch_size=270)
    run = loop.TrainingLoop(plain, digits, torch.device("cpu"))
    mean: dict[str, Tensor] = {}
    for count, event in enumerate(run.train_epoch()):
        if not isinstance(event, Step):
            break
        now = {name: w.detach().clone() for name, w in run.network.named_parameters()}
        decay = min(0.5, (1 + count) / (10 + count))
        mean = {k: mean[k] * decay + now[k] * (1 - decay) if mean else now[k] for k in now}
    kept = only(list(train(recipe, digits)), Epoch)[0]
    for name, w in mean.items():
        assert torch.allclose(kept.weights[name], w, atol=1e-6), name
    network = LeNet5()
    network.load_state_dict(kept.weights)
    run = loop.TrainingLoop(recipe, digits, torch.device("cpu"))
    score = report.evaluate(network, run.validation, recipe)
    assert (score.accuracy, score.loss) == (kept.val_accuracy, pytest.approx(kept.val_loss))


# What goes wrong


@pytest.mark.parametrize("batch_size", [30, 1000])
@pytest.mark.parametrize("average", [0.0, 0.9])
def test_an_absurd_learning_rate_diverges_and_ends_the_run(
    digits: LabelledImages, batch_size: int, average: float
) -> None:
    recipe = with_(
        optimizer="sgd",
        learning_rate=10,
        weight_decay=1,  # each step multiplies every weight by -9
        epochs=90,
        batch_size=batch_size,
        weight_average=average,
    )
    events = list(train(recipe, digits))
    assert isinstance(events[-1], Diverged)
    assert len(only(events, Diverged)) == 1
    assert "a smaller learning rate usually helps" in str(events[-1])
    for epoch in only(events, Epoch):
        assert all(bool(w.isfinite().all()) for w in epoch.weights.values())


def test_weights_that_go_astray_in_an_epochs_last_step_are_never_kept(
    digits: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = loop.TrainingLoop.learn

    def goes_astray(self: Any, *given: Any) -> Tensor:
        told = learn(self, *given)
        if self.step == 36:
            with torch.no_grad():
                self.network.fc3.bias[0] = float("nan")
        return told

    monkeypatch.setattr(loop.TrainingLoop, "learn", goes_astray)
    events = list(train(with_(epochs=5), digits))
    assert [event.epoch for event in only(events, Epoch)] == [1]
    assert isinstance(events[-1], Diverged)
    assert events[-1].epoch == 2


@pytest.fixture
def fragile(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes the device, which is the CPU here as well, give up once at that forward pass."""
    monkeypatch.setattr(devices, "is_reliable", lambda device: False)
    forward = LeNet5.forward

    def install(fails_at: int, reason: str = "CUDA out of memory.\nTried to allocate") -> None:
        passes = 0

        def failing(self: LeNet5, images: Tensor) -> Tensor:
            nonlocal passes
            passes += 1
            if passes == fails_at:
                raise torch.OutOfMemoryError(reason)
            return forward(self, images)

        monkeypatch.setattr(LeNet5, "forward", failing)

    return install


@pytest.mark.parametrize("average", [0.0, 0.9])
@pytest.mark.parametrize("fails_at", [1, 10, 19, 20, 30, 57])
def test_a_device_that_gives_up_loses_nothing(
    digits: LabelledImages, fragile: Callable[[int], None], fails_at: int, average: float
) -> None:
    """An epoch has 18 passes that learn and one that validates."""
    recipe = with_(epochs=3, schedule="cosine", weight_average=average)
    undisturbed = list(train(recipe, digits))
    fragile(fails_at)
    events = list(train(recipe, digits))
    lost = only(events, DeviceLost)
    assert lost == [DeviceLost("cpu", "CUDA out of memory.")]
    assert curve(only(events, Epoch)) == curve(only(undisturbed, Epoch))
    pairs = zip(only(events, Epoch), only(undisturbed, Epoch), strict=True)
    assert all(same_weights(a.weights, b.weights) for a, b in pairs)


def test_a_device_that_cant_even_hold_the_data_is_told(
    digits: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = list(train(QUICK, digits))
    monkeypatch.setattr(devices, "is_reliable", lambda device: device.type == "cpu")

    def too_small(self: LabelledImages, device: torch.device) -> LabelledImages:
        if device.type != "cpu":
            raise torch.OutOfMemoryError("")
        return self

    monkeypatch.setattr(LabelledImages, "to", too_small)
    events = list(train(QUICK, digits, torch.device("meta")))
    assert events[0] == DeviceLost("meta", "OutOfMemoryError")
    assert curve(events[1:]) == curve(undisturbed)


def test_a_fault_of_ours_is_not_taken_for_the_devices(
    digits: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: LeNet5, images: Tensor) -> Tensor:
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(LeNet5, "forward", broken)
    for reliable in (True, False):
        monkeypatch.setattr(devices, "is_reliable", lambda device, answer=reliable: answer)
        with pytest.raises(RuntimeError, match="shapes do not match"):
            list(train(QUICK, digits))


def test_a_snapshot_stays_on_the_cpu_and_shares_nothing(
    digits: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "is_reliable", lambda device: False)
    run = loop.TrainingLoop(with_(weight_average=0.9), digits, torch.device("cpu"))
    list(run.train_epoch())
    kept = run.snapshot()
    before = {k: w.clone() for k, w in kept["network"].items()}
    list(run.train_epoch())
    assert same_weights(kept["network"], before)


# Testing


def test_evaluate_counts_and_averages(digits: LabelledImages) -> None:
    network = LeNet5(generator=torch.Generator().manual_seed(1))
    recipe = Recipe(mean=0.1, std=0.3)
    many = LabelledImages(digits.images.repeat(4, 1, 1), digits.labels.repeat(4))  # over a batch
    with torch.no_grad():
        logits = network((digits.images.unsqueeze(1) / 255 - 0.1) / 0.3)
    score = report.evaluate(network, many, recipe)
    right = (logits.argmax(1) == digits.labels).float().mean()
    assert score.count == 2400
    assert score.accuracy == pytest.approx(float(right))
    assert score.loss == pytest.approx(
        float(functional.cross_entropy(logits, digits.labels)), rel=1e-5
    )


def test_testing_leaves_no_mode_on_between_its_events(digits: LabelledImages) -> None:
    for _ in report.evaluate_with_progress(LeNet5(), digits, QUICK):
        assert not torch.is_inference_mode_enabled()
        assert torch.is_grad_enabled()


# Devices


def test_the_cpu_is_always_there() -> None:
    assert devices.choose("cpu") == torch.device("cpu")
    assert devices.list_devices()[-1].name == "cpu"
    assert devices.list_devices()[-1].problem == ""


def test_auto_takes_the_first_that_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda, mps = devices.Device("cuda", "GPU", "no driver"), devices.Device("mps", "Apple GPU")
    monkeypatch.setattr(devices, "describe_cuda", lambda: cuda)
    monkeypatch.setattr(devices, "describe_mps", lambda: mps)
    assert devices.choose() == torch.device("mps")
    with pytest.raises(devices.DeviceError, match="cuda can't be used here: no driver"):
        devices.choose("cuda")


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(devices.DeviceError, match="device is 'tpu'; it must be one of: auto, cuda"):
        devices.choose("tpu")


@pytest.mark.parametrize(
    ("error", "device", "expected"),
    [
        (torch.OutOfMemoryError(""), "cuda", True),
        (RuntimeError("CUDA error: an illegal memory access"), "cuda", True),
        (RuntimeError("MPS backend out of memory"), "mps", True),
        (RuntimeError("shapes do not match"), "cuda", False),
        (torch.OutOfMemoryError(""), "cpu", False),
    ],
)
def test_failed(error: RuntimeError, device: str, expected: bool) -> None:
    assert devices.is_device_failure(error, torch.device(device)) is expected


def test_the_last_epoch_is_kept_where_the_recipe_says_so(digits: LabelledImages) -> None:
    recipe = dataclasses.replace(QUICK, epochs=4, learning_rate=0.3)  # goes up and down
    ends = only(list(train(recipe, digits)), Epoch)
    accuracies = [end.val_accuracy for end in ends]
    assert [end.best for end in ends] == [
        accuracy > max(accuracies[:n], default=-1) for n, accuracy in enumerate(accuracies)
    ]
    last = only(list(train(dataclasses.replace(recipe, kept="last"), digits)), Epoch)
    assert [end.val_accuracy for end in last] == accuracies
    assert all(end.best for end in last)
    assert not all(end.best for end in ends)
