"""LeNet-5 behaves as scikit-learn's classifiers do, and learns images of any size."""

from __future__ import annotations

import importlib
import sys
import warnings

import numpy as np
import pytest
from sklearn.utils.estimator_checks import check_estimator

from trainer import LeNetClassifier, read
from trainer.data.labelled_images import LabelledImages

NOT_APPLICABLE = {
    "check_classifiers_train": "wants a high accuracy, for which one epoch is too few",
    "check_methods_subset_invariance": "float32 is rounded otherwise in batches of another size",
}


def test_scikit_learn_finds_it_to_be_a_classifier() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of checks that are left out
        results = check_estimator(
            LeNetClassifier(epochs=1, device="cpu", random_state=0),
            expected_failed_checks=NOT_APPLICABLE,
            on_fail="raise",
        )
    assert len(results) > 40


@pytest.mark.parametrize("side", [28, 14, 56])
def test_images_of_any_size_are_learned(digits: LabelledImages, side: int) -> None:
    images = digits.images.numpy()
    if side > 28:
        images = np.kron(images, np.ones((2, 2), np.uint8))
    elif side < 28:
        images = images.reshape(-1, 14, 2, 14, 2).mean((2, 4))
    names = np.array([f"digit {label}" for label in digits.labels])
    classifier = LeNetClassifier(epochs=4, device="cpu", random_state=1)
    classifier.fit(images[:500], names[:500])
    assert classifier.score(images[500:], names[500:]) > 0.5
    assert list(classifier.classes_) == [f"digit {n}" for n in range(10)]
    assert classifier.predict_proba(images[:3]).sum(1) == pytest.approx([1, 1, 1])


def test_what_it_learned_is_a_model_that_reads(digits: LabelledImages) -> None:
    images, labels = digits.images.numpy()[:60], digits.labels.numpy()[:60]
    classifier = LeNetClassifier(epochs=2, device="cpu", random_state=1).fit(images, labels)
    prediction = read(classifier.model_, images[0])
    assert prediction.probabilities == pytest.approx(classifier.predict_proba(images[:1])[0])


def test_more_than_ten_classes_have_a_larger_network() -> None:
    rows, labels = np.eye(20).repeat(3, 0), np.arange(20).repeat(3)
    classifier = LeNetClassifier(epochs=1, device="cpu", random_state=1).fit(rows, labels)
    assert classifier.predict_proba(rows).shape == (60, 20)
    assert classifier.model_.network.fc3.out_features == 26  # type: ignore[union-attr]


def test_too_many_classes_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 47 classes apart, and y has 50"):
        LeNetClassifier().fit(np.eye(50).repeat(3, 0), np.arange(50).repeat(3))


def test_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "sklearn"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "trainer.classifier")
    with pytest.raises(ImportError, match=r"pip install 'lenet-studio\[sklearn\]'"):
        importlib.import_module("trainer.classifier")
