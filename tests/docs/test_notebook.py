"""The cells of docs/notebook.ipynb run one after another."""

import json
from pathlib import Path

import matplotlib
import pytest

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"


def test_all_cells_run(capsys: pytest.CaptureFixture[str]) -> None:
    import matplotlib.pyplot as plt

    matplotlib.use("Agg")
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    names: dict[str, object] = {}
    try:
        for number, cell in enumerate(cells):
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)
        printed = capsys.readouterr().out
        assert "are read correctly" in printed and "7 " in printed
        assert len(plt.get_fignums()) == 3
    finally:
        plt.close("all")
