"""Files that released versions wrote; README.md tells what each is."""

from pathlib import Path

SAMPLES = Path(__file__).parent / "0.1.0"
