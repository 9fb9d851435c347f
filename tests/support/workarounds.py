"""Tests of what a workaround does, which skip where workarounds are switched off."""

from __future__ import annotations

import subprocess
import sys

import pytest

from trainer.runtime.workarounds import workarounds_enabled

needs_workarounds = pytest.mark.skipif(
    not workarounds_enabled(), reason="LENET_STUDIO_NO_WORKAROUNDS=1 switches it off"
)


def run_python(script: str, *arguments: str) -> str:
    """What a script prints in a process of its own, without the newline at the end."""
    ended = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()
