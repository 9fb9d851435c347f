from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.support.own_data import SHAPES, draw_shape, shapes_28, write_folders, write_idx
from trainer.data import loading
from trainer.data.labelled_images import DataError, LabelledImages
from trainer.data.own.reading import OwnData, inspect, match_classes
from trainer.files import cache_folder
from trainer.progress import result_of
from trainer.recipes.own_dataset import OwnDataset


def read(path: Path) -> OwnData:
    return result_of(inspect(path))


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as error:
        read(path)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_dark_on_light_and_light_on_dark_are_drawn_the_same(tmp_path: Path) -> None:
    dark = read(write_folders(tmp_path / "dark"))
    light = read(write_folders(tmp_path / "light", light=True))
    assert torch.equal(dark.whole().images, light.whole().images)
    assert int(dark.whole().images[:, 0].max()) == 0  # paper about the ink, which is fitted
    assert int(dark.whole().images.amax((1, 2)).min()) > 200
    assert "Dark on light: inverted" in dark.notes
    assert "Dark on light: inverted" not in light.notes


def test_some_dark_on_light_are_turned_over_each(tmp_path: Path) -> None:
    mixed = tmp_path / "mixed"
    for name in SHAPES:
        (mixed / name).mkdir(parents=True)
        for number in range(10):
            picture = draw_shape(name, (50, 50), number, light=number % 2 == 0)
            picture.save(mixed / name / f"{number}.png")
    found = read(mixed)
    assert "Some are dark on light: those are inverted" in found.notes
    assert int(found.whole().images[:, 0].max()) == 0


def test_pictures_that_fill_theirs_are_drawn_whole(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    np.savez(
        tmp_path / "a.npz",
        images=rng.integers(0, 256, (8, 64, 32), np.uint8),
        labels=np.arange(8) % 2,
    )
    found = read(tmp_path / "a.npz")
    assert "Each whole, its longer side filling the picture" in found.notes
    images = found.whole().images
    assert bool(images[:, 0].any()) and bool(images[:, -1].any())
    assert not images[:, :, :7].any() and not images[:, :, 21:].any()


def test_the_split_is_always_the_same_and_every_class_is_in_each(tmp_path: Path) -> None:
    first = read(write_folders(tmp_path / "a", each=23))
    second = read(write_folders(tmp_path / "b", each=23))
    assert torch.equal(first.test.images, second.test.images)
    assert first.counts().tolist() == [[19, 2, 2]] * 3
    _trained, held_out = first.train.split(0.1, torch.randperm(len(first.train)))
    assert len(held_out) == int(first.counts()[:, 1].sum())


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    root = write_folders(tmp_path, each=5)
    (root / "circle" / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    (root / "square" / "notes.txt").write_text("hello")
    (root / "loose.png").write_bytes((root / "circle" / "000.png").read_bytes())
    write_folders(root, 1, ("rare",))
    found = read(root)
    assert found.classes == SHAPES
    told = "\n".join(found.skipped)
    assert "1 class has fewer than 3 pictures to train on: rare" in told
    assert "1 picture can't be read" in told and "bad.png" in told
    assert "1 picture lies in no class's folder, such as loose.png" in told
    assert "1 file of another kind (.txt)" in told


def test_pictures_that_are_both_trained_on_and_tested_with_are_told(tmp_path: Path) -> None:
    write_folders(tmp_path / "train", 5)
    write_folders(tmp_path / "test", 5)
    assert any("also trained on, so" in note for note in read(tmp_path).notes)


def test_what_is_no_data_is_refused_in_a_line(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path / "missing")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "is empty" in refusal(empty)
    (tmp_path / "words.txt").write_text("hello")
    assert "no data that can be read" in refusal(tmp_path / "words.txt")
    (tmp_path / "a.zip").write_bytes(b"PK")
    assert "unpack it" in refusal(tmp_path / "a.zip")
    flat = tmp_path / "flat"
    flat.mkdir()
    draw_shape("circle", (30, 30), 0).save(flat / "a.png")
    assert "no folder for each class" in refusal(flat)
    assert "is one picture" in refusal(flat / "a.png")
    assert "has 1 class: there must be 2 to 100" in refusal(
        write_folders(tmp_path / "one", names=("a",))
    )


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.npz", b"PK\x03\x04 cut short", "damaged"),
        ("a.pt", b"nothing", "damaged"),
        ("a.csv", b"", "empty"),
        ("a.csv", b"a,b,c\n1,2,3\n", "no table of pictures"),
        ("a.csv", b"\xff\xfe\x00\x81,\x00", "no table"),
        ("a.json", b"{", "not JSON"),
        ("a.json", b"[1, 2]", "no drawings with labels"),
        ("train-images-idx3-ubyte", b"\0\0\x08\x03\0\0\0\x05\0\0\0\x1c\0\0\0\x1c", "labels beside"),
        ("a.parquet", b"PAR1 nothing", ""),
    ],
)
def test_damaged_files_are_refused_in_a_line(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert told in refusal(tmp_path / name)


def test_pictures_and_labels_that_do_not_go_together(tmp_path: Path) -> None:
    images, labels = shapes_28(3)
    write_idx(tmp_path / "train-images-idx3-ubyte", images)
    write_idx(tmp_path / "train-labels-idx1-ubyte", labels[:5].astype(np.uint8))
    assert "9 pictures and 5 labels" in refusal(tmp_path)


def test_what_was_read_once_is_kept_until_a_file_changes(tmp_path: Path) -> None:
    root = write_folders(tmp_path, each=5)
    first = read(root)
    (kept,) = (cache_folder() / "own-data").glob("*.npz")
    again = read(root)
    assert torch.equal(first.train.images, again.train.images)
    assert (first.skipped, first.notes, first.split) == (again.skipped, again.notes, again.split)
    assert first.dataset == again.dataset
    kept.write_bytes(b"damaged")
    assert len(read(root)) == len(first)
    draw_shape("circle", (60, 60), 9).save(root / "circle" / "new.png")
    assert len(read(root)) == len(first) + 1


def test_data_that_are_gone_or_have_other_classes(tmp_path: Path) -> None:
    root = write_folders(tmp_path / "shapes", each=5)
    dataset = read(root).dataset
    write_folders(root, 5, ("star",))
    with pytest.raises(DataError, match="has 4 classes now, and had 3"):
        result_of(loading.load(dataset.name, "train", tmp_path))
    root.rename(tmp_path / "elsewhere")
    with pytest.raises(DataError, match="put them back there"):
        result_of(loading.load(dataset.name, "test", tmp_path))


def test_a_network_that_did_not_learn_from_them_is_tested_with_all(tmp_path: Path) -> None:
    found = read(write_folders(tmp_path, each=10))
    name, classes = found.dataset.name, found.classes
    learned = result_of(loading.load_for_test(name, tmp_path, [(name, classes)]))
    other = result_of(loading.load_for_test(name, tmp_path, [("mnist", classes[::-1])]))
    assert (len(learned), len(other)) == (3, 30)
    assert other.classes == classes[::-1]
    assert torch.equal(other.labels, 2 - found.whole().labels)


def test_labels_follow_the_order_of_a_network_that_knows_them_all() -> None:
    images = LabelledImages(torch.zeros(2, 28, 28), torch.tensor([0, 1]), ("b", "a"))
    assert match_classes(images, ("a", "b", "c")).labels.tolist() == [1, 0]
    assert match_classes(images, ("a", "c")) is images


def test_names_are_what_a_model_file_takes(tmp_path: Path) -> None:
    long = "x" * 60
    found = read(write_folders(tmp_path, 4, (long + "1", long + "2", "é à")))
    assert len(set(found.classes)) == 3
    assert all(name.isprintable() and len(name) <= 40 for name in found.classes)


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "geteuid"), reason="of POSIX")
def test_a_path_that_no_recipe_can_hold(tmp_path: Path) -> None:
    root = tmp_path / "a\nb"
    write_folders(root, 3)
    assert "rename it" in refusal(root)


def test_a_path_with_a_plus_is_one_dataset(tmp_path: Path) -> None:
    found = read(write_folders(tmp_path / "a+b 100%", each=5))
    assert "+" not in found.dataset.name
    assert len(result_of(loading.load(found.dataset.name, "all", tmp_path))) == 15
    assert found.dataset == OwnDataset(str(tmp_path / "a+b 100%"), 3)


def test_names_of_classes_are_for_plain_numbers_only(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "powers")
    for name, digit in zip(SHAPES, "²³", strict=False):
        (folder / name).rename(folder / digit)
    (folder / "classes.txt").write_text("a\nb\nc\nd\n")
    assert {"²", "³"} <= set(read(folder).classes)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_and_a_link_to_nowhere_do_not_stop_a_folder(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "shapes")
    os.mkfifo(folder / SHAPES[0] / "pipe.png")  # reading it would wait for ever
    (folder / SHAPES[0] / "nowhere.png").symlink_to("nothing")
    found = read(folder)
    assert len(found.skipped) == 1 and "nowhere.png" in found.skipped[0]


def test_where_nothing_can_be_kept_data_are_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    root = write_folders(tmp_path / "shapes", 4)
    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "file"))
    if not cache_folder().is_relative_to(tmp_path):
        pytest.skip("the cache folder is not by the environment here")
    assert len(result_of(inspect(root))) == 12
    assert not [each.message for each in caplog.records if "of no use" in each.message]
