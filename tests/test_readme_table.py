"""README's section on speed: figures are found in what the benchmarks print."""

from __future__ import annotations

import pytest

from benchmarks.readme_table import BEGIN, END, Row, Section, put_between, sections, speed
from benchmarks.registry import BENCHMARKS

WHERE = "2026-11-21, 2 cores (some processor), no GPU, torch 2.15.0"
TRAINING = """torch 2.15.0, 2 threads

batch 128: seconds for 60,000 images, and textbook's time over it
  by the clock, and by what the processors worked
  textbook                                     4.91   1.00x   1.00x
  conv1 and pooling as one, stride 2           2.31   2.12x   2.20x
  lenet train, all of it: banded bfloat16      1.99   2.47x   2.51x
  affine distortion costs +11%

batch 512: seconds for 60,000 images, and textbook's time over it
  by the clock, and by what the processors worked
  textbook                                     4.61   1.00x   1.00x
  conv1 and pooling as one, stride 2           1.97   2.34x   2.30x
  lenet train, all of it: wide                 1.60   2.88x   2.90x"""
PRINTED = {
    "training": TRAINING,
    "goals": """  textbook, epoch 16: 98.81% after 104.2 s, 198.4 s

ninety-nine reaches 98.79% with 1 of 1 seeds
  after 2.6 s, 5.0 s of processors (medians)
  textbook: 104 s, 198 s of processors
  40 times sooner by the clock, 39 by processors

ninety-nine reaches 99.00% with 1 of 1 seeds
  after 4.8 s, 9.1 s of processors (medians)""",
    "evaluation": "10,000 images: 0.251 s; textbook: 1.310 s, 5.2 times as long",
    "start": """window: median 0.283 s  (0.283  0.283)
answer: median 1.700 s  (1.700  1.700)
import torch: median 1.270 s  (1.270  1.270)
answer after import torch: median 0.430 s  (0.430  0.430)""",
    "draw": "2400 of 2400 pen moves seen, 0 runs training: p50 4.6 ms, p99 12.2 ms, "
    "largest 30.0 ms, later than 16 ms 0.40%",
    "gpu": "nothing to measure: no NVIDIA GPU was found",
    "data": """       images     s / 60,000    peak memory
       60,000           2.42         854 MB
    2,400,000           2.44         862 MB""",
    "memory": """after the start: 687 MB
after round 1: 900 MB
after round 10: 909 MB
growth from the first round to the last: 1.0%""",
    "curves": "new points of every run          8.1 ms      9.3 ms     12.0 ms",
}


def made(name: str, text: str) -> Section:
    return Section(name, "What it is", f"python benchmarks/{name}.py", 12, WHERE, text)


FOUND = {name: made(name, text) for name, text in PRINTED.items()}
ROWS = {name: benchmark.rows for name, benchmark in BENCHMARKS.items()}


def test_a_file_gives_back_the_sections_that_were_written() -> None:
    assert sections("\n".join(map(str, FOUND.values()))) == FOUND


def test_every_figure_is_found() -> None:
    text, lost = speed(FOUND.values(), ROWS)
    assert not lost
    for line in (
        "| 98.79 % of MNIST's test set, which source A reports | 2.6 s of training "
        "| source A's recipe in the textbook loop: 104 s | 40x | `python benchmarks/goals.py` |",
        "| 99 %, by the recipe `ninety-nine` | 4.8 s, with 1 of 1 seeds |  |  "
        "| `python benchmarks/goals.py` |",
        "| MNIST's 10,000 test images read | 0.251 s | the textbook loop: 1.310 s | 5.2x "
        "| `python benchmarks/evaluation.py` |",
        "| process start to first answer | 1.700 s | `import torch` alone: 1.270 s "
        "| 0.430 s later | `python benchmarks/start.py` |",
        "| What it is | not measured: no NVIDIA GPU was found |  |  | `python benchmarks/gpu.py` |",
        "| conv1 and pooling as one, stride 2 | 2.31 | 2.12x, 2.20x | 1.97 | 2.34x, 2.30x |",
        "| lenet train, all of it | 1.99 (banded bfloat16) | 2.47x, 2.51x "
        "| 1.60 (wide) | 2.88x, 2.90x |",
        "| 2,400,000 | 2.44 | 862 MB |",
    ):
        assert line in text.splitlines()
    assert "|  | batch 128 | textbook's time over it, processors' time over it | batch 512" in text
    assert text.startswith(f"{WHERE}.\n\n|")
    assert text.count(WHERE) == 1
    assert "687 and 909 MB; 1.0 %" in text and "median 8.1 ms" in text
    assert "p50 4.6 ms, p99 12.2 ms, later than 16 ms 0.40 %" in text


def test_a_figure_that_is_not_there_is_told() -> None:
    rows = {"draw": (Row("speed", r"(?P<here>\d+) furlongs", "{here} furlongs"),)}
    text, lost = speed([FOUND["draw"]], rows)
    assert lost == ["draw: speed"]
    assert "furlongs" not in text


def test_a_table_that_is_not_there_is_told() -> None:
    for name in ("training", "data"):
        _, lost = speed([made(name, "it prints other words now")], ROWS)
        assert lost == [f"{name}: its table"]


def test_a_gpu_s_figures_are_found() -> None:
    printed = """an epoch at a batch of 512        seconds  times textbook
textbook                          3.000             1.0
step by step                      0.500             6.0
captured                          0.100            30.0
captured, affine                  0.110            27.3
captured, elastic                 0.120            25.0

60,000 streamed digits: 0.020 s to make, 0.130 s to train on them

ninety-nine: 1.90 s the first time, then
  seed 1 on cuda    0.40 s   99.11%
  seed 1 on cpu     4.70 s   99.16%

a reading                                    median ms   p99 ms
CPU, one thread                                  0.310    0.420
GPU, layer by layer                              0.900    1.100
GPU, captured                                    0.150    0.210
GPU, captured, while a run trains there          0.170    0.260"""
    text, lost = speed([made("gpu", printed)], ROWS)
    assert not lost
    for figures in ("0.100 s | the textbook loop there: 3.000 s | 30.0x", "0.120 s", "0.170 ms"):
        assert text.count(figures) == 1
    assert "0.40 s, 99.11 % | on the CPU: 4.70 s, 99.16 %" in text


def test_only_what_lies_between_the_marks_is_written() -> None:
    readme = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    once = put_between(readme, "new")
    assert once == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert put_between(once, "new") == once
    for broken in ("none", f"{END}\n{BEGIN}", BEGIN):
        with pytest.raises(ValueError, match="lacks the lines"):
            put_between(broken, "new")
