"""Values become colors; the bar says which, and what a map holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.inspect.shading import (
    COLORS,
    FIXED,
    SCALES,
    Shading,
    activation,
    fixed_range,
    to_levels,
)
from lenet_gui.inspect.shading_bar import ColorScale, ShadingBar
from lenet_gui.widgets import theme
from lenet_gui.widgets.colormap import diverging_table
from tests.support.inspecting import DIGITS, empty, inspection, paper_model, shipped
from trainer.inspect.contributions import compute_statistics
from trainer.networks.anatomy import Unit
from trainer.networks.factory import build
from trainer.networks.lenet5 import ACTIVATIONS
from trainer.networks.model import Model
from trainer.recipes.recipe import Recipe


def untrained(**changes: object) -> Model:
    recipe = dataclasses.replace(Recipe(), **changes)
    network = build(recipe, torch.Generator().manual_seed(2)).eval()
    return Model(network, recipe, DIGITS, name="untrained")


# Ranges and pictures


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("make", [shipped, paper_model])
def test_each_scale_takes_the_lowest_and_highest_of_its_own(
    make: Callable[[], Model], before: bool
) -> None:
    shown = inspection(make())
    assert shown.prediction is not None
    names = [stage.sums if before else stage.active for stage in shown.stages]
    values = [shown.prediction.maps[name].values for name in names]
    inner = np.concatenate([each.ravel() for each in values[1:7]])
    for number, each in enumerate(values):
        flat = each.reshape(len(each), -1)
        layer = [each.min(), each.max()]
        by_map = Shading(scale="map", before=before).ranges(shown, number)
        if number < 5:
            assert np.array_equal(by_map, np.stack((flat.min(1), flat.max(1)), 1))
        else:
            assert np.array_equal(by_map, [layer] * len(each))
        by_layer = Shading(scale="layer", before=before).ranges(shown, number)
        assert by_layer.shape == (len(each), 2) and np.array_equal(by_layer, [layer] * len(each))
        whole = Shading(scale="network", before=before).ranges(shown, number)
        ends = [inner.min(), inner.max()] if 0 < number < 7 else layer
        assert np.array_equal(whole, np.array([ends] * len(each), np.float32))


def test_diverging_colors_reach_as_far_below_zero_as_above_it() -> None:
    shown = inspection(paper_model())
    for scale in SCALES:
        plain = Shading(scale=scale).ranges(shown, 3)
        even = Shading("diverging", scale).ranges(shown, 3)
        assert np.array_equal(even[:, 1], np.abs(plain).max(1))
        assert np.array_equal(even[:, 0], -even[:, 1])


def test_the_fixed_scale_is_the_activations_and_the_same_for_every_drawing() -> None:
    assert set(ACTIVATIONS) | {"none"} == set(FIXED)
    grid = torch.linspace(-30, 30, 601)
    for name, function in ACTIVATIONS.items():
        low, high = FIXED[name]
        least, most = float(function(grid).min()), float(function(grid).max())
        if name == "leaky_relu":  # has no end on either side
            least = low
        assert low <= least + 1e-6 and high >= min(5.0, most) - 1e-6
    paper = inspection(paper_model())
    assert fixed_range(paper.model, paper.stages[2], False) == (-1.7159, 1.7159)
    assert fixed_range(paper.model, paper.stages[2], True) == (-5.0, 5.0)
    assert fixed_range(paper.model, paper.stages[7], False) == (-200.0, 0.0)
    assert np.allclose(fixed_range(paper.model, paper.stages[0], False), (-0.1, 1.175), atol=1e-6)
    ranges = Shading(scale="fixed").ranges(inspection(shipped()), 3)
    assert np.array_equal(ranges, [[0, 5]] * 16)


def test_hidden_layers_may_have_no_activation_or_another_one() -> None:
    shown = inspection(untrained(activation="tanh", hidden_activation="none", pooling="average"))
    names = [activation(shown.model, stage) for stage in shown.stages]
    assert names == ["none", *["tanh"] * 4, "none", "none", "none"]
    assert fixed_range(shown.model, shown.stages[5], False) == (-5, 5)
    # Pooling's sums are the activation's values.
    assert fixed_range(shown.model, shown.stages[2], True) == (-1, 1)


@pytest.mark.parametrize("colors", COLORS)
def test_a_pictures_pixels_are_the_values_colors(colors: str) -> None:
    shown, shading = inspection(shipped()), Shading(colors, "map", dark=True)
    for number in (0, 3, 6):
        values = shown.values(number)
        assert values is not None
        maps, height, width = values.shape
        image = shading.image(shown, number)
        assert (image.width(), image.height()) == (width, maps * height)
        table = shading.table
        for map_ in range(0, maps, 5):
            low, high = shading.ranges(shown, number)[map_]
            for y in range(0, height, 3):
                x = (2 * y + map_) % width
                share = (float(values[map_, y, x]) - low) / max(high - low, 1e-9)
                # Rounding may go either way.
                near = {min(max(round(255 * share + each), 0), 255) for each in (-0.01, 0.01)}
                wanted = {QColor(table[level]).name() for level in near}
                assert QColor(image.pixel(x, map_ * height + y)).name() in wanted


def test_pictures_of_three_colors_have_three_maps() -> None:
    shown = inspection(untrained(dataset="cifar10"))
    assert (Shading().image(shown, 0).width(), Shading().image(shown, 0).height()) == (32, 96)


def test_what_is_beyond_the_range_or_all_the_same_has_the_ends_color() -> None:
    values = np.array([[[-3.0, 0.0, 1.0, 9.0]], [[2.0, 2.0, 2.0, 2.0]]], np.float32)
    found = to_levels(values, np.array([[0, 1], [2, 2]], np.float32))
    assert found.tolist() == [[[0, 0, 255, 255]], [[0, 0, 0, 0]]]


def test_a_clean_sheet_has_no_values_and_no_colors() -> None:
    with pytest.raises(ValueError, match="nothing is drawn"):
        Shading().image(empty(shipped()), 1)
    with pytest.raises(ValueError, match="colors is 'red'"):
        Shading(colors="red")


# Statistics


def test_statistics_are_numpys() -> None:
    rng = np.random.default_rng(3)
    sums = rng.normal(0, 1, (8, 8)).astype(np.float32)
    active = np.maximum(sums, 0)
    found = compute_statistics(sums, active, "relu")
    assert (found.minimum, found.maximum) == (sums.min(), sums.max())
    assert found.mean == pytest.approx(sums.astype(np.float64).mean())
    assert (found.silent, found.word) == ((sums <= 0).sum() / 64, "silent")


def test_units_at_the_ends_of_their_range_are_saturated() -> None:
    values = np.array([-1.0, -0.985, -0.5, 0.0, 0.97, 0.9999], np.float32)
    found = compute_statistics(values, values, "tanh")
    assert (found.silent, found.word) == (pytest.approx(3 / 6), "saturated")
    halves = (values + 1) / 2
    assert compute_statistics(halves, halves, "sigmoid").silent == pytest.approx(3 / 6)
    assert compute_statistics(values, values * 1.7159, "squash").silent == pytest.approx(3 / 6)
    assert compute_statistics(values, values, "none").silent is None
    assert (
        compute_statistics(values, np.array([0.009, -0.009, 0.5], np.float32), "gelu").silent
        == 2 / 3
    )


# The bar


@pytest.fixture
def bar(qtbot: QtBot) -> ShadingBar:
    made = ShadingBar()
    qtbot.addWidget(made)
    made.resize(930, 40)
    made.show()
    return made


def test_the_keyboard_chooses_and_the_bar_tells(bar: ShadingBar, qtbot: QtBot) -> None:
    combo = bar.combos["scale"]
    combo.setFocus()
    with qtbot.waitSignal(bar.changed) as told:
        QTest.keyClick(combo, Qt.Key.Key_Down)
    assert told.args == [bar.shading]
    assert bar.shading == dataclasses.replace(Shading(), scale="network", dark=bar.shading.dark)
    with qtbot.waitSignal(bar.changed):
        QTest.keyClick(bar.combos["before"], Qt.Key.Key_Down)
    assert bar.shading.before is True


def test_the_bar_fits_the_narrowest_window(bar: ShadingBar) -> None:
    assert bar.minimumSizeHint().width() <= 930
    assert bar.width() == 930


def columns(bar: ShadingBar) -> dict[str, str]:
    return dict(bar.statistics.columns())


def test_the_bar_tells_the_maps_numbers(bar: ShadingBar) -> None:
    shown, unit = inspection(shipped()), Unit(3, 4, 2, 6)
    bar.show_map(shown, unit)
    assert shown.prediction is not None
    values = shown.prediction.maps["conv2_active"].values
    chosen = values[4]
    assert columns(bar) == {
        "C3, map 5": "",
        "minimum": f"{chosen.min():.2f}",
        "mean": f"{chosen.mean():.2f}",
        "maximum": f"{chosen.max():.2f}",
        "silent": f"{(chosen == 0).mean() * 100:.0f} %",
    }
    assert bar.scale.range == (pytest.approx(values.min()), pytest.approx(values.max()))
    assert bar.scale.value == pytest.approx(float(chosen[2, 6]))
    bar.set_shading(dataclasses.replace(bar.shading, before=True, scale="map"))
    sums = shown.prediction.maps["conv2"].values[4]
    assert columns(bar)["minimum"] == f"−{-sums.min():.2f}"
    assert columns(bar)["silent"] == f"{(chosen == 0).mean() * 100:.0f} %"
    assert bar.scale.range == (pytest.approx(sums.min()), pytest.approx(sums.max()))


def test_of_single_units_the_bar_tells_the_whole_layer(bar: ShadingBar) -> None:
    shown = inspection(paper_model())
    bar.show_map(shown, Unit(6, 20, 0, 0))
    values = shown.values(6)
    assert values is not None
    told = columns(bar)
    assert told["maximum"] == f"{values.max():.2f}".replace("-", "−")
    ends = np.abs(values) >= 1.7159 * 0.98
    assert told["saturated"] == f"{ends.mean() * 100:.0f} %" and "F6" in told
    bar.show_map(shown, Unit(7, 2, 0, 0))
    assert columns(bar)["silent"] == "–"


def test_nothing_pointed_at_or_drawn_has_no_numbers(bar: ShadingBar) -> None:
    bar.show_map(inspection(shipped()), Unit(1, 0, 0, 0))
    assert bar.scale.range is not None
    for shown, unit in ((None, None), (empty(shipped()), Unit(1, 0, 0, 0))):
        bar.show_map(shown, unit)
        assert bar.scale.range is None
        assert set(list(columns(bar).values())[1:]) == {"–"}


def enabled(bar: ShadingBar) -> list[bool]:
    items = bar.combos["kernels"].model()
    assert isinstance(items, QStandardItemModel)
    return [items.item(number).isEnabled() for number in range(3)]


def test_initial_kernels_are_offered_where_they_are_known(bar: ShadingBar, qtbot: QtBot) -> None:
    bar.show_map(inspection(shipped()), None)
    qtbot.waitUntil(lambda: enabled(bar) == [True, True, True])
    bar.set_shading(dataclasses.replace(bar.shading, kernels="change"))
    with qtbot.waitSignal(bar.changed):
        bar.show_map(inspection(paper_model()), None)  # never trained
    assert enabled(bar) == [True, False, False]
    assert bar.shading.kernels == "trained"
    assert "can't be known" in bar.combos["kernels"].toolTip()
    with qtbot.waitSignal(bar.changed):
        bar.show_map(inspection(shipped()), None)
    assert bar.shading.kernels == "change"
    assert "can't be known" not in bar.combos["kernels"].toolTip()


def test_what_was_chosen_is_remembered(bar: ShadingBar, qtbot: QtBot) -> None:
    wanted = Shading("diverging", "fixed", before=True, kernels="initial", dark=bar.shading.dark)
    bar.set_shading(wanted)
    other = ShadingBar()
    qtbot.addWidget(other)
    other.restore(bar.chosen())
    assert other.shading == wanted
    other.restore({"colors": "red", "before": "maybe"})
    assert other.shading == wanted


def test_diverging_colors_take_the_grounds_color(bar: ShadingBar, qtbot: QtBot) -> None:
    for dark in (True, False):
        with qtbot.waitSignal(bar.changed):
            bar.setPalette(theme.palette(dark))
        assert bar.shading.dark is dark
    bar.set_shading(dataclasses.replace(bar.shading, colors="diverging"))
    assert bar.shading.table == diverging_table(False)


def test_the_scales_colors_stand_over_their_values(qtbot: QtBot) -> None:
    scale = ColorScale()
    qtbot.addWidget(scale)
    table = diverging_table(False)
    scale.show_colors(table)
    scale.show_range((-2.0, 6.0), 1.0)
    scale.resize(220, 36)
    scale.show()
    image, strip = scale.grab().toImage(), scale.strip()
    assert scale.place(-2) == strip.left() and scale.place(6) == strip.right()
    assert scale.place(0) == pytest.approx(strip.left() + strip.width() / 4)
    assert scale.place(99) == strip.right()
    for value in (-1.0, 2.0, 5.0):
        x = scale.place(value)
        painted = QColor(image.pixel(int(x), int(strip.center().y())))
        wanted = QColor(table[int((value + 2) / 8 * 256)])
        assert abs(painted.red() - wanted.red()) <= 4 and abs(painted.blue() - wanted.blue()) <= 4
    assert scale.accessibleDescription() == "−2.00 to 6.00"


@pytest.mark.parametrize("points", [9, 18, 27])
def test_no_text_of_the_bar_is_cut_off_at_any_size(qtbot: QtBot, points: int) -> None:
    bar = ShadingBar()
    qtbot.addWidget(bar)
    font = bar.font()
    font.setPointSize(points)
    bar.setFont(font)
    with qtbot.waitExposed(bar):
        bar.show()
    for part in (bar.scale, bar.statistics):
        shown = part.grab().toImage()
        ground, wide = shown.pixelColor(0, 0), range(shown.width())
        for row in (0, shown.height() - 1):  # a letter that was cut would reach them
            assert all(shown.pixelColor(x, row) == ground for x in wide), (part, row)


def test_in_a_narrow_window_the_statistics_stand_below(qtbot: QtBot) -> None:
    tab, bar = QWidget(), ShadingBar()
    qtbot.addWidget(tab)
    bar.setParent(tab)
    bar.resize(1200, 40)
    with qtbot.waitExposed(tab):
        tab.show()
    assert bar.statistics.x() > bar.scale.geometry().right()
    narrow = bar.minimumSizeHint().width()
    bar.resize(narrow, bar.height())
    qtbot.waitUntil(lambda: bar.statistics.y() > bar.scale.geometry().bottom())
    assert bar.width() == narrow
    bar.resize(1200, 40)
    qtbot.waitUntil(lambda: bar.statistics.x() > bar.scale.geometry().right())
