"""`lenet download`: get a dataset before it is needed."""

from __future__ import annotations

import argparse

from trainer import files
from trainer.cli.output import show_progress
from trainer.data import loading, pen_digits
from trainer.translation import gettext as _


def download(given: argparse.Namespace) -> int:
    """Download what is missing of a dataset; 1 if a part has to be got by hand."""
    data = files.data_folder(given.data)
    parts = given.dataset.split("+")
    for name in loading.list_missing(given.dataset, data):
        show_progress(loading.download(name, data), False)
    found = pen_digits.find(data) if "unipen" in parts else None
    if "unipen" in parts and (found is None or found.json is None):
        show_progress(loading.download("unipen", data), False)
        found = pen_digits.find(data)
    if "unipen" in parts and found is None:
        print(
            _(
                "{data} has UCI's pen digits now. UNIPEN's can't be downloaded by the program: "
                "unpack train_r01_v07 (https://doi.org/10.5281/zenodo.1195803) there"
            ).format(data=data)
        )
        return 1
    print(_("{dataset} is in {data}").format(dataset=given.dataset, data=data))
    return 0
