"""Digits and networks: data, LeNet-5, training, reading. Knows nothing of Qt.

Importing this package imports neither torch nor matplotlib; each module that
needs them does so itself.
"""

__version__ = "0.2.0"
