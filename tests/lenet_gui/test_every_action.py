"""Every menu entry and every button does what it says; a new one needs a test, or this fails.

`TESTS` names the test of each effect that another file tests; the others are tested here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QFileDialog,
    QMenu,
    QMessageBox,
)
from pytestqt.qtbot import QtBot

from lenet_gui.app.menus import WEBSITE
from lenet_gui.app.window import Window
from lenet_gui.help.window import HelpWindow, ShortcutsWindow
from tests.support.gui import ONE, SEVEN, MakeWindow, draw
from trainer.files import asset, user_folder
from trainer.networks import model as weights
from trainer.recipes import sharing
from trainer.recipes.catalog import find_recipe
from trainer.recipes.recipe import Recipe
from trainer.runs.listing import PastRun
from trainer.runs.record import Record, RunState

HERE = Path(__file__).parent
OF_QT = re.compile(r"qt_\w+|Scroll(Left|Right)Button|clear|_q_\w+")
"""Buttons within Qt's own widgets."""

TESTS = {
    "adjust/test_dialog.py": {
        "ok_lays_it_on_the_paper_and_cancel_leaves_what_is_there": [
            "adjust_picture",
            "adjust_picture_button",
        ],
    },
    "app/test_ways_in.py": {
        "a_picture_is_opened_by_a_dialog_that_does_not_hold_the_window": ["Open picture…"],
        "pasting_pixels_a_file_or_its_name": ["Paste"],
    },
    "app/test_page_reading.py": {
        "pictures_are_chosen_in_a_dialog": ["Read several digits…"],
        "a_folder_is_chosen_in_a_dialog": ["Read a folder of pictures…"],
    },
    "draw/test_canvas.py": {
        "undo_redo_and_clear_by_key": ["undo", "redo", "clear"],
        "the_eraser_rubs_ink_out": ["pen", "eraser"],
        "copy_and_save": ["copy"],
    },
    "draw/test_tab.py": {
        "looking_for_several_can_be_switched_off_and_is_remembered": ["several"],
        "punctuation_is_read_if_it_is_switched_on_and_that_is_remembered": ["punctuation"],
        "one_click_says_what_it_should_have_been": ["should_be_N"],
        "the_first_correction_offers_to_learn": ["not_now_button"],
        "the_offer_begins_to_learn": ["learn_now_button"],
    },
    "watch/test_controller.py": {
        "kernels_are_a_choice_of_the_view_that_is_remembered": ["kernels", "watch_kernels"],
        "playing_goes_through_all_epochs_in_order": ["play_epochs"],
        "an_earlier_epoch_stays_on_show_while_the_run_goes_on": ["watch_now"],
        "an_epoch_can_be_kept_on_show": ["use_watched"],
        "escape_brings_the_network_before_back": ["stop_watching"],
        "the_drawing_is_read_anew_as_the_run_learns": ["watch_button"],
    },
    "draw/test_dataset_browser.py": {
        "it_is_in_the_menu_and_shows_the_draw_tab": ["Browse a dataset"],
        "back_and_forth_by_key_and_button_and_a_number_to_jump_to": [
            "Previous picture",
            "Next picture",
            "browse_previous",
            "browse_next",
        ],
        "only_those_that_this_network_misreads": ["browse_wrong"],
    },
    "draw/test_preprocessing_view.py": {
        "a_switch_leaves_its_step_out_and_says_so": ["box_switch", "fit_switch", "center_switch"],
    },
    "widgets/test_dataset_offer.py": {
        "a_download_that_fails_says_why_and_can_be_tried_again": ["download_button"],
        "a_folder_is_taken_only_if_it_holds_the_dataset": ["choose_button"],
        "a_cancelled_download_leaves_nothing": ["cancel_button"],
    },
    "inspect/test_tab.py": {
        "undo_and_clear_have_buttons_and_keys_here": [
            "inspect_undo",
            "inspect_redo",
            "inspect_clear",
            "Redo",
            "Clear",
        ],
        "the_tour_begins_from_the_menu_and_goes_on_where_it_was": ["Guided tour of the network"],
    },
    "inspect/test_enlarged_map.py": {
        "escape_and_the_cross_close": ["close_enlarged"],
    },
    "inspect/test_distort_panel.py": {
        "accuracy_over_a_dataset": ["robustness_button", "save_robustness"],
        "measuring_can_be_cancelled": ["cancel_robustness"],
        "fitting_again_undoes_a_shift": ["distort_refit"],
        "noise_stays_until_new_noise_is_asked_for": ["distort_again"],
        "reset_is_exactly_the_drawing_again": ["distort_reset"],
        "a_sweep_draws_every_probability": ["sweep_button"],
        "two_networks_are_compared": ["save_sweep"],
    },
    "inspect/test_change_panel.py": {
        "the_slider_holds_within_what_the_layer_reaches": ["hold"],
        "switching_off_and_letting_go": ["switch_off", "release_all"],
    },
    "inspect/test_images_panel.py": {
        "the_nine_images_of_any_map": ["compute_images_button"],
        "it_can_be_cancelled_and_begun_again": ["cancel_images_button"],
        "a_picture_made_up_beside_the_best_image": ["synthesize_button"],
    },
    "inspect/test_why_panel.py": {
        "the_chosen_picture_lies_over_the_input": ["why_overlay"],
    },
    "inspect/test_tour.py": {
        "on_a_clean_sheet_it_offers_a_sample": ["tour_sample"],
        "it_walks_through_all_steps": ["tour_back", "tour_next"],
        "it_is_resumed_where_it_was_left": ["tour_close"],
    },
    "train/test_recipe_form.py": {
        "copy_here_and_paste_there": ["copy_recipe", "paste_recipe"],
        "a_long_description_is_folded_where_room_is_scarce": ["description_text_more"],
    },
    "train/test_tab.py": {
        "a_run_is_cloned_into_the_form_with_all_its_numbers": ["clone_run"],
        "a_runs_text_makes_the_same_recipe_elsewhere": ["copy_run"],
        "published_results_are_shown_and_chosen_from": ["results_button", "take_recipe"],
        "the_help_menu_leads_there_too": ["Published results"],
        "after_stop_the_same_run_goes_on_in_its_row": ["resume_button"],
        "a_run_on_the_plateau_is_explained_and_trained_with_relu_beside": [
            "plateau_why",
            "relu_button",
        ],
    },
    "train/test_run_list.py": {
        "a_larger_number_at_once_lets_those_that_wait_begin": ["at_once_N", "stop_all_runs"],
        "what_cannot_be_moved_to_the_trash_is_deleted_on_request": ["delete_runs"],
        "an_unexpected_error_is_told_in_plain_words": ["banner_details"],
    },
    "widgets/test_banner.py": {
        "it_is_dismissed_by_mouse_and_key": ["banner_dismiss"],
    },
    "watch/test_closing.py": {
        "how_runs_are_trained_is_remembered": ["notify_ends"],
    },
    "app/test_preferences.py": {
        "all_takes_effect_and_is_remembered": ["Preferences…"],
    },
    "app/test_presentation.py": {
        "only_the_page_is_seen_until_escape": ["Presentation"],
    },
    "app/networks/test_button.py": {
        "a_click_shows_the_menu": ["model_name"],
        "another_name_is_kept": ["rename_network"],
        "what_was_opened_comes_back_at_the_next_start": ["use_built_in"],
    },
    "app/test_window.py": {
        "train_watch_and_use_the_network": ["train_button", "use_button"],
        "data_that_is_not_there_is_offered_and_pen_taken_instead": ["pen_button"],
        "pause_resume_and_stop": ["pause_button", "stop_button"],
        "the_device_menu_says_why_a_device_cannot_be_used": ["device"],
    },
    "curves/test_view.py": {
        "quantities_are_shown_and_hidden_but_never_the_last": [
            "curves_loss",
            "curves_accuracy",
            "curves_rate",
        ],
        "log_switches_every_panels_scale": ["curves_log"],
    },
    "evaluate/test_tab.py": {
        "figures_of_the_network_on_show": ["evaluate_button"],
        "it_can_be_cancelled_and_begun_again": ["cancel_evaluation_button"],
        "the_report_is_saved_into_a_new_folder": ["save_report_button"],
        "two_networks_side_by_side": [
            "case_both",
            "case_only_first",
            "case_only_second",
            "case_neither",
            "letter_a",
            "letter_b",
        ],
        "maps_of_the_first_of_the_gallery_and_of_chosen_images": ["save_maps_button"],
    },
    "app/networks/test_dialogs.py": {
        "a_network_is_imported_as_the_row_that_was_picked": ["Import network…"],
        "a_network_is_exported": ["Export network…"],
        "the_networks_menu_leads_to_both_dialogs": ["import_network", "export_network"],
        "the_built_in_networks_are_in_the_menu_and_in_the_chooser": [
            "LeNet-5, trained on every hand",
            "LeNet-5, trained without distortion",
            "LeNet-5 of 1998, as in the paper",
            "use_lenet5-plain",
            "use_lenet5-1998",
        ],
    },
    "my_digits/test_tab.py": {
        "those_read_wrongly_by_the_network_on_show": ["my_digits_wrong"],
        "export_and_import": ["import_button", "export_button"],
        "buttons_relabel_all_that_are_chosen": ["relabel_N"],
        "delete_and_undo": ["delete_button", "undo_change_button"],
        "a_key_relabels_the_chosen_one_and_undo_takes_it_back": ["Undo"],
        "learning_shows_before_and_after_and_is_kept_and_undone": ["learn_button", "keep_button"],
        "learning_can_be_cancelled": ["cancel_learning_button"],
        "undo_before_keep_forgets_what_was_learned": ["undo_learning_button"],
    },
    "my_classes/test_tab.py": {
        "an_empty_page_has_one_button_that_begins": ["begin_classes_button"],
        "without_the_pause_only_the_button_or_a_key_adds": [
            "add_by_itself",
            "add_drawing_button",
            "clear_drawing_button",
        ],
        "the_draw_tabs_drawing_is_added": ["add_from_draw_button"],
        "undo_takes_a_stroke_back_first_and_then_changes_of_the_set": [
            "undo_class_button",
            "undo_class_action",
            "redo_class_button",
            "redo_class_action",
        ],
        "classes_are_added_by_name_and_shown_as_plain_text": ["add_class_button"],
        "a_class_is_renamed_in_its_place": ["rename_class_button"],
        "two_classes_are_merged": ["merge_class_button"],
        "a_class_is_deleted_with_its_drawings": ["delete_class_button"],
        "drawings_are_deleted_and_moved": ["delete_example_button", "move_example_button"],
        "a_set_is_saved_for_another_person_who_opens_it": [
            "classes_file_button",
            "classes_new",
            "classes_open",
            "classes_save",
        ],
        "files_of_pupils_are_merged_and_divided_by_writer": ["classes_merge", "classes_divide"],
        "drawings_are_imported": ["classes_import"],
        "training_tells_how_well_it_reads": ["train_classes_button", "use_classes_button"],
        "training_can_be_canceled": ["cancel_classes_button"],
    },
}
"""By file, the tests there of an effect, without their "test_", and what is pressed in them."""
ELSEWHERE = {key for tests in TESTS.values() for pressed in tests.values() for key in pressed}


# What there is


def key_of(part: QAction | QAbstractButton) -> str:
    """Its object name or its text; ten buttons of ten digits have one key."""
    name = part.objectName()
    if name.startswith("device_") or part.text() == "Looking for devices…":
        return "device"
    if name.startswith("language_"):
        return name
    text = part.text().replace("&", "")
    return re.sub(r"^(should_be|relabel|at_once)_\d$", r"\1_N", name) or text


def build_everything(window: Window) -> None:
    own = window.my_digits, window.my_classes
    for tab in (window.inspect, window.train, window.evaluate, *own):
        window.tabs.setCurrentWidget(tab)
    assert window.evaluate.panel.view
    window.train.show_results()
    assert window.train.results is not None
    window.train.results.close()


def is_opened(action: QAction) -> bool:
    """Whether it stands for a menu, and does nothing by itself."""
    return isinstance(action.parent(), QMenu) and action.parent().menuAction() is action


def keys(window: Window) -> set[str]:
    actions = [
        action
        for action in window.findChildren(QAction)
        if not action.isSeparator() and not is_opened(action) and action.text()
    ]
    buttons = [
        button
        for button in window.findChildren(QAbstractButton)
        if not OF_QT.fullmatch(button.objectName())
    ]
    return {key_of(part) for part in (*actions, *buttons)}


# The tests of this file


Effect = Callable[["Hand"], None]
EFFECTS: dict[str, Effect] = {}


def effect(*names: str) -> Callable[[Effect], Effect]:
    def add(function: Effect) -> Effect:
        EFFECTS.update(dict.fromkeys(names, function))
        return function

    return add


class Hand:
    """What a user does, in a window whose network is ready."""

    def __init__(
        self,
        window: Window,
        qtbot: QtBot,
        folder: Path,
        key: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.window, self.qtbot, self.folder, self.key = window, qtbot, folder, key
        self.monkeypatch = monkeypatch

    def press(self) -> None:
        """The menu entry, or the button with the mouse."""
        for part in (QAbstractButton, QAction):
            found = [each for each in self.window.findChildren(part) if key_of(each) == self.key]
            if found:
                break
        assert len(found) == 1 and found[0].isEnabled(), self.key
        if isinstance(found[0], QAction):
            found[0].trigger()
        else:
            assert found[0].isVisible(), self.key
            QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)

    def choose_file(self, name: str, path: Path) -> None:
        """Answer the dialog that is open."""
        dialog = self.window.findChild(QFileDialog, name)
        assert dialog is not None and dialog.isVisible()
        dialog.fileSelected.emit(str(path))
        dialog.close()

    def wait_until(self, true: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(true, timeout=30_000)

    def told(self, text: str) -> None:
        """Wait until the status bar says so."""
        self.wait_until(lambda: text in self.window.statusBar().currentMessage())

    def add_run(self) -> None:
        """A finished run in the Train tab's list, selected."""
        self.window.tabs.setCurrentWidget(self.window.train)
        record = Record(state=RunState.FINISHED, epochs=1, started="2026-01-02T03:04:05")
        recipe = Recipe(name="mine", epochs=1, seed=5)
        run = PastRun(self.folder, recipe, record, False, False)
        self.window.train.list.add_past([run])
        self.window.train.table.selectRow(0)


@effect("Open network…", "Open…")
def opens_a_network(hand: Hand) -> None:
    weights.save(weights.load_shipped(), hand.folder / "mine.safetensors")
    hand.press()
    hand.choose_file("open_dialog", hand.folder / "mine.safetensors")
    hand.told("Now using")
    assert hand.window.reader.model is not hand.window.shipped


@effect("Save network as…", "Save as…")
def saves_the_network(hand: Hand) -> None:
    hand.press()
    hand.choose_file("save_dialog", hand.folder / "saved.safetensors")
    hand.told("Saved ")
    assert weights.load(hand.folder / "saved.safetensors").name == "saved"


@effect("Use the built-in network")
def uses_the_shipped_network(hand: Hand) -> None:
    hand.window.use_model(weights.load_shipped())
    assert hand.window.reader.model is not hand.window.shipped
    hand.press()
    assert hand.window.reader.model is hand.window.shipped


@effect("Quit")
def closes_the_window(hand: Hand) -> None:
    hand.press()
    assert not hand.window.isVisible()


@effect("Zoom in", "Zoom out", "Normal size")
def changes_the_size_of_text(hand: Hand) -> None:
    zoom = hand.window.zoom
    size = hand.window.font().pointSizeF()
    hand.press()
    percent = {"Zoom in": 110, "Zoom out": 90, "Normal size": 100}[hand.key]
    assert zoom.percent == percent
    expected = pytest.approx(size * percent / 100)
    hand.qtbot.waitUntil(lambda: hand.window.font().pointSizeF() == expected)
    zoom.step(0)


@effect("Full screen")
def fills_the_screen(hand: Hand) -> None:
    hand.press()
    assert hand.window.isFullScreen()
    hand.press()
    assert not hand.window.isFullScreen()


@effect("Match system", "Light", "Dark")
def changes_the_colors(hand: Hand) -> None:
    for scheme in ("light", "dark", "system"):
        if scheme != {"Match system": "system"}.get(hand.key, hand.key.lower()):
            hand.window.set_scheme(scheme)
    hand.press()
    expected = {"Match system": "system"}.get(hand.key, hand.key.lower())
    assert hand.window.scheme == expected
    lightness = QGuiApplication.palette().window().color().lightness()
    assert expected == "system" or (lightness > 128) == (expected == "light")
    hand.window.set_scheme("light")


@effect("language_system", "language_en", "language_zh_CN")
def asks_for_a_language(hand: Hand) -> None:
    with hand.qtbot.waitSignal(hand.window.language_chosen) as asked:
        hand.press()
    assert f"language_{asked.args[0]}" == hand.key


TABS = ("Draw", "Inspect", "Train", "Evaluate", "My digits", "My classes")


@effect(*(f"Show the {name} tab" for name in TABS))
def shows_a_tab(hand: Hand) -> None:
    tabs = hand.window.tabs
    title = hand.key.removeprefix("Show the ").removesuffix(" tab")
    tabs.setCurrentIndex((tabs.currentIndex() + 5) % 6 if title == "Draw" else 0)
    hand.press()
    assert tabs.tabText(tabs.currentIndex()) == title


@effect("About LeNet Studio")
def tells_something(hand: Hand) -> None:
    hand.press()
    box = hand.window.findChild(QMessageBox, "told")
    assert box is not None and box.isVisible()
    assert "PyTorch" in box.text()
    box.close()


@effect("Keyboard shortcuts")
def lists_all_keys(hand: Hand) -> None:
    hand.press()
    shown = hand.window.findChild(ShortcutsWindow)
    assert shown is not None and shown.isVisible()
    table = shown.table
    keys_shown = {table.item(row, 2).text() for row in range(table.rowCount())}
    assert {"Ctrl+Shift+O", "Ctrl+O", "0 to 9"} <= keys_shown
    shown.close()


@effect("Search help…")
def opens_help(hand: Hand) -> None:
    hand.press()
    shown = hand.window.findChild(HelpWindow)
    assert shown is not None and shown.isVisible()
    hand.wait_until(lambda: shown.list.count() > 10)
    shown.close()


@effect("Open drawing…")
def opens_a_drawing(hand: Hand) -> None:
    hand.press()
    hand.choose_file("drawing_dialog", asset("seven.json"))
    hand.wait_until(lambda: len(hand.window.draw.canvas.drawing.strokes) == 2)


@effect("Website", "Show data folder", "reveal_network", "Report a problem…")
def opens_what_is_outside(hand: Hand) -> None:
    opened: list[QUrl] = []
    hand.monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    user_folder().mkdir(parents=True, exist_ok=True)
    if hand.key == "reveal_network":
        hand.window.model_files.save(hand.folder / "mine.safetensors")
        hand.told("Saved ")
        hand.window.model_files.open(hand.folder / "mine.safetensors")
        hand.told("Now using")
        hand.window.labels.model.entries.aboutToShow.emit()
    hand.press()
    hand.wait_until(lambda: bool(opened))
    found = opened[0].toString()
    expected = {
        "Website": WEBSITE,
        "Show data folder": QUrl.fromLocalFile(str(user_folder())).toString(),
        "reveal_network": QUrl.fromLocalFile(str(hand.folder)).toString(),
        "Report a problem…": f"{WEBSITE}/issues/new",
    }
    assert found == expected[hand.key]
    if hand.key == "Report a problem…":
        assert QGuiApplication.clipboard().text().startswith("LeNet Studio ")


@effect("save_drawing")
def saves_the_drawing(hand: Hand) -> None:
    draw(hand.window.draw.canvas, SEVEN)
    hand.press()
    hand.choose_file("save_dialog", hand.folder / "seven.png")
    hand.told("Saved ")
    assert (hand.folder / "seven.png").read_bytes().startswith(b"\x89PNG")


@effect("eraser_button")
def rubs_out(hand: Hand) -> None:
    canvas = hand.window.draw.canvas
    draw(canvas, SEVEN)
    hand.press()
    draw(canvas, SEVEN)
    assert canvas.drawing.empty


@effect("undo_button", "redo_button", "clear_button")
def undoes_redoes_and_clears(hand: Hand) -> None:
    canvas = hand.window.draw.canvas
    draw(canvas, ONE)
    draw(canvas, SEVEN)
    if hand.key == "redo_button":
        canvas.undo()
    hand.press()
    left = {"undo_button": 1, "redo_button": 2, "clear_button": 0}
    assert len(canvas.drawing.strokes) == left[hand.key]


@effect("layer_unfold")
def unfolds_the_layers_text(hand: Hand) -> None:
    window = hand.window
    draw(window.draw.canvas, SEVEN)
    window.tabs.setCurrentWidget(window.inspect)
    window.inspect.choose_called("C3,5,6,6")
    layer = window.inspect.layer
    hand.wait_until(layer.unfold.isVisible)
    hand.press()
    assert layer.more.isVisible() and "Formula" in layer.more.text()


@effect("open_recipe")
def opens_a_recipe(hand: Hand) -> None:
    window, path = hand.window, hand.folder / "mine.json"
    path.write_text(sharing.text(Recipe(name="mine", epochs=7)))
    window.tabs.setCurrentWidget(window.train)
    hand.press()
    hand.choose_file("recipe_dialog", path)
    hand.told("Loaded recipe “mine”")
    assert window.train.form.recipe().epochs == 7


@effect("save_recipe", "save_run")
def saves_a_recipe(hand: Hand) -> None:
    hand.add_run()
    path = hand.folder / "saved.json"
    hand.press()
    hand.choose_file("save_dialog", path)
    hand.told(f"Saved {path}")
    shown = hand.window.train.form.recipe()
    assert sharing.read_file(path) == (
        shown if hand.key == "save_recipe" else Recipe(name="mine", epochs=1, seed=5)
    )


@effect("share_button", "more_button")
def opens_a_menu(hand: Hand) -> None:
    hand.add_run()
    hand.press()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu) and menu.isVisible()
    entries = [each for each in menu.actions() if not each.isSeparator()]
    assert len(entries) == (4 if hand.key == "share_button" else 10)
    menu.close()


@effect("close_results")
def closes_the_results(hand: Hand) -> None:
    window = hand.window
    window.tabs.setCurrentWidget(window.train)
    window.train.show_results()
    assert window.train.results is not None and window.train.results.isVisible()
    hand.press()
    assert not window.train.results.isVisible()


@effect("quickest_button")
def trains_by_the_quickest_recipe(hand: Hand) -> None:
    train = hand.window.train
    hand.window.tabs.setCurrentWidget(train)
    hand.wait_until(train.panel.quickest.isVisible)
    hand.press()
    assert train.list.runs[0].recipe == find_recipe("ninety-nine")
    hand.wait_until(lambda: not train.list.runs or not train.list.runs[0].under_way)  # no data


@effect("all_numbers")
def unfolds_all_numbers(hand: Hand) -> None:
    window = hand.window
    window.tabs.setCurrentWidget(window.train)
    decay = window.train.form.numbers.fields["weight_decay"]
    assert not decay.isVisible()
    hand.press()
    assert decay.isVisible()


@effect("describe_run")
def asks_for_a_name_and_a_note(hand: Hand) -> None:
    hand.add_run()
    hand.press()
    dialog = hand.window.train.findChild(QDialog, "notes_dialog")
    assert dialog is not None and dialog.isVisible()
    dialog.close()


@effect("open_run")
def opens_the_runs_folder(hand: Hand) -> None:
    opened: list[QUrl] = []
    hand.monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    hand.add_run()
    hand.press()
    assert [Path(url.toLocalFile()) for url in opened] == [hand.folder]


@effect("save_curves")
def asks_where_curves_are_saved(hand: Hand) -> None:
    window = hand.window
    window.tabs.setCurrentWidget(window.train)
    window.train.buttons.save.setEnabled(True)
    hand.press()
    dialog = window.findChild(QFileDialog, "save_dialog")
    assert dialog is not None and dialog.isVisible()
    dialog.close()


@pytest.mark.usefixtures("own_look")
@pytest.mark.parametrize("key", EFFECTS)
def test_it_does_what_it_says(
    window: Window, qtbot: QtBot, tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    EFFECTS[key](Hand(window, qtbot, tmp_path, key, monkeypatch))


# Nothing is left out


def test_every_entry_and_button_has_a_test(make_window: MakeWindow) -> None:
    window = make_window()
    build_everything(window)
    found, tested = keys(window), {*EFFECTS, *ELSEWHERE}
    assert found - tested == set(), "write a test of what these do, and name it above"
    assert tested - found == set(), "these are gone"
    assert ELSEWHERE.isdisjoint(EFFECTS)


@pytest.mark.parametrize("path", TESTS)
def test_the_tests_named_are_there(path: str) -> None:
    tree = ast.parse((HERE / path).read_text(encoding="utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert {f"test_{name}" for name in TESTS[path]} <= names
