"""The application: its window, menus, status, settings, and the wiring between tabs.

The only package that knows all tabs. Begin with `window`, which builds them and connects
their signals; `application` leads from the command line to it.
"""

__all__ = [
    "application",
    "building",
    "crash_log",
    "display_check",
    "dropping",
    "language",
    "lazy",
    "menus",
    "networks",
    "presentation",
    "qt_workarounds",
    "session",
    "status",
    "window",
]
