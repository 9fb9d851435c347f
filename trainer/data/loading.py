"""Load datasets by name: find their files, check and read them, or download what is missing.

torchvision has the mirrors and checksums, and parses the files. Errors say what is wrong and what
to do. Knows nothing of networks or training.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Generator, Sequence
from pathlib import Path

from trainer.data import cifar10, mnist_like, pen, pen_digits, uci
from trainer.data import own as own_data
from trainer.data.download import FetchError, fetch, unpacking_folder
from trainer.data.labelled_images import DataError, LabelledImages, concatenate
from trainer.data.mnist_like import FASHION_CLASSES as FASHION_CLASSES
from trainer.data.mnist_like import PUBLISHED as PUBLISHED
from trainer.data.mnist_like import DataMissing as DataMissing  # part of what `load` tells
from trainer.data.mnist_like import Published
from trainer.progress import Progress
from trainer.recipes.own_dataset import parse_own
from trainer.recipes.recipe import DIGIT_CLASSES as DIGIT_CLASSES
from trainer.translation import gettext as _

_LARGEST = 1 << 30  # bytes; EMNIST's archive has 562 MB


def download_megabytes(name: str) -> int:
    """The size of a published dataset's download, in MB."""
    return cifar10.MEGABYTES if name == "cifar10" else PUBLISHED[name].megabytes


def describe_files(name: str) -> str:
    """A sentence on the files of a published dataset, for whoever looks for them."""
    if name == "cifar10":
        return _("it is a folder called cifar-10-batches-py, unpacked")
    *first, last = PUBLISHED[name].files()
    return _("its four files are called {first} and {last}, with or without .gz").format(
        first=", ".join(first), last=last
    )


def load(name: str, split: str, folder: Path) -> Generator[Progress, None, LabelledImages]:
    """Load one split of a dataset, or generate it.

    Args:
        name: a key of `recipe.DATASETS`, or the name of one's own data; of a sum such as
            "mnist+pen", the training split has all parts and the test split only the first.
        split: "train" or "test".
        folder: where the files are; `files.data_folder()` says.

    Returns:
        (of the generator) the split, on the CPU.

    Raises:
        DataMissing: it is not there; `download` gets it.
        DataError: it is damaged.
    """
    if (own := parse_own(name)) is not None:
        return (yield from own_data.reading.load(own, split))
    names = name.split("+") if split == "train" else [name.split("+")[0]]
    parts = []
    for part in names:
        if part == "pen":
            parts.append((yield from pen.load_builtin(split)))
        elif part == "unipen":
            parts.append((yield from pen.load_pen_digits(split, _pen_files(folder))))
        elif part == "cifar10":
            yield Progress(_("reading {title}").format(title=cifar10.TITLE), 0, 0)
            root = cifar10.find(folder)
            if root is None:
                raise DataMissing(part, folder)
            parts.append(cifar10.read(split, root))
        else:
            yield Progress(_("reading {title}").format(title=PUBLISHED[part].title), 0, 0)
            parts.append(mnist_like.read(part, split, folder))
    return parts[0] if len(parts) == 1 else concatenate(parts)


def load_for_test(
    name: str, folder: Path, learned: Sequence[tuple[str, tuple[str, ...]]]
) -> Generator[Progress, None, LabelledImages]:
    """Load the images to test networks on: a dataset's test split.

    Own data that no network was trained on, and whose files do not define a test split, are used
    whole. Their labels are put in the order of the networks' classes.

    Args:
        name: as in `load`.
        folder: as in `load`.
        learned: for each network, the dataset that it was trained on, and its classes.

    Raises:
        DataMissing, DataError: as `load` does.
    """
    own = parse_own(name)
    if own is None:
        return (yield from load(name, "test", folder))
    contents = yield from own_data.reading.inspect(Path(own.path), own.color)
    known = [parse_own(dataset) for dataset, _classes in learned]
    trained_on = any(other is not None and other.path == own.path for other in known)
    images = contents.test if contents.test_given or trained_on else contents.whole()
    for _dataset, classes in learned:
        images = own_data.reading.match_classes(images, classes)
    return images


def _pen_files(folder: Path) -> pen_digits.PenFiles:
    """Find the files of the real pen digits.

    Raises:
        DataError: they are missing; the message says where to get them.
    """
    pen_files = pen_digits.find(folder)
    if pen_files is None:
        raise DataError(
            _(
                "the real pen digits are not in {folder}: unpack UNIPEN's train_r01_v07 "
                "(https://doi.org/10.5281/zenodo.1195803) there, and get the others by "
                "`lenet download unipen`; or train by another recipe"
            ).format(folder=folder)
        )
    return pen_files


def list_missing(name: str, folder: Path) -> list[str]:
    """Names of the parts of a dataset that are not in `folder`, and that `download` can get.

    The files are not read. Real pen digits are never listed: what can be downloaded of them is
    not enough.
    """
    if name == "cifar10":
        return [] if cifar10.find(folder) else [name]
    parts = [part for part in name.split("+") if part in PUBLISHED]
    return [part for part in parts if not mnist_like.has_all_files(part, folder)]


def download(name: str, folder: Path) -> Generator[Progress, None, None]:
    """Download what is missing of a published dataset, from the first mirror that has it.

    Each file is written beside its place, checked, and then moved there: nothing half-written is
    left, whenever it ends.

    Args:
        name: a key of `PUBLISHED`, "cifar10", or "unipen", of which only the files of UCI can be
            downloaded.
        folder: as in `load`.

    Raises:
        DataError: no mirror gave a file; the message says why and what to do.
    """
    if name in ("cifar10", "unipen"):
        yield from (cifar10 if name == "cifar10" else uci).download(folder)
        return
    published = PUBLISHED[name]
    raw = folder / published.folder / "raw"
    try:
        raw.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            _("{raw} cannot be made ({strerror}): choose another folder").format(
                raw=raw, strerror=error.strerror
            )
        ) from None
    if published.archive:
        yield from _from_archive(published, raw)
        return
    sources = published.sources()
    for number, source in enumerate(sources):
        packed = source.name
        if mnist_like.candidate_paths(published, packed.removesuffix(".gz"), folder):
            continue
        what = _("downloading {title}, file {number} of {count}").format(
            title=published.title, number=number + 1, count=len(sources)
        )
        problems = []
        for address in source.addresses:
            try:
                yield from fetch(address, raw / packed, source.checksums, what)
                break
            except FetchError as error:
                problems.append(f"{address.removesuffix(packed)}: {error}")
        else:
            raise _not_downloaded(
                published,
                "; ".join(problems),
                _("put the four files into {folder}").format(folder=raw),
            )


def _from_archive(published: Published, raw: Path) -> Generator[Progress, None, None]:
    """Download an archive, and extract the files of this dataset and the others in the archive."""
    (source,) = published.sources()
    packed, (address,) = source.name, source.addresses
    sisters = [p for p in PUBLISHED.values() if p.folder == published.folder]
    files = {file + ".gz" for sister in sisters for file in sister.files()}
    try:
        with unpacking_folder(raw) as beside:
            what = _("downloading {title}").format(title=published.title)
            yield from fetch(address, beside / packed, source.checksums, what, _LARGEST)
            with zipfile.ZipFile(beside / packed) as archive:
                entries = {Path(entry.filename).name: entry for entry in archive.infolist()}
                for number, name in enumerate(sorted(files & entries.keys())):
                    yield Progress(
                        _("unpacking {title}").format(title=published.title), number, len(files)
                    )
                    with archive.open(entries[name]) as entry, (beside / name).open("wb") as file:
                        shutil.copyfileobj(entry, file)
                    (beside / name).replace(raw / name)
    except (FetchError, OSError, zipfile.BadZipFile) as error:
        text = f"{address}: {error}"
        raise _not_downloaded(
            published, text, _("unpack {file} into {folder}").format(file=packed, folder=raw)
        ) from None


def _not_downloaded(published: Published, why: str, what: str) -> DataError:
    return DataError(
        _(
            "{title} could not be downloaded ({why}). Check the network and try again, "
            "or {what}, or train on the built-in pen digits, which need no "
            "download."
        ).format(title=published.title, why=why, what=what)
    )
