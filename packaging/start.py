"""What PyInstaller makes both programs of: the name of the file says which one it is."""

import multiprocessing
import sys
from pathlib import Path

from lenet_studio.start import lenet, lenet_gui

if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(lenet() if Path(sys.executable).stem == "lenet" else lenet_gui())
