"""The switch of all workarounds, and those that no other file tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from tests.support.workarounds import needs_workarounds, run_python
from trainer.runtime.cuda_graphs import CaptureError, CudaGraphCapturer
from trainer.runtime.workarounds import workarounds_enabled
from trainer.training.optimizers import without_dynamo

LONGEST_WAIT = """
import sys, threading, time
from trainer.runtime.preloading import preload_torch
sys.setswitchinterval(0.001)
longest, ended = 0.0, threading.Event()
def watch():
    global longest
    last = time.perf_counter()
    while not ended.is_set():
        time.sleep(0.001)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
thread = threading.Thread(target=watch)
thread.start()
if sys.argv[1] == "preloaded":
    preload_torch()
import torch
ended.set()
thread.join()
print(longest)
"""
FREED = """
from pathlib import Path
from trainer.runtime.memory import release_free_memory
def resident_memory():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
blocks = [b"x" * (100_000 + number % 2) for number in range(1_000)]
last, before = blocks[-1], resident_memory()
blocks.clear()
freed = resident_memory()
release_free_memory()
print(before - freed, freed - resident_memory())
"""
ARENAS = """
import ctypes, sys, threading
from trainer.runtime.memory import limit_arenas
if sys.argv[2] == "limited":
    limit_arenas()
barrier = threading.Barrier(9)
def allocate():
    keeps = [b"x" * 5_000 for _ in range(100)]
    barrier.wait()
    barrier.wait()
threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads:
    thread.start()
barrier.wait()
c = ctypes.CDLL(None)
c.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(c.fopen(sys.argv[1].encode(), b"w"))
c.malloc_info(0, file)
c.fclose(file)
barrier.wait()
print(open(sys.argv[1]).read().count("<heap nr="))
"""
STORE = """
import os, sys
from trainer.runtime import torchrun
store = torchrun.open_store()
if os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
    store.set("stale", "1")
    sys.exit(1)
fresh = torchrun.open_fresh_store(store)
print("table", store.check(["stale"]), fresh.check(["stale"]))
"""


def test_one_variable_switches_all_off(monkeypatch: pytest.MonkeyPatch) -> None:
    for value, enabled in (("1", False), ("0", True), ("", True)):
        monkeypatch.setenv("LENET_STUDIO_NO_WORKAROUNDS", value)
        assert workarounds_enabled() is enabled
        assert (without_dynamo(torch.optim.SGD) is torch.optim.SGD) is not enabled


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="libraries are loaded early there")
@needs_workarounds
def test_importing_torch_keeps_pythons_lock() -> None:
    """Where it fails in the first line, `trainer.runtime.preloading` is no longer needed."""
    waits = {
        how: min(float(run_python(LONGEST_WAIT, how)) for _ in range(3))
        for how in ("preloaded", "not preloaded")
    }
    assert waits["preloaded"] < waits["not preloaded"]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@needs_workarounds
def test_glibc_still_keeps_what_is_freed() -> None:
    """Where it fails, `release_free_memory` is no longer needed, or the C library is another."""
    by_itself, by_us = map(int, run_python(FREED).split())
    assert by_us > 50e6 > by_itself


@needs_workarounds
def test_glibc_still_makes_an_arena_for_each_thread(tmp_path: Path) -> None:
    """Where it fails, `limit_arenas` is no longer needed, or the C library is another."""
    counts = [
        int(run_python(ARENAS, str(tmp_path / "information"), how)) for how in ("limited", "as is")
    ]
    assert counts[0] == 2 < counts[1]


@needs_workarounds
def test_torchruns_table_still_outlives_a_start(tmp_path: Path) -> None:
    """Where the first fails, `open_fresh_store` is no longer needed."""
    script = tmp_path / "store.py"
    script.write_text(STORE)
    launcher = (
        "import runpy, sys; sys.argv = ['run', '--standalone', '--nproc-per-node=1', "
        f"'--max-restarts=1', {str(script)!r}]; "
        "runpy.run_module('torch.distributed.run', run_name='__main__')"
    )
    assert "table True False" in run_python(launcher)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no NVIDIA GPU")
@pytest.mark.xfail(
    not workarounds_enabled(),
    reason="where it passes without the workaround, `cuda_graphs._repair` is no longer needed",
    strict=True,
)
def test_a_failed_capture_leaves_no_marks() -> None:
    device = torch.device("cuda")
    generator = torch.Generator(device).manual_seed(1)
    expected = torch.rand(3, device=device, generator=torch.Generator(device).manual_seed(1))
    stream = torch.cuda.current_stream(device)
    with pytest.raises(CaptureError):
        CudaGraphCapturer(device).capture(
            lambda: torch.rand(3, device=device, generator=generator).sum().item(), generator
        )
    assert torch.cuda.current_stream(device) == stream
    assert torch.equal(torch.rand(3, device=device, generator=generator), expected)
