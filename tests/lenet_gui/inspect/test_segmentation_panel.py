"""The Divide panel, with real mouse and key events."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
import torch
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lenet_gui.inspect.common.inspection import Inspection
from lenet_gui.inspect.segmentation import SegmentationPanel, SegmentationView, arrange_lanes
from tests.support.inspecting import inspection, shipped
from tests.trainer.drawing.test_segmentation import row
from trainer.drawing.sheet import Sheet
from trainer.reading.interpretation import ArcSummary, GraphSummary

BAR = ((0.0, 0.0), (0.0, 100.0))


def arc(*pieces: int, label: str = "1", best: bool = False, second: bool = False) -> ArcSummary:
    return ArcSummary(pieces, label, 0.98, label == "8", -1.25, best, second)


GRAPH = GraphSummary(
    pieces=(BAR, ((40.0, 0.0), (80.0, 100.0)), ((90.0, 50.0),)),
    arcs=(
        arc(0, best=True),
        arc(0, 1, label="4", second=True),
        arc(0, 2, label="8"),
        arc(1, label="", best=True),
        arc(2, label="7", best=True, second=True),
    ),
    best="17",
    second="47",
    margin=2.0,
)


@pytest.fixture
def view(qtbot: QtBot) -> SegmentationView:
    made = SegmentationView()
    qtbot.addWidget(made)
    made.show_graph(GRAPH)
    made.resize(300, made.heightForWidth(300))
    made.show()
    return made


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[SegmentationPanel]:
    made = SegmentationPanel()
    made.resize(308, 420)
    qtbot.addWidget(made)
    yield made
    for thread in made.end():
        assert thread.wait(10_000)


def drawn(*names: str) -> Inspection:
    plain = inspection(shipped())
    strokes = tuple(
        tuple((x + 5.0, y + 80.0, 1.0) for x, y in stroke) for stroke in row(*names, spacing=75)[0]
    )
    return dataclasses.replace(
        plain, reading=dataclasses.replace(plain.reading, sheet=Sheet(strokes))
    )


def test_what_cannot_be_divided_is_told(qtbot: QtBot, panel: SegmentationPanel) -> None:
    given = drawn("two-stroke 4", "plain 2")
    broken = dataclasses.replace(given.model, network=torch.nn.Identity())
    panel.show()
    with qtbot.waitSignal(panel.message, timeout=30_000) as told:
        panel.show_inspection(dataclasses.replace(given, model=broken))
    assert told.args[0]


def test_the_best_path_lies_in_the_first_lane_and_no_arcs_overlap() -> None:
    lanes = arrange_lanes(GRAPH.arcs)
    assert [lane for lane, each in zip(lanes, GRAPH.arcs, strict=True) if each.best] == [0, 0, 0]
    assert lanes[1] != lanes[2]
    assert arrange_lanes(()) == []


def test_an_arc_is_told_by_the_pointer_and_by_keys(view: SegmentationView) -> None:
    QTest.mouseMove(view, view.place(1).center().toPoint())
    assert view.current == 1
    assert (
        view.describe(1) == "Pieces 1, 2 read as 4, 98.0 %, penalty −1.2. On the second-best path"
    )
    QTest.mouseMove(view, QPoint(1, 1))
    assert view.current is None
    for key, wanted in (("Right", 0), ("Right", 1), ("End", 4), ("Left", 3), ("Home", 0)):
        QTest.keyClick(view, getattr(Qt.Key, f"Key_{key}"))
        assert view.current == wanted
        assert view.accessibleDescription() == view.describe(wanted)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view.current is None
    assert view.accessibleDescription() == (
        "3 pieces of ink, 5 arcs. The best path reads 17. The second-best reads 47."
    )


def test_what_is_no_digit_is_told(view: SegmentationView) -> None:
    assert "do not look like a digit" in view.describe(2)
    assert view.describe(3).startswith("Piece 2 joins two digits and belongs to neither")


@pytest.mark.parametrize("ground", ["white", "black"])
def test_the_best_path_is_filled(view: SegmentationView, ground: str) -> None:
    palette = view.palette()
    ink = "black" if ground == "white" else "white"
    palette.setColor(QPalette.ColorRole.Window, QColor(ground))
    palette.setColor(QPalette.ColorRole.WindowText, QColor(ink))
    view.setPalette(palette)
    picture = view.grab().toImage()

    def inside(number: int) -> QColor:
        return picture.pixelColor((view.place(number).topLeft().toPoint()) + QPoint(6, 5))

    assert inside(0) != QColor(ground)
    assert inside(1) == QColor(ground)
    colors = {picture.pixelColor(x, y).name() for x in range(300) for y in range(100)}
    assert QColor(ink).name() in colors  # the first piece


def test_a_drawing_is_divided(panel: SegmentationPanel, qtbot: QtBot) -> None:
    panel.show()
    assert panel.summary.text() == "Draw a number to see how it is divided into digits."
    panel.show_inspection(drawn("two-stroke 4", "plain 2"))
    qtbot.waitUntil(lambda: panel.view.graph is not None)
    graph = panel.view.graph
    assert graph is not None
    assert graph.best == "42"
    assert len(graph.pieces) == 3
    best = [arc for arc in graph.arcs if arc.best]
    assert [each.label for each in best] == ["4", "2"]
    assert best[0].penalty + best[1].penalty <= sum(a.penalty for a in graph.arcs if a.second)
    assert panel.view.isVisible()
    panel.show_inspection(None)
    assert panel.view.graph is None
    assert not panel.view.isVisible()


def test_nothing_is_computed_unseen(panel: SegmentationPanel, qtbot: QtBot) -> None:
    panel.show_inspection(drawn("plain 2", "plain 1"))
    assert panel.end() == []
    panel.show()
    qtbot.waitUntil(lambda: panel.view.graph is not None)
    assert panel.view.graph is not None
    assert panel.view.graph.best == "21"


def test_a_new_font_fits(view: SegmentationView) -> None:
    before = view.heightForWidth(300)
    font = view.font()
    font.setPointSize(font.pointSize() * 2)
    view.setFont(font)
    QTest.qWait(0)
    assert view.heightForWidth(300) > before
    assert view.event(QEvent(QEvent.Type.None_)) is False
