"""Each format by a real file of the original form, made by the library that people use."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import TensorDataset
from torchvision.datasets import ImageFolder

from tests.support.own_data import SHAPES, Pixels, draw_shape, shapes_28, write_folders, write_idx
from trainer.data.labelled_images import DataError
from trainer.data.own.reading import OwnData, inspect
from trainer.my_digits.digit import export, own_digit
from trainer.my_digits.store import MyDigits
from trainer.progress import result_of

SAMPLES = Path(__file__).parent


def read(path: Path, color: bool | None = None) -> OwnData:
    return result_of(inspect(path, color))


def as_they_were(found: OwnData) -> list[bytes]:
    return sorted(image.tobytes() for image in found.whole().images.numpy())


def test_a_folder_that_torchvision_reads_has_the_same_classes_and_counts(tmp_path: Path) -> None:
    root = write_folders(tmp_path / "shapes", each=10)
    theirs = ImageFolder(str(root))
    found = read(root)
    assert list(found.classes) == theirs.classes
    assert found.counts().tolist() == [[8, 1, 1]] * 3
    assert len(found) == len(theirs)
    assert found.whole().images.shape == (30, 28, 28)
    assert found.sizes == "48x56 to 64x56"


def test_folders_called_train_val_and_test_divide(tmp_path: Path) -> None:
    for name, each in (("train", 6), ("val", 2), ("test", 3)):
        write_folders(tmp_path / name, each)
    found = read(tmp_path)
    assert found.counts().tolist() == [[6, 2, 3]] * 3
    assert found.test_given


@pytest.mark.parametrize(
    ("train", "test", "loose"),
    [
        ("train/train", "test/test", ""),
        ("trainingSet/trainingSet", "testSet", "preview.png"),
        ("shapes/training/images", "shapes/testing/images", "preview.png"),
    ],
)
def test_folders_within_folders_divide(tmp_path: Path, train: str, test: str, loose: str) -> None:
    write_folders(tmp_path / train, 6)
    write_folders(tmp_path / test, 3)
    if loose:
        draw_shape("circle", (28, 28), 1).save(tmp_path / loose)
    found = read(tmp_path)
    assert found.classes == tuple(sorted(SHAPES))
    assert found.counts().sum(axis=1).tolist() == [9, 9, 9]
    assert len(found.test) == 9
    assert not loose or "1 picture lies in no class's folder, such as preview.png" in found.skipped


def test_folders_of_classes_that_are_divided_each(tmp_path: Path) -> None:
    for role, each in (("train", 6), ("test", 3)):
        for folder in write_folders(tmp_path / role, each).iterdir():
            folder.rename(_made(tmp_path / "all" / folder.name) / role)
    found = read(tmp_path / "all")
    assert found.classes == tuple(sorted(SHAPES))
    assert len(found.test) == 9


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_a_folder_beside_train_and_test_is_no_class(tmp_path: Path) -> None:
    for name in ("train", "test", "more"):
        write_folders(tmp_path / name, 3)
    found = read(tmp_path)
    assert found.classes == tuple(sorted(SHAPES))
    assert len(found) == 18
    assert any(sentence.startswith("9 pictures lie in no class's") for sentence in found.skipped)


def test_what_systems_leave_is_passed_over_and_empty_classes_are_told(tmp_path: Path) -> None:
    root = write_folders(tmp_path, 4)
    first = next(root.iterdir())
    for name in ("Thumbs.db", "thumbs.db", "desktop.ini", ".DS_Store", "._a.png"):
        (first / name).write_bytes(b"x")
    for name in ("@eaDir", "$RECYCLE.BIN", "__MACOSX"):
        _made(root / name).joinpath("a.png").write_bytes(b"x")
    _made(root / "zebra")
    found = read(root)
    assert found.classes == tuple(sorted(SHAPES))
    assert found.skipped == ("1 folder holds no picture: zebra",)


def test_a_class_called_train_is_a_class(tmp_path: Path) -> None:
    found = read(write_folders(tmp_path, 5, ("bus", "train", "car")))
    assert found.classes == ("bus", "car", "train")


@pytest.mark.parametrize("packed", [False, True])
def test_idx_files_of_any_count(tmp_path: Path, packed: bool) -> None:
    images, labels = shapes_28(5)
    for role, many in (("train", 12), ("t10k", 3)):
        write_idx(tmp_path / f"{role}-images-idx3-ubyte", images[:many])
        write_idx(tmp_path / f"{role}-labels-idx1-ubyte", labels[:many].astype(np.uint8))
    if packed:
        for file in list(tmp_path.iterdir()):
            file.with_name(file.name + ".gz").write_bytes(gzip.compress(file.read_bytes()))
            file.unlink()
    found = read(tmp_path)
    assert found.classes == ("0", "1", "2")
    assert found.counts().sum(axis=0).tolist() == [9, 3, 3]
    assert as_they_were(found) == sorted(i.tobytes() for i in (*images[:12], *images[:3]))
    one = read(tmp_path / f"train-images-idx3-ubyte{'.gz' if packed else ''}")
    assert len(one) == 12


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(header)
        table.writerows(rows)


PIXELS = [f"pixel{number}" for number in range(784)]


def test_a_table_as_kaggle_has_it(tmp_path: Path) -> None:
    images, labels = shapes_28(4)
    rows = [[label, *image.ravel()] for image, label in zip(images, labels, strict=True)]
    write_csv(tmp_path / "train.csv", ["label", *PIXELS], [*rows, [1, "x", *images[0].ravel()[1:]]])
    write_csv(tmp_path / "test.csv", PIXELS, [row[1:] for row in rows])
    write_csv(tmp_path / "sample_submission.csv", ["ImageId", "Label"], [[1, 0], [2, 0]])
    found = read(tmp_path)  # the folder as it is unpacked
    assert as_they_were(found) == sorted(image.tobytes() for image in images)
    assert "sample_submission.csv is no table of pictures: it has 2 columns" in found.skipped[0]
    assert found.skipped[1:] == (
        "test.csv has no column called label, and is left out",
        "train.csv: 1 line is no picture of levels from 0 to 255 (line 14)",
    )
    with pytest.raises(DataError, match="no column of labels"):
        read(tmp_path / "test.csv")
    bare = tmp_path / "bare.csv"
    bare.write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    assert as_they_were(read(bare)) == as_they_were(found)


def _table(images: Pixels, layout: str) -> str:
    """A table of pictures, of which number n is of the class n % 3."""
    rows = images.reshape(-1, 784).tolist()
    first = [[n % 3, *row] for n, row in enumerate(rows)]
    last = [[*row, n % 3] for n, row in enumerate(rows)]

    def written(cells: Sequence[Sequence[object]], sign: str = ",") -> str:
        return "".join(sign.join(map(str, row)) + "\n" for row in cells)

    return {
        "label last": lambda: written(last),
        "label last, other name": lambda: written([[*PIXELS, "answer"], *last]),
        "words last": lambda: written([[*row, "abc"[n % 3]] for n, row in enumerate(rows)]),
        "numbered by pandas": lambda: written(
            [["", "label", *PIXELS], *([n, *row] for n, row in enumerate(first))]
        ),
        "names of files": lambda: written(
            [["file", "label", *PIXELS], *([f"{n}.png", *row] for n, row in enumerate(first))]
        ),
        "one-hot": lambda: written([[*row, *np.eye(3, dtype=int)[n % 3]]
                                    for n, row in enumerate(rows)]),
        "one-hot, named": lambda: written(
            [["label_0", "label_1", "label_2", *PIXELS],
             *([*np.eye(3)[n % 3], *row] for n, row in enumerate(rows))]
        ),
        "spaces": lambda: written(first, " "),
        "tabs": lambda: written(first, "\t"),
        "bars": lambda: written(first, "|"),
        "savetxt": lambda: written([[f"{v:.18e}" for v in row] for row in first], " "),
        "decimal commas": lambda: written(
            [[n % 3, *(f"{v / 255:.5f}" for v in row)] for n, row in enumerate(rows)], ";"
        ).replace(".", ","),
        "from -1 to 1": lambda: written(
            [[n % 3, *(v / 127.5 - 1 for v in row)] for n, row in enumerate(rows)]
        ),
        "quoted": lambda: written([[f'"{v}"' for v in ("label", *PIXELS)],
                                   *([f'"{v}"' for v in row] for row in first)]),
        "comma in a name": lambda: written([[f'"{"abc"[n % 3]}, it"', *row]
                                            for n, row in enumerate(rows)]),
        "empty at the end": lambda: written([[*row, ""] for row in first]),
        "Excel's first line": lambda: "sep=;\n" + written(first, ";"),
        "a remark": lambda: "# mine\n" + written(first),
        "levels taken for names": lambda: written([[n / 1000 for n in range(785)], *first]),
    }[layout]()  # fmt: skip


@pytest.mark.parametrize(
    "layout",
    [
        "label last",
        "label last, other name",
        "words last",
        "numbered by pandas",
        "names of files",
        "one-hot",
        "one-hot, named",
        "spaces",
        "tabs",
        "bars",
        "savetxt",
        "decimal commas",
        "from -1 to 1",
        "quoted",
        "comma in a name",
        "empty at the end",
        "Excel's first line",
        "a remark",
        "levels taken for names",
    ],
)
def test_tables_laid_out_otherwise(tmp_path: Path, layout: str) -> None:
    images, _labels = shapes_28(3)
    images[:, 0, 1] = 0
    wide = layout == "words last"
    (tmp_path / "a.csv").write_text(_table(images, layout), "utf-16" if wide else "utf-8")
    found = read(tmp_path / "a.csv")
    assert len(found.classes) == 3
    assert found.classes[0] in ("0", "a", "a, it")
    assert as_they_were(found) == sorted(image.tobytes() for image in images)
    assert not found.skipped


@pytest.mark.parametrize("form", ["idx", "csv"])
def test_files_of_emnist_are_turned_and_it_is_told(tmp_path: Path, form: str) -> None:
    images, labels = shapes_28(4)
    stored = images.swapaxes(1, 2)
    if form == "csv":
        rows = [[label, *image.ravel()] for image, label in zip(stored, labels, strict=True)]
        (tmp_path / "emnist-letters-train.csv").write_text(
            "".join(",".join(map(str, row)) + "\n" for row in rows)
        )
    else:
        write_idx(tmp_path / "emnist-letters-train-images-idx3-ubyte", stored)
        write_idx(tmp_path / "emnist-letters-train-labels-idx1-ubyte", labels.astype(np.uint8))
    found = read(tmp_path)
    assert as_they_were(found) == sorted(image.tobytes() for image in images)
    assert any("EMNIST" in note for note in found.notes)


def test_idx_files_of_other_numbers_and_names(tmp_path: Path) -> None:
    images, labels = shapes_28(4)
    write_idx(tmp_path / "y_train.idx", np.eye(3, dtype=np.uint8)[labels])
    head = bytes([0, 0, 13, 3]) + b"".join(n.to_bytes(4, "big") for n in images.shape)
    (tmp_path / "x_train.idx").write_bytes(head + (images / 255).astype(">f4").tobytes())
    write_idx(tmp_path / "x_test.idx", images[:6])
    write_idx(tmp_path / "y_test.idx", labels[:6].astype(np.uint8))
    found = read(tmp_path)
    assert found.counts().sum(axis=0).tolist() == [9, 3, 6]
    assert as_they_were(found) == sorted(i.tobytes() for i in (*images, *images[:6]))


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
def test_what_is_packed_is_to_be_unpacked(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"packed")
    for place in (tmp_path, tmp_path / name):
        with pytest.raises(DataError, match="unpack it"):
            read(place)


def test_arrays_as_keras_has_them(tmp_path: Path) -> None:
    images, labels = shapes_28(5)
    np.savez(
        tmp_path / "mnist.npz",
        allow_pickle=True,
        x_train=images[:12],
        y_train=labels[:12].astype(np.uint8),
        x_test=images[12:],
        y_test=labels[12:].astype(np.uint8),
    )
    found = read(tmp_path / "mnist.npz")
    assert found.counts().sum(axis=0).tolist() == [9, 3, 3]
    assert found.test.images.numpy().tobytes() == images[12:].tobytes()


def test_pickled_arrays_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "bad.npz", allow_pickle=True, images=np.array([{}, {}], object))
    with pytest.raises(DataError, match="save the images as one array of numbers"):
        read(tmp_path / "bad.npz")


def _stored(images: Pixels, layout: str) -> dict[str, object]:
    labels = np.arange(len(images)) % 3
    one_hot = np.eye(3)[labels]
    layouts: dict[str, dict[str, object]] = {
        "a channel last": {"images": images[..., None], "labels": one_hot},
        "a channel first": {"images": images[:, None], "labels": labels[None]},
        "rows with a channel": {"x": images.reshape(-1, 784, 1), "y": labels},
        "rows in a channel": {"x": images.reshape(-1, 1, 784), "y": labels},
        "the number last": {"x": np.moveaxis(images, 0, 2), "y": labels.astype(float)},
        "transparent paper": {
            "x": np.stack([np.zeros_like(images)] * 3 + [images], 3),
            "y": labels,
        },
        "names of classes": {"classes": np.array(list("abc")), "images": images, "labels": labels},
        "words run together": {
            "xTrain": images[:9],
            "yTrain": labels[:9],
            "xTest": images[9:],
            "yTest": labels[9:],
        },
    }
    return layouts[layout]


@pytest.mark.parametrize(
    "layout",
    [
        "a channel last",
        "a channel first",
        "rows with a channel",
        "rows in a channel",
        "the number last",
        "transparent paper",
        "names of classes",
        "words run together",
    ],
)
def test_arrays_laid_out_otherwise(tmp_path: Path, layout: str) -> None:
    images, _labels = shapes_28(4)
    np.savez(tmp_path / "a.npz", allow_pickle=True, **_stored(images, layout))  # type: ignore[arg-type]
    found = read(tmp_path / "a.npz")
    assert found.classes == ("0", "1", "2")
    assert as_they_were(found) == sorted(image.tobytes() for image in images)


@pytest.mark.parametrize(
    "names", ["X_train.npy y_train.npy", "k-train-imgs.npz k-train-labels.npz"]
)
def test_arrays_each_in_a_file(tmp_path: Path, names: str) -> None:
    images, labels = shapes_28(4)
    for name, array in zip(names.split(), (images, labels), strict=True):
        if name.endswith("npy"):
            np.save(tmp_path / name, np.asarray(array))
        else:
            np.savez(tmp_path / name, np.asarray(array))
    assert as_they_were(read(tmp_path)) == sorted(image.tobytes() for image in images)
    assert names.endswith("npz") or len(read(tmp_path / "X_train.npy")) == 12


def test_arrays_of_a_class_each(tmp_path: Path) -> None:
    """Quick, Draw!'s: full_numpy_bitmap_cat.npy, (N, 784)."""
    images, labels = shapes_28(4)
    for number, name in enumerate(SHAPES):
        drawn = images[labels == number].reshape(4, 784)
        np.save(tmp_path / f"full_numpy_bitmap_{name}.npy", drawn)
    found = read(tmp_path)
    assert found.classes == tuple(sorted(SHAPES))
    assert as_they_were(found) == sorted(image.tobytes() for image in images)
    for file in tmp_path.iterdir():
        np.save(file, np.arange(3))
    with pytest.raises(DataError, match="no pictures with labels"):
        read(tmp_path)


def test_levels_of_other_ranges_are_stretched_and_told(tmp_path: Path) -> None:
    images, labels = shapes_28(4)
    np.savez(tmp_path / "a.npz", images=(images / 255).astype(np.float32), labels=labels)
    found = read(tmp_path / "a.npz")
    assert as_they_were(found) == sorted(image.tobytes() for image in images)
    assert "Values from 0 to 1 became levels from 0 to 255" in found.notes


def test_files_of_something_else_beside_pictures_are_told(tmp_path: Path) -> None:
    images, labels = shapes_28(4)
    np.savez(tmp_path / "mnist.npz", images=images, labels=labels)
    np.savez(tmp_path / "history.npz", loss=labels, accuracy=labels)
    np.save(tmp_path / "weights.npy", labels)
    found = read(tmp_path)
    assert len(found) == 12
    assert [sentence.partition(":")[0].rpartition("/")[2] for sentence in found.skipped] == [
        f"{name} has no pictures with labels" for name in ("history.npz", "weights.npy")
    ]
    for other in ("history.npz", "weights.npy", "mnist.npz"):
        (tmp_path / other).unlink()
    torch.save((torch.from_numpy(images), torch.from_numpy(labels)), tmp_path / "training.pt")
    torch.save({"conv1.weight": torch.zeros(6, 1, 5, 5)}, tmp_path / "model.pt")
    assert len(read(tmp_path)) == 12


@pytest.mark.parametrize("form", ["dataset", "pair", "names"])
def test_tensors(tmp_path: Path, form: str) -> None:
    images, labels = (torch.from_numpy(part) for part in shapes_28(4))
    content: object = TensorDataset(images.unsqueeze(1), labels)
    if form == "pair":
        content = (images, labels)
    elif form == "names":
        content = {"data": images.flatten(1), "targets": torch.nn.functional.one_hot(labels)}
    torch.save(content, tmp_path / "shapes.pt")
    found = read(tmp_path / "shapes.pt")
    assert as_they_were(found) == sorted(image.numpy().tobytes() for image in images)
    assert found.counts().sum(axis=1).tolist() == [4, 4, 4]


class Own:
    pass


def test_tensors_among_objects_are_refused_unopened(tmp_path: Path) -> None:
    torch.save({"images": torch.zeros(2, 28, 28), "labels": Own()}, tmp_path / "a.pt")
    with pytest.raises(DataError, match="holds Python objects, which are not read"):
        read(tmp_path / "a.pt")


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_a_dataset_of_hugging_face(form: str) -> None:
    """Written by datasets 5.2.0: `to_parquet`, and `save_to_disk`."""
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    found = read(SAMPLES / "hugging_face" / form)
    assert found.classes == ("triangle", "circle", "square")  # in the order that they name
    assert found.counts().tolist() == [[4, 1, 2]] * 3
    assert found.sizes == "40x40"


@pytest.mark.parametrize("form", ["floats", "one-hot"])
def test_labels_of_a_parquet_file_in_other_numbers(tmp_path: Path, form: str) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    content = io.BytesIO()
    draw_shape("circle", (28, 28), 1).save(content, "PNG")
    labels = [0.0, 1.0] * 6 if form == "floats" else [[1, 0], [0, 1]] * 6
    table = pyarrow.table({"image": [content.getvalue()] * 12, "label": labels})
    import_module("pyarrow.parquet").write_table(table, tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").classes == ("0", "1")


def test_a_damaged_parquet_file_is_refused_in_one_line(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    (good, *_others) = sorted((SAMPLES / "hugging_face" / "parquet").rglob("*.parquet"))
    content = good.read_bytes()
    (tmp_path / "a.parquet").write_bytes(content[:4] + b"\xff" * 40 + content[44:])
    with pytest.raises(DataError, match="damaged") as refused:
        read(tmp_path / "a.parquet")
    assert "\n" not in str(refused.value)


def strokes(label: int, number: int) -> list[list[list[float]]]:
    return [[[0, 0], [label + 1, number], [5, 9 + label]]]


def test_my_digits_and_what_they_export(tmp_path: Path) -> None:
    store = MyDigits(tmp_path / "my-digits.jsonl")
    for number in range(4):
        for label in (3, 5):
            store.add(own_digit(label, strokes(label, number)))
    wrong = store.add(own_digit(3, strokes(7, 7)))
    deleted = store.add(own_digit(5, strokes(8, 8)))
    store.relabel([wrong.id], 5)
    store.delete([deleted.id])
    export(store.entries(), tmp_path / "export.json.gz")
    kept, exported = read(store.path), read(tmp_path / "export.json.gz")
    assert kept.classes == exported.classes == ("3", "5")
    assert kept.counts().sum(axis=1).tolist() == [4, 5]
    assert as_they_were(kept) == as_they_were(exported)


def test_drawings_of_quick_draw(tmp_path: Path) -> None:
    lines = [
        json.dumps({"word": word, "drawing": [[[0, 5, 9, 3 + n], [0, 9, 5 * k, 2]]]})
        for k, word in enumerate(("cat", "tree"))
        for n in range(4)
    ]
    (tmp_path / "quick.jsonl").write_text("\n".join([*lines, '{"drawing": [[[0, 1], [1, 2]]]}']))
    found = read(tmp_path / "quick.jsonl")
    assert found.classes == ("cat", "tree")
    assert found.skipped == ("quick.jsonl: 1 drawing has no label or no ink",)


def test_names_of_classes_beside_numbers(tmp_path: Path) -> None:
    images, labels = shapes_28(4)
    np.savez(tmp_path / "a.npz", images=images, labels=labels)
    (tmp_path / "classes.txt").write_text("\n".join(SHAPES) + "\n")
    assert read(tmp_path / "a.npz").classes == SHAPES


def test_colors_are_kept_where_pictures_have_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (8, 40, 24, 3), np.uint8)
    content = io.BytesIO()
    np.savez(content, images=images, labels=np.arange(8) % 2)
    (tmp_path / "a.npz").write_bytes(content.getvalue())
    found = read(tmp_path / "a.npz")
    assert found.whole().images.shape == (8, 3, 32, 32)
    assert found.dataset.color
    assert read(tmp_path / "a.npz", color=False).whole().images.shape == (8, 28, 28)


def _shared_lists() -> list[object]:
    """A list of a list of ... which is short, and holds more than a computer can count."""
    inner: list[object] = [torch.zeros(2, 28, 28), torch.zeros(2)]
    for _level in range(40):
        inner = [inner, inner]
    return inner


def _own_list() -> list[object]:
    found: list[object] = []
    found.append(found)
    return found


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (_shared_lists(), "no pictures with labels"),
        (_own_list(), "no pictures with labels"),
        ((torch.zeros(9, 28, 28, device="meta"), torch.arange(9)), "no pictures with labels"),
        ((torch.zeros(9, 28, 28).to(torch.float8_e4m3fn), torch.arange(9)), "no pictures"),
        ((torch.zeros(9, 28, 28), torch.zeros(1, dtype=torch.uint8).expand(10**9)), "divide it"),
        ((torch.zeros(1, dtype=torch.bfloat16).expand(10**8, 28, 28), torch.zeros(9)), "divide it"),
        ((torch.zeros(9, 28, 28), torch.full((9,), math.inf)), "must be whole numbers"),
        ((torch.zeros(9, 28, 28), torch.full((9,), 1e30)), "must be whole numbers"),
    ],
)
def test_tensors_that_are_none_to_be_read_are_refused_at_once(
    tmp_path: Path, content: object, why: str
) -> None:
    torch.save(content, tmp_path / "a.pt")
    with pytest.raises(DataError, match=why):
        read(tmp_path / "a.pt")


def test_the_largest_and_the_smallest_numbers_are_levels(tmp_path: Path) -> None:
    images, labels = shapes_28(4)
    parts = np.where(images > 128, 1.0, -1.0)
    for scale in (1.0, 1.7e308, 1e-300):
        np.savez(tmp_path / "a.npz", images=parts * scale, labels=labels)
        assert int(read(tmp_path / "a.npz").whole().images.max()) == 255


@pytest.mark.parametrize(
    "told", [b"[]", b"[" * 100_000, b'{"info": {"features": {"label": null, "image": [1]}}}']
)
def test_metadata_of_another_kind_count_as_none(tmp_path: Path, told: bytes) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    content = io.BytesIO()
    draw_shape("circle", (28, 28), 1).save(content, "PNG")
    table = pyarrow.table({"image": [{"bytes": content.getvalue()}] * 12, "label": [0, 1] * 6})
    import_module("pyarrow.parquet").write_table(
        table.replace_schema_metadata({b"huggingface": told}), tmp_path / "a.parquet"
    )
    assert read(tmp_path / "a.parquet").classes == ("0", "1")


def test_a_quotation_mark_that_never_ends_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('"' * 200_001)
    with pytest.raises(DataError, match="no table"):
        read(tmp_path / "a.csv")


def write_lines(path: Path, lines: list[str], encoding: str = "utf-8") -> Path:
    path.write_bytes("\n".join([*lines, ""]).encode(encoding))
    return path


def test_all_pixels_in_one_cell_as_fer2013_has_them(tmp_path: Path) -> None:
    images, labels = shapes_28(10)
    lines = [
        f"{label},{' '.join(map(str, image.ravel()))},Training"
        for image, label in zip(images, labels, strict=True)
    ]
    found = read(write_lines(tmp_path / "fer.csv", ["emotion,pixels,Usage", *lines]))
    assert found.classes == ("0", "1", "2") and not found.skipped
    assert as_they_were(found) == sorted(image.tobytes() for image in images)
    quoted = [line.replace(",", ',"', 1).replace(",Training", '"') for line in lines]
    assert len(read(write_lines(tmp_path / "two.csv", ["emotion,pixels", *quoted]))) == 30


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_names_of_classes_in_a_table_of_any_encoding(tmp_path: Path, encoding: str) -> None:
    images, labels = shapes_28(10)
    names = ("cercle", "carré", "œil" if encoding != "latin-1" else "île")
    rows = zip(images, labels, strict=True)
    lines = [f"{names[label]},{','.join(map(str, image.ravel()))}" for image, label in rows]
    head = ",".join(["label", *(f"pixel{n}" for n in range(784))])
    found = read(write_lines(tmp_path / "table.csv", [head, *lines], encoding))
    assert set(found.classes) == set(names) and len(found) == 30


def test_idx_files_of_pictures_that_are_rows(tmp_path: Path) -> None:
    images, labels = shapes_28(10)
    write_idx(tmp_path / "train-images-idx2-ubyte", images.reshape(30, 784))
    write_idx(tmp_path / "train-labels-idx1-ubyte", labels.astype(np.uint8))
    for path in (tmp_path, tmp_path / "train-images-idx2-ubyte"):
        assert as_they_were(read(path)) == sorted(image.tobytes() for image in images)


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("names", ["X_{}.csv y_{}.csv", "{}_images.csv {}_labels.csv"])
def test_tables_of_pixels_beside_tables_of_labels(tmp_path: Path, names: str, header: bool) -> None:
    images, labels = shapes_28(10)
    for role in ("train", "test"):
        pixels, beside = (tmp_path / name.format(role) for name in names.split())
        rows = [",".join(map(str, image.ravel())) for image in images]
        write_lines(pixels, [*([",".join(map(str, range(784)))] if header else []), *rows])
        write_lines(beside, [*(["0"] if header else []), *map(str, labels)])
    found = read(tmp_path)
    assert found.test_given and found.counts()[:, 2].tolist() == [10] * 3 and not found.skipped
    alone = read(tmp_path / names.split()[0].format("train"))
    assert as_they_were(alone) == sorted(image.tobytes() for image in images)
    beside = tmp_path / names.split()[1].format("train")
    write_lines(beside, beside.read_text().splitlines()[:-1])
    with pytest.raises(DataError, match="30 pictures and 29 labels"):
        read(tmp_path)
