"""The window: its tabs, and all the wiring between them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QThread, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMainWindow

from lenet_gui import watch
from lenet_gui.app import building, menus, opening, session
from lenet_gui.app.lazy import WITH_DRAWING, LazyTab, WarmImports, make_tabs
from lenet_gui.app.networks.button import RecentFiles
from lenet_gui.app.networks.files import KeptNetworks, ModelFiles
from lenet_gui.app.opening import open_drawing
from lenet_gui.app.presentation import PresentationMode
from lenet_gui.app.session import Settings
from lenet_gui.app.status import Announcer, DeviceStatus, ModelStatus
from lenet_gui.draw.reader import Reader
from lenet_gui.draw.result_view import Correction
from lenet_gui.draw.tab import DrawTab
from lenet_gui.watch.closing import Closing
from lenet_gui.widgets import theme
from lenet_gui.widgets.controls import FocusRings
from lenet_gui.widgets.formatting import format_tooltip
from lenet_gui.workers.generator import wait_for_all
from lenet_gui.workers.latest import DetachedWorker
from lenet_gui.workers.serial import BackgroundTask, LongTask
from trainer import files
from trainer.drawing.sheet import Sheet
from trainer.files import is_folder
from trainer.reading.sheet_reading import SheetReading
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from lenet_gui.evaluate.tab import EvaluateTab
    from lenet_gui.inspect.tab import InspectTab
    from lenet_gui.my_classes.tab import MyClassesTab
    from lenet_gui.my_digits.tab import MyDigitsTab
    from lenet_gui.train.run_item import RunItem
    from lenet_gui.train.run_model import RunModel
    from lenet_gui.train.tab import TrainTab
    from lenet_gui.watch.controller import WatchController
    from trainer.drawing.picture import Picture
    from trainer.networks.model import Model
    from trainer.runtime.devices import Device

_CLOSING_SECONDS = 1.5


class Window(QMainWindow):
    """Opens at once; torch and the network come later, in the reader's thread.

    Args:
        data: folder of datasets; None for what was chosen last, or the usual one.
        runs: folder of runs; None for the usual one.
        settings: where choices are remembered; None to remember nothing.
        scheme: "light", "dark" or "system".
        my_digits: file of the user's own digits; None for the usual one.
    """

    language_chosen = Signal(str)  # one of `language.CHOICES`, to show all in

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
        self.zoom = session.TextZoom(settings)
        self.zoom.apply()  # first: bars keep the font that they are made with
        self.inherited_runs: RunModel | None = None  # from a window before, for the Train tab
        self.to_watch: RunItem | None = None  # as it was watched in a window before
        self.places = data, runs, my_digits
        if data is None and settings is not None and not files.environment_chooses_data():
            data = settings.folder("data_folder")
        self.data, self.runs_folder = files.data_folder(data), files.runs_folder(runs)
        self.my_digits_file = files.my_digits_file(my_digits)
        self.draw = DrawTab()
        self.draw.browser.folder = self.data
        self.reader = Reader()
        self.warm_imports = WarmImports(self)
        self._watching: WatchController | None = None
        self.model: Model | None = None  # on show, but for those of a run that is watched
        self.devices: list[Device] | None = None  # None until torch has told
        self.started = self.show_newest_runs = self._imported = False
        self._when_imported: list[Callable[[], object]] = []
        self.reading: SheetReading | None = None  # the newest
        self.inspect_choices: dict[str, str] = {}  # those made when the program ran last
        self._before: Model | None = None  # on show before a run was watched
        self.shipped: Model | None = None
        self.ending: list[QThread] = []  # asked to end when the window was closed
        self.labels = ModelStatus()
        self.announcer = Announcer(self.draw.prediction)
        recent = RecentFiles(settings, "recent_networks")
        on_show, datasets = lambda: self.reader.model, lambda: self.data
        self.model_files = ModelFiles(self, on_show, self.use_model, self.tell, recent, datasets)
        folder = self.my_digits_file.parent / "networks"
        self.networks = KeptNetworks(folder, settings, self.model_files)
        self.closing = Closing(self, self.tell)
        self._lay_out()
        self.presentation = PresentationMode(self, self.tabs, lambda: self.zoom.percent)
        commands = building.menu_commands(self, self, self.language_chosen.emit)
        self.device_menu = menus.build_menus(self, self.draw, self.tabs, commands, scheme)
        self.labels.model.connect_commands(building.network_commands(self), recent)
        self._connect()
        FocusRings(self)
        building.build_drop_target(self, self)
        opening.PageReading(self, self.draw, self.reader)
        self.resize(session.fit_to_screen(session.FIRST_SIZE, self.screen().availableSize()))
        if settings is not None:
            session.restore(self._remembered, settings)
            session.restore_drawing(self.draw.canvas, settings)
            building.show_welcome(self, settings)
        self._focus_canvas()

    def rename_network(self, name: str) -> None:
        """Call the network on show by another name."""
        if self.reader.model is not None:
            self.use_model(dataclasses.replace(self.reader.model, name=name))

    def _lay_out(self) -> None:
        make_lazy = building.make_lazy_tab
        self.tabs = make_tabs()
        self.tabs.addTab(self.draw, _("Draw"))
        self.lazy_inspect = make_lazy(self, _("Inspect"), building.build_inspect)
        self.lazy_train = make_lazy(self, _("Train"), building.build_train)
        self.lazy_evaluate = make_lazy(self, _("Evaluate"), building.build_evaluate)
        self.lazy_my_digits = make_lazy(self, _("My digits"), building.build_my_digits)
        self.lazy_my_classes = make_lazy(self, _("My classes"), building.build_my_classes)
        self.tabs.setCornerWidget(self.labels)
        self.setCentralWidget(self.tabs)
        self.statusBar().setSizeGripEnabled(False)
        self.where = DeviceStatus()
        self.statusBar().addPermanentWidget(self.where)
        self.setMinimumSize(480, 320)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._focus_canvas)
        self.tabs.currentChanged.connect(
            lambda number: self.draw.set_drawing_seen(session.TABS[number] in WITH_DRAWING)
        )
        self.draw.canvas.changed.connect(self._read)
        self.draw.message.connect(self.tell)
        self.draw.pictures.found.connect(self._show_draw_tab)
        self.draw.adjust.triggered.connect(lambda: building.show_adjusting(self, self))
        self.draw.browser.toggle.triggered.connect(self._show_draw_tab)
        self.draw.browser.folder_chosen.connect(self.use_data_folder)
        self.draw.preprocessing.changed.connect(self.reader.set_preprocessing)
        self.draw.several_wanted.connect(self.reader.look_for_several)
        self.draw.prediction.chosen.connect(self.reader.choose)
        self.draw.corrected.connect(self._keep)
        self.draw.correction_withdrawn.connect(
            lambda kept: self.my_digits.remove(kept.strokes, kept.image)
        )
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
        own = self.lazy_my_digits, self.lazy_my_classes
        return (self.lazy_inspect, self.lazy_train, self.lazy_evaluate, *own)

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
    def my_classes(self) -> MyClassesTab:
        """The My classes tab."""
        return self.lazy_my_classes.get()

    @property
    def watching(self) -> WatchController:
        """Which run's network is watched as it learns, if any."""
        if self._watching is None:
            self._watching = watching = watch.controller.WatchController(
                self.train.list, self.draw.bar
            )
            watching.began.connect(self._watching_began)
            watching.ended.connect(self._watching_ended)
            watching.show_model.connect(self.reader.show_model)
            watching.use_model.connect(self.use_model)
            watching.named.connect(self.labels.show_watched)
            watching.message.connect(self.tell)
        return self._watching

    def start(self, show_newest_runs: bool = False, restore_network: bool = True) -> None:
        """Begin to load the network and to list earlier runs; call once the window shows."""
        if restore_network:
            self.networks.restore()
        self.started, self.show_newest_runs = True, show_newest_runs
        self.reader.start()
        if self.lazy_train.built is not None:
            self.lazy_train.built.look_for_past_runs(show_newest_runs)
        if self.lazy_my_digits.built is not None:
            self.lazy_my_digits.built.load()

    def _keep(self, correction: Correction) -> None:
        """What the user says of a drawing goes to My digits."""
        self.my_digits.add(
            correction.label,
            correction.strokes,
            correction.image,
            correction.read_as,
            correction.source,
        )

    def _learn(self) -> None:
        """Learn from my digits, and show how it goes."""
        self.tabs.setCurrentWidget(self.my_digits)
        self.my_digits.learning.start()
        self.my_digits.learning.cancel.setFocus()  # which the button that was clicked had

    def open_picture(self, picture: Picture) -> None:
        """Lay a test picture on the paper."""
        self.draw.canvas.show_picture(picture)
        self._show_draw_tab()

    def open_drawing_file(self, path: Path) -> None:
        """Lay the first drawing of a file on the paper."""
        open_drawing(self.draw.canvas, path, self.tell)
        self._show_draw_tab()

    def open_recipe(self, path: Path) -> None:
        """Put the recipe of a file into the form."""

        def show() -> None:
            self.tabs.setCurrentWidget(self.train)
            self.train.panel.share.read(path)

        self.once_imported(show)

    def open_sheet(self, sheet: Sheet) -> None:
        """Lay one of my digits on the paper."""
        if sheet.picture is not None:
            self.draw.canvas.show_picture(sheet.picture)
        else:
            self.draw.canvas.show_strokes(sheet.strokes)
        self._show_draw_tab()

    def start_tour(self) -> None:
        """Walk from the drawing to the answer, on the Inspect tab."""
        self.tabs.setCurrentIndex(session.TABS.index("inspect"))  # which says that it is loading

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
        self.reading, inspect = reading, self.lazy_inspect.built
        if self.draw.isVisible() or inspect is None or not inspect.isVisible():
            self.draw.show_reading(reading)
        if inspect is not None:
            inspect.show_reading(reading)
        empty = reading.prediction is None
        self.where.read_in(None if empty else reading.milliseconds)
        if not empty:
            self.announcer.wait()

    def _reading_failed(self, problem: str) -> None:
        if self.reader.model is None:
            self.draw.view.set_idle_note(_("No network loaded. Open or train one."))
        if not self._imported:
            for tab in self._lazy_tabs:
                tab.refuse(_("PyTorch can't be loaded: {problem}").format(problem=problem))
        self.tell(_("The network could not read the drawing: {problem}").format(problem=problem))

    def _loaded(self, model: Model) -> None:
        """torch is imported: what had to wait for it can be shown."""
        from trainer.runtime import devices

        self.shipped = model
        if self.reader.model is model:
            self.labels.show_model(model)
            self._show_model(model)
        BackgroundTask.begin(devices.list_devices, self._devices_known, self.tell, context=self)
        self.warm_imports.start()
        self._read()

    def _devices_known(self, devices: list[Device]) -> None:
        self.devices = devices
        if self.lazy_train.built is not None:
            self.lazy_train.built.form.set_devices(devices)
        menus.fill_devices(self.device_menu, devices, self.reader.device, self.set_device)

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
        self.tell(_("Now using {name}").format(name=model.name))

    def _show_model(self, model: Model) -> None:
        """Let the tabs know which network is on show."""
        self.model = model
        self.draw.set_classes(model.classes)
        self.draw.browser.use_model(model)
        for tab in self._lazy_tabs:
            if tab.built is not None and tab is not self.lazy_train:
                tab.built.set_model(model)

    def use_shipped(self) -> None:
        """Go back to the network that ships."""
        if self.shipped is not None:
            self.use_model(self.shipped)

    # Telling, remembering, closing

    def tell(self, text: str) -> None:
        """Say something in the status bar, long enough to read it."""
        self.statusBar().showMessage(text, max(6000, 90 * len(text)))
        self.statusBar().setToolTip(format_tooltip(text))

    def show_folder(self, folder: Path) -> None:
        """Show a folder in the file manager, or say where it is."""

        def show(there: bool) -> None:
            if not (there and QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))):
                text = _("Can't open a file manager. The folder is {folder}")
                self.tell(text.format(folder=folder))

        BackgroundTask.begin(lambda: is_folder(folder), show, self.tell, context=self)

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
        self.data = self.draw.browser.folder = folder
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

    def remember(self) -> None:
        """Keep for the next start, or the next window, what was chosen and drawn here."""
        if self.settings is not None:
            session.remember(self._remembered, self.settings)
            session.remember_work(self.draw.canvas, self.lazy_train.built, self.settings)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what runs; best weights are on disk already. The window is gone at once."""
        building.take_over_runs(self)
        if not self.closing.may_close():
            event.ignore()
            return
        self.remember()
        self.end()
        wait_for_all(self.ending, _CLOSING_SECONDS)
        event.accept()

    def end(self) -> None:
        """Hide the window, and stop what runs; `ending` has the threads that still do."""
        self.warm_imports.end()
        self.setUpdatesEnabled(False)  # a painting under way would find no window
        self.hide()
        self.reader.end()
        self._when_imported.clear()
        self.ending = [self.reader, *self.draw.browser.end(), *self.draw.view.nearest.end()]
        for tab in self._lazy_tabs:
            tab.forbid()
        for part in (*(tab.built for tab in self._lazy_tabs), self._watching):
            if part is not None:
                self.ending += part.end()
        self.ending += LongTask.running() + DetachedWorker.end_all()
