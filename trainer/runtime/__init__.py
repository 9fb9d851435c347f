"""The machine: devices, CPU threads, CUDA graphs, and processes that train together.

Begin with `devices`; `workarounds` lists what is done about other programs' faults, and switches
all of it off. Knows nothing of networks, recipes and files.
"""

__all__ = [
    "cpu",
    "cuda_graphs",
    "devices",
    "memory",
    "preloading",
    "process_group",
    "shard",
    "torch_workarounds",
    "torchrun",
    "workarounds",
]
