"""A menu entry that desktops take, with icons and file types; and its end."""

from __future__ import annotations

import configparser
import io
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image

import trainer
from lenet_gui.__main__ import main
from lenet_gui.desktop import APP_ID, WINDOWS_APP_ID, shortcut
from trainer import files
from trainer.recipes import sharing
from trainer.recipes.catalog import find_recipe

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="freedesktop.org's")


@pytest.fixture
def share() -> Path:
    """Where the user's desktop looks."""
    return Path(os.environ["XDG_DATA_HOME"])


def read_entry(path: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, "utf-8")
    return parser["Desktop Entry"]


@on_linux
def test_the_entry_starts_the_program_and_has_its_icons(
    share: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--install-shortcut"]) == 0
    path = share / "applications" / f"{APP_ID}.desktop"
    assert str(path) in capsys.readouterr().out
    entry = read_entry(path)
    assert entry["Type"] == "Application" and entry["Terminal"] == "false"
    program, *rest = entry["Exec"].split()
    assert Path(program).is_file() and rest[-1] == "%f"
    for size in shortcut.SIZES:
        picture = share / "icons" / "hicolor" / f"{size}x{size}" / "apps" / f"{entry['Icon']}.png"
        with Image.open(picture) as opened:
            assert opened.size == (size, size)
    assert (share / "icons/hicolor/scalable/apps" / f"{entry['Icon']}.svg").is_file()
    validator = shutil.which("desktop-file-validate")
    if validator:
        checked = subprocess.run([validator, path], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout


@on_linux
def test_nothing_is_left_of_it(share: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--install-shortcut"])
    assert main(["--remove-shortcut"]) == 0
    assert not [path for path in share.rglob("*") if APP_ID in path.name]
    assert main(["--remove-shortcut"]) == 0
    assert capsys.readouterr().out.endswith("There was no shortcut to remove\n")


@on_linux
def test_a_folder_that_cannot_be_written_is_named(
    share: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    share.parent.mkdir(parents=True, exist_ok=True)
    share.write_text("a file")
    assert main(["--install-shortcut"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("lenet-gui: ") and str(share) in told and told.count("\n") == 1


@on_linux
def test_a_desktop_knows_our_files_by_name_and_content(share: Path, tmp_path: Path) -> None:
    shortcut.install()
    (tmp_path / "quick.lenet-recipe.json").write_text(sharing.text(find_recipe("ninety-nine")))
    (tmp_path / "other.json").write_text("[]")
    (tmp_path / "other.safetensors").write_bytes(b"\x10" + bytes(7) + b'{"a":{"dtype":1}')
    shutil.copy(files.asset("lenet5.safetensors"), tmp_path / "network.safetensors")
    script = (
        "import sys; from PySide6.QtCore import QMimeDatabase as D\n"
        "for path in sys.argv[1:]: print(D().mimeTypeForFile(path).name())"
    )
    names = ("quick.lenet-recipe.json", "network.safetensors", "other.json", "other.safetensors")
    found = subprocess.run(
        [sys.executable, "-c", script, *(tmp_path / name for name in names)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.split()
    entry = read_entry(share / "applications" / f"{APP_ID}.desktop")
    assert found[:2] == [
        "application/x-lenet-studio-recipe+json",
        "application/x-lenet-studio-network",
    ]
    assert set(found[:2]) == set(entry["MimeType"].rstrip(";").split(";"))
    assert found[2] == "application/json" and "lenet" not in found[3]


@pytest.mark.parametrize(
    ("part", "quoted"),
    [
        ("/opt/lenet-gui", "/opt/lenet-gui"),
        ("/home/a b/x", '"/home/a b/x"'),
        ('a"b', '"a\\\\"b"'),
        ("a$b`", '"a\\\\$b\\\\`"'),
        ("a\\b", '"a\\\\\\\\b"'),
        ("100%", '"100%%"'),
    ],
)
def test_a_command_is_quoted_as_the_specification_says(part: str, quoted: str) -> None:
    assert shortcut.quote(part) == quoted


def test_the_metadata_are_complete_and_of_this_version() -> None:
    root = ET.parse(files.asset(f"{APP_ID}.metainfo.xml")).getroot()
    for name in ("name", "summary", "metadata_license", "project_license", "description"):
        assert root.find(name) is not None, name
    assert root.findtext("id") == APP_ID
    assert root.findtext("launchable") == f"{APP_ID}.desktop"
    assert (root.findtext("summary") or ".")[-1] != "."
    entry = read_entry(files.asset(f"{APP_ID}.desktop"))
    types = {found.text for found in root.findall("provides/mediatype")}
    assert types == set(entry["MimeType"].rstrip(";").split(";"))
    release = root.find("releases/release")
    assert release is not None and release.get("version") == trainer.__version__
    for image in root.findall("screenshots/screenshot/image"):
        name = (image.text or "").rsplit("/main/")[-1]
        assert (Path(trainer.__file__).parents[1] / name).is_file()
    validator = shutil.which("appstreamcli")
    if validator:
        command = [validator, "validate", "--no-net", files.asset(f"{APP_ID}.metainfo.xml")]
        checked = subprocess.run(command, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout


def test_windows_and_macos_have_icons_of_several_sizes(tmp_path: Path) -> None:
    shortcut.write_ico(tmp_path / "a.ico")
    shortcut.write_icns(tmp_path / "a.icns")
    with Image.open(tmp_path / "a.ico") as ico, Image.open(tmp_path / "a.icns") as icns:
        assert {(16, 16), (32, 32), (256, 256)} <= set(ico.info["sizes"])
        assert (512, 512, 1) in icns.info["sizes"]
    center = Image.open(io.BytesIO(shortcut.render_png(64))).getpixel((32, 20))
    assert center == (255, 255, 255, 255)  # the bar of the 7


def test_a_windows_shortcut_is_quoted_and_opens_no_console() -> None:
    script = shortcut.make_powershell(
        Path("C:/Users/O'Neil/x.lnk"), Path("C:/i.ico"), ["C:/py/python.exe", "-m", "lenet_studio"]
    )
    assert "'C:/Users/O''Neil/x.lnk'" in script.replace("\\", "/")
    assert "TargetPath = 'C:/py/pythonw.exe'" in script
    assert "Arguments = '-m lenet_studio'" in script
    assert re.search(rf"SetAppId\('.*', '{WINDOWS_APP_ID}'\)", script)
