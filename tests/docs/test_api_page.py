"""docs/api.md is what the docstrings say, and names everything that is public."""

import re
import runpy
from pathlib import Path

import trainer

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_not_stale() -> None:
    main = runpy.run_path(str(DOCS / "make_api.py"))["main"]
    assert main(["--check"]) == 0, "python docs/make_api.py"


def test_every_public_name_is_described() -> None:
    page = (DOCS / "api.md").read_text("utf-8")
    described = set(re.findall(r"^### (\w+)$", page, re.MULTILINE))
    packages = {path.stem for path in (DOCS.parent / "trainer").iterdir()}
    assert described == (set(trainer.__all__) - packages) | {"LeNetClassifier"}
