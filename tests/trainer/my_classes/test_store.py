from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.class_sets import draw_form, make_set
from trainer.my_classes import class_file
from trainer.my_classes.class_file import KeptClasses
from trainer.my_classes.class_set import ClassSet, ClassSetError


def test_what_is_changed_is_there_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "my-classes.json"
    kept = KeptClasses(path)
    assert kept.refresh() == ClassSet()
    kept.history.change(make_set(2))
    kept.save()
    assert class_file.load(path) == KeptClasses(path).refresh() == make_set(2)
    assert [each.name for each in path.parent.glob("*.part")] == []


def test_two_windows_lose_nothing_of_each_other(tmp_path: Path) -> None:
    path = tmp_path / "my-classes.json"
    class_file.save(make_set(1), path)
    one, other = KeptClasses(path), KeptClasses(path)
    one.refresh()
    other.refresh()
    one.history.change(one.now.with_drawings([draw_form("line", 50, "Ann")]))
    other.history.change(other.now.with_class("star").renamed("cross", "plus"))
    one.save()
    other.save()
    assert one.refresh() == other.now
    assert other.now.counts() == {"circle": 1, "plus": 1, "line": 2, "star": 0}
    assert class_file.load(path) == other.now
    other.history.undo()  # takes back the own change alone
    other.save()
    assert "Ann" in other.now.writers and other.now.classes == ("circle", "cross", "line")
    assert one.refresh().counts() == {"circle": 1, "cross": 1, "line": 2}


def test_a_file_that_is_gone_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "my-classes.json"
    kept = KeptClasses(path)
    kept.history.change(make_set(1))
    kept.save()
    path.unlink()
    assert kept.refresh() == make_set(1)
    kept.save()
    assert class_file.load(path) == make_set(1)


@pytest.mark.parametrize("content", [b"{", b'{"format": "lenet-studio classes", "version": 9}'])
def test_a_file_that_can_t_be_read_is_not_written_over(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "my-classes.json"
    path.write_bytes(content)
    kept = KeptClasses(path)
    kept.history.change(make_set(1))
    with pytest.raises(ClassSetError, match=r"my-classes\.json"):
        kept.save()
    assert path.read_bytes() == content and kept.now == make_set(1)
    path.unlink()
    kept.save()
    assert class_file.load(path) == make_set(1)


def test_a_place_that_can_t_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = KeptClasses(tmp_path / "file" / "my-classes.json")
    kept.history.change(make_set(1))
    with pytest.raises(ClassSetError, match="cannot be written"):
        kept.save()
