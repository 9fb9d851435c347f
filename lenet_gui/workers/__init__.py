"""Threads of the window: the lowest floor, which knows no widget.

`generator.GeneratorWorker` iterates long work, which `BackgroundWork` begins and cancels;
`latest.LatestWorker` answers the newest request only, `serial.SerialWorker` does one thing after
another. Begin with `generator`.
"""

__all__ = [
    "generator",
    "latest",
    "serial",
]
