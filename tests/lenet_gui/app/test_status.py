from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.app.status import Announcer, DeviceStatus
from lenet_gui.train.run_item import RowState, RunItem
from trainer.recipes.recipe import Recipe


def test_it_says_where_drawings_are_read_and_runs_train(qtbot: QtBot) -> None:
    label = DeviceStatus()
    qtbot.addWidget(label)
    assert not label.text()
    label.read_on("cuda")
    label.read_in(0.234)
    assert label.text() == "Recognized on CUDA in 0.2 ms "
    runs = [
        RunItem(Recipe(), n, state, device="cuda")
        for n, state in enumerate([RowState.TRAINING, RowState.PAUSED])
    ]
    label.show_trained(runs)
    assert label.text() == "Recognized on CUDA in 0.2 ms · Training on CUDA "
    runs[1].device = "cpu"
    label.show_trained(runs)
    assert label.text().endswith("Training on CPU, CUDA ")
    for run in runs:
        run.state = RowState.FINISHED
    label.show_trained(runs)
    label.read_on("cpu")  # how long it took there is no longer true
    assert not label.text()
    label.read_in(1.0)
    assert label.text() == "Recognized on CPU in 1.0 ms "
    label.read_in(None)  # the paper is empty
    assert not label.text()


def test_the_answer_is_announced_once_the_pen_rests(qtbot: QtBot) -> None:
    answer = QWidget()
    qtbot.addWidget(answer)
    announcer = Announcer(answer)
    said: list[str] = []
    announcer.announced.connect(said.append)
    for digit in "127":  # while the pen moves
        answer.setAccessibleName(f"Prediction: {digit}")
        announcer.wait()
    with qtbot.waitSignal(announcer.announced):
        answer.setAccessibleDescription("99.0 %")
    assert said == ["Prediction: 7. 99.0 %"]
    with qtbot.assertNotEmitted(announcer.announced, wait=700):
        announcer.wait()  # nothing else was read
