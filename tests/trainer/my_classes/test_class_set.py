from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.class_sets import FORMS, draw_form, make_set
from trainer.data.own.reading import inspect
from trainer.my_classes import class_file
from trainer.my_classes.class_file import ClassFileError
from trainer.my_classes.class_set import (
    ClassSet,
    ClassSetError,
    EditHistory,
    combine_changes,
    hold_out,
    make_drawing,
    merge_sets,
)
from trainer.progress import result_of


def test_classes_are_added_renamed_merged_and_removed() -> None:
    found = make_set(2).with_class("  star ")
    assert found.classes == ("circle", "cross", "line", "star")
    renamed = found.renamed("line", "stroke")
    assert renamed.counts() == {"circle": 2, "cross": 2, "stroke": 2, "star": 0}
    merged = renamed.merged("stroke", "cross")
    assert merged.counts() == {"circle": 2, "cross": 4, "star": 0}
    assert merged.without_class("cross").counts() == {"circle": 2, "star": 0}
    assert found.counts() == {"circle": 2, "cross": 2, "line": 2, "star": 0}


def test_what_can_t_be_is_refused_in_words() -> None:
    found = make_set(1)
    with pytest.raises(ClassSetError, match="there is a class cross already"):
        found.with_class("cross")
    with pytest.raises(ClassSetError, match="merge the two"):
        found.renamed("line", "cross")
    with pytest.raises(ClassSetError, match="there is no class star"):
        found.merged("star", "cross")
    for name in ("", " ", "a\u0007b", "x" * 41):
        with pytest.raises(ClassSetError):
            found.with_class(name)
    with pytest.raises(ClassSetError, match="nothing is drawn"):
        make_drawing("line", [[]])
    with pytest.raises(ClassSetError, match="can't be drawn"):
        make_drawing("line", [[(0, float("nan"))]])
    many = ClassSet(tuple(map(str, range(100))))
    with pytest.raises(ClassSetError, match="more than 100 classes"):
        many.with_class("one more")
    assert ClassSet(("a",)).problem(3) == "At least 2 classes are needed"
    assert found.problem(3).endswith("3 examples each of circle, cross, line")
    assert make_set(3).problem(3) == ""


def test_drawings_come_go_and_change_their_class() -> None:
    found = make_set(1)
    assert found.with_drawings([draw_form("line", 0), draw_form("line", 0)]) == found
    more = found.with_drawings([draw_form("line", 9)])
    assert len(more) == 4
    assert more.relabeled([0, 3], "cross").counts() == {"circle": 0, "cross": 3, "line": 1}
    assert more.without_drawings([0, 1]).counts() == {"circle": 0, "cross": 0, "line": 2}


def test_every_change_can_be_undone_and_done_again() -> None:
    history = EditHistory(make_set(2))
    first = history.now
    history.change(first)  # is none
    assert not history.can_undo
    history.change(first.merged("line", "cross"))
    history.change(history.now.without_drawings([0]))
    last = history.now
    history.undo()
    history.undo()
    assert history.now == first and not history.can_undo
    history.redo()
    history.redo()
    assert history.now == last and not history.can_redo
    history.undo()
    history.change(first)
    assert not history.can_redo


def test_files_of_several_people_become_one_set(tmp_path: Path) -> None:
    ann, ben = make_set(1, ("Ann",)), make_set(2).renamed("line", "Line")
    class_file.save(ann, tmp_path / "ann.classes.json.gz")
    class_file.save(ben, tmp_path / "ben.classes.json.gz")
    paths = [tmp_path / "ann.classes.json.gz", tmp_path / "ben.classes.json.gz"]
    assert class_file.load(paths[0]) == ann
    merged = class_file.load_merged(paths)
    assert merged.classes == ("circle", "cross", "line")
    assert merged.writers == ("Ann", "ben")
    assert merged.counts() == {"circle": 3, "cross": 3, "line": 3}
    assert merge_sets([merged, ann]) == merged  # what is there already is passed over


def test_a_file_is_trained_on_as_any_other_data(tmp_path: Path) -> None:
    class_file.save(make_set(5), tmp_path / "forms.classes.json")
    found = result_of(inspect(tmp_path / "forms.classes.json"))
    assert found.classes == tuple(FORMS)
    assert len(found) == 15


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "is no file of classes"),
        (b"[]", "is no file of classes"),
        (b'{"format": "lenet-studio classes", "version": 2}', "newer version"),
        (b'{"format": "lenet-studio classes", "version": 1}', "is damaged"),
        (b'{"format": "lenet-studio classes", "version": 1, "classes": ["a"], "drawings": [3]}',
         "is damaged"),
        (json.dumps({"format": "lenet-studio classes", "version": 1, "classes": ["a"],
                     "drawings": [{"label": "b", "strokes": [[[0, 1]]]}]}).encode(),
         "there is no class b"),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ClassFileError, match=told):
        class_file.load(tmp_path / "a.json")
    with pytest.raises(ClassFileError, match="cannot be read"):
        class_file.load(tmp_path / "missing.json")


def test_a_test_by_people_who_were_not_seen() -> None:
    found = make_set(4, ("Ann", "Ben", "Cem", "Dora", "Eve"))
    chosen = hold_out(found, 0.2, seed=1)
    out = {d.writer for d, held in zip(found.drawings, chosen, strict=True) if held}
    left = {d.writer for d, held in zip(found.drawings, chosen, strict=True) if not held}
    assert len(out) == 1 and out.isdisjoint(left)


def test_where_one_person_drew_all_some_of_each_class_are_held_out() -> None:
    found = make_set(10)
    chosen = hold_out(found, 0.2, seed=1)
    labels = [d.label for d, held in zip(found.drawings, chosen, strict=True) if held]
    assert sorted(labels) == sorted(2 * list(FORMS))


def test_large_and_small_letters_stay_two_classes_where_a_set_has_both() -> None:
    letters = ClassSet(("a", "A")).with_drawings(
        make_drawing(name, [[(0, 0), (5, place)]]) for place, name in enumerate("aA")
    )
    other = ClassSet(("A", "Line")).with_drawings([make_drawing("A", [[(0, 0), (9, 9)]])])
    assert merge_sets([letters, other]).counts() == {"a": 1, "A": 2, "Line": 0}
    assert merge_sets([ClassSet(("Line",)), ClassSet(("line",))]).classes == ("Line",)


def test_names_are_words_of_any_writing_and_emoji() -> None:
    names = ("Ω", "кошка", "猫", "نیم\u200cفاصله", "👩\u200d🚀", "❤\ufe0f")
    found = ClassSet()
    for name in names:
        found = found.with_class(name)
    assert found.classes == names
    with pytest.raises(ClassSetError):
        found.with_class("a\u202eb")  # which would turn the letters behind it around


def test_changes_of_two_are_combined() -> None:
    before = make_set(1)
    one = before.with_drawings([draw_form("line", 8)]).without_class("cross")
    other = before.with_drawings([draw_form("cross", 9)]).with_class("star")
    both = combine_changes(before, one, other)
    assert both.counts() == {"circle": 1, "line": 2, "cross": 1, "star": 0}
    assert combine_changes(before, one, before) == one
    assert combine_changes(before, before, other) == other
    gone = combine_changes(before, before, before.without_class("line"))
    assert gone.counts() == {"circle": 1, "cross": 1}


def test_what_others_made_is_in_all_steps() -> None:
    before = make_set(1)
    history = EditHistory(before)
    history.change(before.with_class("star"))
    history.change(before.with_class("moon"))
    history.undo()
    history.take_in(before, before.with_drawings([draw_form("line", 9)]))
    counts = []
    for step in (history.redo, history.undo, history.undo):
        step()
        counts.append(history.now.counts())
    each = {"circle": 1, "cross": 1, "line": 2}
    assert counts == [{**each, "moon": 0}, {**each, "star": 0}, each]


def test_one_persons_drawings_alone() -> None:
    found = make_set(2, ("Ann", "Ben"))
    assert found.of_writer("Ben").writers == ("Ben",)
    assert found.of_writer("Ben").counts() == {"circle": 2, "cross": 2, "line": 2}


def test_a_file_has_a_line_for_each_drawing_and_is_read_without_them_too(tmp_path: Path) -> None:
    drawn = make_set(2, ("Ann", "Ben"))
    path = tmp_path / "set.json"
    class_file.save(drawn, path)
    lines = path.read_text().splitlines()
    assert len(lines) == len(drawn) + 2 and json.loads(lines[1].rstrip(","))["writer"] == "Ann"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=1))
    assert class_file.load(path) == drawn
    path.write_text("\n".join([*lines[:3], "half", *lines[4:]]))
    with pytest.raises(ClassFileError, match=r"set\.json is no file of classes"):
        class_file.load(path)
    class_file.save(ClassSet(("a", "b")), path)
    assert class_file.load(path) == ClassSet(("a", "b"))
