"""`lenet-gui`: the window first, torch after."""

from __future__ import annotations

import argparse
import gc
import os
import pkgutil
import re
import sys
from pathlib import Path

from lenet_gui.desktop import display_check
from trainer import __version__, files, translation
from trainer.errors import UserError, parse_options
from trainer.networks.builtin import find_network
from trainer.runtime.memory import limit_arenas
from trainer.translation import gettext as _


def main(arguments: list[str] | None = None) -> int:
    """Open the window; returns the exit status, 2 where none can be opened."""
    # Nothing of what is imported and built until the window shows is garbage: to look for some
    # takes 15 ms. Then `GarbageCollector` does it.
    gc.disable()
    try:
        return _run(arguments)
    finally:
        gc.enable()


def _run(arguments: list[str] | None) -> int:
    # Started without a terminal, as on Windows, there is nowhere to write to.
    if sys.stdout is None or sys.stderr is None:
        nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  until the end
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    try:
        Path.cwd()
    except OSError:  # the folder is gone: PyTorch would end the process
        os.chdir(Path(sys.executable).anchor)
    translation.follow_environment(os.environ, files.asset("locale"))
    options = parse_options(_parser(), arguments)
    if options.install_shortcut or options.remove_shortcut:
        return _change_shortcut(remove=options.remove_shortcut)
    _take_file(options)
    for line in display_check.drop_odd_scales(os.environ):
        print(f"lenet-gui: {line}", file=sys.stderr)
    problem = display_check.find_problem()
    if problem:
        print(f"lenet-gui: {problem}", file=sys.stderr)
        return 2
    limit_arenas()
    # Threads of ours hold Python's lock for at most this long when the pen moves.
    sys.setswitchinterval(0.001)
    # Not before it is known that Qt can be loaded.
    from lenet_gui.app import qt_workarounds

    qt_workarounds.remove_import_hook()
    # Not before the hook is gone, which reads the source of each module.
    from lenet_gui.app import application

    if not options.self_test:
        return application.run(options)
    import tempfile  # for this alone: the window opens sooner

    with tempfile.TemporaryDirectory(prefix="lenet-studio-", ignore_cleanup_errors=True) as folder:
        options.data = options.runs = Path(folder)
        options.my_digits = Path(folder) / "my-digits.jsonl"
        return application.run(options)


def _change_shortcut(remove: bool) -> int:
    """Make or remove the entry in the desktop's menu; returns the exit status."""
    # It draws the icons, by libraries of which none may be imported before a window shows.
    act = pkgutil.resolve_name(f"lenet_gui.desktop.shortcut:{'remove' if remove else 'install'}")
    try:
        print(act())
    except UserError as error:
        print(f"lenet-gui: {error}", file=sys.stderr)
        return 2
    return 0


def _take_file(options: argparse.Namespace) -> None:
    """Let a file that was named alone, as a desktop does, be opened as what its ending says."""
    options.recipe = None
    if options.file is not None:
        kinds = {".safetensors": "model", ".json": "recipe"}
        setattr(options, kinds.get(options.file.suffix.lower(), "picture"), options.file)
    if options.model is not None:
        options.model = find_network(options.model)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lenet-gui",
        description=_("Draw a digit, watch LeNet-5 recognize it, and train it again."),
        epilog=_("Without a screen, QT_QPA_PLATFORM=offscreen lets --screenshot work."),
    )
    parser.add_argument("--version", action="version", version=f"lenet-studio {__version__}")
    parser.add_argument(
        "file",
        nargs="?",
        type=_path,
        metavar="FILE",
        help=_("open this network (.safetensors), recipe (.json) or picture"),
    )
    _add_folders(parser)
    _add_first_view(parser)
    _add_installation(parser)
    return parser


def _add_folders(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=_path, metavar="DIR", help=_("where datasets are, or are downloaded to")
    )
    parser.add_argument(
        "--runs", type=_path, metavar="DIR", help=_("where runs leave their folders")
    )
    parser.add_argument(
        "--my-digits", type=_path, metavar="FILE", help=_("where my digits are kept")
    )


def _add_first_view(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", type=_path, metavar="FILE", help=_("read with this network first")
    )
    parser.add_argument(
        "--strokes",
        type=_path,
        metavar="FILE",
        help=_("show the first drawing of a JSON list as `lenet predict --strokes` takes it"),
    )
    parser.add_argument(
        "--picture", type=_path, metavar="FILE", help=_("show the digit in this photo")
    )
    parser.add_argument(
        "--tab",
        choices=("draw", "inspect", "train", "evaluate", "mine", "classes"),
        help=_("show this tab first"),
    )
    parser.add_argument(
        "--unit",
        metavar="LAYER,MAP,ROW,COLUMN",
        help=_("choose this unit on the Inspect tab, counted from 1, such as C3,5,6,6"),
    )
    parser.add_argument(
        "--watch", type=_path, metavar="RUN_FOLDER", help=_("watch this run on the Draw tab")
    )
    parser.add_argument(
        "--evaluate",
        metavar="DATASET",
        help=_("test the current network on this dataset, on the Evaluate tab"),
    )
    parser.add_argument("--size", type=_size, metavar="WxH", help=_("the window's size, in points"))
    parser.add_argument(
        "--style", choices=("light", "dark", "system"), help=_("default: the last choice")
    )
    parser.add_argument(
        "--gallery", action="store_true", help=_("show every widget in every state instead")
    )
    parser.add_argument(
        "--screenshot",
        type=_path,
        metavar="FILE.png",
        help=_("open the window, wait until all is shown, save its picture and end"),
    )


def _add_installation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--install-shortcut",
        action="store_true",
        help=_("put the program into the desktop's menu of applications, and end"),
    )
    parser.add_argument(
        "--remove-shortcut", action="store_true", help=_("take it out of that menu, and end")
    )
    parser.add_argument(
        "--self-test",
        action="store_true",
        help=_("draw, read and train for a moment in the real window, and end with status 0"),
    )


def _path(text: str) -> Path:
    if not text:  # of a variable that is not set, say: it would be the present folder
        raise argparse.ArgumentTypeError(_("{text!r} is not a file name").format(text=text))
    return Path(text)


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{2,4})x(\d{2,4})", text)  # more would need gigabytes
    if not match:
        raise argparse.ArgumentTypeError(
            _("{text!r} is not WIDTHxHEIGHT, such as 1180x760").format(text=text)
        )
    return int(match.group(1)), int(match.group(2))


if __name__ == "__main__":
    sys.exit(main())
