"""What is built at the first need, tabs above all, and how each is connected to the window.

Modules are reached through their packages, which import them when they are first used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from PySide6.QtWidgets import QMainWindow, QMenu, QTabWidget, QWidget

from lenet_gui import adjust, app, evaluate, inspect, my_classes, my_digits, train
from lenet_gui.app import session
from lenet_gui.app.lazy import LazyTab
from lenet_gui.app.menus import Commands, list_actions
from lenet_gui.app.networks.button import NetworkCommands, fill_from_runs
from lenet_gui.app.networks.files import KeptNetworks, ModelFiles
from lenet_gui.app.opening import DropTarget, Takers
from lenet_gui.app.presentation import PresentationMode
from lenet_gui.app.session import Settings, TextZoom
from lenet_gui.app.status import DeviceStatus, ModelStatus
from lenet_gui.draw.reader import Reader
from lenet_gui.draw.tab import DrawTab
from lenet_gui.help.welcome import Welcome
from lenet_gui.widgets import theme
from trainer.drawing.sheet import Sheet
from trainer.files import asset
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from pathlib import Path

    from lenet_gui.app.preferences import Preference, PreferencesDialog
    from lenet_gui.evaluate.tab import EvaluateTab
    from lenet_gui.inspect.tab import InspectTab
    from lenet_gui.my_classes.tab import MyClassesTab
    from lenet_gui.my_digits.tab import MyDigitsTab
    from lenet_gui.train.run_item import RunItem
    from lenet_gui.train.run_model import RunModel
    from lenet_gui.train.tab import TrainTab
    from lenet_gui.watch.closing import Closing
    from trainer.drawing.picture import Picture
    from trainer.networks.model import Model
    from trainer.reading.sheet_reading import SheetReading
    from trainer.runtime.devices import Device

T = TypeVar("T", bound=QWidget)


class Parts(Protocol):
    """What is used here of the window, which knows this module."""

    tabs: QTabWidget
    data: Path
    runs_folder: Path
    my_digits_file: Path
    settings: Settings | None
    inherited_runs: RunModel | None
    to_watch: RunItem | None
    inspect_choices: dict[str, str]
    scheme: str
    zoom: TextZoom
    model: Model | None
    reading: SheetReading | None
    devices: list[Device] | None
    started: bool
    show_newest_runs: bool
    draw: DrawTab
    reader: Reader
    where: DeviceStatus
    labels: ModelStatus
    presentation: PresentationMode
    networks: KeptNetworks
    closing: Closing
    model_files: ModelFiles
    lazy_train: LazyTab[TrainTab]

    @property
    def my_classes(self) -> MyClassesTab:
        """The My classes tab."""

    def once_imported(self, do: Callable[[], object]) -> None:
        """Call `do` once torch is imported."""

    def tell(self, text: str) -> None:
        """Say something in the status bar."""

    def use_model(self, model: Model) -> None:
        """Read with this network."""

    def use_shipped(self) -> None:
        """Read with the built-in network."""

    def rename_network(self, name: str) -> None:
        """Call the network on show by another name."""

    def use_data_folder(self, folder: Path) -> None:
        """Look for datasets there."""

    def watch_run(self, run: RunItem) -> None:
        """Show this run's network."""

    def set_scheme(self, scheme: str) -> None:
        """Light, dark, or like the system."""

    def set_device(self, name: str) -> None:
        """Read drawings on this device."""

    def open_picture(self, picture: Picture) -> None:
        """Lay a picture on the paper."""

    def open_sheet(self, sheet: Sheet) -> None:
        """Lay a drawing or a picture on the paper."""

    def open_drawing_file(self, path: Path) -> None:
        """Lay a file's drawing on the paper."""

    def open_recipe(self, path: Path) -> None:
        """Put a file's recipe into the form."""

    def start_tour(self) -> None:
        """Start the guided tour."""

    def show_folder(self, folder: Path) -> None:
        """Show a folder in the file manager."""


def make_lazy_tab(window: Parts, title: str, build: Callable[[Parts], T]) -> LazyTab[T]:
    """A place among the window's tabs for what is built at the first need."""
    return LazyTab(window.tabs, title, lambda: build(window))


def build_inspect(window: Parts) -> InspectTab:
    """The Inspect tab, with the network and the reading on show."""
    tab = inspect.tab.InspectTab(window.draw.canvas, window.data, window.runs_folder)
    tab.message.connect(window.tell)
    tab.seen.connect(lambda seen: window.reader.ask_gate(not seen))
    tab.hold.connect(window.reader.hold)
    tab.replaced.connect(window.reader.set_replacement)
    tab.choose_digit.connect(window.reader.choose)
    tab.open_picture.connect(window.draw.canvas.show_picture)
    tab.data_folder_chosen.connect(window.use_data_folder)
    tab.restore(window.inspect_choices)
    if window.model is not None:
        tab.set_model(window.model)
    if window.reading is not None:
        tab.show_reading(window.reading)
    return tab


def build_train(window: Parts) -> TrainTab:
    """The Train tab, with the recipe and the runs of last time."""
    tab = train.tab.TrainTab(window.data, window.runs_folder, window.inherited_runs)
    tab.message.connect(window.tell)
    tab.use_model.connect(window.use_model)
    tab.data_folder_chosen.connect(window.use_data_folder)
    tab.watch_run.connect(window.watch_run)
    tab.list.dataChanged.connect(lambda: window.where.show_trained(tab.list.runs))
    if window.settings is not None:
        session.restore_training(tab, window.settings)
    window.closing.follow(tab)
    if window.devices is not None:
        tab.form.set_devices(window.devices)
    if window.started:
        tab.look_for_past_runs(window.show_newest_runs)
    return tab


def take_over_runs(window: Parts) -> None:
    """Let the runs of a window before go on in this one, which asks before it closes."""
    runs = window.inherited_runs
    if runs is not None and any(run.under_way for run in runs.runs):
        window.lazy_train.get()


def watch_inherited(window: Parts) -> None:
    """Watch the run that was watched in a window before."""
    run, window.to_watch = window.to_watch, None
    if run is not None:
        window.watch_run(run)


def build_evaluate(window: Parts) -> EvaluateTab:
    """The Evaluate tab, with the network on show."""
    tab = evaluate.tab.EvaluateTab(window.data, window.runs_folder)
    tab.device = window.reader.device
    tab.message.connect(window.tell)
    tab.open_picture.connect(window.open_picture)
    tab.data_folder_chosen.connect(window.use_data_folder)
    if window.model is not None:
        tab.set_model(window.model)
    return tab


def build_my_digits(window: Parts) -> MyDigitsTab:
    """The My digits tab, with what was kept."""
    tab = my_digits.tab.MyDigitsTab(window.my_digits_file, window.data)
    tab.message.connect(window.tell)
    tab.use_model.connect(window.use_model)
    tab.learned.connect(window.networks.keep_learned)
    tab.open_drawing.connect(window.open_sheet)
    if window.model is not None:
        tab.set_model(window.model)
    if window.started:
        tab.load()
    return tab


def build_my_classes(window: Parts) -> MyClassesTab:
    """The My classes tab, with what was kept."""
    file = window.my_digits_file.with_name("my-classes.json")
    tab = my_classes.tab.MyClassesTab(file, lambda: window.draw.canvas.drawing.sheet)
    tab.message.connect(window.tell)
    tab.use_model.connect(window.use_model)
    tab.learned.connect(window.networks.keep_learned)
    tab.try_it.connect(lambda: window.open_sheet(Sheet()))
    if window.settings is not None:
        session.follow_classes(tab.writer, tab.area.by_itself, window.settings)
    if window.model is not None:
        tab.set_model(window.model)
    return tab


def open_classes(window: Parts, path: Path) -> None:
    """Show a file of classes on their tab."""

    def show() -> None:
        window.tabs.setCurrentWidget(window.my_classes)
        window.my_classes.open_file(path)

    window.once_imported(show)


def show_welcome(window: Parts, settings: Settings) -> None:
    """At the first start, show three ways in; never again once it was left."""
    if settings.number("welcomed", 0, 0, 1):
        return
    canvas = window.draw.canvas
    welcome = Welcome(canvas, canvas.sheet)
    welcome.left.connect(lambda: settings.remember("welcomed", 1))
    welcome.sample.connect(lambda: window.open_drawing_file(asset("seven.json")))
    welcome.tour.connect(window.start_tour)


def show_adjusting(window: Parts, parent: QWidget) -> None:
    """Have the picture on the paper adjusted, or the one on which nothing was found."""
    draw, model = window.draw, window.reader.model
    opened = draw.pictures.adjustable(draw.canvas.drawing.picture)
    if opened is None:
        return
    if model is None:
        window.tell(_("The network is not loaded yet: try again in a moment"))
        return
    dialog = adjust.dialog.AdjustDialog(parent, opened, model)
    dialog.adjusted.connect(draw.pictures.show)
    dialog.open()


def build_drop_target(window: Parts, onto: QWidget) -> DropTarget:
    """Takes what is dropped anywhere on the window."""
    takers = Takers(
        network=window.model_files.open,
        drawing=window.open_drawing_file,
        recipe=window.open_recipe,
        picture=window.draw.pictures.take_file,
        classes=lambda path: open_classes(window, path),
        tell=window.tell,
    )
    target = DropTarget(onto, takers)
    target.watch_pictures(window.draw)
    return target


def network_commands(window: Parts) -> NetworkCommands:
    """What the corner's button does."""

    def fill_runs(menu: QMenu) -> None:
        """The listed runs that have weights, newest first."""
        built = window.lazy_train.built
        runs = [run for run in (built.list.runs if built else []) if run.best is not None]
        files = [(run.title, run.folder / "best.safetensors") for run in runs if run.folder]
        fill_from_runs(menu, files, window.model_files.load)

    return NetworkCommands(
        use_shipped=window.use_shipped,
        load_builtin=window.model_files.load_builtin,
        import_file=window.model_files.ask_what_to_import,
        export=window.model_files.show_export,
        open=window.model_files.ask_what_to_open,
        save=window.model_files.ask_where_to_save,
        load=window.model_files.open,
        fill_learned=window.networks.fill,
        fill_runs=fill_runs,
        rename=window.rename_network,
        tell=window.tell,
    )


def menu_commands(
    window: Parts, parent: QMainWindow, set_language: Callable[[str], object]
) -> Commands:
    """What the menus call.

    Args:
        window: whose menus they are.
        parent: the same, as a widget.
        set_language: shows all in this language.
    """
    settings = window.settings
    return Commands(
        files=window.model_files,
        actions=lambda: list_actions(parent, window.draw),
        open_drawing=window.open_drawing_file,
        present=window.presentation.toggle,
        preferences=lambda: build_preferences(window, parent).open(),
        show_folder=window.show_folder,
        tell=window.tell,
        fill_learned=window.networks.fill,
        use_shipped=window.use_shipped,
        set_scheme=window.set_scheme,
        set_language=set_language,
        language=settings.text("language", "system") if settings else "system",
        zoom_text=window.zoom.step,
        start_tour=window.start_tour,
        show_results=lambda: window.once_imported(lambda: window.lazy_train.get().show_results()),
        device_text=window.labels.device.text,
    )


def build_preferences(window: Parts, parent: QWidget) -> PreferencesDialog:
    """All that can be chosen for good, in one place."""
    groups = [
        (_("Appearance"), _list_appearance(window)),
        (_("Reading"), _list_reading(window)),
        (_("Folders"), _list_folders(window)),
    ]
    return app.preferences.PreferencesDialog(parent, groups)


def _list_appearance(window: Parts) -> list[Preference]:
    schemes = (("system", _("Match system")), ("light", _("Light")), ("dark", _("Dark")))
    return [
        app.preferences.ChoicePreference(
            name="scheme_choice",
            title=_("Colors"),
            options=schemes,
            chosen=lambda: window.scheme,
            choose=window.set_scheme,
        ),
        app.preferences.ChoicePreference(
            name="zoom_choice",
            title=_("Text size"),
            options=tuple((str(percent), f"{percent} %") for percent in theme.ZOOMS),
            chosen=lambda: str(window.zoom.percent),
            choose=lambda percent: window.zoom.set_percent(int(percent)),
        ),
    ]


def _list_reading(window: Parts) -> list[Preference]:
    devices = [device.name for device in window.devices or [] if not device.problem]
    return [
        app.preferences.ChoicePreference(
            name="device_choice",
            title=_("Device"),
            options=(("auto", _("Automatic")), *((name, name.upper()) for name in devices)),
            chosen=lambda: window.reader.device,
            choose=window.set_device,
        ),
        app.preferences.SwitchPreference(
            name="several_choice",
            title=_("Read several digits as a number"),
            on=window.draw.several.isChecked,
            switch=window.draw.several.setChecked,
        ),
    ]


def _list_folders(window: Parts) -> list[Preference]:
    return [
        app.preferences.FolderPreference(
            name="data_choice",
            title=_("Datasets"),
            folder=lambda: window.data,
            choose=window.use_data_folder,
            show=window.show_folder,
        ),
        app.preferences.FolderPreference(
            name="runs_choice",
            title=_("Runs"),
            folder=lambda: window.runs_folder,
            choose=None,
            show=window.show_folder,
        ),
    ]
