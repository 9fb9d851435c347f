"""What was rendered once is read from disk, and rendered anew where it can't be."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
import torch

from trainer.data.labelled_images import LabelledImages
from trainer.data.pen import keep_rendered
from trainer.files import cache_folder
from trainer.progress import Progress, result_of


def digits(count: int = 3) -> LabelledImages:
    images = torch.arange(count * 784, dtype=torch.int64).reshape(count, 28, 28)
    return LabelledImages((images % 256).to(torch.uint8), torch.arange(count))


def render(made: list[int]) -> Generator[Progress, None, LabelledImages]:
    yield Progress("writing", 0, 3)
    made.append(1)
    return digits()


def kept_files() -> list[Path]:
    return list((cache_folder() / "rendered").glob("some-*.safetensors"))


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    for path in kept_files():
        path.unlink()


def test_it_is_rendered_once() -> None:
    made: list[int] = []
    first = result_of(keep_rendered("some", render(made)))
    second = result_of(keep_rendered("some", render(made)))
    assert made == [1] and len(kept_files()) == 1
    assert torch.equal(first.images, second.images) and torch.equal(first.labels, second.labels)


@pytest.mark.parametrize("damage", [b"", b"no tensors", None])
def test_a_damaged_file_is_rendered_anew(damage: bytes | None) -> None:
    made: list[int] = []
    result_of(keep_rendered("some", render(made)))
    (path,) = kept_files()
    path.write_bytes(path.read_bytes()[:-9] if damage is None else damage)
    again = result_of(keep_rendered("some", render(made)))
    assert made == [1, 1] and torch.equal(again.images, digits().images)
    result_of(keep_rendered("some", render(made)))
    assert made == [1, 1]


def test_what_other_sources_rendered_is_deleted() -> None:
    result_of(keep_rendered("some", render([])))
    (path,) = kept_files()
    old = path.rename(path.with_name("some-0123456789abcdef.safetensors"))
    result_of(keep_rendered("some", render([])))
    assert kept_files() == [path] and not old.exists()


def test_where_nothing_can_be_written_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.data.pen.cache_folder", lambda: Path(os.devnull) / "nowhere")
    made: list[int] = []
    for _time in range(2):
        assert len(result_of(keep_rendered("some", render(made)))) == 3
    assert made == [1, 1]
