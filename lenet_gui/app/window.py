"""The window: its tabs, and all the wiring between them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QThread
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QMainWindow, QTabWidget

from lenet_gui.app import kept_state, menus, page_reading, session
from lenet_gui.app.lazy import LazyTab, WarmImports
from lenet_gui.app.menus import ModelFiles
from lenet_gui.app.session import Settings
from lenet_gui.app.status import DeviceStatus, ModelStatus
from lenet_gui.draw.reader import Reader
from lenet_gui.draw.result_view import Correction
from lenet_gui.draw.tab import DrawTab
from lenet_gui.widgets import theme
from lenet_gui.widgets.controls import FocusRings
from lenet_gui.widgets.formatting import format_tooltip
from lenet_gui.workers.serial import BackgroundTask
from trainer import files
from trainer.drawing.sheet import Sheet
from trainer.reading.sheet_reading import SheetReading

if TYPE_CHECKING:
    from lenet_gui.evaluate.tab import EvaluateTab
    from lenet_gui.inspect.tab import InspectTab
    from lenet_gui.my_digits.tab import MyDigitsTab
    from lenet_gui.train.run_model import RunItem
    from lenet_gui.train.tab import TrainTab
    from lenet_gui.watch.controller import WatchController
    from trainer.drawing.picture import Picture
    from trainer.networks.model import Model
    from trainer.runtime.devices import Device

_CLOSING_SECONDS = 1.5
_WITH_DRAWING = ("draw", "inspect")
"""The tabs on which the drawing is seen."""


class Window(QMainWindow):
    """Opens at once; torch and the network come later, in the reader's thread.

    Args:
        data: folder of datasets; None for what was chosen last, or the usual one.
        runs: folder of runs; None for the usual one.
        settings: where choices are remembered; None to remember nothing.
        scheme: "light", "dark" or "system".
        my_digits: file of the user's own digits; None for the usual one.
    """

    def __init__(
        self,
        data: Path | None = None,
        runs: Path | None = None,
        settings: Settings | None = None,
        scheme: str = "system",
        my_digits: Path | None = None,
    ) -> None:
        super().__init__()
        self.setWindowTitle("LeNet Studio")
        self.settings, self.scheme = settings, scheme
        if data is None and settings is not None and "LENET_DATA" not in os.environ:
            data = settings.folder("data_folder")
        self._data, self._runs_folder = files.data_folder(data), files.runs_folder(runs)
        self._my_digits_file = files.my_digits_file(my_digits)
        self.draw = DrawTab()
        self.draw.browser.folder = self._data
        self.reader = Reader()
        self.warm_imports = WarmImports(self)
        self._watching: WatchController | None = None
        self._model: Model | None = None  # on show, but for those of a run that is watched
        self.devices: list[Device] | None = None  # None until torch has told
        self._started = self._show_newest_runs = self._imported = False
        self._when_imported: list[Callable[[], object]] = []
        self._reading: SheetReading | None = None  # the newest
        self.inspect_choices: dict[str, str] = {}  # those made when the program ran last
        self._before: Model | None = None  # on show before a run was watched
        self.shipped: Model | None = None
        self.ending: list[QThread] = []  # asked to end when the window was closed
        self.labels = ModelStatus()
        self.model_files = ModelFiles(self, lambda: self.reader.model, self.use_model, self.tell)
        folder = self._my_digits_file.parent / "networks"
        self.networks = kept_state.KeptNetworks(folder, settings, self.model_files)
        self.zoom = session.TextZoom(settings)
        self._lay_out()
        commands = menus.Commands(
            open_network=self.model_files.ask_what_to_open,
            save_network=self.model_files.ask_where_to_save,
            fill_learned=self.networks.fill,
            use_shipped=self.use_shipped,
            set_scheme=self.set_scheme,
            zoom_text=self.zoom.step,
            start_tour=self.start_tour,
            show_results=lambda: self.once_imported(lambda: self.train.show_results()),
            device_text=self.labels.device.text,
        )
        self.device_menu = menus.build_menus(self, self.draw, self.tabs, commands, scheme)
        self._connect()
        FocusRings(self)
        self.page_reading = page_reading.PageReading(self, self.draw, self.reader)
        self.resize(session.fit_to_screen(session.FIRST_SIZE, self.screen().availableSize()))
        if settings is not None:
            session.restore(self._remembered, settings)
            kept_state.restore_drawing(self.draw.canvas, settings)
        self._focus_canvas()

    def _lay_out(self) -> None:
        self.tabs = QTabWidget()
        self.tabs.setObjectName("tabs")
        self.tabs.setAccessibleName("Tabs")
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tabs.addTab(self.draw, "Draw")
        self.lazy_inspect = LazyTab(self.tabs, "Inspect", self._build_inspect)
        self.lazy_train = LazyTab(self.tabs, "Train", self._build_train)
        self.lazy_evaluate = LazyTab(self.tabs, "Evaluate", self._build_evaluate)
        self.lazy_my_digits = LazyTab(self.tabs, "My digits", self._build_my_digits)
        self.tabs.setCornerWidget(self.labels)
        self.setCentralWidget(self.tabs)
        self.statusBar().setSizeGripEnabled(False)
        self.where = DeviceStatus()
        self.statusBar().addPermanentWidget(self.where)
        self.setMinimumSize(480, 320)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._focus_canvas)
        self.tabs.currentChanged.connect(
            lambda number: self.draw.set_drawing_seen(session.TABS[number] in _WITH_DRAWING)
        )
        self.draw.canvas.changed.connect(self._read)
        self.draw.message.connect(self.tell)
        self.draw.pictures.found.connect(self._show_draw_tab)
        self.draw.browser.toggle.triggered.connect(self._show_draw_tab)
        self.draw.browser.folder_chosen.connect(self.use_data_folder)
        self.draw.steps.changed.connect(self.reader.take_steps)
        self.draw.several.toggled.connect(self.reader.look_for_several)
        self.draw.prediction.chosen.connect(self.reader.choose)
        self.draw.corrected.connect(self._keep)
        self.draw.learn_offer.accepted.connect(self._learn)
        self.reader.done.connect(self._show_reading)
        self.reader.explained.connect(self.draw.view.explain)
        self.reader.failed.connect(self._reading_failed)
        self.reader.imported.connect(self._torch_imported)
        self.reader.loaded.connect(self._loaded)
        self.reader.moved.connect(self._moved)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._scheme_changed)

    def _show_draw_tab(self) -> None:
        self.tabs.setCurrentWidget(self.draw)

    def _focus_canvas(self) -> None:
        """On the Draw tab, the drawing's keys work without a click first."""
        if self.tabs.currentWidget() is self.draw:
            self.draw.canvas.setFocus()

    # Tabs that are built at the first need

    def once_imported(self, do: Callable[[], object]) -> None:
        """Call `do` once torch is imported, at once if it is: the tabs need it."""
        if self._imported:
            do()
        else:
            self._when_imported.append(do)

    def _torch_imported(self) -> None:
        self._imported = True
        for tab in self._lazy_tabs:
            tab.allow()
        while self._when_imported:
            self._when_imported.pop(0)()

    @property
    def _lazy_tabs(self) -> tuple[LazyTab[Any], ...]:
        return self.lazy_inspect, self.lazy_train, self.lazy_evaluate, self.lazy_my_digits

    @property
    def _remembered(self) -> session.Remembered:
        return session.Remembered(
            window=self,
            tabs=self.tabs,
            reader=self.reader,
            draw=self.draw,
            inspect_choices=self._chosen_in_inspect(),
        )

    def _chosen_in_inspect(self) -> dict[str, str]:
        """What was chosen there: the dictionary itself while the tab is not built."""
        built = self.lazy_inspect.built
        return self.inspect_choices if built is None else built.chosen()

    @property
    def inspect(self) -> InspectTab:
        """The Inspect tab."""
        return self.lazy_inspect.get()

    @property
    def train(self) -> TrainTab:
        """The Train tab."""
        return self.lazy_train.get()

    @property
    def evaluate(self) -> EvaluateTab:
        """The Evaluate tab."""
        return self.lazy_evaluate.get()

    @property
    def my_digits(self) -> MyDigitsTab:
        """The My digits tab."""
        return self.lazy_my_digits.get()

    @property
    def watching(self) -> WatchController:
        """Which run's network is watched as it learns, if any."""
        if self._watching is None:
            # Not before it is needed: the window opens sooner.
            from lenet_gui.watch.controller import WatchController

            self._watching = watching = WatchController(self.train.list, self.draw.bar)
            watching.began.connect(self._watching_began)
            watching.ended.connect(self._watching_ended)
            watching.show_model.connect(self.reader.show_model)
            watching.use_model.connect(self.use_model)
            watching.named.connect(self.labels.show_watched)
            watching.message.connect(self.tell)
        return self._watching

    def _build_inspect(self) -> InspectTab:
        # Not before it is needed: the window opens sooner.
        from lenet_gui.inspect.tab import InspectTab

        tab = InspectTab(self.draw.canvas, self._data, self._runs_folder)
        tab.message.connect(self.tell)
        tab.seen.connect(lambda seen: self.reader.ask_gate(not seen))
        tab.hold.connect(self.reader.hold)
        tab.read_instead.connect(self.reader.read_instead)
        tab.choose_digit.connect(self.reader.choose)
        tab.open_picture.connect(self.draw.canvas.show_picture)
        tab.data_folder_chosen.connect(self.use_data_folder)
        tab.restore(self.inspect_choices)
        if self._model is not None:
            tab.set_model(self._model)
        if self._reading is not None:
            tab.show_reading(self._reading)
        return tab

    def _build_train(self) -> TrainTab:
        # Not before it is needed: the window opens sooner.
        from lenet_gui.train.tab import TrainTab

        tab = TrainTab(self._data, self._runs_folder)
        tab.message.connect(self.tell)
        tab.use_model.connect(self.use_model)
        tab.data_folder_chosen.connect(self.use_data_folder)
        tab.watch_run.connect(self.watch_run)
        tab.list.dataChanged.connect(lambda: self.where.show_trained(tab.list.runs))
        if self.settings is not None:
            kept_state.restore_training(tab, self.settings)
        if self.devices is not None:
            tab.form.set_devices(self.devices)
        if self._started:
            tab.look_for_past_runs(self._show_newest_runs)
        return tab

    def _build_evaluate(self) -> EvaluateTab:
        # Not before it is needed: the window opens sooner.
        from lenet_gui.evaluate.tab import EvaluateTab

        tab = EvaluateTab(self._data, self._runs_folder)
        tab.device = self.reader.device
        tab.message.connect(self.tell)
        tab.open_picture.connect(self._open_picture)
        tab.data_folder_chosen.connect(self.use_data_folder)
        if self._model is not None:
            tab.set_model(self._model)
        return tab

    def _build_my_digits(self) -> MyDigitsTab:
        # Not before it is needed: the window opens sooner.
        from lenet_gui.my_digits.tab import MyDigitsTab

        tab = MyDigitsTab(self._my_digits_file, self._data)
        tab.message.connect(self.tell)
        tab.use_model.connect(self.use_model)
        tab.learned.connect(self.networks.keep_learned)
        tab.open_drawing.connect(self._open_drawing)
        if self._model is not None:
            tab.set_model(self._model)
        if self._started:
            tab.load()
        return tab

    def start(self, show_newest_runs: bool = False, restore_network: bool = True) -> None:
        """Begin to load the network and to list earlier runs; call once the window shows."""
        if restore_network:
            self.networks.restore()
        self._started, self._show_newest_runs = True, show_newest_runs
        self.reader.start()
        if self.lazy_train.built is not None:
            self.lazy_train.built.look_for_past_runs(show_newest_runs)
        if self.lazy_my_digits.built is not None:
            self.lazy_my_digits.built.load()

    def _keep(self, told: Correction) -> None:
        """What the user says of a drawing goes to My digits."""
        self.my_digits.add(told.label, told.strokes, told.image, told.read_as, told.source)

    def _learn(self) -> None:
        """Learn from my digits, and show how it goes."""
        self.tabs.setCurrentWidget(self.my_digits)
        self.my_digits.learning.start()

    def _open_picture(self, picture: Picture) -> None:
        """Lay a test picture on the paper."""
        self.draw.canvas.show_picture(picture)
        self._show_draw_tab()

    def _open_drawing(self, sheet: Sheet) -> None:
        """Lay one of my digits on the paper."""
        if sheet.picture is not None:
            self.draw.canvas.show_picture(sheet.picture)
        else:
            self.draw.canvas.show_strokes(sheet.strokes)
        self._show_draw_tab()

    def start_tour(self) -> None:
        """Walk from the drawing to the answer, on the Inspect tab."""

        def start() -> None:
            self.tabs.setCurrentWidget(self.inspect)
            self.inspect.start_tour()

        self.once_imported(start)

    # Watching a run learn

    def watch_run(self, run: RunItem) -> None:
        """Show this run's network on the Draw tab."""
        self.watching.watch(run)
        self._show_draw_tab()
        self.draw.bar.slider.setFocus()

    def _watching_began(self) -> None:
        self._before = self.reader.model
        self.draw.set_watching(True)

    def _watching_ended(self) -> None:
        """Go back to the network before."""
        self.draw.set_watching(False)
        if self._before is not None:
            self.reader.show_model(self._before)
            self.labels.show_model(self._before)
        else:  # the run was there before the network that ships
            self.use_shipped()
        self._focus_canvas()

    # Reading

    def _read(self) -> None:
        drawing = self.draw.canvas.drawing
        self.reader.read(drawing.sheet, drawing.pen_down)

    def _show_reading(self, reading: SheetReading) -> None:
        self._reading, inspect = reading, self.lazy_inspect.built
        if self.draw.isVisible() or inspect is None or not inspect.isVisible():
            self.draw.show_reading(reading)
        if inspect is not None:
            inspect.show_reading(reading)
        if reading.prediction is not None:
            self.where.read_in(reading.milliseconds)

    def _reading_failed(self, problem: str) -> None:
        if self.reader.model is None:
            self.draw.view.set_idle_note("No network: open one or train one")
        if not self._imported:
            for tab in self._lazy_tabs:
                tab.refuse(f"PyTorch cannot be loaded: {problem}")
        self.tell(f"The network could not read: {problem}")

    def _loaded(self, model: Model) -> None:
        """torch is imported: what had to wait for it can be shown."""
        from trainer.runtime import devices

        self.shipped = model
        if self.reader.model is model:
            self.labels.show_model(model)
            self._show_model(model)
        BackgroundTask.begin(devices.list_devices, self._devices_known, self.tell)
        self.warm_imports.start()
        self._read()

    def _devices_known(self, found: list[Device]) -> None:
        self.devices = found
        if self.lazy_train.built is not None:
            self.lazy_train.built.form.set_devices(found)
        menus.fill_devices(self.device_menu, found, self.reader.device, self.set_device)

    def _moved(self, device: str, problem: str) -> None:
        self.labels.device.setText(device.upper())
        self.where.read_on(device)
        if problem:
            self.tell(problem)

    def set_device(self, name: str) -> None:
        """Read drawings on this device."""
        self.reader.set_device(name)
        if self.lazy_evaluate.built is not None:
            self.lazy_evaluate.built.device = name
        if self.settings is not None:
            self.settings.remember("device", name)

    # Networks

    def use_model(self, model: Model) -> None:
        """Read with this network from now on; a run that was watched is so no longer."""
        if self._watching is not None:
            self._watching.leave()
        self.draw.set_watching(False)
        self.reader.show_model(model)
        self.networks.use(model, model is self.shipped)
        self._show_model(model)
        self.labels.show_model(model)
        self.tell(f"Drawings are read by {model.name} now")

    def _show_model(self, model: Model) -> None:
        """Let the tabs know which network is on show."""
        self._model = model
        self.draw.set_classes(model.classes)
        self.draw.browser.use_model(model)
        if self.lazy_my_digits.built is not None:
            self.lazy_my_digits.built.set_model(model)
        if self.lazy_evaluate.built is not None:
            self.lazy_evaluate.built.set_model(model)
        if self.lazy_inspect.built is not None:
            self.lazy_inspect.built.set_model(model)

    def use_shipped(self) -> None:
        """Go back to the network that ships."""
        if self.shipped is not None:
            self.use_model(self.shipped)

    # Telling, remembering, closing

    def tell(self, text: str) -> None:
        """Say something in the status bar, long enough to read it."""
        self.statusBar().showMessage(text, max(6000, 90 * len(text)))
        self.statusBar().setToolTip(format_tooltip(text))

    def set_scheme(self, scheme: str) -> None:
        """Light, dark, or like the system."""
        self.scheme = scheme
        theme.apply(theme.application(), scheme)
        if self.settings is not None:
            self.settings.remember("scheme", scheme)

    def _scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        if self.scheme == "system":
            theme.follow_system(theme.application(), scheme)

    def use_data_folder(self, folder: Path) -> None:
        """Look for datasets in this folder, in all tabs, and remember it."""
        self._data = self.draw.browser.folder = folder
        if self.lazy_inspect.built is not None:
            self.lazy_inspect.built.set_data(folder)
        if self.lazy_evaluate.built is not None:
            self.lazy_evaluate.built.data = folder
        if self.lazy_train.built is not None:
            self.lazy_train.built.data = folder
        if self.lazy_my_digits.built is not None:
            self.lazy_my_digits.built.learning.data = folder
        if self.settings is not None:
            self.settings.remember("data_folder", str(folder))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what runs; best weights are on disk already. The window is gone at once."""
        if self.settings is not None:
            session.remember(self._remembered, self.settings)
            kept_state.remember_drawing(self.draw.canvas, self.settings)
            if self.lazy_train.built is not None:
                kept_state.remember_training(self.lazy_train.built, self.settings)
        self.warm_imports.end()
        self.setUpdatesEnabled(False)  # a painting under way would find no window
        self.hide()
        self.reader.end()
        self.ending = [self.reader, *self.draw.browser.end(), *self.draw.view.nearest.end()]
        for part in (*(tab.built for tab in self._lazy_tabs), self._watching):
            if part is not None:
                self.ending += part.end()
        self.ending += BackgroundTask.running()
        deadline = time.monotonic() + _CLOSING_SECONDS
        for thread in self.ending:
            thread.wait(max(1, round((deadline - time.monotonic()) * 1000)))
        event.accept()
