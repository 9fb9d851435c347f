"""The test that a packed program makes of itself, and files that a desktop opens with it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from lenet_gui.__main__ import main
from lenet_gui.app import application
from lenet_gui.app.self_test import SelfTest
from tests.support.gui import MakeWindow


def test_it_draws_reads_trains_and_closes(
    make_window: MakeWindow,
    qtbot: QtBot,
    small_pen: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    window = make_window()
    test = SelfTest(window, 0.0)
    window.start(restore_network=False)
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=60_000)
    told = capsys.readouterr()
    assert "one epoch trained: " in told.out and "the new network read it as" in told.out
    assert test.status == 0 and told.err == ""


def test_it_says_what_went_wrong(
    make_window: MakeWindow, capsys: pytest.CaptureFixture[str]
) -> None:
    window = make_window()
    test = SelfTest(window, 0.0)
    window.reader.failed.emit("no module named torch")
    assert test.status == 1 and not window.isVisible()
    assert capsys.readouterr().err == "lenet-gui: no module named torch\n"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.safetensors", "model"), ("a.lenet-recipe.json", "recipe"), ("a.JPG", "picture")],
)
def test_a_file_named_alone_is_opened_by_its_kind(
    name: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[argparse.Namespace] = []
    monkeypatch.setattr(application, "run", lambda found: given.append(found) or 0)
    interval = sys.getswitchinterval()
    try:
        assert main([name]) == 0
    finally:
        sys.setswitchinterval(interval)
    opened = {each: getattr(given[0], each) for each in ("model", "recipe", "picture")}
    assert opened == dict.fromkeys(opened) | {kind: Path(name)}
