"""Measurements of LeNet Studio: `python -m benchmarks --list` names them."""
