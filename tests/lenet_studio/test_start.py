"""The programs say which distribution is in their way, before they import anything of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOREIGN = 'raise SystemExit("the foreign package was imported")\n'


def start(program: str, *first: Path) -> subprocess.CompletedProcess[str]:
    """A program's first line, with folders that are looked at first, as site-packages would be."""
    script = f"import sys; from lenet_studio.start import {program}; sys.exit({program}())"
    return subprocess.run(
        [sys.executable, "-c", script, "--version"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (*first, ROOT)))},
        cwd=ROOT.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def install(site: Path, distribution: str, *packages: str) -> None:
    """Put packages there, as a distribution does."""
    record = []
    for package in packages:
        (site / package).mkdir(parents=True, exist_ok=True)
        (site / package / "__init__.py").write_text(FOREIGN)
        record.append(f"{package}/__init__.py,,\n")
    info = site / f"{distribution.replace('-', '_')}-0.0.36.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 0.0.36\n"
    )
    (info / "RECORD").write_text("".join(record))


def test_the_distribution_in_the_way_is_named(tmp_path: Path) -> None:
    install(tmp_path, "coqui-tts-trainer", "trainer")
    ended = start("lenet_gui", tmp_path)
    assert ended.returncode == 2 and ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert "pip uninstall coqui-tts-trainer; pip install --force-reinstall" in ended.stderr
    assert str(tmp_path / "trainer") in ended.stderr


def test_several_distributions_are_all_named(tmp_path: Path) -> None:
    install(tmp_path, "coqui-tts-trainer", "trainer")
    install(tmp_path, "trainer", "trainer")
    assert "pip uninstall coqui-tts-trainer trainer;" in start("lenet", tmp_path).stderr


def test_a_folder_of_the_same_name_is_named(tmp_path: Path) -> None:
    (tmp_path / "trainer").mkdir()
    (tmp_path / "trainer" / "__init__.py").write_text(FOREIGN)
    ended = start("lenet", tmp_path)
    assert ended.returncode == 2
    assert f"{tmp_path / 'trainer'} is not LeNet Studio's, and is found first" in ended.stderr


def test_a_package_that_was_removed_with_the_other_is_asked_for(tmp_path: Path) -> None:
    start_file = ROOT / "lenet_studio" / "start.py"
    copy = tmp_path / "lenet_studio"
    copy.mkdir()
    (copy / "__init__.py").touch()
    (copy / "start.py").write_text(start_file.read_text("utf-8"), "utf-8")
    (tmp_path / "trainer" / "cli").mkdir(parents=True)  # what is left has no __init__.py
    script = "from lenet_studio.start import find_foreign_package; print(find_foreign_package())"
    ended = subprocess.run(
        [sys.executable, "-S", "-c", script],
        env={"PYTHONPATH": str(tmp_path), **{k: v for k, v in os.environ.items() if k == "PATH"}},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "'trainer' is missing or incomplete: pip install --force-reinstall" in ended.stdout


@pytest.mark.parametrize("program", ["lenet", "lenet_gui"])
def test_our_own_packages_are_started(program: str) -> None:
    ended = start(program)
    assert ended.returncode == 0 and ended.stdout.startswith("lenet-studio "), ended.stderr
