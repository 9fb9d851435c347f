"""What is remembered from one start to the next. Whatever cannot be read counts as not set."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings


class Settings:
    """Typed access to one INI file: `file`, or the one in the user's folder."""

    def __init__(self, file: Path | None = None) -> None:
        ini = QSettings.Format.IniFormat
        if file is not None:
            self._file = QSettings(str(file), ini)
        else:
            user = QSettings.Scope.UserScope
            self._file = QSettings(ini, user, "lenet-studio", "lenet-studio")

    def text(self, name: str, default: str, allowed: tuple[str, ...] = ()) -> str:
        """A text; `default` if there is none, or not one of `allowed`."""
        value = self._file.value(name)
        if not isinstance(value, str) or (allowed and value not in allowed):
            return default
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number; `default` if there is none from `low` to `high`."""
        try:
            value = int(str(self._file.value(name)))
        except ValueError:
            return default
        return value if low <= value <= high else default

    def data(self, name: str) -> QByteArray:
        """Bytes that Qt made, such as a window's geometry; empty if there are none."""
        value = self._file.value(name)
        return value if isinstance(value, QByteArray) else QByteArray()

    def folder(self, name: str) -> Path | None:
        """A folder that still exists."""
        value = self.text(name, "")
        return Path(value) if value and Path(value).is_dir() else None

    def remember(self, name: str, value: str | int | QByteArray) -> None:
        """Keep a value for the next start."""
        self._file.setValue(name, value)
