"""The curves of the ticked runs: drawn, read, zoomed, compared."""

from __future__ import annotations

import dataclasses
import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_qt import NavigationToolbar2QT
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt, QThread
from PySide6.QtGui import QColor, QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.curves import view as curves
from lenet_gui.curves.canvas import CurveCanvas, tinted_icon
from lenet_gui.curves.differences import Column, list_differences
from lenet_gui.curves.view import Curve, CurvesView
from lenet_gui.widgets import theme
from tests.trainer.curves.test_export import history
from trainer.curves.spec import MOST_LINES, style_of
from trainer.errors import UserError
from trainer.recipes.catalog import RECIPES
from trainer.recipes.recipe import Augmentation
from trainer.training.history import History

STUDIO = RECIPES["studio"]
SIGMOID = RECIPES["mnist-sigmoid-adamw"]
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def empty(qtbot: QtBot) -> Iterator[CurvesView]:
    """No runs."""
    made = CurvesView()
    qtbot.addWidget(made)
    yield made
    assert all(thread.wait(30_000) for thread in made.end())


@pytest.fixture
def view(empty: CurvesView, qtbot: QtBot) -> CurvesView:
    """Two runs, drawn."""
    made = empty
    made.resize(800, 420)
    made.show_curves(
        (
            Curve("first", style_of(0), history(), STUDIO, 0.96),
            Curve("second", style_of(1), history(flat=2.0), SIGMOID),
        )
    )
    with qtbot.waitSignal(made.painted, timeout=60_000):
        made.show()
    return made


def canvas_of(view: CurvesView) -> CurveCanvas:
    assert view.canvas is not None
    return view.canvas


def button(view: CurvesView, name: str) -> QToolButton:
    found = view.findChild(QToolButton, name)
    assert found is not None, name
    return found


def use_tool(view: CurvesView, name: str) -> None:
    """Click one of the toolbar's buttons."""
    toolbar = canvas_of(view).toolbar
    assert toolbar is not None
    action = next(a for a in toolbar.actions() if a.objectName() == f"curves_{name}")
    QTest.mouseClick(toolbar.widgetForAction(action), LEFT)


def place(view: CurvesView, panel: int, x: float, y: float) -> QPoint:
    """Where a value is drawn on the canvas."""
    canvas = canvas_of(view)
    pixels = canvas.panels.panels[panel].axes.transData.transform((x, y))
    right, up = pixels / canvas.device_pixel_ratio
    return QPoint(round(right), round(canvas.height() - up))


def drag(view: CurvesView, start: QPoint, end: QPoint) -> None:
    canvas = canvas_of(view)
    QTest.mousePress(canvas, LEFT, NONE, start)
    QTest.mouseMove(canvas, (start + end) / 2)
    QTest.mouseMove(canvas, end)
    QTest.mouseRelease(canvas, LEFT, NONE, end)


def zoom(view: CurvesView, qtbot: QtBot) -> tuple[float, float]:
    """Frame epochs 2 to 3 of the loss with the toolbar's tool; returns what is seen then."""
    use_tool(view, "zoom")
    with qtbot.waitSignal(view.painted):
        drag(view, place(view, 0, 2, 0.4), place(view, 0, 3, 0.12))
    use_tool(view, "zoom")
    left, right = canvas_of(view).panels.limits()[0]
    assert left == pytest.approx(2, abs=0.03) and right == pytest.approx(3, abs=0.03)
    return left, right


def grow(run: History, epochs: float) -> None:
    """Train on."""
    step = run.steps["train"][-1]
    for _ in range(round(epochs * 50)):
        step += 1
        now = {"step": step, "seconds": step / 10, "learning_rate": 0.01}
        run.add("train", step / 50, 0.1, 0.95, **now)


def show_again(view: CurvesView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.painted):
        view.show_curves(view.curves)


# Drawing


def test_matplotlib_is_imported_when_curves_are_seen_and_not_before() -> None:
    code = "import sys, lenet_gui.app.window; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_matplotlib_is_imported_in_a_thread_of_its_own(
    empty: CurvesView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[QThread] = []
    real = curves.import_canvas

    def importing() -> None:
        threads.append(QThread.currentThread())
        real()

    monkeypatch.setattr(curves, "import_canvas", importing)
    made = empty
    made.show()
    assert made.hint.isVisible() and "Click Train" in made.hint.text()
    made.show_curves((), begins=True)  # Train was clicked: there is nothing else to do
    assert made.hint.text() == "Preparing the curves…"
    with qtbot.waitSignal(made.painted, timeout=60_000):
        made.show_curves((Curve("first", style_of(0), history(), STUDIO),))
    assert threads and made.thread() not in threads


def test_a_runs_first_steps_do_not_fill_the_axes(empty: CurvesView, qtbot: QtBot) -> None:
    first = History()
    for step in (1, 2, 3):
        moment = {"step": step, "seconds": step / 100, "learning_rate": 0.01}
        first.add("train", step / 400, 2.0 / step, 0.2, **moment)
    empty.show()
    with qtbot.waitSignal(empty.painted, timeout=60_000):
        empty.show_curves((Curve("first", style_of(0), first, STUDIO),))
    assert empty.canvas is not None
    for name, least in (("epoch", 1), ("step", 100), ("seconds", 10)):
        empty.bar.against.setCurrentIndex(empty.bar.against.findData(name))
        assert empty.canvas.panels.panels[0].axes.get_xlim()[1] >= least


@pytest.mark.parametrize(("width", "words"), [(900, True), (455, False), (385, False)])
def test_the_bar_fits_a_narrow_window(
    view: CurvesView, qtbot: QtBot, width: int, words: bool
) -> None:
    bar = view.bar
    parts = [*bar.quantities.buttons(), bar.log]

    def fits() -> bool:
        whole = all(part.width() >= part.sizeHint().width() for part in parts)
        return whole and bar.log.geometry().right() <= bar.width() <= width

    view.resize(width, 400)
    qtbot.waitUntil(lambda: fits() and bar.caption.isVisible() == words)


def test_in_small_plots_labels_keep_apart_and_no_legend_hides_the_curves(
    view: CurvesView, qtbot: QtBot
) -> None:
    canvas = canvas_of(view)
    assert not canvas.legend.rect.isEmpty()
    with qtbot.waitSignal(view.painted):
        view.resize(460, 190)
    for panel in canvas.panels.panels:
        labels = [label for label in panel.axes.get_yticklabels() if label.get_text()]
        boxes = sorted((label.get_window_extent() for label in labels), key=lambda box: box.y0)
        assert len(boxes) > 1
        assert all(low.y1 < high.y0 for low, high in itertools.pairwise(boxes))
    view.grab()
    assert canvas.legend.rect.isEmpty()


def test_best_accuracies_are_marked(view: CurvesView) -> None:
    accuracy = canvas_of(view).panels.panels[1]
    for star, line in zip(accuracy.stars, canvas_of(view).panels.lines, strict=True):
        assert star.x.tolist() == [4.0]
        assert star.y[0] == max(line.series.validation.column("accuracies"))
        assert star.artist.get_marker() == "*"
        assert line.best() == f"★ {star.y[0]:.2%}".replace("%", " %")


def test_a_plateau_is_shaded_and_named(view: CurvesView) -> None:
    loss, accuracy = canvas_of(view).panels.panels
    (shade,) = loss.flats
    assert shade.get_extents().width == pytest.approx(
        loss.axes.transData.transform((2, 1))[0] - loss.axes.transData.transform((0, 1))[0], rel=0.1
    )
    assert accuracy.words[0].get_text() == "one class: sigmoids saturated"


def test_nothing_is_drawn_while_hidden_and_all_of_it_afterwards(
    view: CurvesView, qtbot: QtBot
) -> None:
    canvas = canvas_of(view)
    view.hide()
    grow(view.curves[0].history, 1)
    with qtbot.assertNotEmitted(view.painted, wait=400):
        view.show_curves(view.curves)
        canvas.draw_idle()
    with qtbot.waitSignal(view.painted):
        view.show()
    assert canvas.panels.panels[0].raw[0].x[-1] == 5


def test_a_burst_of_news_is_drawn_once(view: CurvesView, qtbot: QtBot) -> None:
    painted: list[int] = []
    show_again(view, qtbot)
    view.painted.connect(lambda: painted.append(1))
    for _ in range(50):
        grow(view.curves[0].history, 0.02)
        view.show_curves(view.curves)
        QApplication.processEvents()
    assert len(painted) <= 2  # however slow the machine: far from 50
    qtbot.waitUntil(lambda: canvas_of(view).panels.panels[0].raw[0].x[-1] == pytest.approx(5))


@pytest.fixture
def many(empty: CurvesView, qtbot: QtBot) -> CurvesView:
    """More runs than are drawn, not yet shown; matplotlib is there."""
    run = history(steps=1000)
    empty.resize(1200, 500)
    empty.show()
    with qtbot.waitSignal(empty.painted, timeout=60_000):
        empty.show_curves((Curve("first", style_of(0), history(), STUDIO),))
    empty.hide()
    empty.show_curves(
        tuple(Curve(f"run {n}", style_of(n), run, STUDIO) for n in range(MOST_LINES + 6))
    )
    return empty


def wait_for_all(view: CurvesView, qtbot: QtBot) -> None:
    """Until as many lines are drawn as can be."""
    canvas = canvas_of(view)
    qtbot.waitUntil(
        lambda: canvas.is_drawn and len(canvas.panels.lines) == MOST_LINES, timeout=60_000
    )


def test_many_runs_do_not_hold_up_the_window(many: CurvesView, qtbot: QtBot) -> None:
    canvas = canvas_of(many)
    many.show()
    # That this is seen at all says that the event loop runs while lines are drawn.
    qtbot.waitUntil(lambda: canvas.background is not None and not canvas.is_drawn)
    wait_for_all(many, qtbot)
    in_turns = np.array(canvas.renderer.buffer_rgba())
    np.asarray(canvas.renderer.buffer_rgba())[:] = canvas.background
    assert len(list(canvas.panels.draw(canvas.renderer))) > MOST_LINES
    np.testing.assert_array_equal(in_turns, np.asarray(canvas.renderer.buffer_rgba()))


def test_smoothing_while_many_runs_are_drawn_is_for_all_of_them(
    many: CurvesView, qtbot: QtBot
) -> None:
    canvas = canvas_of(many)
    many.show()
    qtbot.waitUntil(lambda: canvas.background is not None and not canvas.is_drawn)
    many.bar.slider.setValue(0)
    wait_for_all(many, qtbot)
    assert all(trace.artist.get_alpha() == 0.6 for trace in canvas.panels.panels[0].raw)
    in_turns = np.array(canvas.renderer.buffer_rgba())
    canvas.draw()
    wait_for_all(many, qtbot)
    np.testing.assert_array_equal(in_turns, np.asarray(canvas.renderer.buffer_rgba()))


def test_points_that_come_while_many_runs_are_drawn_follow(many: CurvesView, qtbot: QtBot) -> None:
    canvas = canvas_of(many)
    many.show()
    qtbot.waitUntil(lambda: canvas.background is not None and not canvas.is_drawn)
    grow(many.curves[0].history, 0.1)
    end = many.curves[0].history.epochs["train"][-1]
    many.show_curves(many.curves)
    qtbot.waitUntil(
        lambda: canvas.is_drawn and canvas.panels.panels[0].raw[0].x[-1] == end, timeout=60_000
    )


def test_of_more_runs_than_differ_the_last_are_drawn(
    many: CurvesView, qtbot: QtBot, tmp_path: Path
) -> None:
    many.show()
    wait_for_all(many, qtbot)
    canvas = canvas_of(many)
    assert [line.title for line in canvas.panels.lines] == [
        f"run {n}" for n in range(6, MOST_LINES + 6)
    ]
    canvas.grab()
    assert canvas.legend.left_out == 6
    with qtbot.waitSignal(many.saved):
        many.save(tmp_path / "all.csv")
    rows = (tmp_path / "all.csv").read_text(encoding="utf-8").splitlines()
    assert {row.split(",")[0] for row in rows[1:]} == {f"run {n}" for n in range(MOST_LINES + 6)}


def test_new_points_are_drawn_over_the_kept_picture_of_the_axes(
    view: CurvesView, qtbot: QtBot
) -> None:
    canvas = canvas_of(view)
    grow(view.curves[0].history, 0.1)
    show_again(view, qtbot)  # beyond the edge: room is made for more
    qtbot.waitUntil(lambda: canvas.is_drawn)
    ground, seen = canvas.background, canvas.panels.limits()
    before = canvas.grab().toImage()
    grow(view.curves[0].history, 0.2)
    show_again(view, qtbot)
    assert canvas.background is ground and canvas.panels.limits() == seen
    assert canvas.grab().toImage() != before


def picture_of(canvas: CurveCanvas) -> NDArray[np.int64]:
    """What matplotlib has drawn, (height, width, 3), 0 to 255."""
    return np.array(canvas.renderer.buffer_rgba())[:, :, :3].astype(int)


@pytest.mark.parametrize("smoothing", [0, 90])
def test_what_is_drawn_bit_by_bit_is_what_all_of_it_at_once_would_be(
    view: CurvesView, qtbot: QtBot, smoothing: int
) -> None:
    canvas, runs = canvas_of(view), [curve.history for curve in view.curves]
    view.bar.slider.setValue(smoothing)
    grow(runs[0], 0.1)
    show_again(view, qtbot)  # beyond the edge: room is made for more
    qtbot.waitUntil(lambda: canvas.is_drawn)
    ground = canvas.background
    for number in range(12):
        grow(runs[number % 2], 0.04)
        if number == 6:  # a new best: its star moves
            now = {"step": 215, "seconds": 21.5, "learning_rate": 0.01}
            runs[0].add("validation", 4.3, 0.15, 0.952, **now)
        if number == 9:  # taken up again: some of it is done anew
            now = {"step": 210, "seconds": 21.0, "learning_rate": 0.01}
            runs[0].add("train", 4.2, 0.4, 0.7, **now)
        show_again(view, qtbot)
    assert canvas.background is ground  # nothing was drawn as a whole meanwhile
    drawn = picture_of(canvas)
    canvas.forget_background()
    qtbot.waitUntil(lambda: canvas.is_drawn)
    others = np.abs(picture_of(canvas) - drawn).max(2)
    assert (others > 60).sum() <= 12, np.argwhere(others > 60)  # edges of dashes
    assert (others > 0).mean() < 0.003


def test_a_run_that_is_taken_up_again_with_a_history_of_its_own_is_drawn_anew(
    view: CurvesView, qtbot: QtBot
) -> None:
    resumed = dataclasses.replace(view.curves[0], history=history(6))
    with qtbot.waitSignal(view.painted):
        view.show_curves((resumed, view.curves[1]))
    assert canvas_of(view).panels.panels[0].raw[0].x[-1] == 6


def test_a_long_run_is_thinned_to_the_screen(empty: CurvesView, qtbot: QtBot) -> None:
    made = empty
    made.resize(800, 420)
    made.bar.slider.setValue(0)
    run = history(100, 1000)
    made.show_curves((Curve("long", style_of(0), run, STUDIO),))
    with qtbot.waitSignal(made.painted, timeout=60_000):
        made.show()
    for panel in canvas_of(made).panels.panels:
        drawn = panel.raw[0].artist.get_data()[1]
        assert len(drawn) <= 2 * 400
        assert max(drawn) == pytest.approx(max(panel.raw[0].y))


def test_what_keeps_matplotlib_away_is_told(
    empty: CurvesView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing() -> None:
        raise UserError("no font")

    monkeypatch.setattr(curves, "import_canvas", failing)
    empty.show()
    with qtbot.waitSignal(empty.failed):
        empty.show_curves((Curve("first", style_of(0), history(), STUDIO),))
    assert empty.hint.isVisible() and "no font" in empty.hint.text()


# Reading


def test_the_pointer_reads_the_nearest_point_of_the_nearest_curve(view: CurvesView) -> None:
    canvas = canvas_of(view)
    run = view.curves[0].history
    losses = run.losses["validation"]
    QTest.mouseMove(canvas, place(view, 0, 2, losses[1]) + QPoint(3, -4))
    assert canvas.hovered is not None
    assert canvas.hovered.texts == (
        "first",
        "epoch 2, step 100, 10.0 s",
        f"validation loss {losses[1]:.4f}",
    )
    before = canvas.grab().toImage()
    QTest.mouseMove(canvas, place(view, 1, 2.5, 0.11))
    assert canvas.hovered.texts[0] == "second" and "accuracy" in canvas.hovered.texts[2]
    assert canvas.grab().toImage() != before
    QTest.mouseMove(canvas, QPoint(2, 2))
    assert canvas.hovered is None


def test_the_pointer_reads_smooth_and_raw_values(view: CurvesView, qtbot: QtBot) -> None:
    canvas = canvas_of(view)
    trace = canvas.panels.panels[1].smooth[0]
    QTest.mouseMove(canvas, place(view, 1, trace.x[74], trace.y[74]))
    assert canvas.hovered is not None
    raw = view.curves[0].history.accuracies["train"][canvas.hovered.index]
    assert canvas.hovered.index == pytest.approx(74, abs=3)
    assert canvas.hovered.texts[2].endswith(f"smoothed ({raw * 100:.2f} % raw)")


def test_new_points_move_what_is_read_along(view: CurvesView, qtbot: QtBot) -> None:
    canvas = canvas_of(view)
    QTest.mouseMove(canvas, place(view, 0, 4, view.curves[0].history.losses["validation"][-1]))
    assert canvas.hovered is not None
    grow(view.curves[0].history, 4)
    show_again(view, qtbot)
    assert canvas.hovered is None or canvas.hovered.texts[1].split(",")[0] != "epoch 4"


# Zooming


def test_a_zoom_stays_while_new_points_come_in_until_home(view: CurvesView, qtbot: QtBot) -> None:
    canvas = canvas_of(view)
    seen = zoom(view, qtbot)
    grow(view.curves[0].history, 4)
    show_again(view, qtbot)
    assert canvas.panels.limits()[0] == seen
    view.show_curves(view.curves[:1])  # another run less
    qtbot.waitUntil(lambda: len(canvas.panels.lines) == 1)
    assert canvas.panels.limits()[0] == seen
    with qtbot.waitSignal(view.painted):
        use_tool(view, "home")
    assert canvas.panels.limits()[0] == pytest.approx((-0.0816, 8.16), abs=0.01)
    grow(view.curves[0].history, 4)
    show_again(view, qtbot)
    assert canvas.panels.limits()[0][1] >= 12


def test_dragging_with_the_hand_moves_all_panels(view: CurvesView, qtbot: QtBot) -> None:
    canvas = canvas_of(view)
    (left, right), low = canvas.panels.limits()[0], canvas.panels.limits()[2]
    use_tool(view, "pan")
    with qtbot.waitSignal(view.painted):
        drag(view, place(view, 0, 3, 0.5), place(view, 0, 2, 0.5))
    use_tool(view, "pan")
    assert canvas.panels.limits()[0] == pytest.approx((left + 1, right + 1), abs=0.05)
    assert canvas.panels.limits()[2] == low
    assert canvas.panels.has_other_limits()


def test_the_wheel_zooms_about_the_pointer_and_a_double_click_ends_it(
    view: CurvesView, qtbot: QtBot
) -> None:
    canvas = canvas_of(view)
    before = canvas.panels.limits()
    at = QPointF(place(view, 1, 2, 0.9))
    wheel = QWheelEvent(
        at, QPointF(canvas.mapToGlobal(at)), QPoint(), QPoint(0, 240),
        Qt.MouseButton.NoButton, NONE, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    with qtbot.waitSignal(view.painted):
        QApplication.sendEvent(canvas, wheel)
    (left, right), (low, high) = canvas.panels.limits()[0], canvas.panels.limits()[2]
    assert right - left == pytest.approx((before[0][1] - before[0][0]) * 0.85**2, rel=0.01)
    assert (place(view, 1, 2, 0.9) - at.toPoint()).manhattanLength() <= 2
    assert before[2][0] < low < high < before[2][1]
    with qtbot.waitSignal(view.painted):
        QTest.mouseDClick(canvas, LEFT, NONE, at.toPoint())
    assert canvas.panels.limits() == before


def test_room_for_more_is_given_up_when_nothing_more_comes(view: CurvesView, qtbot: QtBot) -> None:
    canvas = canvas_of(view)
    grow(view.curves[0].history, 0.5)
    show_again(view, qtbot)
    assert canvas.panels.limits()[0][1] > 4.5 * 1.05
    view.settle_timer.start(0)
    qtbot.waitUntil(lambda: canvas.panels.limits()[0][1] == pytest.approx(4.5 * 1.02))


# The bar


def test_the_slider_smooths_the_training_and_leaves_the_raw_line(
    view: CurvesView, qtbot: QtBot
) -> None:
    loss = canvas_of(view).panels.panels[0]
    smooth, raw = loss.smooth[0].y.copy(), loss.raw[0].y.copy()
    validation = loss.validation[0].y.copy()
    view.bar.slider.setFocus()
    with qtbot.waitSignal(view.painted):
        QTest.keyClick(view.bar.slider, Qt.Key.Key_PageDown)
    assert view.bar.smoothing < 0.9 and view.bar.weight.text() == f"{view.bar.smoothing:g}"
    loss = canvas_of(view).panels.panels[0]
    assert np.abs(loss.smooth[0].y - raw).sum() < np.abs(smooth - raw).sum()
    assert (loss.raw[0].y == raw).all() and (loss.validation[0].y == validation).all()
    assert (loss.raw[0].artist.get_alpha() or 1) < 0.3
    with qtbot.waitSignal(view.painted):
        QTest.keyClick(view.bar.slider, Qt.Key.Key_Home)
    assert view.bar.weight.text() == "off"
    loss = canvas_of(view).panels.panels[0]
    assert not len(loss.smooth[0].x) and (loss.raw[0].artist.get_alpha() or 1) > 0.5


def test_log_switches_every_panels_scale(view: CurvesView, qtbot: QtBot) -> None:
    panels = canvas_of(view).panels.panels
    assert [p.axes.get_yscale() for p in panels] == ["log", "logit"]
    with qtbot.waitSignal(view.painted):
        QTest.mouseClick(button(view, "curves_log"), LEFT)
    panels = canvas_of(view).panels.panels
    assert [p.axes.get_yscale() for p in panels] == ["linear", "linear"]


@pytest.mark.parametrize(("index", "end"), [(0, 4), (1, 200), (2, 20)])
def test_curves_are_drawn_against_epochs_steps_or_seconds(
    view: CurvesView, qtbot: QtBot, index: int, end: float
) -> None:
    view.bar.against.setCurrentIndex((index + 1) % 3)
    view.bar.against.setFocus()
    with qtbot.waitSignal(view.painted):
        QTest.keyClick(view.bar.against, (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_End)[index])
        view.bar.against.setCurrentIndex(index)
    panels = canvas_of(view).panels
    assert panels.panels[0].axes.get_xlabel() == ("epoch", "step", "seconds")[index]
    assert panels.panels[0].raw[0].x[-1] == end
    assert panels.limits()[0][1] == pytest.approx(end * 1.02)


def test_quantities_are_shown_and_hidden_but_never_the_last(view: CurvesView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.painted):
        QTest.mouseClick(button(view, "curves_rate"), LEFT)
    panels = canvas_of(view).panels.panels
    assert [p.quantity.label for p in panels] == ["Loss", "Accuracy, %", "Learning rate"]
    run = view.curves[0].history
    assert panels[2].raw[0].y.tolist() == run.learning_rates["train"]
    for name in ("loss", "rate", "accuracy"):
        QTest.mouseClick(button(view, f"curves_{name}"), LEFT)
    assert view.bar.shown == ("accuracy",)
    panels = canvas_of(view).panels.panels
    assert [p.quantity.label for p in panels] == ["Accuracy, %"]


def test_dark_colors_keep_what_is_zoomed_into(view: CurvesView, qtbot: QtBot) -> None:
    seen = zoom(view, qtbot)
    with qtbot.waitSignal(view.painted):
        view.setPalette(theme.palette(dark=True))
    panels = canvas_of(view).panels
    assert panels.look.dark and panels.look.paper == "#1f2024"
    assert panels.limits()[0] == seen
    assert panels.panels[0].raw[0].artist.get_color() == style_of(0).dark


def test_all_parts_can_be_named(view: CurvesView) -> None:
    toolbar = canvas_of(view).toolbar
    assert toolbar is not None
    tips = [action.toolTip() for action in toolbar.actions()]
    assert len(tips) == 4 and all(tips)
    for part in (canvas_of(view), view.bar.slider, view.bar.against, view.bar.log, view.tabs):
        assert isinstance(part, QWidget) and part.accessibleName() and part.objectName()


# Saving


def test_a_saved_picture_shows_what_is_seen(view: CurvesView, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(view.save_asked):
        use_tool(view, "save_figure")
    sizes = []
    for name in ("whole.svg", "zoomed.svg"):
        with qtbot.waitSignal(view.saved, timeout=30_000):
            view.save(tmp_path / name)
        sizes.append((tmp_path / name).read_text(encoding="utf-8"))
        if name == "whole.svg":
            zoom(view, qtbot)
    assert "<!-- 4 -->" in sizes[0] and "<!-- 2.2 -->" not in sizes[0]
    assert "<!-- 2.2 -->" in sizes[1] and "<!-- 4 -->" not in sizes[1]


def test_what_cannot_be_saved_is_told(view: CurvesView, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(view.failed, timeout=30_000) as told:
        view.save(tmp_path / "nowhere" / "curves.png")
    assert told.args is not None and "cannot be written" in told.args[0]


# Differences


def column(**changes: object) -> Column:
    figures = {"best": 0.98, "test": 0.97, "seconds": 40.0, "epochs": 4.0}
    recipe = dataclasses.replace(STUDIO, **{k: v for k, v in changes.items() if k not in figures})
    return Column(
        "a",
        style_of(0),
        recipe,
        **{**figures, **{k: v for k, v in changes.items() if k in figures}},
    )  # type: ignore[arg-type]


def test_only_values_that_differ_have_a_row() -> None:
    gentle = dataclasses.replace(STUDIO.augmentation, elastic=0.1)
    rows = {
        row.title: row
        for row in list_differences([column(), column(batch_size=64, augmentation=gentle)])
    }
    assert [title for title, row in rows.items() if not row.figure] == ["Elastic", "Batch size"]
    assert rows["Batch size"].texts == ("128", "64")
    assert rows["Elastic"].texts == ("0.6", "0.1")
    none = list_differences([column(augmentation=Augmentation(shift=1.0)), column()])
    assert {"Rotation", "Shift"} <= {row.title for row in none}


def test_the_best_figures_are_marked() -> None:
    rows = {
        row.title: row
        for row in list_differences(
            [column(best=0.98001), column(best=0.98004, seconds=20.0), column(best=0.9, test=None)]
        )
    }
    assert rows["Best validation"].texts == ("98.00 %", "98.00 %", "90.00 %")
    assert rows["Best validation"].best == {0, 1}  # nobody can see which is better
    assert rows["Test"].texts[2] == "–" and rows["Test"].best == {0, 1}
    assert rows["Seconds per epoch"].texts[1] == "5" and rows["Seconds per epoch"].best == {1}
    assert not any(row.best for row in list_differences([column()]))


def test_the_table_compares_the_ticked_runs_and_is_copied(view: CurvesView, qtbot: QtBot) -> None:
    tabs = view.tabs
    QTest.mouseClick(tabs, LEFT, pos=tabs.tabRect(1).center())
    table = view.differences
    qtbot.waitUntil(lambda: table.isVisible() and table.model().columnCount() == 2)
    assert not view.bar.isVisible()
    texts = table.differences.as_text().splitlines()
    assert texts[0] == "\tfirst\tsecond"
    assert "Activation\tReLU\tsigmoid" in texts and "Test\t96.00 %\t–" in texts
    with qtbot.waitActive(view):
        view.activateWindow()
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == table.differences.as_text()
    with qtbot.assertNotEmitted(view.painted, wait=300):  # the curves are hidden now
        grow(view.curves[0].history, 1)
        view.show_curves(view.curves)
    assert "Epochs trained\t5\t4" in table.differences.as_text().splitlines()
    view.show_curves(view.curves[:1])
    qtbot.waitUntil(lambda: table.model().columnCount() == 1)
    with qtbot.waitSignal(view.painted):
        QTest.mouseClick(tabs, LEFT, pos=tabs.tabRect(0).center())
    assert canvas_of(view).isVisible() and len(canvas_of(view).panels.lines) == 1


def test_matplotlib_still_reads_its_icons_at_each_painting(
    view: CurvesView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the first number is 0, `CurveToolbar._icon` is no longer needed."""
    toolbar = canvas_of(view).toolbar
    assert toolbar is not None
    icons = [NavigationToolbar2QT._icon(toolbar, "home.png"), tinted_icon("home", QColor("red"))]
    reads: list[Path] = []
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: reads.append(path) or read(path))
    counts = []
    for icon in icons:
        reads.clear()
        for _ in range(2):
            assert not icon.pixmap(18, 18).isNull()
        counts.append(len(reads))
    assert counts == [2, 0]
