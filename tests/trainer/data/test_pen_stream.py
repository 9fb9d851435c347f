"""The built-in digits as a stream: what it shows, that it repeats, and training on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from tests.conftest import pen_digits
from trainer.data import pen, pen_stream
from trainer.data.labelled_images import LabelledImages
from trainer.data.pen_stream import CHUNK, PIECE, Forms, PenStream
from trainer.handwriting import font
from trainer.networks import model
from trainer.progress import result_of
from trainer.reading import predict
from trainer.recipes.recipe import Recipe, RecipeError
from trainer.training.events import Epoch, Step
from trainer.training.training import Training, train

CPU = torch.device("cpu")
RECIPE = Recipe(dataset="pen", streamed=CHUNK + 300, epochs=2, batch_size=100, dropout=0.1)


@pytest.fixture(scope="module")
def forms() -> Forms:
    """Few of them, so that they are written in a moment."""
    patch = pytest.MonkeyPatch()
    patch.setattr(pen_stream, "FORMS", 500)
    made = result_of(pen_stream.make_forms())
    patch.undo()
    return made


@pytest.fixture
def few_forms(forms: Forms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pen_stream, "FORMS", 500)


@pytest.fixture(scope="module")
def stream(forms: Forms) -> PenStream:
    return PenStream(forms, 1, CPU, 100)


def test_a_place_has_the_same_image_however_it_is_asked_for(
    stream: PenStream, forms: Forms
) -> None:
    whole = stream.at(0, 0, CHUNK + 50)
    assert whole.images.shape == (CHUNK + 50, 28, 28) and whole.images.dtype == torch.uint8
    assert len(whole.labels) == CHUNK + 50 and whole.labels.dtype == torch.int64
    other = PenStream(forms, 1, CPU, 100)
    for first, last in ((CHUNK - 20, CHUNK + 30), (7, 9), (CHUNK, CHUNK + 1)):
        part = other.at(0, first, last)
        assert torch.equal(part.images, whole.images[first:last])
        assert torch.equal(part.labels, whole.labels[first:last])


def test_epochs_places_and_seeds_have_images_of_their_own(stream: PenStream, forms: Forms) -> None:
    parts = [
        stream.at(0, 0, 200),
        stream.at(1, 0, 200),
        stream.at(0, CHUNK, CHUNK + 200),
        PenStream(forms, 2, CPU, 100).at(0, 0, 200),
    ]
    seen = {bytes(image.numpy()) for part in parts for image in part.images}
    assert len(seen) == 800


def test_no_more_is_kept_than_is_being_read(stream: PenStream) -> None:
    for first in range(0, 4 * CHUNK, 700):
        stream.at(0, first, first + 700)
        assert len(stream.pieces) <= 700 // PIECE + 2


@pytest.mark.parametrize("batch", [400, 1024])
def test_who_shares_a_batch_makes_hardly_more_than_a_part(
    stream: PenStream, forms: Forms, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And has the same images there, but for what a processor rounds."""
    made: list[int] = []
    asked = pen_stream.render_ink

    def counted(points: torch.Tensor, *rest: Any) -> torch.Tensor:
        made.append(len(points))
        return asked(points, *rest)

    whole = stream.at(3, 0, 4 * batch)
    monkeypatch.setattr(pen_stream, "render_ink", counted)
    mine = PenStream(forms, 1, CPU, batch, processes=4)
    for first in range(0, 4 * batch, batch):
        rows = slice(batch // 4, batch // 2)
        places = mine.show(3, first, first + batch, rows)
        assert torch.equal(places, torch.arange(batch))
        shown, expected = mine.page.at(places[rows]), whole.at(first + places[rows])
        assert torch.equal(shown.labels, expected.labels)
        assert (shown.images.int() - expected.images.int()).abs().max() <= 1
    assert sum(made) <= 2 * batch  # of the 4 * batch that all of them show


def test_images_are_fitted_and_centered_as_mnists_are(stream: PenStream) -> None:
    images = stream.at(0, 0, 1000).images.numpy().astype(float)
    places = np.arange(28) + 0.5
    mass = images.sum((1, 2))
    x, y = (images.sum(axis) @ places / mass for axis in (1, 2))
    assert np.abs(x - 14).max() < 1.5 and np.abs(y - 14).max() < 1.5
    inked = images > 127
    spans = np.stack([_span(inked.any(axis)) for axis in (1, 2)]).max(0)
    assert np.percentile(spans, 1) >= 18 and np.percentile(spans, 99) <= 21


def _span(lines: np.ndarray) -> np.ndarray:
    """How many pixels lie from the first to the last one with ink, for each image."""
    return 28 - lines.argmax(1) - lines[:, ::-1].argmax(1)


def test_images_are_about_as_dark_as_those_of_the_exact_renderer(stream: PenStream) -> None:
    drawn = pen_digits(600, seed=3).images.float().mean()
    assert abs(float(stream.at(0, 0, 1000).images.float().mean() / drawn) - 1) < 0.12


def test_the_network_that_ships_reads_them(stream: PenStream) -> None:
    shown = stream.at(0, 0, 500)
    answers = predict.read_answers(model.load_shipped(), shown.images.numpy())
    right = sum(a.digit == n for a, n in zip(answers, shown.labels.tolist(), strict=True))
    assert right >= 485


def test_every_digit_comes_up_about_as_often(stream: PenStream) -> None:
    counts = torch.bincount(stream.at(0, 0, CHUNK).labels, minlength=10)
    assert counts.min() > 0.07 * CHUNK and counts.max() < 0.13 * CHUNK


def test_points_are_spread_over_all_strokes() -> None:
    for label in range(10):
        strokes = font.shape_digit(label, np.random.default_rng(label))
        points, ends = pen_stream.space_evenly(strokes)
        assert points.shape == (pen_stream.POINTS, 2) and len(ends) == len(strokes) - 1
        for part, stroke in zip(np.split(points, np.array(ends) + 1), strokes, strict=True):
            assert np.allclose(part[[0, -1]], stroke[[0, -1]])


# Training


def test_only_the_pen_set_can_be_streamed() -> None:
    with pytest.raises(RecipeError, match="only dataset 'pen' can be written anew"):
        Recipe(dataset="mnist", streamed=1000)
    assert Recipe.from_json('{"dataset": "pen"}').streamed == 0


@pytest.mark.usefixtures("few_forms")
def test_an_epoch_is_as_long_as_the_recipe_says(digits: LabelledImages) -> None:
    events = list(train(RECIPE, digits))
    steps = [event for event in events if isinstance(event, Step)]
    per_epoch = -(-(CHUNK + 300) // 100)
    assert steps[-1].step == 2 * per_epoch == 2 * steps[0].steps_per_epoch
    ends = [event for event in events if isinstance(event, Epoch)]
    assert ends[-1].val_accuracy > 0.5


@pytest.mark.usefixtures("few_forms")
@pytest.mark.parametrize("stop", [5, 22, 30])
def test_it_goes_on_as_if_it_had_never_stopped(digits: LabelledImages, stop: int) -> None:
    """Stopped in a chunk, near the next one, and in the second epoch."""
    (_, whole) = [event for event in train(RECIPE, digits) if isinstance(event, Epoch)]
    first = Training(RECIPE, digits)
    for event in first:
        if isinstance(event, Step) and event.step == stop:
            break
    kept = first.state()
    *_, rest = [e for e in Training(RECIPE, digits, state=kept) if isinstance(e, Epoch)]
    assert all(torch.equal(rest.weights[name], w) for name, w in whole.weights.items())
    assert (rest.train_loss, rest.val_loss) == (whole.train_loss, whole.val_loss)


def test_the_pen_set_itself_is_what_it_was() -> None:
    made = list(font.render_digits(10, pen._SEED["train"]))
    assert (
        sum(int(image.sum(dtype=np.int64)) * (n + 1) for n, (image, _) in enumerate(made))
        == 1381016
    )
