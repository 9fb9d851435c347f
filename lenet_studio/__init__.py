"""Where the programs `lenet` and `lenet-gui` begin, before anything of them is imported.

Lies outside of `trainer` and `lenet_gui`, for it looks whether these are what they should be.
Knows nothing else of them.
"""

__all__ = ["start"]
