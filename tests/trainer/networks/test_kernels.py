"""The convolutions' weights as arrays, and as pictures."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from lenet_gui.draw.maps_view import KernelsView, MapsView
from lenet_gui.widgets import theme
from lenet_gui.widgets.colormap import diverging_table
from trainer.networks import factory
from trainer.networks.kernels import Kernels, collect_kernels
from trainer.networks.lenet1998 import C3_TABLE
from trainer.recipes.recipe import Recipe


def test_the_arrays_are_the_networks_own_and_stay_as_they_are() -> None:
    network = factory.build(Recipe())
    found = collect_kernels(network)
    assert found.conv1.shape == (6, 1, 5, 5) and found.conv2.shape == (16, 6, 5, 5)
    before = found.conv2.copy()
    assert np.array_equal(before, network.conv2.weight.detach().numpy())
    with torch.no_grad():
        network.conv2.weight.add_(1.0)
    assert np.array_equal(found.conv2, before)


def test_colors_have_three_kernels_a_map() -> None:
    recipe = dataclasses.replace(Recipe(), dataset="cifar10")
    assert collect_kernels(factory.build(recipe)).conv1.shape == (6, 3, 5, 5)


def test_the_papers_table_leaves_kernels_out() -> None:
    network = factory.build(dataclasses.replace(Recipe(), network="lenet5-1998"))
    found = collect_kernels(network)
    assert found.conv2.shape == (16, 6, 5, 5)
    for number, seen in enumerate(C3_TABLE):
        there = {n for n in range(6) if np.isfinite(found.conv2[number, n]).all()}
        assert there == set(seen)
    first = network.conv2.weight[0].detach().numpy()
    assert np.array_equal(found.conv2[0, 0], first)


@pytest.mark.parametrize("dark", [False, True])
def test_zero_has_the_grounds_color_and_signs_their_own(dark: bool) -> None:
    table = [QColor(value) for value in diverging_table(dark)]
    ground = theme.palette(dark).base().color()
    assert max(abs(table[127].red() - ground.red()), abs(table[127].blue() - ground.blue())) < 4
    assert table[0].blue() > table[0].red() and table[255].red() > table[255].blue()


def painted(view: KernelsView, number: int, which: int) -> list[list[str]]:
    """The colors of a kernel's 25 squares."""
    place = view.places(number)[which]
    image: QImage = view.grab().toImage()
    side = place.width() / 5
    return [
        [
            image.pixelColor(
                round(place.left() + (column + 0.5) * side), round((row + 0.5) * side)
            ).name()
            for column in range(5)
        ]
        for row in range(5)
    ]


@pytest.fixture
def view(qtbot: QtBot) -> KernelsView:
    maps = MapsView("conv1", "conv1", 1, 6, "viridis")
    view = KernelsView(maps)
    for widget in (maps, view):
        qtbot.addWidget(widget)
        widget.setPalette(theme.palette(False))
    maps.resize(600, 100)
    view.resize(600, 36)
    view.show()
    return view


def random_kernels(channels: int = 1) -> Kernels:
    rng = np.random.default_rng(1)
    conv1 = rng.normal(size=(6, channels, 5, 5)).astype(np.float32)
    return Kernels(conv1, rng.normal(size=(16, 6, 5, 5)).astype(np.float32))


def test_each_square_has_its_weights_sign(view: KernelsView) -> None:
    found = random_kernels()
    view.show_kernels(found, 3)
    for which, values in ((0, found.conv1[2, 0]), (1, found.conv2[3, 2])):
        limit = np.abs(found.conv1 if which == 0 else found.conv2).max()
        for row, names in enumerate(painted(view, 2, which)):
            for column, name in enumerate(names):
                level = round((values[row, column] / limit + 1) * 127.5)
                assert name == QColor(diverging_table(False)[level]).name()


def test_of_three_colors_a_kernel_is_a_picture_around_grey(view: KernelsView) -> None:
    found = random_kernels(3)
    found.conv1[0] = 0
    found.conv1[1, :, :, :] = np.array([1, -1, -1], np.float32)[:, None, None] * 99
    view.show_kernels(found, 0)
    assert {name for row in painted(view, 0, 0) for name in row} <= {"#7f7f7f", "#808080"}
    assert painted(view, 1, 0)[2][2] == "#ff0000"


def test_what_is_not_connected_has_no_picture(view: KernelsView) -> None:
    found = random_kernels()
    found.conv2[5, 1] = np.nan
    view.show_kernels(found, 5)
    empty = theme.palette(False).alternateBase().color().name()
    assert {name for row in painted(view, 1, 1) for name in row} == {empty}
    told = view.tooltip_at(view.places(1)[1].center())
    assert told == "Map 6 of conv2 does not look at this map"
    assert "kernel 2: it makes the map above" in view.tooltip_at(view.places(1)[0].center())
