"""Each figure of a report beside the same figure computed another way."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tests.conftest import pen_digits
from tests.support.expected_calibration import expected_calibration_error
from trainer.data.labelled_images import LabelledImages
from trainer.data.loading import FASHION_CLASSES
from trainer.evaluation import calibration, report
from trainer.evaluation.calibration import BINS
from trainer.evaluation.map_rows import compute_map_rows
from trainer.evaluation.report import Report, ReportError, compare, sign_test_p_value
from trainer.networks import factory
from trainer.networks import model as weights
from trainer.networks.model import Model
from trainer.progress import Progress, result_of
from trainer.recipes.recipe import Recipe

COUNT = 240


@pytest.fixture(scope="module")
def digits() -> LabelledImages:
    """Built-in digits, every sixth of them with a wrong label, and no 9 at all."""
    made = pen_digits(COUNT, seed=11)
    made.labels[::6] = (made.labels[::6] + 5) % 10
    return made.at((made.labels != 9).nonzero().flatten())


@pytest.fixture(scope="module")
def model() -> Model:
    return weights.load_shipped()


@pytest.fixture(scope="module")
def made(model: Model, digits: LabelledImages) -> Report:
    return result_of(report.evaluate_in_full(model, digits, "mnist"))


@pytest.fixture(scope="module")
def scores(model: Model, digits: LabelledImages) -> np.ndarray:
    """Logits, one image at a time."""
    with torch.inference_mode():
        rows = [
            model.network(factory.prepare_images(digits.images[n : n + 1], model.recipe))
            for n in range(len(digits))
        ]
    return torch.cat(rows).double().numpy()


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def untrained(seed: int = 3, **changes: object) -> Model:
    recipe = Recipe(**changes)  # type: ignore[arg-type]
    network = factory.build(recipe, torch.Generator().manual_seed(seed)).eval()
    return Model(network, recipe, tuple("0123456789"), name=f"untrained {seed}")


def test_accuracy_and_loss(
    made: Report, model: Model, digits: LabelledImages, scores: np.ndarray
) -> None:
    labels = digits.labels.numpy()
    assert made.accuracy == pytest.approx(np.mean(scores.argmax(1) == labels))
    chosen = softmax(scores)[np.arange(len(labels)), labels]
    assert made.loss == pytest.approx(-np.log(chosen).mean(), rel=1e-4)
    assert made.accuracy == report.evaluate(model.network, digits, model.recipe).accuracy
    assert len(made) == len(digits) and made.note == ""


def test_confusion_and_classes(made: Report) -> None:
    expected = np.zeros((10, 10), int)
    for label, answer in zip(made.labels, made.answers, strict=True):
        expected[label, answer] += 1
    assert np.array_equal(made.confusion, expected)
    for number, figures in enumerate(made.per_class):
        is_, read = made.labels == number, made.answers == number
        assert (figures.support, figures.answered) == (is_.sum(), read.sum())
        if read.any():
            assert figures.precision == pytest.approx((is_ & read).sum() / read.sum())
        if is_.any():
            assert figures.recall == pytest.approx((is_ & read).sum() / is_.sum())
            precision, recall = figures.precision, figures.recall
            assert precision is not None and recall is not None
            harmonic = 2 * precision * recall / (precision + recall)
            assert figures.f1 == pytest.approx(harmonic)


def test_of_a_class_that_is_not_there_nothing_is_claimed(made: Report) -> None:
    nine = made.per_class[9]
    assert nine.support == 0 and nine.recall is None
    only_ones = report.compute_class_figures(np.array([[0, 3], [0, 2]]), ("a", "b"))
    assert only_ones[0].precision is None and only_ones[0].recall == 0 and only_ones[0].f1 == 0


def test_misread_images_are_told_surest_first(made: Report, scores: np.ndarray) -> None:
    probabilities = softmax(scores / made.model.temperature)
    answers = scores.argmax(1)
    wrong = [n for n in range(len(made)) if answers[n] != made.labels[n]]
    assert sorted(made.misread.tolist()) == wrong and len(wrong) >= COUNT / 7
    # In the order of its own confidences: of two that are nearly alike, rounding decides.
    assert (np.diff(made.confidences[made.misread]) <= 0).all()
    assert made.confidences == pytest.approx(probabilities.max(1), abs=1e-5)


def test_calibration_curve(made: Report, scores: np.ndarray) -> None:
    probabilities = softmax(scores / made.model.temperature)
    for number, each in enumerate(made.bins):
        low, high = number / BINS, (number + 1) / BINS
        assert (each.low, each.high) == (low, high)
        inside = (made.confidences > low) & (made.confidences <= high)
        assert each.count == inside.sum()
        if not each.count:
            assert each.confidence is None and each.accuracy is None
            continue
        assert each.confidence == pytest.approx(made.confidences[inside].mean())
        assert each.accuracy == pytest.approx(made.right[inside].mean())
    assert sum(each.count for each in made.bins) == len(made)
    told = expected_calibration_error(
        torch.from_numpy(probabilities), torch.from_numpy(made.labels)
    )
    assert made.calibration_error == pytest.approx(told, abs=1e-5)


def test_rejection_curve(made: Report, scores: np.ndarray) -> None:
    best = np.sort(softmax(scores / made.model.temperature), axis=1)
    margins = best[:, -1] - best[:, -2]
    assert made.rejection.rule == calibration.BY_PROBABILITIES
    assert made.margins == pytest.approx(margins, abs=1e-5)
    curve = made.rejection
    for threshold, share, accuracy in zip(
        curve.thresholds, curve.shares, curve.accuracies, strict=True
    ):
        answered = made.margins >= threshold
        assert share == pytest.approx(answered.mean())
        assert accuracy == pytest.approx(made.right[answered].mean())
    assert curve.shares[-1] == 1 and curve.accuracies[-1] == pytest.approx(made.accuracy)
    assert (np.diff(curve.shares) > 0).all() and (np.diff(curve.thresholds) < 0).all()


def test_equal_margins_are_answered_together() -> None:
    right = np.array([True, False, True, False])
    curve = calibration.rejection_curve(np.array([1.0, 1.0, 0.5, 0.5]), right, "")
    assert curve.shares.tolist() == [0.5, 1.0] and curve.accuracies.tolist() == [0.5, 0.5]
    assert curve.rejected_share_for(0.5) == 0 and curve.rejected_share_for(0.1) is None


def test_how_much_must_be_left_out() -> None:
    right = np.array([True] * 8 + [False] + [True])
    curve = calibration.rejection_curve(np.linspace(1, 0.1, 10), right, "")
    assert curve.rejected_share_for(0.0) == pytest.approx(0.2)
    assert curve.rejected_share_for(0.1) == 0
    thin = curve.thinned(4)
    assert len(thin.shares) <= 4 and thin.shares[-1] == 1 and thin.shares[0] == curve.shares[0]
    assert thin.accuracies[-1] == curve.accuracies[-1]
    assert calibration.rejection_start([curve]) == pytest.approx(0.8)
    assert 0 < calibration.rejection_floor([curve]) < 0.9


def test_the_network_of_1998_rejects_by_its_scores(digits: LabelledImages) -> None:
    model = untrained(network="lenet5-1998")
    found = result_of(report.evaluate_in_full(model, digits, "mnist"))
    with torch.inference_mode():
        penalties = -model.network(factory.prepare_images(digits.images, model.recipe))
    least = np.sort(penalties.double().numpy(), axis=1)
    assert found.rejection.rule == calibration.BY_SCORES
    assert found.margins == pytest.approx(least[:, 1] - least[:, 0], abs=1e-4)
    assert np.array_equal(found.answers, penalties.argmin(1).numpy())
    assert found.loss == pytest.approx(float(F.cross_entropy(-penalties, digits.labels)), rel=1e-4)


def test_it_tells_how_far_it_is(model: Model) -> None:
    many = pen_digits(20, seed=1)
    many = many.at(torch.arange(20).repeat(110))  # 2,200
    told = [p for p in report.evaluate_in_full(model, many, "pen") if isinstance(p, Progress)]
    assert [p.done for p in told] == [0, 500, 1000, 1500, 2000] and told[0].total == 2200


def test_where_it_was_found(made: Report) -> None:
    assert made.environment["torch"] == torch.__version__
    assert made.environment["device"] == "cpu" and made.seconds > 0
    assert made.images_per_second == pytest.approx(len(made) / made.seconds)


def test_other_names_are_said_and_another_number_of_classes_is_refused(
    model: Model, digits: LabelledImages
) -> None:
    clothes = LabelledImages(digits.images, digits.labels, FASHION_CLASSES)
    found = result_of(report.evaluate_in_full(model, clothes, "fashion"))
    assert "names differ" in found.note and "T-shirt" in found.note
    fewer = dataclasses.replace(model, classes=model.classes[:9])
    with pytest.raises(ReportError, match="9 classes and MNIST has 10"):
        result_of(report.evaluate_in_full(fewer, digits, "mnist"))
    nothing = digits.at(torch.arange(0))
    with pytest.raises(ReportError, match="no images"):
        result_of(report.evaluate_in_full(model, nothing, "mnist"))


def test_networks_take_images_of_other_shapes(digits: LabelledImages) -> None:
    colorful = result_of(report.evaluate_in_full(untrained(dataset="cifar10"), digits, "mnist"))
    assert len(colorful) == len(digits)
    pictures = torch.randint(0, 256, (12, 3, 32, 32), dtype=torch.uint8)
    photos = LabelledImages(pictures, torch.arange(12) % 10)
    gray = result_of(report.evaluate_in_full(untrained(), photos, "cifar10"))
    assert gray.images.shape == (12, 3, 32, 32) and gray.confusion.sum() == 12


def test_only_errors_are_colored() -> None:
    strength = report.error_shades(np.array([[900, 4], [1, 800]]))
    assert strength.tolist() == [[0, 1], [0.5, 0]]
    assert report.error_shades(np.diag([5, 5])).tolist() == [[0, 0], [0, 0]]


# Two networks


def test_comparison(made: Report, digits: LabelledImages) -> None:
    other = result_of(report.evaluate_in_full(untrained(), digits, "mnist"))
    found = compare(made, other)
    a, b = made.right, other.right
    expected = [
        [n for n in range(len(made)) if (a[n], b[n]) == case]
        for case in ((True, True), (True, False), (False, True), (False, False))
    ]
    parts = (found.both, found.only_first, found.only_second, found.neither)
    assert [part.tolist() for part in parts] == expected
    assert (
        found.p_value < 1e-9
        and "Statistically significant (McNemar's exact test, p < 0.001)" in found.verdict
    )
    same = compare(made, made)
    assert same.p_value == 1 and same.verdict == "Both recognize the same images correctly."


def test_mcnemars_exact_test() -> None:
    def binomial(n: int, k: int) -> float:
        return math.comb(n, k) * 0.5**n

    assert sign_test_p_value(1, 7) == pytest.approx(2 * sum(binomial(8, k) for k in range(2)))
    assert sign_test_p_value(7, 1) == sign_test_p_value(1, 7)
    assert sign_test_p_value(4, 4) == 1 and sign_test_p_value(0, 0) == 1
    assert sign_test_p_value(2000, 2500) < 1e-12  # no overflow


def test_reports_of_other_images_cannot_be_compared(made: Report, model: Model) -> None:
    others = result_of(report.evaluate_in_full(model, pen_digits(20, seed=5), "pen"))
    with pytest.raises(ValueError, match="different images"):
        compare(made, others)


# Maps


@pytest.mark.parametrize("network", ["lenet5", "lenet5-1998"])
def test_rows_of_maps(digits: LabelledImages, network: str) -> None:
    model = untrained(network=network)
    numbers = [5, 0, 7]
    images, labels = digits.images.numpy(), digits.labels.numpy()
    rows = compute_map_rows(model, images, labels, numbers, digits.classes)
    assert rows.numbers == (5, 0, 7) and len(rows) == 3
    with torch.inference_mode():
        seen = model.network.layers(factory.prepare_images(digits.images[numbers], model.recipe))
    assert np.allclose(rows.conv1, seen.conv1_active.numpy(), atol=1e-5)
    assert np.allclose(rows.conv2, seen.conv2_active.numpy(), atol=1e-5)
    assert rows.labels == tuple(str(int(labels[n])) for n in numbers)
    assert rows.answers == tuple(str(int(n)) for n in seen.logits.argmax(1))
    first, second = rows.levels(1)
    assert first.shape[0] == 6 and second.shape[0] == 16
    assert (first.min(), first.max()) == (0, 255) and first.dtype == np.uint8
