"""`lenet summary`: the layers of a network."""

from __future__ import annotations

import argparse
import json

from trainer.cli.common import load_model, load_recipe, pad
from trainer.networks import factory
from trainer.translation import gettext as _


def summary(given: argparse.Namespace) -> int:
    """Print the layer table, and who is to be named for the data of training."""
    sources: tuple[str, ...] = ()
    if given.recipe is not None:
        network = factory.build(load_recipe(given.recipe))
    else:
        model = load_model(given)
        network, sources = model.network, model.data_sources
    table = factory.summarize(network)
    if given.json:
        print(json.dumps([row._asdict() for row in table]))
        return 0
    heads = (_("layer"), _("output"), _("neurons"), _("parameters"), _("connections"))
    print(_line(*heads))
    for row in table:
        shape = "x".join(map(str, row.output))
        numbers = (f"{n:,}" for n in (row.neurons, row.parameters, row.connections))
        print(_line(row.name, shape, *numbers))
    sums = (sum(row.parameters for row in table), sum(row.connections for row in table))
    print(_line(_("total"), "", "", *(f"{n:,}" for n in sums)))
    for source in sources:
        print(_("trained on {source}").format(source=source))
    return 0


def _line(name: str, *columns: str) -> str:
    """A line of the table."""
    widths = (14, 10, 13, 14)
    return pad(name, 8) + "".join(
        pad(text, wide, right=True) for text, wide in zip(columns, widths, strict=True)
    )
