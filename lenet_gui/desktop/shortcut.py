"""`lenet-gui --install-shortcut`: an entry in the desktop's menu, for this user alone.

On Linux: a .desktop file, the icon in every size, and the kinds of files that the program opens,
all in the user's data folder. On Windows: a shortcut in the Start menu. macOS has no such thing
for programs that are not bundles; there the text says what to do.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from platformdirs import user_data_path
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from lenet_gui.desktop import APP_ID, WINDOWS_APP_ID
from lenet_gui.widgets.colormap import encode_png
from trainer.errors import UserError
from trainer.files import asset, convert_write_errors, write_whole
from trainer.translation import gettext as _

_SECONDS = 60  # that another program of the desktop's may take


def install() -> str:
    """Make the entry, or make it again; returns what was done, in a line.

    Raises:
        UserError: it can't be made; the message says why.
    """
    if sys.platform == "win32":
        return _install_on_windows()
    if sys.platform == "darwin":
        raise UserError(
            _(
                "On macOS, an entry in Launchpad needs an application bundle: "
                "pyinstaller packaging/lenet-studio.spec makes one, and docs/install.md tells how"
            )
        )
    root = _data_home()
    for path, content in _linux_files(root):
        with convert_write_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
    _update_databases(root)
    return _("LeNet Studio is in the menu of applications now ({file})").format(
        file=root / "applications" / f"{APP_ID}.desktop"
    )


def remove() -> str:
    """Take the entry away again; returns what was done, in a line.

    Raises:
        UserError: a file can't be deleted.
    """
    if sys.platform == "win32":
        paths = [_windows_link(), _windows_icon()]
    else:
        paths = [path for path, _content in _linux_files(_data_home())]
    present = [path for path in paths if path.exists()]
    for path in present:
        with convert_write_errors(path):
            path.unlink()
    if not present:
        return _("There was no shortcut to remove")
    if sys.platform.startswith("linux"):
        _update_databases(_data_home())
    return _("The shortcut, its icons and file types are removed; your data are untouched")


def find_command() -> list[str]:
    """How to start the program from anywhere, as it was started now."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    here = shutil.which(sys.argv[0]) if sys.argv and sys.argv[0] else None
    if here is not None and Path(here).stem == "lenet-gui":
        return [str(Path(here).absolute())]
    return [sys.executable, "-m", "lenet_studio"]


# Linux


def _data_home() -> Path:
    """The user's share folder, where desktops look."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def _linux_files(root: Path) -> Iterator[tuple[Path, bytes]]:
    """Each file below `root`, with its content."""
    icons = root / "icons" / "hicolor"
    entry = asset(f"{APP_ID}.desktop").read_text("utf-8")
    command = " ".join(quote(part) for part in find_command())
    entry = re.sub("^Exec=lenet-gui", lambda _found: f"Exec={command}", entry, flags=re.MULTILINE)
    yield root / "applications" / f"{APP_ID}.desktop", entry.encode()
    yield root / "mime" / "packages" / f"{APP_ID}.xml", asset(f"{APP_ID}.mime.xml").read_bytes()
    yield icons / "scalable" / "apps" / f"{APP_ID}.svg", asset("icon.svg").read_bytes()
    for size in SIZES:
        yield icons / f"{size}x{size}" / "apps" / f"{APP_ID}.png", render_png(size)


def quote(part: str) -> str:
    """One argument of an `Exec` line, by the Desktop Entry Specification, section "The Exec key".

    Within quotes the four characters `"`, backtick, `$` and backslash have a backslash before
    them; the file's own escape doubles each; and a percent sign is written twice.
    """
    if re.fullmatch(r"[\w./+:@-]+", part, re.ASCII):
        return part
    escaped = re.sub(r'(["`$\\])', r"\\\1", part).replace("\\", "\\\\").replace("%", "%%")
    return f'"{escaped}"'


def _update_databases(root: Path) -> None:
    """Let the desktop notice at once; without these programs it does so at the next login."""
    for command in (
        ["update-desktop-database", str(root / "applications")],
        ["update-mime-database", str(root / "mime")],
        ["gtk-update-icon-cache", "--ignore-theme-index", str(root / "icons" / "hicolor")],
    ):
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)


# Windows


def _windows_link() -> Path:
    programs = Path("Microsoft", "Windows", "Start Menu", "Programs")
    return Path(os.environ["APPDATA"]) / programs / "LeNet Studio.lnk"


def _windows_icon() -> Path:
    return user_data_path("lenet-studio", appauthor=False) / "lenet-studio.ico"


def _install_on_windows() -> str:
    link, icon = _windows_link(), _windows_icon()
    with convert_write_errors(icon):
        icon.parent.mkdir(parents=True, exist_ok=True)
        write_ico(icon)
    script = make_powershell(link, icon, find_command())
    try:
        ended = subprocess.run(
            ["powershell", "-NoProfile", "-NonInteractive", "-Command", "-"],
            input=script,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(
            _("PowerShell cannot make the shortcut: {error}").format(error=error)
        ) from None
    if ended.returncode or not link.exists():
        raise UserError(
            _("PowerShell cannot make the shortcut: {error}").format(
                error=ended.stderr.strip() or ended.returncode
            )
        )
    return _("LeNet Studio is in the Start menu now ({file})").format(file=link)


def _not_made(reason: object) -> UserError:
    return UserError(_("PowerShell cannot make the shortcut: {reason}").format(reason=reason))


_SET_APP_ID = r"""
Add-Type -TypeDefinition @'
using System;
using System.Runtime.InteropServices;
public static class LeNetStudioShortcut {
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    public struct Key { public Guid Format; public uint Id; }
    [StructLayout(LayoutKind.Explicit)]
    public struct Variant {
        [FieldOffset(0)] public ushort Kind;
        [FieldOffset(8)] public IntPtr Text;
        [FieldOffset(16)] public IntPtr Unused;
    }
    [ComImport, Guid("886D8EEB-8CF2-4446-8D02-CDBA1DBDCF99")]
    [InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
    public interface IPropertyStore {
        void GetCount(out uint count);
        void GetAt(uint number, out Key key);
        void GetValue(ref Key key, out Variant value);
        void SetValue(ref Key key, ref Variant value);
        void Commit();
    }
    [DllImport("shell32.dll", CharSet = CharSet.Unicode, PreserveSig = false)]
    static extern void SHGetPropertyStoreFromParsingName(
        string path, IntPtr context, int flags, ref Guid kind, out IPropertyStore store);
    public static void SetAppId(string path, string id) {
        Guid kind = typeof(IPropertyStore).GUID;
        IPropertyStore store;
        SHGetPropertyStoreFromParsingName(path, IntPtr.Zero, 2, ref kind, out store);
        Key key = new Key();
        key.Format = new Guid("9F4C2855-9F79-4B39-A8D0-E1D42DE1D5F3");
        key.Id = 5;
        Variant value = new Variant();
        value.Kind = 31;
        value.Text = Marshal.StringToCoTaskMemUni(id);
        store.SetValue(ref key, ref value);
        store.Commit();
        Marshal.FreeCoTaskMem(value.Text);
        Marshal.ReleaseComObject(store);
    }
}
'@

"""
"""System.AppUserModel.ID of a shortcut, which WScript.Shell can't set: 2 opens the store for
writing, 31 is VT_LPWSTR, and the key is PKEY_AppUserModel_ID of propkey.h."""


def make_powershell(link: Path, icon: Path, command: list[str]) -> str:
    """The script that makes a Windows shortcut.

    Args:
        link: the .lnk file to write.
        icon: an .ico file.
        command: what it starts.
    """
    # A console would open beside the window if python.exe were started.
    program = re.sub(r"python\.exe$", "pythonw.exe", command[0], flags=re.IGNORECASE)
    lines = [
        "$ErrorActionPreference = 'Stop'",
        "$shortcut = (New-Object -ComObject WScript.Shell).CreateShortcut(" + _text(link) + ")",
        f"$shortcut.TargetPath = {_text(program)}",
        f"$shortcut.Arguments = {_text(' '.join(command[1:]))}",
        f"$shortcut.IconLocation = {_text(f'{icon},0')}",
        "$shortcut.Description = 'Draw a digit and watch LeNet-5 read it'",
        "$shortcut.Save()",
        f"[LeNetStudioShortcut]::SetAppId({_text(link)}, {_text(WINDOWS_APP_ID)})",
    ]
    return _SET_APP_ID + "\n".join(lines) + "\n"


def _text(value: object) -> str:
    """A text as PowerShell writes it, taken as it is."""
    return "'" + str(value).replace("'", "''") + "'"


# The icon in every size that a desktop asks for, drawn from assets/icon.svg. It needs no display
# and no application: a build machine draws it, too.

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
"""Pixels: those of the hicolor theme, which every Linux desktop falls back to."""
_ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
_ICNS_SIZES = (16, 32, 64, 128, 256, 512, 1024)


def render_png(size: int) -> bytes:
    """The icon as a PNG file of `size` x `size` pixels, transparent around it."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(asset("icon.svg"))).render(painter)
    painter.end()
    return encode_png(image)


def write_ico(path: Path) -> None:
    """Write the icon for Windows, with all its sizes.

    Raises:
        OSError: it can't be written.
    """
    _write(path, "ICO", _ICO_SIZES)


def write_icns(path: Path) -> None:
    """Write the icon for macOS, with all its sizes.

    Raises:
        OSError: it can't be written.
    """
    _write(path, "ICNS", _ICNS_SIZES)


def _write(path: Path, kind: str, sizes: tuple[int, ...]) -> None:
    *smaller, largest = (Image.open(io.BytesIO(render_png(size))) for size in sizes)
    content = io.BytesIO()
    pairs = [(size, size) for size in sizes]
    largest.save(content, kind, sizes=pairs, append_images=smaller)
    write_whole(path, content.getvalue())
