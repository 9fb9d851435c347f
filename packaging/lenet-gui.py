"""What PyInstaller makes the program `lenet-gui` of."""

import multiprocessing
import sys

from lenet_studio.start import lenet_gui

if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(lenet_gui())
