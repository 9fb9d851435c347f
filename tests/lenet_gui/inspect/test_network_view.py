"""The whole network in one picture, by real mouse moves, clicks and keys.

Every number and place shown is compared with one computed here from the weights.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lenet_gui.inspect.common.inspection import Inspection
from lenet_gui.inspect.common.style import PageStyle
from lenet_gui.inspect.network.layout import Layout, TextPlaces, Tile, lay_out_network
from lenet_gui.inspect.network.marks import MapLink, incoming_links, outgoing_links
from lenet_gui.inspect.network.outputs import describe_outputs, score_text
from lenet_gui.inspect.network.view import NetworkView
from lenet_gui.inspect.shading import Shading
from tests.support import inspecting
from tests.support.by_hand import varied
from tests.support.inspecting import empty, inspection, paper_model, picture, shipped
from trainer.networks.anatomy import Kind, Unit, find_sources, list_stages
from trainer.networks.factory import build, prepare_images
from trainer.networks.interventions import Intervention
from trainer.networks.model import Model
from trainer.recipes.recipe import Recipe

Array = NDArray[np.float64]
MODELS = {"today": shipped, "1998": paper_model}
UNITS = (
    *(Unit(0, 0, 9, 14), Unit(1, 0, 0, 0), Unit(1, 5, 27, 13), Unit(2, 3, 0, 6)),
    *(Unit(3, 0, 0, 0), Unit(3, 9, 4, 9), Unit(3, 15, 9, 9), Unit(4, 12, 4, 4)),
    *(Unit(5, 119, 0, 0), Unit(5, 6, 0, 0), Unit(6, 40, 0, 0), Unit(7, 9, 0, 0)),
)
KEYS = Qt.Key


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[NetworkView]:
    """With a reading by today's network, 1050x850."""
    made = NetworkView()
    qtbot.addWidget(made)
    made.show_inspection(inspection(shipped()))
    made.resize(1050, 850)
    with qtbot.waitSignal(made.painted):
        made.show()
    yield made


def show(view: NetworkView, shown: Inspection) -> None:
    """Another reading, painted."""
    view.show_inspection(shown)
    view.grab()


def hover(view: NetworkView, point: QPointF) -> None:
    QTest.mouseMove(view, QPoint(1, 1))
    QTest.mouseMove(view, point.toPoint())


def click(view: NetworkView, unit: Unit) -> None:
    QTest.mouseClick(
        view,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        view.unit_rect(unit).center().toPoint(),
    )


def press(view: NetworkView, key: Qt.Key, control: bool = False) -> None:
    modifiers = Qt.KeyboardModifier
    QTest.keyClick(view, key, modifiers.ControlModifier if control else modifiers.NoModifier)


# An independent network, in numpy


def weights_of(model: Model) -> dict[str, Array]:
    state = dict(model.network.named_parameters()) | dict(model.network.named_buffers())
    return {name: value.detach().double().numpy() for name, value in state.items()}


def convolved(images: Array, kernels: Array, biases: Array) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(images, (5, 5), axis=(1, 2))
    return np.einsum("cyxij,ocij->oyx", windows, kernels) + biases[:, None, None]


def quarters(maps: Array) -> Array:
    """(maps, 4, h, w): each window of 2x2."""
    return np.stack([maps[:, y::2, x::2] for y in (0, 1) for x in (0, 1)], 1)


def values_today(model: Model, image: NDArray[np.uint8]) -> list[Array]:
    """Every stage's values, the stages' own order."""
    w = weights_of(model)
    given = (image[None] / 255 - model.recipe.mean) / model.recipe.std
    padded = np.pad(given, ((0, 0), (2, 2), (2, 2)))
    c1 = np.maximum(convolved(padded, w["conv1.weight"], w["conv1.bias"]), 0)
    s2 = quarters(c1).max(1)
    c3 = np.maximum(convolved(s2, w["conv2.weight"], w["conv2.bias"]), 0)
    s4 = quarters(c3).max(1)
    c5 = np.maximum(w["fc1.weight"] @ s4.ravel() + w["fc1.bias"], 0)
    f6 = np.maximum(w["fc2.weight"] @ c5 + w["fc2.bias"], 0)
    out = w["fc3.weight"] @ f6 + w["fc3.bias"]
    return [given, c1, s2, c3, s4, *(flat[:, None, None] for flat in (c5, f6, out))]


def values_1998(model: Model, image: NDArray[np.uint8]) -> list[Array]:
    w = weights_of(model)

    def squash(sums: Array) -> Array:
        return 1.7159 * np.tanh(2 / 3 * sums)

    def pooled(maps: Array, name: str) -> Array:
        weight, bias = (w[f"{name}.{part}"][:, None, None] for part in ("weight", "bias"))
        return squash(quarters(maps).sum(1) * weight + bias)

    given = np.pad(-0.1 + image[None] / 255 * 1.275, ((0, 0), (2, 2), (2, 2)), constant_values=-0.1)
    c1 = squash(convolved(given, w["conv1.weight"], w["conv1.bias"]))
    s2 = pooled(c1, "pool1")
    dense = np.zeros((96, 5, 5))
    dense[w["conv2.places"].astype(int)] = w["conv2.weight"]
    c3 = squash(convolved(s2, dense.reshape(16, 6, 5, 5), w["conv2.bias"]))
    s4 = pooled(c3, "pool2")
    c5 = squash(w["fc1.weight"].reshape(120, -1) @ s4.ravel() + w["fc1.bias"])
    f6 = squash(w["fc2.weight"] @ c5 + w["fc2.bias"])
    out = -((f6 - w["bitmaps"]) ** 2).sum(1)
    return [given, c1, s2, c3, s4, *(flat[:, None, None] for flat in (c5, f6, out))]


VALUES = {"today": values_today, "1998": values_1998}


def number_in(label: str) -> float:
    """The value that the label begins with."""
    words = label.replace("−", "-").split()
    return float(words[1] if words[0] in ("score", "penalty") else words[0])


# Pointing


@pytest.mark.parametrize("kind", MODELS)
def test_pointing_at_a_unit_tells_its_value(view: NetworkView, kind: str) -> None:
    model = MODELS[kind]()
    show(view, inspection(model))
    expected = VALUES[kind](model, picture())
    heard: list[Unit | None] = []
    view.pointed.connect(heard.append)
    for unit in UNITS:
        hover(view, view.unit_rect(unit).center())
        assert heard[-1] == unit == view.pointed_unit
        value = expected[unit.stage][unit.map, unit.y, unit.x]
        if unit.stage == 7:
            assert view.label.startswith("penalty" if kind == "1998" else "score")
            value = -value if kind == "1998" else value
        # Three digits are shown.
        assert number_in(view.label) == pytest.approx(
            value, abs=0.0051 if abs(value) < 9.99 else 0.51
        )
    hover(view, QPointF(3, view.height() - 3))
    assert heard[-1] is None and view.label == ""


def test_the_label_says_which_unit_counted_from_one(view: NetworkView) -> None:
    hover(view, view.unit_rect(Unit(3, 4, 1, 6)).center())
    assert view.label.endswith("C3, map 5, row 2, column 7")
    hover(view, view.unit_rect(Unit(6, 11, 0, 0)).center())
    assert view.label.endswith("F6, unit 12")


def test_the_value_before_the_activation(view: NetworkView) -> None:
    unit = Unit(3, 9, 4, 8)
    view.set_shading(Shading(before=True))
    hover(view, view.unit_rect(unit).center())
    w = weights_of(shipped())
    s2 = values_today(shipped(), picture())[2]
    expected = convolved(s2, w["conv2.weight"], w["conv2.bias"])[unit.map, unit.y, unit.x]
    assert number_in(view.label) == pytest.approx(expected, abs=0.0051)


def test_leaving_points_at_nothing(view: NetworkView, qtbot: QtBot) -> None:
    hover(view, view.unit_rect(UNITS[3]).center())
    with qtbot.waitSignal(view.pointed) as heard:
        QTest.mouseMove(view.window(), QPoint(-20, -20))
        QApplication.sendEvent(view, _leave())
    assert heard.args == [None]


def _leave() -> Any:
    from PySide6.QtCore import QEvent

    return QEvent(QEvent.Type.Leave)


# Receptive fields


def fields_by_gradient(model: Model, unit: Unit) -> list[NDArray[np.bool_]]:
    """In each stage before, which units change this one's value: (maps, height, width)."""
    stages = list_stages(model.network)
    network = build(model.recipe, torch.Generator().manual_seed(11)).double().eval()
    given = (
        prepare_images(torch.from_numpy(picture()[None]), model.recipe).double().requires_grad_()
    )
    found = {"input": given, **network.layers(given)._asdict()}
    value = found[stages[unit.stage].active][0, unit.map]
    value = value[unit.y, unit.x] if value.ndim else value
    before = [found[stage.active] for stage in stages[: unit.stage]]
    return [
        (gradient[0].numpy() != 0).reshape(stage.shape)
        for stage, gradient in zip(stages, torch.autograd.grad(value, before), strict=False)
    ]


@pytest.mark.parametrize("unit", [u for u in UNITS if u.stage], ids=str)
@pytest.mark.parametrize("recipe", ["today", "1998"])
def test_receptive_fields_are_outlined_exactly(view: NetworkView, unit: Unit, recipe: str) -> None:
    """What is outlined is what has any influence, in smooth networks where all of it shows."""
    smooth = dataclasses.replace(Recipe(), activation="tanh", pooling="average")
    model = dataclasses.replace(shipped(), recipe=smooth) if recipe == "today" else paper_model()
    shown = inspection(shipped() if recipe == "today" else model)
    show(view, shown)
    hover(view, view.unit_rect(unit).center())
    outlined = view.field_rects()
    for stage, influence in enumerate(fields_by_gradient(model, unit)):
        rects = expected_rects(view, stage, influence)
        assert sorted(map(_corners, outlined[stage])) == sorted(map(_corners, rects))


def expected_rects(view: NetworkView, stage: int, influence: NDArray[np.bool_]) -> list[QRectF]:
    """The boxes around what has influence, from the places of the maps and units alone."""
    maps = [number for number, each in enumerate(influence) if each.any()]
    if influence.shape[1:] == (1, 1) and len(maps) == len(influence):
        first, last = (view.unit_rect(Unit(stage, n, 0, 0)) for n in (maps[0], maps[-1]))
        return [first.united(last)]
    rects = []
    for number in maps:
        ys, xs = np.nonzero(influence[number])
        corners = (Unit(stage, number, ys.min(), xs.min()), Unit(stage, number, ys.max(), xs.max()))
        rects.append(view.unit_rect(corners[0]).united(view.unit_rect(corners[1])))
    return rects


def _corners(rect: QRectF) -> tuple[float, ...]:
    return tuple(round(at, 3) for at in rect.getCoords())


def test_the_outline_is_painted_around_the_field(view: NetworkView) -> None:
    view.point_at(Unit(3, 4, 3, 3))
    image = view.grab().toImage()
    # Of C3's row 3: S2's rows 3 to 7, C1's 6 to 15, the input's 4 to 17, padding taken off.
    for stage, first, last in ((2, 3, 7), (1, 6, 15), (0, 4, 17)):
        box = view.unit_rect(Unit(stage, 0, first, first)).united(
            view.unit_rect(Unit(stage, 0, last, last))
        )
        middle, white = box.center().toPoint(), QColor("white")
        assert image.pixelColor(round(box.left()), middle.y()) == white
        assert image.pixelColor(round(box.right()) - 1, middle.y()) == white
        assert image.pixelColor(middle.x(), round(box.top())) == white
        assert image.pixelColor(middle.x(), round(box.bottom()) - 1) == white


# Connections


@pytest.mark.parametrize("unit", [u for u in UNITS if u.stage], ids=str)
@pytest.mark.parametrize("kind", MODELS)
def test_what_comes_in_adds_up_to_the_sum(kind: str, unit: Unit) -> None:
    model = MODELS[kind]()
    shown = inspection(model)
    stage = shown.stages[unit.stage]
    links = incoming_links(shown, unit)
    assert {link.stage for link in links} == {unit.stage - 1}
    if stage.kind == Kind.POOLING:
        assert [link.product for link in links] == [None]
        return
    name = {1: "conv1", 3: "conv2", 5: "fc1", 6: "fc2", 7: "fc3"}[unit.stage]
    bias = weights_of(model)[f"{name}.bias"][unit.map] if f"{name}.bias" in _names(model) else 0.0
    sums = shown.values(unit.stage, before=True)
    assert sums is not None
    total = sum(link.product or 0.0 for link in links)
    assert total + bias == pytest.approx(float(sums[unit.map, unit.y, unit.x]), abs=1e-3)


def _names(model: Model) -> set[str]:
    return set(weights_of(model))


@pytest.mark.parametrize("unit", [Unit(4, 12, 4, 3), Unit(5, 6, 0, 0), Unit(6, 40, 0, 0)], ids=str)
@pytest.mark.parametrize("kind", MODELS)
def test_what_goes_out_is_what_comes_in_there(kind: str, unit: Unit) -> None:
    shown = inspection(MODELS[kind]())
    links = outgoing_links(shown, unit)
    assert len(links) == shown.stages[unit.stage + 1].shape[0]
    if unit.stage == 4:  # of which C5 gets one product for a whole map
        weight = weights_of(shown.model)["fc1.weight"].reshape(120, 16, 5, 5)
        expected = weight[:, unit.map, unit.y, unit.x] * shown.value(unit)
    else:
        after = [Unit(unit.stage + 1, link.region.maps[0], 0, 0) for link in links]
        expected = np.array([_from(incoming_links(shown, each), unit) for each in after])
    np.testing.assert_allclose(
        [link.product or 0 for link in links], expected, rtol=1e-4, atol=1e-6
    )


def _from(links: list[MapLink], unit: Unit) -> float:
    (found,) = (link for link in links if link.region.maps == (unit.map,))
    assert found.product is not None
    return found.product


@pytest.mark.parametrize("unit", [Unit(0, 0, 0, 13), Unit(1, 2, 27, 6), Unit(2, 4, 13, 5)], ids=str)
@pytest.mark.parametrize("kind", MODELS)
def test_what_sees_a_unit(kind: str, unit: Unit) -> None:
    """Found by asking each unit of the next stage what it is computed from."""
    shown = inspection(MODELS[kind]())
    maps, height, width = shown.stages[unit.stage + 1].shape
    seeing = np.zeros((maps, height, width), bool)
    for place in np.ndindex(seeing.shape):
        seen = find_sources(shown.stages, Unit(unit.stage + 1, *place))
        rows, columns = range(seen.top, seen.bottom), range(seen.left, seen.right)
        seeing[place] = unit.map in seen.maps and unit.y in rows and unit.x in columns
    told = np.zeros_like(seeing)
    for link in outgoing_links(shown, unit):
        (number,), top, left, bottom, right = link.region
        told[number, top:bottom, left:right] = True
    np.testing.assert_array_equal(told, seeing)


# Choosing


def test_a_click_chooses_and_a_second_one_shows_the_map_large(
    view: NetworkView, qtbot: QtBot
) -> None:
    unit = Unit(3, 4, 1, 6)
    with qtbot.assertNotEmitted(view.opened), qtbot.waitSignal(view.chosen) as heard:
        click(view, unit)
    assert heard.args == [unit] and view.chosen_unit == unit
    with qtbot.assertNotEmitted(view.chosen), qtbot.waitSignal(view.opened) as heard:
        click(view, unit)
    assert heard.args == [unit]


def test_a_click_beside_the_maps_lets_go(view: NetworkView, qtbot: QtBot) -> None:
    click(view, Unit(3, 4, 1, 6))
    with qtbot.waitSignal(view.chosen) as heard:
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(3, view.height() - 3))
    assert heard.args == [None]


def test_choosing_and_pointing_by_program_is_silent(view: NetworkView, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(view.chosen), qtbot.assertNotEmitted(view.pointed):
        view.choose(Unit(3, 4, 1, 6))
        view.point_at(Unit(2, 4, 1, 6))
    assert view.chosen_unit == Unit(3, 4, 1, 6) and view.pointed_unit == Unit(2, 4, 1, 6)


@pytest.mark.parametrize(
    ("start", "keys", "expected"),
    [
        (Unit(3, 4, 1, 6), [KEYS.Key_Right, KEYS.Key_Down], Unit(3, 4, 2, 7)),
        (Unit(3, 4, 1, 9), [KEYS.Key_Right], Unit(3, 5, 1, 0)),  # the map beside it
        (Unit(3, 4, 9, 3), [KEYS.Key_Down], Unit(3, 6, 0, 3)),  # the map below it
        (Unit(1, 0, 0, 3), [KEYS.Key_Up], Unit(1, 0, 0, 3)),  # the picture's edge
        (Unit(6, 8, 0, 0), [KEYS.Key_Down, KEYS.Key_Left], Unit(6, 14, 0, 0)),
        (Unit(7, 3, 0, 0), [KEYS.Key_Down], Unit(7, 4, 0, 0)),
    ],
)
def test_arrows_go_from_unit_to_unit(
    view: NetworkView, start: Unit, keys: list[Qt.Key], expected: Unit
) -> None:
    view.choose(start)
    heard: list[Unit] = []
    view.chosen.connect(heard.append)
    for key in keys:
        press(view, key)
    assert view.chosen_unit == expected
    assert (heard[-1:] or [start]) == [expected]


def test_control_and_arrows_go_through_all_stages(view: NetworkView) -> None:
    view.choose(Unit(0, 0, 14, 14))
    passed = [0]
    while True:
        before = view.chosen_unit
        press(view, KEYS.Key_Right, control=True)
        if view.chosen_unit == before or view.chosen_unit is None:
            break
        passed.append(view.chosen_unit.stage)
    assert list(dict.fromkeys(passed)) == list(range(8))
    view.choose(Unit(1, 1, 14, 7))
    press(view, KEYS.Key_Down, control=True)
    assert view.chosen_unit == Unit(1, 2, 14, 7)  # the same place of the next map


def test_the_keyboard_begins_opens_and_lets_go(view: NetworkView, qtbot: QtBot) -> None:
    press(view, KEYS.Key_Right)
    assert view.chosen_unit == Unit(0, 0, 14, 14)
    with qtbot.waitSignal(view.opened) as heard:
        press(view, KEYS.Key_Return)
    assert heard.args == [Unit(0, 0, 14, 14)]
    assert view.accessibleDescription().startswith("Selected: input, row 15, column 15")
    with qtbot.waitSignal(view.chosen) as heard:
        press(view, KEYS.Key_Escape)
    assert heard.args == [None] and view.label == ""


def test_menus_by_mouse_and_key(view: NetworkView, qtbot: QtBot) -> None:
    under, chosen = Unit(1, 2, 7, 8), Unit(3, 4, 1, 6)
    view.choose(chosen)
    reasons = QContextMenuEvent.Reason
    at = view.unit_rect(under).center().toPoint()
    for reason, expected in ((reasons.Mouse, under), (reasons.Keyboard, chosen)):
        with qtbot.waitSignal(view.menu_asked) as heard:
            event = QContextMenuEvent(reason, at, view.mapToGlobal(at))
            QApplication.sendEvent(view, event)
        assert heard.args is not None and heard.args[0] == expected
        place = view.mapFromGlobal(heard.args[1])
        assert view.unit_rect(expected).adjusted(-2, -2, 2, 2).contains(QPointF(place))


# What is painted


def painted(view: NetworkView) -> QImage:
    return view.grab().toImage()


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("size", [(440, 470), (1050, 850)], ids=str)
def test_every_unit_has_the_color_of_its_value(
    view: NetworkView, kind: str, size: tuple[int, int]
) -> None:
    model = MODELS[kind]()
    view.set_shading(Shading(colors="gray", scale="map"))
    view.resize(*size)
    show(view, inspection(model))
    image = painted(view)
    for stage, values in enumerate(VALUES[kind](model, picture())[:7]):
        flat = values.shape[1:] == (1, 1)
        axes = None if flat else (1, 2)
        low, high = values.min(axes, keepdims=True), values.max(axes, keepdims=True)
        levels = np.round((values - low) / np.where(high > low, high - low, 1) * 255)
        for number, y, x in list(np.ndindex(values.shape))[:: 1 if flat else 17]:
            at = view.unit_rect(Unit(stage, number, y, x)).center()
            shown = image.pixelColor(int(at.x()), int(at.y())).red()
            assert abs(shown - levels[number, y, x]) <= 1


def test_the_outputs_say_probability_and_score(view: NetworkView) -> None:
    for kind, model in (("today", shipped()), ("1998", paper_model())):
        shown = describe_outputs(inspection(model), PageStyle(view.font(), view.palette()))
        scores = VALUES[kind](model, picture())[7].ravel()
        raised = np.exp((scores - scores.max()) / model.temperature)
        np.testing.assert_allclose(shown.probabilities, raised / raised.sum(), atol=1e-4)
        assert shown.best == scores.argmax()
        for number, score in enumerate(scores):
            told = float(score_text(shown, number).replace("−", "-"))
            assert told == pytest.approx(-score if kind == "1998" else score, rel=6e-3, abs=6e-3)
        assert len(shown.bitmaps) == (10 if kind == "1998" else 0)
    ink = [
        [shown.bitmaps[7].pixelColor(x, y).lightness() < 128 for x in range(7)] for y in range(12)
    ]
    np.testing.assert_array_equal(np.ravel(ink), weights_of(paper_model())["bitmaps"][7] > 0)


def test_the_answers_bar_is_as_long_as_its_probability(view: NetworkView) -> None:
    show(view, inspection(shipped(), picture(4)))
    assert view.inspection is not None and view.inspection.prediction is not None
    found = view.inspection.prediction
    image, accent = painted(view), view.palette().accent().color()
    row = view.unit_rect(Unit(7, found.digit, 0, 0))
    lines = range(int(row.top()), int(row.bottom()))
    across = range(int(row.left()), int(row.right()))
    longest = max(sum(image.pixelColor(x, y) == accent for x in across) for y in lines)
    assert longest == pytest.approx(max(found.probabilities) * (row.width() - 8), abs=1.5)


def test_another_reading_is_painted_at_once(view: NetworkView, qtbot: QtBot) -> None:
    before = painted(view)
    with qtbot.waitSignal(view.painted):
        view.show_inspection(inspection(shipped(), picture(7)))
    assert painted(view) != before


def test_nothing_is_computed_while_hidden(view: NetworkView, qtbot: QtBot) -> None:
    asked: list[int] = []

    class Recorder(Shading):
        def image(self, inspection: Inspection, stage: int) -> QImage:
            asked.append(stage)
            return super().image(inspection, stage)

    view.hide()
    view.set_shading(Recorder())
    view.show_inspection(inspection(shipped(), picture(7)))
    assert asked == []
    with qtbot.waitSignal(view.painted):
        view.show()
    assert asked == list(range(7))


def test_a_clean_sheet_has_frames_and_no_numbers(view: NetworkView) -> None:
    show(view, empty(shipped()))
    image = painted(view)
    ground = view.palette().alternateBase().color()
    for unit in (Unit(1, 2, 14, 14), Unit(4, 3, 2, 2), Unit(5, 50, 0, 0)):
        at = view.unit_rect(unit).center().toPoint()
        assert image.pixelColor(at) == ground
    hover(view, view.unit_rect(Unit(3, 4, 1, 6)).center())
    assert view.label == "C3, map 5, row 2, column 7"
    assert len(view.field_rects()[2]) == 6
    assert (
        score_text(describe_outputs(empty(shipped()), PageStyle(view.font(), view.palette())), 3)
        == ""
    )


def test_no_network_at_all_is_an_empty_widget(view: NetworkView) -> None:
    view.choose(Unit(3, 4, 1, 6))
    view.show_inspection(None)
    image = painted(view)
    assert image.pixelColor(300, 300) == view.palette().window().color()
    assert view.chosen_unit is None and view.label == ""
    hover(view, QPointF(300, 300))
    press(view, KEYS.Key_Right)
    assert view.pointed_unit is None and view.chosen_unit is None


def test_kernels_stand_beside_their_maps(view: NetworkView) -> None:
    """Blue below zero, orange above, and nothing where there is no connection."""
    model = paper_model()
    show(view, inspection(model))
    hover(view, view.unit_rect(Unit(3, 3, 9, 9)).center())  # sees 3, 4 and 5 of S2
    view.point_at(None)
    image, places = painted(view), view.places
    w = weights_of(model)
    first = w["conv2.places"].tolist().index(3 * 6 + 4)
    for place, kernel in (
        (places.first_kernels[2], w["conv1.weight"][2, 0]),
        (places.second_kernels[4], w["conv2.weight"][first]),
    ):
        for y, x in np.ndindex(5, 5):
            side = place.width() / 5
            at = place.topLeft() + QPointF((x + 0.5) * side, (y + 0.5) * side)
            color = image.pixelColor(at.toPoint())
            if abs(kernel[y, x]) > 0.1 * abs(kernel).max():
                assert (color.red() > color.blue()) == (kernel[y, x] > 0)
    window = view.palette().window().color()
    assert image.pixelColor(places.second_kernels[0].center().toPoint()) == window
    assert "does not look" in view.tooltip_at(places.second_kernels[0].center())
    assert "through this kernel" in view.tooltip_at(places.second_kernels[4].center())


def test_held_maps_are_marked(view: NetworkView) -> None:
    interventions = (Intervention("conv1_active", 2, 0.0), Intervention("fc1", 17, 1.0))
    before = painted(view)
    view.show_interventions(interventions)
    show(view, inspection(shipped(), None, interventions))
    image = painted(view)
    mark = PageStyle(view.font(), view.palette()).above
    for unit in (Unit(1, 2, 0, 27), Unit(5, 17, 0, 0)):
        corner = view.map_rect(unit.stage, unit.map).topRight().toPoint() + QPoint(-2, 3)
        assert image.pixelColor(corner) == mark != before.pixelColor(corner)
    view.show_interventions(())
    show(view, inspection(shipped()))
    assert painted(view) == before


def test_the_spotlight_dims_the_other_columns(view: NetworkView) -> None:
    before = painted(view)
    view.spotlight((1, 2))
    lit = painted(view)
    assert lit.copy(view.map_rect(2, 3).toRect()) == before.copy(view.map_rect(2, 3).toRect())
    at = view.map_rect(3, 0).center().toPoint()
    assert lit.pixelColor(at).lightness() > before.pixelColor(at).lightness() + 100
    view.spotlight(None)
    assert painted(view) == before


def test_heat_lies_over_the_drawing(view: NetworkView) -> None:
    heat = np.zeros((28, 28), np.float32)
    heat[3, 20], heat[20, 3] = 1.0, -1.0
    show(view, inspection(paper_model()))  # whose input has a border of two around the drawing
    view.show_overlay(heat)
    image = painted(view)
    colors = [image.pixelColor(view.unit_rect(Unit(0, 0, y, x)).center().toPoint())
               for y, x in ((5, 22), (22, 5), (3, 20))]  # fmt: skip
    assert colors[0].red() > colors[0].blue() + 80
    assert colors[1].blue() > colors[1].red() + 80
    assert abs(colors[2].red() - colors[2].blue()) < 60
    view.show_overlay(None)
    assert painted(view) != image


def test_another_network_drops_the_units_that_it_has_not(view: NetworkView) -> None:
    show(view, inspection(varied(dataset="cifar10")))
    view.choose(Unit(0, 2, 31, 31))
    assert "input, blue, row 32, column 32" in view.label
    show(view, inspection(shipped()))
    assert view.chosen_unit is None


# Layout


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("size", [(400, 320), (440, 470), (1050, 850), (1200, 900), (1200, 470)])
def test_everything_has_its_place_at_every_size(size: tuple[int, int], ratio: float) -> None:
    for model, bitmaps in (
        (shipped(), False),
        (paper_model(), True),
        (varied(dataset="cifar10"), False),
    ):
        stages = list_stages(model.network)
        words = TextPlaces(max(map(len, model.classes)), bitmaps)
        made = lay_out_network(stages, QSizeF(*size), words, ratio, lines=3)
        tiles = [tile for column in made.tiles for tile in column]
        rects = [tile.rect for tile in tiles] + [*made.first_kernels, *made.second_kernels]
        whole = QRectF(0, made.caption, size[0], size[1] - made.caption)
        for number, rect in enumerate(rects):
            assert whole.contains(rect)
            assert not any(rect.intersects(other) for other in rects[:number])
        for tile in tiles[:-1]:
            assert tile.rect.width() * tile.rows == pytest.approx(tile.rect.height() * tile.columns)
            assert tile.rect.width() * ratio >= tile.columns
        _check_every_unit_is_found(made, tiles)


def _check_every_unit_is_found(made: Layout, tiles: list[Tile]) -> None:
    for tile in tiles:
        for row, column in ((0, 0), (tile.rows - 1, tile.columns - 1), (tile.rows // 2, 0)):
            unit = tile.unit(row, column)
            assert made.at(tile.cell(unit).center()) == unit
            assert made.tile(unit) is tile and tile.place(unit) == (row, column)


def test_maps_grow_with_the_view() -> None:
    stages = list_stages(shipped().network)
    small, large = (
        lay_out_network(stages, QSizeF(*size), TextPlaces(1, False), lines=3)
        for size in ((440, 470), (1050, 850))
    )
    for stage in range(5):
        sides = [made.tiles[stage][0].rect.width() for made in (small, large)]
        assert sides[1] > 1.9 * sides[0]
    # In a view that is wide and low, C1 stands in two columns.
    low = lay_out_network(stages, QSizeF(1200, 470), TextPlaces(1, False))
    assert low.tiles[1][0].rect.top() == low.tiles[1][1].rect.top()


@pytest.mark.parametrize("size", [(530, 640), (649, 600), (400, 320)])
def test_captions_stand_apart_in_a_narrow_view(size: tuple[int, int]) -> None:
    """A column of maps as narrow as its maps would let the captions touch."""
    made = lay_out_network(
        list_stages(shipped().network), QSizeF(*size), TextPlaces(1, False), lines=3
    )
    middles = [made.block(stage).center().x() for stage in range(1, 5)]
    for left, right in itertools.pairwise(middles):
        assert right - left > 4.5 * made.letters


def test_the_helpers_are_of_the_network_that_ships() -> None:
    """Else the numbers above would be compared with another network's."""
    expected = values_today(shipped(), picture())
    found = inspecting.inspection(shipped())
    for stage, values in enumerate(expected):
        np.testing.assert_allclose(found.values(stage), values, atol=2e-3)


def test_letters_grow_with_the_windows_text(view: NetworkView) -> None:
    usual = view.places.letters
    font = view.font()
    font.setPointSizeF(2 * font.pointSizeF())
    view.setFont(font)
    assert view.places.letters > 1.5 * usual
