from __future__ import annotations

import dataclasses
import gzip
import hashlib
import shutil
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision.datasets

from trainer import progress
from trainer.data import download, loading, mnist_like
from trainer.data.labelled_images import DataError, LabelledImages
from trainer.data.loading import DataMissing
from trainer.data.mnist_like import Split
from trainer.progress import Progress, result_of

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
COUNTS = {"train": 100, "test": 20}


def four_files(seed: int) -> dict[str, bytes]:
    """The four files of a small dataset in MNIST's format, of noise that no packing shortens."""
    random = np.random.default_rng(seed)
    files = {}
    for split, images, labels in (
        ("train", TRAIN_IMAGES, TRAIN_LABELS),
        ("test", TEST_IMAGES, TEST_LABELS),
    ):
        count = COUNTS[split]
        files[images] = struct.pack(">4i", 2051, count, 28, 28) + random.bytes(count * 784)
        files[labels] = struct.pack(">2i", 2049, count) + bytes(n % 10 for n in range(count))
    files[TRAIN_LABELS] = files[TRAIN_LABELS][:-1] + bytes([seed])
    files[TEST_LABELS] = files[TEST_LABELS][:-1] + bytes([seed])
    return files


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Small files in the place of the published MNIST's; what they are called and hold."""
    mnist, fashion = four_files(1), four_files(2)
    splits = {
        "train": Split(TRAIN_IMAGES, TRAIN_LABELS, COUNTS["train"]),
        "test": Split(TEST_IMAGES, TEST_LABELS, COUNTS["test"]),
    }
    for name, files in (("mnist", mnist), ("fashion", fashion)):
        sums = {file: md5(content) for file, content in files.items()}
        secure = {file + ".gz": sha256(packed(content)) for file, content in files.items()}
        small = dataclasses.replace(
            loading.PUBLISHED[name], splits=splits, md5=sums, sha256=secure, mirrors=()
        )
        monkeypatch.setitem(loading.PUBLISHED, name, small)
    return mnist


def put(files: dict[str, bytes], folder: Path, pack: bool = False) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / (name + ".gz" if pack else name)
        path.write_bytes(packed(content) if pack else content)


def everything_in(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def load(split: str, folder: Path, name: str = "mnist") -> LabelledImages:
    return result_of(loading.load(name, split, folder))


# A folder that holds the files already


@pytest.mark.parametrize("pack", [False, True], ids=["unpacked", "packed"])
@pytest.mark.parametrize("place", ["MNIST/raw", "MNIST", "raw", "."])
def test_files_that_are_there_are_used_as_they_are(
    published: dict[str, bytes], tmp_path: Path, place: str, pack: bool
) -> None:
    put(published, tmp_path / place, pack)
    before = everything_in(tmp_path)
    assert loading.list_missing("mnist", tmp_path) == []
    for split, images, labels in (
        ("train", TRAIN_IMAGES, TRAIN_LABELS),
        ("test", TEST_IMAGES, TEST_LABELS),
    ):
        found = load(split, tmp_path)
        assert found.images.shape == (COUNTS[split], 28, 28)
        assert (found.images.dtype, found.labels.dtype) == (torch.uint8, torch.int64)
        assert found.images.numpy().tobytes() == published[images][16:]
        assert bytes(found.labels.tolist()) == published[labels][8:]
        assert found.classes == tuple("0123456789")
    assert everything_in(tmp_path) == before


def test_a_sound_file_is_taken_before_a_damaged_one(
    published: dict[str, bytes], tmp_path: Path
) -> None:
    put(published, tmp_path / "MNIST" / "raw", pack=True)
    (tmp_path / "MNIST" / "raw" / TEST_LABELS).write_bytes(b"damaged")
    assert len(load("test", tmp_path)) == 20


def test_what_is_not_there_is_missing(published: dict[str, bytes], tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none", tmp_path / ("x" * 5000)):
        assert loading.list_missing("mnist", folder) == ["mnist"]
        assert loading.list_missing("mnist+pen", folder) == ["mnist"]
        assert loading.list_missing("pen", folder) == []
        with pytest.raises(DataMissing, match="MNIST is not in") as error:
            load("train", folder)
        assert (error.value.dataset, error.value.folder) == ("mnist", folder)


def test_one_file_of_four_missing_is_missing(published: dict[str, bytes], tmp_path: Path) -> None:
    put(published, tmp_path)
    (tmp_path / TRAIN_LABELS).unlink()
    assert loading.list_missing("mnist", tmp_path) == ["mnist"]
    assert len(load("test", tmp_path)) == 20
    with pytest.raises(DataMissing):
        load("train", tmp_path)


def test_another_dataset_under_the_same_names_is_not_this_one(
    published: dict[str, bytes], tmp_path: Path
) -> None:
    for pack in (False, True):
        folder = tmp_path / str(pack)
        put(published, folder, pack)
        assert loading.list_missing("fashion", folder) == ["fashion"]
        put(four_files(2), folder / "FashionMNIST" / "raw")
        assert loading.list_missing("fashion", folder) == []
        assert load("test", folder, "fashion").classes[0] == "T-shirt"
        assert load("test", folder, "mnist").classes[0] == "0"


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "truncated": (lambda content: content[:-5], "does not have the 28 bytes that it should"),
    "empty": (lambda content: b"", "does not have the 28 bytes that it should"),
    "longer": (lambda content: content + b"x", "does not have the 28 bytes that it should"),
    "other count": (
        lambda content: struct.pack(">2i", 2049, 19) + content[8:],
        "is not the published file: its checksum differs",
    ),
    "one bit": (
        lambda content: content[:-2] + bytes([content[-2] ^ 1]) + content[-1:],
        "is not the published file: its checksum differs",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("pack", [False, True], ids=["unpacked", "packed"])
def test_a_damaged_file_is_told_by_name_with_what_to_do(
    published: dict[str, bytes], tmp_path: Path, damage: str, pack: bool
) -> None:
    harm, message = DAMAGES[damage]
    files = {**published, TEST_LABELS: harm(published[TEST_LABELS])}
    put(files, tmp_path / "MNIST" / "raw", pack)
    with pytest.raises(DataError) as error:
        load("test", tmp_path)
    assert f"{TEST_LABELS}{'.gz' if pack else ''} {message}" in str(error.value)
    assert str(error.value).endswith("if not, delete or move it, and download it again.")
    assert len(load("train", tmp_path)) == 100


@pytest.mark.parametrize("harm", [lambda c: c[:-4], lambda c: b"x" + c, lambda c: c[:40] + c[9:]])
def test_a_damaged_packing_is_told(
    published: dict[str, bytes], tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    put(published, tmp_path, pack=True)
    path = tmp_path / (TEST_IMAGES + ".gz")
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(DataError, match=rf"{TEST_IMAGES}\.gz .*delete or move it"):
        load("test", tmp_path)


def test_a_bomb_is_not_unpacked(published: dict[str, bytes], tmp_path: Path) -> None:
    put(published, tmp_path, pack=True)
    (tmp_path / (TEST_LABELS + ".gz")).write_bytes(packed(bytes(30_000_000)))
    with pytest.raises(DataError, match="does not have the 28 bytes"):
        load("test", tmp_path)


@pytest.mark.parametrize("name", [TEST_LABELS, TEST_IMAGES])
def test_published_files_that_hold_something_else_are_told(
    published: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Even where the checksum is right: the checks do not lean on each other."""
    content = published[name]
    if name == TEST_LABELS:
        content, message = content[:-1] + b"\x0a", "holds labels other than 0 to 9"
    else:
        shape = struct.pack(">4i", 2051, COUNTS["test"], 14, 56)
        content, message = shape + content[16:], "does not hold 20 pictures of 28 × 28"
    put({**published, name: content}, tmp_path)
    monkeypatch.setitem(loading.PUBLISHED["mnist"].md5, name, md5(content))
    with pytest.raises(DataError, match=message):
        load("test", tmp_path)


# The built-in set, and sums


@pytest.mark.usefixtures("small_pen")
def test_pen_is_always_the_same_and_its_splits_differ(tmp_path: Path) -> None:
    train, test = load("train", tmp_path, "pen"), load("test", tmp_path, "pen")
    assert (len(train), len(test)) == (300, 100)
    assert torch.bincount(train.labels).tolist() == [30] * 10
    progress.shared_results.clear()
    again = load("train", tmp_path, "pen")
    assert again is not train
    assert torch.equal(again.images, train.images)
    assert torch.equal(again.labels, train.labels)
    seen = {bytes(image.numpy()) for image in train.images}
    assert not seen & {bytes(image.numpy()) for image in test.images}


@pytest.mark.usefixtures("small_pen")
def test_pen_is_written_once_and_shows_how_far_it_is(tmp_path: Path) -> None:
    events = list(loading.load("pen", "train", tmp_path))
    assert [(e.done, e.total) for e in events] == [(0, 300), (100, 300), (200, 300)]
    assert load("train", tmp_path, "pen") is load("train", tmp_path, "pen")


@pytest.mark.usefixtures("small_pen")
def test_a_sum_trains_on_all_and_tests_on_the_first(
    published: dict[str, bytes], tmp_path: Path
) -> None:
    put(published, tmp_path)
    both, pen = load("train", tmp_path, "mnist+pen"), load("train", tmp_path, "pen")
    assert len(both) == 400
    assert torch.equal(both.images[100:], pen.images)
    assert torch.equal(both.labels[100:], pen.labels)
    assert torch.equal(load("test", tmp_path, "mnist+pen").images, load("test", tmp_path).images)


def test_at_keeps_pictures_and_labels_together(digits: LabelledImages) -> None:
    index = torch.tensor([5, 2, 9])
    some = digits.at(index)
    for place, at in enumerate(index):
        assert torch.equal(some.images[place], digits.images[at])
        assert some.labels[place] == digits.labels[at]
    assert len(some) == 3
    assert some.classes == digits.classes


# Downloads, from a server on this machine


class Mirrors:
    """A server with what it answers by path; it records what was asked for.

    Args:
        certificate: its file and its key's, to encrypt.
    """

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[str] = []
        mirrors = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mirrors.asked.append(self.path)
                mirrors.answers.get(self.path, refuses)(self)

            def log_message(self, *_: object) -> None:
                """Nothing on standard error."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.url = self.url.replace("http:", "https:")
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def refuses(request: BaseHTTPRequestHandler) -> None:
    request.send_error(404, "Not here")


def sends(content: bytes, announced: int | None = None) -> Callable[..., None]:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(content) if announced is None else announced))
        request.end_headers()
        request.wfile.write(content)

    return answer


def sends_chunks_and_breaks_off(request: BaseHTTPRequestHandler) -> None:
    request.protocol_version = "HTTP/1.1"
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    request.wfile.write(b"400\r\nabc")


def speaks_no_http(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"\x00\x01 nonsense\r\n\r\n")


def hangs_up(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True


@pytest.fixture
def mirrors(
    published: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Mirrors, dict[str, bytes]]]:
    """Two mirrors in the place of MNIST's; the second has all four files."""
    server = Mirrors()
    files = {name + ".gz": packed(content) for name, content in published.items()}
    for name, content in files.items():
        server.answers["/second/" + name] = sends(content)
    source = torchvision.datasets.MNIST
    monkeypatch.setattr(source, "mirrors", [server.url + "/first/", server.url + "/second/"])
    monkeypatch.setattr(source, "resources", [(n, md5(content)) for n, content in files.items()])
    monkeypatch.setenv("no_proxy", "*")
    yield server, files
    server.close()


Given = tuple[Mirrors, dict[str, bytes]]


def test_the_first_mirror_is_asked_first(mirrors: Given, tmp_path: Path) -> None:
    server, files = mirrors
    for name, content in files.items():
        server.answers["/first/" + name] = sends(content)
    events = list(loading.download("mnist", tmp_path))
    assert server.asked == ["/first/" + name for name in files]
    assert everything_in(tmp_path) == {"MNIST/raw/" + name for name in files}
    assert loading.list_missing("mnist", tmp_path) == []
    assert len(load("train", tmp_path)) == 100

    size = len(files[TRAIN_IMAGES + ".gz"])
    of_first = [e for e in events if e.what == "downloading MNIST, file 1 of 4"]
    assert [(e.done, e.total) for e in of_first] == [(1 << 16, size), (size, size)]


@pytest.mark.parametrize(
    "fails",
    [
        refuses,
        hangs_up,
        speaks_no_http,
        sends_chunks_and_breaks_off,
        sends(b"<html>Please log in to this network</html>"),
        sends(b"cut off", announced=5000),
        sends(b""),
    ],
    ids=["404", "hangs up", "no http", "chunks cut", "another page", "cut off", "empty"],
)
def test_where_the_first_mirror_fails_the_second_is_asked(
    mirrors: Given, tmp_path: Path, fails: Callable[..., None]
) -> None:
    server, files = mirrors
    for name in files:
        server.answers["/first/" + name] = fails
    result_of(loading.download("mnist", tmp_path))
    assert everything_in(tmp_path) == {"MNIST/raw/" + name for name in files}
    assert len(load("test", tmp_path)) == 20
    assert len(server.asked) == 8


@pytest.mark.parametrize(
    ("fails", "reason"),
    [
        (refuses, "Not here"),
        (hangs_up, "closed connection"),
        (sends(b"x" * 300), "checksum differs"),
        (sends(b"cut off", announced=5000), "5000|checksum differs|IncompleteRead"),
    ],
)
def test_where_both_fail_the_message_says_why_and_what_to_do(
    mirrors: Given, tmp_path: Path, fails: Callable[..., None], reason: str
) -> None:
    server, files = mirrors
    for name in files:
        server.answers["/first/" + name] = server.answers["/second/" + name] = fails
    with pytest.raises(DataError, match=reason) as error:
        result_of(loading.download("mnist", tmp_path))
    for part in (
        "MNIST could not be downloaded",
        server.url + "/first/",
        server.url + "/second/",
        "Check the network and try again",
        f"put the four files into {tmp_path / 'MNIST' / 'raw'}",
        "built-in pen digits",
    ):
        assert part in str(error.value)
    assert everything_in(tmp_path) == set()


def test_with_no_network_the_message_says_so(
    mirrors: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", ["http://127.0.0.1:1/"])
    with pytest.raises(DataError, match=r"could not be downloaded.*refused"):
        result_of(loading.download("mnist", tmp_path))


def test_closed_midway_leaves_nothing_half_written_and_goes_on_later(
    mirrors: Given, tmp_path: Path
) -> None:
    server, files = mirrors
    work = loading.download("mnist", tmp_path)
    for event in work:
        if event.what.endswith("file 3 of 4"):
            break
    part = f"MNIST/raw/.{TEST_IMAGES}.gz."
    assert any(name.startswith(part) for name in everything_in(tmp_path))
    work.close()
    whole = {f"MNIST/raw/{TRAIN_IMAGES}.gz", f"MNIST/raw/{TRAIN_LABELS}.gz"}
    assert everything_in(tmp_path) == whole

    server.asked.clear()
    result_of(loading.download("mnist", tmp_path))
    assert {path.rsplit("/", 1)[1] for path in server.asked} == set(list(files)[2:])
    assert len(load("train", tmp_path)) == 100


def test_a_mirror_that_never_ends_is_left(
    mirrors: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, files = mirrors
    monkeypatch.setattr(download, "LARGEST_FILE", 100_000)
    server.answers["/first/" + TRAIN_IMAGES + ".gz"] = sends(bytes(300_000), announced=10**12)
    totals = [e.done for e in loading.download("mnist", tmp_path) if isinstance(e, Progress)]
    assert max(totals) < 100_000
    assert everything_in(tmp_path) == {"MNIST/raw/" + name for name in files}


def test_a_folder_that_cant_be_made_is_told(mirrors: Given, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match=r"cannot be made .*: choose another folder"):
        result_of(loading.download("mnist", tmp_path / "file"))


def test_a_full_disk_is_told_and_leaves_nothing(
    mirrors: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(DataError, match="No space left on device"):
        result_of(loading.download("mnist", tmp_path))
    assert everything_in(tmp_path) == set()


# The real ones


def test_checksums_and_mirrors_are_torchvisions() -> None:
    for published in loading.PUBLISHED.values():
        assert published.torchvision_class().__name__ == published.folder
        for source in published.sources():
            assert len(source.checksums["md5"]) == 32 and source.addresses
            assert published.archive or source.name.removesuffix(".gz") in published.files()
            assert all(address.endswith(source.name) for address in source.addresses)
            assert source.addresses[0].startswith("https://")
            secure = all(address.startswith("https://") for address in source.addresses)
            assert secure or len(source.checksums.get("sha256", "")) == 64
        assert published.archive or len(published.sources()) == 4
        assert {*published.md5} <= {*published.files()}


def test_real_mnist(real_data: Path, tmp_path: Path) -> None:
    if loading.list_missing("mnist", real_data):
        pytest.skip(f"MNIST is not in {real_data}")
    test = load("test", real_data)
    assert test.images.shape == (10_000, 28, 28)
    assert torch.bincount(test.labels)[:3].tolist() == [980, 1135, 1032]
    found = [
        path
        for file in (TEST_IMAGES, TEST_LABELS)
        for path in mnist_like.candidate_paths(loading.PUBLISHED["mnist"], file, real_data)[:1]
    ]
    for path in found:
        shutil.copy(path, tmp_path)
    assert torch.equal(load("test", tmp_path).images, test.images)


@pytest.mark.parametrize("place", ["", "mnist", "MNIST", "mnist/raw", "raw"])
@pytest.mark.parametrize("dotted", [True, False])
def test_other_layouts_are_found(
    published: dict[str, bytes], tmp_path: Path, place: str, dotted: bool
) -> None:
    for number, (name, content) in enumerate(published.items()):  # some packed and some not
        name = name.replace("-idx", ".idx") if dotted else name
        put({name: content}, tmp_path / place, pack=number % 2 == 0)
    assert loading.list_missing("mnist", tmp_path) == []
    assert len(load("test", tmp_path)) == COUNTS["test"]


def test_each_file_may_lie_in_a_folder_of_its_name(
    published: dict[str, bytes], tmp_path: Path
) -> None:
    for name, content in published.items():
        put({name: content}, tmp_path / name)
    assert len(load("train", tmp_path)) == COUNTS["train"]


def test_what_is_missing_is_told_and_where_it_was_looked_for(
    published: dict[str, bytes], tmp_path: Path
) -> None:
    put({TRAIN_IMAGES: published[TRAIN_IMAGES]}, tmp_path / "mnist")
    with pytest.raises(DataMissing) as error:
        load("train", tmp_path)
    assert str(error.value) == (
        f"MNIST is not in {tmp_path}: {TRAIN_LABELS}, with or without .gz, is neither there nor in "
        "its MNIST/raw, MNIST, mnist/raw, mnist, raw"
    )


def test_packed_files_need_no_temporary_folder(
    published: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(published, tmp_path / "data", pack=True)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    assert len(load("train", tmp_path / "data")) == COUNTS["train"]


def test_a_forged_file_of_the_right_md5_is_not_taken(
    mirrors: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, files = mirrors
    name = TRAIN_IMAGES + ".gz"
    forged = packed(b"forged")
    server.answers["/first/" + name] = sends(forged)
    source = torchvision.datasets.MNIST
    sums = [(n, md5(forged if n == name else content)) for n, content in files.items()]
    monkeypatch.setattr(source, "resources", sums)
    with pytest.raises(DataError, match="checksum differs"):
        result_of(loading.download("mnist", tmp_path))
    assert everything_in(tmp_path) == set()


def test_nothing_is_asked_of_an_address_without_encryption_if_it_cannot_be_checked(
    tmp_path: Path,
) -> None:
    work = download.fetch("http://example.invalid/a", tmp_path / "a", {"md5": "0" * 32}, "a")
    with pytest.raises(download.FetchError, match="without encryption"):
        result_of(work)
    assert everything_in(tmp_path) == set()


@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("openssl") is None,
    reason="elsewhere, whom the system trusts can't be chosen for one process",
)
def test_a_certificate_that_the_system_trusts_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, trusted = tmp_path / "key.pem", tmp_path / "proxy.pem"  # as a school's proxy has one
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(trusted)],
        check=True, capture_output=True,
    )  # fmt: skip
    server = Mirrors((trusted, key))
    server.answers["/a"] = sends(b"content")
    monkeypatch.setenv("no_proxy", "*")

    def fetch() -> None:
        work = download.fetch(f"{server.url}/a", tmp_path / "a", {"md5": md5(b"content")}, "a")
        result_of(work)

    try:
        with pytest.raises(download.FetchError, match="certificate verify failed"):
            fetch()
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))  # the system's, for this process
        fetch()
    finally:
        server.close()
    assert (tmp_path / "a").read_bytes() == b"content"
