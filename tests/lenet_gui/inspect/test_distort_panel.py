"""The Distort panel under real events: sliders, sweep, comparison, a dataset."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from lenet_gui.draw.reader import Reader
from lenet_gui.inspect.common.inspection import Inspection, make_inspection
from lenet_gui.inspect.distort.accuracy_page import AccuracyPage
from lenet_gui.inspect.distort.chart import Chart
from lenet_gui.inspect.distort.panel import DistortPanel
from lenet_gui.inspect.distort.sweep_page import SweepPage
from lenet_gui.widgets.sliders import AmountSlider
from tests.support.gui import SEVEN
from tests.support.inspecting import empty, inspection, paper_model, picture, shipped
from trainer.data import loading
from trainer.drawing.rasterize import even_pen_widths
from trainer.drawing.sheet import SMALLEST, Sheet
from trainer.networks import model as weights
from trainer.networks.model import Model
from trainer.progress import result_of
from trainer.reading import predict
from trainer.reading.predict import Prediction
from trainer.reading.sheet_reading import ReadingRequest, ReplacementImage
from trainer.robustness import sweep
from trainer.robustness.distortions import PARAMETERS, Distortion
from trainer.robustness.drawings import Distorter

LEFT = Qt.MouseButton.LeftButton
STROKES = (tuple((x, y, 1.0) for x, y in SEVEN),)
WAIT = 20_000


def drawing(model: Model | None = None) -> Inspection:
    """A seven, as the window's reader gives it."""
    reader = Reader()
    reader.prepare()
    reader.model = model or shipped()
    made = make_inspection(reader.work(ReadingRequest(Sheet(STROKES))))
    assert made is not None
    return made


@pytest.fixture
def panel(qtbot: QtBot, tmp_path: Path) -> Iterator[DistortPanel]:
    panel = DistortPanel(tmp_path / "data")
    qtbot.addWidget(panel)
    panel.resize(340, 760)
    panel.show()
    panel.show_inspection(drawing())
    yield panel
    assert all(thread.wait(WAIT) for thread in panel.end())


def press_at(slider: AmountSlider, stop: int) -> None:
    QTest.mouseClick(slider, LEFT, pos=QPoint(round(slider.place(stop)), slider.height() // 2))


def expected(how: Distortion, model: Model | None = None) -> Prediction:
    """The same without the panel."""
    made = drawing()
    distorter = Distorter(made.reading.image, even_pen_widths(STROKES), SMALLEST)
    assert distorter.of_strokes
    return predict.read(model or shipped(), distorter.picture(how))


def seen(panel: DistortPanel) -> NDArray[np.uint8]:
    """The picture on show, as ink."""
    image = panel.page.view.picture.image
    assert image is not None
    return np.array([[255 - image.pixelColor(x, y).red() for x in range(28)] for y in range(28)])


def text(panel: DistortPanel, name: str) -> str:
    label = panel.findChild(QLabel, name)
    assert label is not None
    return label.text()


def chart_of(page: SweepPage | AccuracyPage) -> Chart:
    assert page.chart.chart is not None
    return page.chart.chart


def told(prediction: Prediction) -> str:
    share = prediction.probabilities[prediction.digit] * 100
    return f"{prediction.digit}  {share:.1f} %"


def test_a_slider_distorts_the_drawing_and_reads_it(qtbot: QtBot, panel: DistortPanel) -> None:
    assert (seen(panel) == drawing().reading.image).all()
    assert text(panel, "distorted_answer") == told(expected(Distortion()))
    slider = panel.page.sliders.sliders["rotation"]
    with qtbot.waitSignal(panel.distorted, timeout=WAIT) as fed:
        press_at(slider, 35)
    how = Distortion(rotation=slider.amount_value)
    assert how.rotation == pytest.approx(35, abs=1)
    wanted = expected(how)
    assert (fed.args[0] == wanted.image).all()
    assert (seen(panel) == wanted.image).all()
    assert text(panel, "distorted_answer") == told(wanted)
    assert told(expected(Distortion())) in text(panel, "undistorted_answer")
    assert text(panel, "distort_rotation_value") == f"+{how.rotation:.0f}°"


def test_several_sliders_by_mouse_and_keys(qtbot: QtBot, panel: DistortPanel) -> None:
    sliders = panel.page.sliders.sliders
    with qtbot.waitSignal(panel.page.shown, timeout=WAIT):
        QTest.keyClick(sliders["across"], Qt.Key.Key_Right)
    with qtbot.waitSignal(panel.page.shown, timeout=WAIT):
        QTest.keyClick(sliders["noise"], Qt.Key.Key_PageUp)
    width = sliders["width"]
    with qtbot.waitSignal(panel.page.shown, timeout=WAIT):
        middle = width.height() // 2
        QTest.mousePress(width, LEFT, pos=QPoint(round(width.place(0)), middle))
        QTest.mouseMove(width, QPoint(round(width.place(20)), middle))
        QTest.mouseRelease(width, LEFT, pos=QPoint(round(width.place(20)), middle))
    how = panel.page.sliders.distortion
    assert (how.across, how.noise) == (0.5, 0.06)
    assert how.width == pytest.approx(3**0.5, abs=0.05)
    qtbot.waitUntil(lambda: bool((seen(panel) == expected(how).image).all()), timeout=WAIT)
    with qtbot.waitSignal(panel.page.shown, timeout=WAIT):
        QTest.mouseDClick(width, LEFT, pos=QPoint(round(width.place(20)), middle))
    assert panel.page.sliders.distortion.width == 1.0


def test_reset_is_exactly_the_drawing_again(qtbot: QtBot, panel: DistortPanel) -> None:
    with qtbot.waitSignal(panel.distorted, timeout=WAIT):
        press_at(panel.page.sliders.sliders["scale"], -20)
    assert (seen(panel) != drawing().reading.image).any()
    with qtbot.waitSignal(panel.distorted, timeout=WAIT) as fed:
        QTest.mouseClick(panel.page.sliders.reset, LEFT)
    assert fed.args == [None]
    assert panel.page.sliders.distortion.nothing
    assert (seen(panel) == drawing().reading.image).all()


def test_noise_stays_until_new_noise_is_asked_for(qtbot: QtBot, panel: DistortPanel) -> None:
    with qtbot.waitSignal(panel.page.shown, timeout=WAIT):
        press_at(panel.page.sliders.sliders["noise"], 20)
    before = seen(panel)
    other = make_inspection(drawing(paper_model()).reading)
    with qtbot.waitSignal(panel.page.shown, timeout=WAIT):
        panel.show_inspection(other)
    assert (seen(panel) == before).all()
    with qtbot.waitSignal(panel.page.shown, timeout=WAIT):
        QTest.mouseClick(panel.page.sliders.again, LEFT)
    assert (seen(panel) != before).any()
    assert (seen(panel) == expected(panel.page.sliders.distortion).image).all()


def test_fitting_again_undoes_a_shift(qtbot: QtBot, panel: DistortPanel) -> None:
    with qtbot.waitSignal(panel.page.shown, timeout=WAIT):
        press_at(panel.page.sliders.sliders["across"], 12)
    with qtbot.waitSignal(panel.page.shown, timeout=WAIT):
        QTest.keyClick(panel.page.sliders.refit, Qt.Key.Key_Space)
    assert panel.page.sliders.distortion.refit
    assert np.abs(seen(panel).astype(int) - drawing().reading.image).mean() < 3


def test_what_was_fed_to_the_network_comes_back_without_end(
    qtbot: QtBot, panel: DistortPanel
) -> None:
    with qtbot.waitSignal(panel.distorted, timeout=WAIT) as fed:
        press_at(panel.page.sliders.sliders["down"], 5)
    made = drawing()
    image = fed.args[0]
    back = dataclasses.replace(
        made.reading,
        image=image,
        replacement=ReplacementImage(image),
        prediction=predict.read(shipped(), image),
    )
    again = make_inspection(back)
    with qtbot.assertNotEmitted(panel.page.shown, wait=200):
        panel.show_inspection(again)
    with qtbot.waitSignal(panel.distorted, timeout=WAIT) as fed:
        QTest.mouseClick(panel.page.sliders.reset, LEFT)
    assert fed.args == [None]
    qtbot.waitUntil(lambda: bool((seen(panel) == made.reading.image).all()), timeout=WAIT)


def test_a_picture_is_distorted_too_and_a_clean_sheet_is_not(
    qtbot: QtBot, panel: DistortPanel
) -> None:
    with qtbot.waitSignal(panel.distorted, timeout=WAIT):
        press_at(panel.page.sliders.sliders["across"], 8)
    with qtbot.waitSignal(panel.page.shown, timeout=WAIT):
        panel.show_inspection(inspection(shipped(), picture(1)))
    assert (seen(panel)[:, 4:] == picture(1)[:, :-4]).all()
    with qtbot.waitSignal(panel.distorted, timeout=WAIT) as fed:
        panel.show_inspection(empty(shipped()))
    assert fed.args == [None]
    assert panel.page.view.picture.image is None
    assert text(panel, "distorted_answer") == ""


def test_what_is_not_seen_distorts_nothing(qtbot: QtBot, panel: DistortPanel) -> None:
    with qtbot.waitSignal(panel.distorted, timeout=WAIT):
        press_at(panel.page.sliders.sliders["shear"], 30)
    with qtbot.waitSignal(panel.distorted, timeout=WAIT) as fed:
        panel.hide()
    assert fed.args == [None]
    with qtbot.waitSignal(panel.distorted, timeout=WAIT) as fed:
        panel.show()
    assert (fed.args[0] == expected(panel.page.sliders.distortion).image).all()


def test_a_sweep_draws_every_probability(qtbot: QtBot, panel: DistortPanel) -> None:
    page = panel.page.sweep_page
    page.choose("scale")
    with qtbot.waitSignal(panel.page.swept, timeout=WAIT):
        QTest.mouseClick(page.button, LEFT)
    values = PARAMETERS["scale"].list_values()
    wanted = np.array([expected(Distortion(scale=value)).probabilities for value in values])
    drawn = {line.color: line.points for line in chart_of(page).lines}
    assert set(drawn) == set(np.flatnonzero(wanted.max(0) >= 0.02).tolist())
    for digit, points in drawn.items():
        assert [x for x, _ in points] == pytest.approx(values)
        assert [y for _, y in points] == pytest.approx(wanted[:, digit], abs=1e-5)
    (band,) = chart_of(page).bands
    for value, answer in zip(values, wanted.argmax(1), strict=True):
        (part,) = {
            part.text for part in band.parts if part.low < value * 1.0001 < part.high * 1.0002
        }
        assert part == str(answer)
    # A press on the chart sets the slider; the sweep stays what it was.
    before = page.sweep
    with qtbot.waitSignal(panel.page.shown, timeout=WAIT):
        place = QPoint(round(page.chart.place(0.7)), round(page.chart.frame().center().y()))
        QTest.mouseClick(page.chart, LEFT, pos=place)
    assert panel.page.sliders.distortion.scale == pytest.approx(0.7, abs=0.03)
    with qtbot.waitSignal(panel.page.shown, timeout=WAIT):
        QTest.keyClick(page.chart, Qt.Key.Key_Right)
    assert page.sweep is before
    hover = page.chart.tooltip_at(QPointF(place))
    assert hover.splitlines()[0] in ("Scale ×0.69", "Scale ×0.70", "Scale ×0.73")
    share = wanted[np.abs(np.log(np.array(values) / 0.7)).argmin()].max()
    assert f": {share * 100:.1f} %" in hover.splitlines()[1]
    # Another slider is another sweep.
    with qtbot.waitSignal(panel.page.swept, timeout=WAIT):
        press_at(panel.page.sliders.sliders["rotation"], 30)
    assert page.amount.name == "scale"
    assert page.sweep is not before
    QTest.mouseClick(page.button, LEFT)
    assert page.sweep is None
    assert page.chart.chart is None


def test_two_networks_are_compared(qtbot: QtBot, panel: DistortPanel, tmp_path: Path) -> None:
    file = tmp_path / "of 1998.safetensors"
    weights.save(paper_model(), file)
    page = panel.page.sweep_page
    page.choose("noise")
    panel.beside.add_file(file)
    with qtbot.waitSignal(panel.page.swept, timeout=WAIT):
        QTest.mouseClick(page.button, LEFT)
    assert page.sweep is not None
    values = PARAMETERS["noise"].list_values()
    for number in (0, 17, 40):
        how = Distortion(noise=values[number])
        for network, model in enumerate((shipped(), paper_model())):
            shares = expected(how, model).probabilities
            assert page.sweep.probabilities[network, number] == pytest.approx(shares, abs=1e-5)
    assert [band.title for band in chart_of(page).bands] == ["A", "B"]
    assert {line.dashed for line in chart_of(page).lines} == {False, True}
    target = tmp_path / "sweep.csv"
    QTest.mouseClick(page.save, LEFT)
    with qtbot.waitSignal(panel.message, timeout=WAIT) as message:
        dialog = panel.findChild(QFileDialog, "save_dialog")
        assert dialog is not None
        dialog.fileSelected.emit(str(target))
        dialog.close()
    assert message.args == [f"Saved {target}"]
    rows = list(csv.DictReader(io.StringIO(target.read_text())))
    assert {row["network"] for row in rows} == set(page.sweep.names)
    assert len(rows) == 82


def test_a_network_of_other_classes_is_refused(
    qtbot: QtBot, panel: DistortPanel, tmp_path: Path
) -> None:
    file = tmp_path / "letters.safetensors"
    weights.save(dataclasses.replace(paper_model(), classes=tuple("abcdefghij")), file)
    panel.beside.add_file(file)
    with qtbot.waitSignal(panel.message, timeout=WAIT) as message:
        QTest.mouseClick(panel.page.sweep_page.button, LEFT)
    assert message.args is not None
    assert "letters knows a, b …" in message.args[0]


@pytest.mark.usefixtures("small_pen")
def test_accuracy_over_a_dataset(qtbot: QtBot, panel: DistortPanel, tmp_path: Path) -> None:
    page = panel.accuracy
    panel.tabs.setCurrentIndex(1)
    page.dataset.setCurrentIndex(page.dataset.findData("pen"))
    page.over.setCurrentIndex(page.over.findData("shear"))
    with qtbot.waitSignal(page.measured, timeout=WAIT):
        QTest.mouseClick(page.button, LEFT)
    digits = result_of(loading.load("pen", "test", tmp_path))
    work = sweep.measure_robustness([shipped()], digits, "pen", sweep.choose_parameters(["shear"]))
    (curve,) = result_of(work).curves
    (line,) = chart_of(page).lines
    assert line.points == tuple(zip(curve.values, curve.accuracies[0], strict=True))
    assert "100 test images" in page.note.text()
    assert page.save.isEnabled()


@pytest.mark.usefixtures("small_pen")
def test_measuring_can_be_cancelled(qtbot: QtBot, panel: DistortPanel) -> None:
    page = panel.accuracy
    panel.tabs.setCurrentIndex(1)
    page.dataset.setCurrentIndex(page.dataset.findData("pen"))
    page.over.setCurrentIndex(0)
    QTest.mouseClick(page.button, LEFT)
    assert page.busy
    assert page.cancel.isVisible()
    with qtbot.assertNotEmitted(page.measured):
        QTest.mouseClick(page.cancel, LEFT)
        assert not page.busy
        threads = page.end()
        qtbot.waitUntil(lambda: all(thread.isFinished() for thread in threads), timeout=WAIT)
    assert page.note.text() == "Canceled."
    assert page.button.isVisible()


def test_a_dataset_that_is_not_there_is_offered(
    qtbot: QtBot, panel: DistortPanel, tmp_path: Path
) -> None:
    page = panel.accuracy
    panel.tabs.setCurrentIndex(1)
    page.dataset.setCurrentIndex(page.dataset.findData("mnist"))
    with qtbot.waitSignal(page.measured, timeout=WAIT):
        QTest.mouseClick(page.button, LEFT)
    assert page.offer.isVisible()
    assert str(tmp_path) in page.offer.text.text()
