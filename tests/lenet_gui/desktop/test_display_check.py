"""Starting where no window can be opened, and pictures without a screen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from lenet_gui.__main__ import main
from lenet_gui.desktop import display_check

ONLY_LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 and Wayland")


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`lenet-gui` with none of this session's displays."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    kept.pop("QT_QPA_PLATFORM", None)
    return subprocess.run(
        [sys.executable, "-m", "lenet_gui", *arguments],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def take_screenshot(
    folder: Path, words: str = "", **paths: Path
) -> subprocess.CompletedProcess[str]:
    """`lenet-gui --screenshot shot.png` in a folder, with more words and options that are paths."""
    options = [f"--{name}={path}" for name, path in paths.items()]
    return start(
        f"--screenshot={folder / 'shot.png'}",
        *words.split(),
        *options,
        QT_QPA_PLATFORM="offscreen",
    )


@ONLY_LINUX
@pytest.mark.parametrize(
    "environment",
    [{}, {"DISPLAY": ":987"}, {"WAYLAND_DISPLAY": "wayland-none"}, {"QT_QPA_PLATFORM": "xcb"}],
)
def test_without_a_display_one_line_says_what_to_do(environment: dict[str, str]) -> None:
    ended = start(**environment)
    assert ended.returncode == 2
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.startswith("lenet-gui: ") and ("display" in line or "library" in line)


@ONLY_LINUX
@pytest.mark.parametrize("platform", ["wayland", "eglfs", "nonsense", "xcb;nonsense", "linuxfb"])
def test_a_platform_that_is_not_there_is_told_in_one_line(platform: str) -> None:
    ended = start(QT_QPA_PLATFORM=platform)
    assert ended.returncode == 2 and ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.startswith("lenet-gui: ") and "use `lenet` in the terminal" in line


@ONLY_LINUX
@pytest.mark.parametrize(
    ("wished", "x", "wayland", "taken"),
    [
        ("nonsense", True, False, "xcb"),
        ("eglfs;nonsense", False, True, "wayland"),
        ("wayland", True, False, "xcb"),
        ("xcb", False, True, "wayland"),
        ("wayland-egl", True, True, "wayland-egl"),
        ("xcb", True, False, "xcb"),
        ("nonsense;offscreen", False, False, "offscreen"),
    ],
)
def test_a_display_that_is_there_is_taken_instead(
    monkeypatch: pytest.MonkeyPatch, wished: str, x: bool, wayland: bool, taken: str
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", wished)
    monkeypatch.setenv("DISPLAY", ":0")
    asked: list[str] = []  # an X server may start anew when it was asked
    monkeypatch.setattr(display_check, "_x_answers", lambda: asked.append("x") or x)
    monkeypatch.setattr(display_check, "_wayland_answers", lambda: asked.append("w") or wayland)
    monkeypatch.setattr(display_check, "_library_problem", lambda *_wanted: "")
    assert display_check.find_problem() == ""
    assert asked in ([], ["x", "w"])
    assert os.environ["QT_QPA_PLATFORM"] == taken


def test_without_a_terminal_it_works_to_the_end(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "sys.stdout = sys.stderr = None\n"
        "from lenet_gui.__main__ import main\n"
        "raise SystemExit(main(sys.argv[1:]))\n"
    )
    for arguments, status in ((["--screenshot", str(tmp_path / "shot.png")], 0), (["--odd"], 2)):
        ended = subprocess.run(
            [sys.executable, "-c", script, *arguments, "--runs", str(tmp_path)],
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            capture_output=True,
            timeout=100,
            check=False,
        )
        assert (ended.returncode, ended.stdout) == (status, b""), ended.stderr
    assert (tmp_path / "shot.png").is_file()


@pytest.mark.parametrize(
    ("message", "package"),
    [
        ("libxcb-cursor.so.0: cannot open shared object file: No such file", "libxcb-cursor0"),
        ("libEGL.so.1: cannot open shared object file: No such file", "libegl1"),
        ("libxkbcommon-x11.so.0: cannot open shared object file", "libxkbcommon-x11-0"),
    ],
)
def test_a_missing_system_library_gets_its_package(message: str, package: str) -> None:
    assert f"apt install {package}" in display_check.explain_missing(message)


def test_an_unknown_library_is_named_as_it_is() -> None:
    assert "libodd.so.7" in display_check.explain_missing(
        "libodd.so.7: cannot open shared object file"
    )


@ONLY_LINUX
def test_a_library_that_the_plugin_lacks_is_found_out_before_qt_aborts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lacking(name: str, *_more: object) -> None:
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file")

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setattr(display_check.ctypes, "CDLL", lacking)
    assert "libxcb-cursor0" in display_check.find_problem()


@ONLY_LINUX
def test_on_a_machine_without_fonts_text_is_still_read(tmp_path: Path) -> None:
    empty = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig/>'
    (tmp_path / "fonts.conf").write_text(empty)
    script = (
        "from PySide6.QtGui import QFontInfo, QFontMetrics\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from lenet_gui.widgets import theme\n"
        "app = QApplication([])\n"
        "assert not QFontMetrics(app.font()).inFont('7')\n"
        "theme.apply(app)\n"
        "assert QFontMetrics(app.font()).inFont('7')\n"
        "print(QFontInfo(app.font()).family())\n"
    )
    environment = {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf"), "QT_QPA_PLATFORM": "offscreen"}
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout.strip() == "DejaVu Sans", ended.stderr


def test_wrong_words_are_explained() -> None:
    ended = start("--size", "large", QT_QPA_PLATFORM="offscreen")
    assert ended.returncode == 2 and "WIDTHxHEIGHT" in ended.stderr


@pytest.mark.parametrize(("tab", "style"), [("draw", "light"), ("train", "dark")])
def test_a_screenshot_shows_the_real_window(tmp_path: Path, tab: str, style: str) -> None:
    drawing = [{"strokes": [[[0, 0], [40, 0], [15, 70]]]}]
    (tmp_path / "seven.json").write_text(json.dumps(drawing))
    ended = take_screenshot(
        tmp_path,
        f"--tab {tab} --size 1000x640 --style {style}",
        strokes=tmp_path / "seven.json",
        runs=tmp_path / "runs",
    )
    assert ended.returncode == 0, ended.stderr
    picture = QImage(str(tmp_path / "shot.png"))
    assert (picture.width(), picture.height()) == (1000, 640)
    assert (picture.pixelColor(500, 632).lightness() < 128) == (style == "dark")
    colors = {picture.pixel(x, y) for x in range(0, 1000, 3) for y in range(0, 640, 3)}
    assert len(colors) > (100 if tab == "draw" else 8)  # feature maps have many


def test_a_strokes_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    ended = take_screenshot(tmp_path, strokes=tmp_path / "none.json")
    assert "none.json" in ended.stderr
    assert ended.returncode == 2 and not (tmp_path / "shot.png").exists()


def test_nothing_heavy_is_imported_before_the_window_shows() -> None:
    script = (
        "import sys\n"
        "from lenet_gui.app import application, window\n"
        "heavy = ('torch', 'torchvision', 'matplotlib', 'PIL', 'cv2')\n"
        "print([m for m in heavy if m in sys.modules])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stdout.strip() == "[]", ended.stderr


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("--evaluate nonsense", "there is no dataset 'nonsense' to test on"),
        ("--evaluate mnist", "MNIST is not in"),
        ("--watch nowhere", "nowhere is damaged: recipe.json is missing"),
    ],
)
def test_what_cannot_be_shown_is_told(tmp_path: Path, words: str, problem: str) -> None:
    ended = take_screenshot(tmp_path, words, data=tmp_path)
    assert problem in ended.stderr
    assert ended.returncode == 2 and not (tmp_path / "shot.png").exists()


def test_an_evaluation_is_shown(tmp_path: Path, real_data: Path) -> None:
    words = "--evaluate mnist --size 1000x640 --style light"
    ended = take_screenshot(tmp_path, words, data=real_data)
    assert ended.returncode == 0, ended.stderr
    picture = QImage(str(tmp_path / "shot.png"))
    matrix = {picture.pixel(x, y) for x in range(60, 420, 3) for y in range(220, 600, 3)}
    assert len(matrix) > 40  # cells of many shades, and their counts


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("QT_SCALE_FACTOR", value) for value in ("0", "-1", "nan", "inf", "1e9", "large")),
        ("QT_SCREEN_SCALE_FACTORS", "eDP-1=1.5;HDMI-1=0"),
        ("QT_FONT_DPI", "1"),
    ],
)
def test_a_scale_at_which_nothing_can_be_painted_is_ignored(name: str, value: str) -> None:
    environment = {name: value, "HOME": "/home"}
    (line,) = display_check.drop_odd_scales(environment)
    assert name in line and repr(value) in line and environment == {"HOME": "/home"}


def test_usual_scales_stay() -> None:
    usual = {"QT_SCALE_FACTOR": "1.5", "QT_SCREEN_SCALE_FACTORS": "eDP-1=2;1", "QT_FONT_DPI": "96"}
    environment = dict(usual)
    assert display_check.drop_odd_scales(environment) == [] and environment == usual


def test_it_starts_with_a_scale_of_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shot.png"
    ended = start(f"--screenshot={path}", QT_QPA_PLATFORM="offscreen", QT_SCALE_FACTOR="0")
    assert ended.returncode == 0 and "QT_SCALE_FACTOR is '0'" in ended.stderr
    assert QImage(str(path)).width() > 400


@pytest.mark.parametrize("words", [["--data="], ["--runs", ""], [""], ["--size=99999x99999"]])
def test_what_names_nothing_is_refused_in_one_line(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("lenet-gui: error: argument ")
