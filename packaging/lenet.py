"""What PyInstaller makes the program `lenet` of."""

import multiprocessing
import sys

from lenet_studio.start import lenet

if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(lenet())
