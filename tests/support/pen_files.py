"""Small files of real pen digits in the formats of their sources."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from trainer.data.pen_digits import PenDigit

DOC = """.VERSION 1.0
.DATA_SOURCE A laboratory
.DATA_CONTACT  Name: Jos\xe9 Mu\xf1oz
   not a keyword, for it is not in the first column: .COORD Y X
.ALPHABET "0" "1" "\\"" "\"\"
.X_POINTS_PER_INCH 100
.Y_POINTS_PER_INCH 100
.COORD X Y
.HIERARCHY CHARACTER
"""
INK = """
.WRITER_ID ann
.PEN_DOWN
0 10
1 0
.PEN_UP
.PEN_DOWN
\t5\t9
\t6\t8
\t7\t7
\t8\t6
.PEN_UP
7 7
6 7
.PEN_DOWN
4 4
3 3
2 1
.PEN_UP
.DT 100
"""


def write_release(
    root: Path,
    labels: str,
    ink: str = INK,
    doc: str = DOC,
    contributor: str = "ibm",
    name: str = "one",
    category: str = "1a",
) -> Path:
    """UNIPEN's folder with one file of labels, one of ink and one that documents."""
    files = {
        f"data/{category}/{contributor}/set0/{name}.dat": ".VERSION 1.0\n"
        f".INCLUDE {contributor}/set.doc\n"
        f".INCLUDE {contributor}/data/set0/{name}.dat\n" + labels,
        f"include/{contributor}/set.doc": doc,
        f"include/{contributor}/data/set0/{name}.dat": ink,
    }
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, encoding="latin-1")
    return root


PENDIGITS = """.INCLUDE pen.doc
.LEXICON "0" "1" "2"
.HIERARCHY DIGIT

.SEGMENT DIGIT 0 ? "8"
.COMMENT 8 12 0
.PEN_DOWN
267 333
267 336
.PEN_UP
.DT 100

.SEGMENT DIGIT 1-2 ? "4"
.COMMENT 4 1 17
.PEN_DOWN
1 2
3 4
5 6
.PEN_UP
.DT 100
.PEN_DOWN
7 8
.PEN_UP
.DT 100
"""
UJI = """// UPV: 152 units per mm

// ASCII char: 7
WORD 7 trn_UPV_W12-01
  NUMSTROKES 2
  POINTS 3 # 1 2 3 4 5 6
  POINTS 1 # -7 8
// Non-ASCII char: ntilde
WORD ñ tst_UPV_W42-02
  NUMSTROKES 1
  POINTS 2 # 0 0 1 1
WORD o trn_UPV_W13-01
  NUMSTROKES 1
  POINTS 2 # 0 0 1 1
WORD 0 trn_UJI_W11-01
  NUMSTROKES 1
  POINTS 2 # 0 0 1 1
"""


def write_text(path: Path, text: str) -> Path:
    """Write a file and its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def write_json(path: Path, items: Any) -> Path:
    """Write the project's own form; gzipped, if the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps(items).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def drawing(**changed: Any) -> dict[str, Any]:
    """One digit of the JSON file."""
    ink = [[[0, 0], [1, 2]], [[3, 4]]]
    return {"label": 7, "writer": "ibm-1", "contributor": "ibm", "strokes": ink} | changed


def as_lists(digit: PenDigit) -> list[list[list[float]]]:
    """A digit's strokes, to be compared."""
    return [stroke.tolist() for stroke in digit.strokes]
