"""`python -m lenet_studio`: the same as `lenet-gui`."""

import sys

from lenet_studio.start import lenet_gui

sys.exit(lenet_gui())
