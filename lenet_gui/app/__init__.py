"""The application: its window, menus, status, settings, and the wiring between tabs.

The only package that knows all tabs. Begin with `window`, which builds them and connects
their signals; `application` leads from the command line to it.
"""

__all__ = [
    "application",
    "building",
    "dropping",
    "language",
    "lazy",
    "menus",
    "networks",
    "page_reading",
    "presentation",
    "qt_workarounds",
    "self_test",
    "session",
    "status",
    "window",
]
