"""A teacher is trained, and the LeNet learns from it."""

import dataclasses

import pytest
import torch
from torch.nn import functional as F

from trainer.data.labelled_images import LabelledImages
from trainer.progress import Progress, result_of
from trainer.recipes.recipe import Recipe
from trainer.training import losses
from trainer.training.events import Epoch
from trainer.training.training import train

RECIPE = Recipe(epochs=1, batch_size=60, teacher_epochs=2, validation=0.2)


@pytest.fixture(scope="module")
def few(digits: LabelledImages) -> LabelledImages:
    """Enough for two steps an epoch, where it does not matter what is learned."""
    return digits.at(torch.arange(150))


def test_a_teacher_learns_and_tells_how_far_it_is(digits: LabelledImages) -> None:
    recipe = dataclasses.replace(RECIPE, teacher_epochs=15)
    events = []
    work = losses.train_teacher(recipe, digits)
    with pytest.raises(StopIteration) as end:
        while True:
            events.append(next(work))
    teacher = end.value.value
    assert events and all(isinstance(event, Progress) for event in events)
    assert [event.done for event in events] == sorted(event.done for event in events)
    images = digits.images.unsqueeze(1).float() / 255
    right = (teacher(images).argmax(1) == digits.labels).float().mean()
    assert right > 0.5
    assert not any(weight.requires_grad for weight in teacher.parameters())


def test_a_seed_decides_the_teacher(few: LabelledImages) -> None:
    one, two = (result_of(losses.train_teacher(RECIPE, few)) for _ in range(2))
    other = result_of(losses.train_teacher(dataclasses.replace(RECIPE, seed=2), few))
    same = [torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True)]
    assert all(same)
    assert not torch.equal(next(one.parameters()), next(other.parameters()))


def test_the_loss_is_the_mixture_that_the_recipe_asks_for() -> None:
    source = torch.Generator().manual_seed(1)
    logits, taught = torch.randn(2, 30, 10, generator=source)
    labels = torch.randint(10, (30,), generator=source)
    labels_alone = dataclasses.replace(RECIPE, distillation=0.0)
    expected = F.cross_entropy(logits, labels)
    assert float(losses.distillation_loss(logits, labels, taught, labels_alone)) == pytest.approx(
        float(expected)
    )
    imitation = dataclasses.replace(RECIPE, distillation=1.0)
    assert float(losses.distillation_loss(taught, labels, taught, imitation)) == pytest.approx(
        0, abs=1e-5
    )
    assert float(losses.distillation_loss(logits, labels, taught, imitation)) > 0.1


def test_training_begins_with_the_teacher_and_is_repeatable(few: LabelledImages) -> None:
    runs = [list(train(RECIPE, few)) for _ in range(2)]
    epochs = [[event for event in run if isinstance(event, Epoch)] for run in runs]
    assert isinstance(runs[0][0], Progress) and "teacher" in runs[0][0].what
    assert len(epochs[0]) == 1
    first, second = epochs[0][0].weights, epochs[1][0].weights
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_what_a_teacher_knows_changes_what_is_learned(few: LabelledImages) -> None:
    def weights(recipe: Recipe) -> torch.Tensor:
        *_, last = train(recipe, few)
        assert isinstance(last, Epoch)
        return last.weights["fc3.weight"]

    alone = dataclasses.replace(RECIPE, teacher_epochs=0)
    assert not torch.equal(weights(RECIPE), weights(alone))
