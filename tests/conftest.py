"""What the tests share: small data, and a home of their own for every test."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.support.gui import language, make_window, train_tab, window  # noqa: F401  fixtures
from trainer import progress
from trainer.data import pen
from trainer.data.labelled_images import LabelledImages
from trainer.evaluation import figures
from trainer.handwriting import font

# Tests run in several processes, whose windows would take the focus from one another.
if sys.platform.startswith("linux"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Two threads on a busy machine are slower than one, and training is the same either way.
torch.set_num_threads(1)

_GIVEN_DATA = os.environ.get("LENET_DATA")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees, or leaves anything in, the folders of whoever runs it."""
    home = tmp_path_factory.mktemp("home")
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.delenv("LENET_DATA", raising=False)
    monkeypatch.setenv("LANGUAGE", "en")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with the real MNIST, for tests that are about it."""
    if not _GIVEN_DATA:
        pytest.skip("set LENET_DATA to a folder that holds MNIST")
    return Path(_GIVEN_DATA)


def pen_digits(count: int, seed: int) -> LabelledImages:
    """Built-in digits as a dataset."""
    images, labels = zip(*font.render_digits(count, seed), strict=True)
    return LabelledImages(torch.from_numpy(np.stack(images)), torch.tensor(labels))


@pytest.fixture(scope="session")
def digits() -> LabelledImages:
    """600 built-in digits."""
    return pen_digits(600, seed=7)


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes its time: where it is not what a test is about, it is left out."""
    monkeypatch.setattr(figures, "draw_figure", lambda *of: None)
    monkeypatch.setattr(figures, "encode_figure", lambda figure, ending: b"picture")


@pytest.fixture
def small_pen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The dataset `pen` with only a few digits, so that a run takes a moment."""
    monkeypatch.setattr(pen, "WRITTEN", {"train": 300, "test": 100})
    monkeypatch.setattr(progress, "shared_results", {})
    yield
