"""A dataset that is not there: downloading it, failing to, cancelling, choosing a folder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torchvision.datasets
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lenet_gui.widgets.dataset_offer import DatasetOffer


@pytest.fixture
def offer(qtbot: QtBot, tmp_path: Path) -> DatasetOffer:
    offer = DatasetOffer()
    qtbot.addWidget(offer)
    offer.offer("mnist", "its training labels are missing", tmp_path)
    return offer


@pytest.fixture
def endless_mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A mirror that sends a little and then waits for the event."""
    go_on = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "10000000")
            self.end_headers()
            self.wfile.write(bytes(1 << 20))
            go_on.wait(10)

        def log_message(self, *_: object) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("no_proxy", "*")
    url = f"http://127.0.0.1:{server.server_port}/"
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [url])
    yield go_on
    go_on.set()
    server.shutdown()
    thread.join()
    server.server_close()


def click(button: object) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[arg-type]


def test_what_it_does_not_offer_ends_with_it_all_the_same(qtbot: QtBot) -> None:
    offer = DatasetOffer(instead=False)
    qtbot.addWidget(offer)
    offer.show()
    assert (offer.pen.parentWidget(), offer.pen.isVisible()) == (offer, False)


def test_it_says_what_is_missing_and_what_can_be_done(offer: DatasetOffer, tmp_path: Path) -> None:
    assert offer.text.text().startswith(f"MNIST is not in {tmp_path}. Download it now?")
    assert "its training labels are missing" in offer.text.toolTip()
    assert all(b.isVisible() for b in (offer.download, offer.choose, offer.pen, offer.cancel))
    assert not offer.bar.isVisible()
    click(offer.cancel)
    assert not offer.isVisible()


def test_a_download_that_fails_says_why_and_can_be_tried_again(
    offer: DatasetOffer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])
    click(offer.download)
    assert offer.bar.isVisible() and not offer.download.isVisible()
    qtbot.waitUntil(lambda: "could not be downloaded" in offer.text.text(), timeout=20_000)
    assert offer.download.isVisible() and offer.pen.isVisible()
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
    assert all(thread.wait(5000) for thread in offer.end())


def test_a_cancelled_download_leaves_nothing(
    offer: DatasetOffer, qtbot: QtBot, endless_mirror: threading.Event, tmp_path: Path
) -> None:
    click(offer.download)
    qtbot.waitUntil(lambda: offer.bar.maximum() == 10_000_000 and offer.bar.value() > 0)
    click(offer.cancel)
    assert "Canceled" in offer.text.text() and offer.download.isVisible()
    click(offer.download)  # while the first one may still hang
    assert 1 <= len(offer.end()) <= 2
    endless_mirror.set()
    assert all(thread.wait(10_000) for thread in offer.end())
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_second_run_does_not_disturb_the_download(
    offer: DatasetOffer, qtbot: QtBot, endless_mirror: threading.Event, tmp_path: Path
) -> None:
    click(offer.download)
    qtbot.waitUntil(lambda: offer.bar.value() > 0)
    offer.offer("mnist", "MNIST is not there either", tmp_path)
    assert offer.bar.isVisible() and not offer.download.isVisible()
    endless_mirror.set()
    assert all(thread.wait(10_000) for thread in offer.end())


def test_a_folder_is_taken_only_if_it_holds_the_dataset(
    offer: DatasetOffer, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (tmp_path / "full" / f"{name}-ubyte").write_bytes(b"looked into later")
    offer.try_folder(tmp_path / "none")
    qtbot.waitUntil(lambda: "does not hold the dataset" in offer.text.text(), timeout=20_000)
    assert offer.isVisible()
    with qtbot.waitSignal(offer.folder_chosen) as chosen:
        offer.try_folder(tmp_path / "full")
    assert chosen.args == [tmp_path / "full"] and not offer.isVisible()


def test_train_on_pen_digits_instead(offer: DatasetOffer, qtbot: QtBot) -> None:
    with qtbot.waitSignal(offer.pen_chosen):
        click(offer.pen)
    assert not offer.isVisible()


def test_built_in_digits_are_no_answer_for_clothes(offer: DatasetOffer, tmp_path: Path) -> None:
    offer.offer("fashion", f"Fashion-MNIST is not in {tmp_path}", tmp_path, digits=False)
    assert "30 MB" in offer.text.text() and offer.download.isVisible()
    assert not offer.pen.isVisible()
    offer.offer("mnist", f"MNIST is not in {tmp_path}", tmp_path)
    assert offer.pen.isVisible()


def test_cifar_is_offered_with_its_size_and_looked_for_by_its_folder(
    offer: DatasetOffer, qtbot: QtBot, tmp_path: Path
) -> None:
    offer.offer("cifar10", f"CIFAR-10 is not in {tmp_path}", tmp_path, digits=False)
    assert "170 MB" in offer.text.text()
    offer.try_folder(tmp_path)
    qtbot.waitUntil(lambda: "cifar-10-batches-py" in offer.text.text(), timeout=20_000)
