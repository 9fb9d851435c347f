"""`lenet classes`: sets of drawings of one's own classes merged, changed, and learned."""

from __future__ import annotations

import argparse
import json

import torch

from trainer.cli.common import check_out, check_seed
from trainer.cli.output import show_progress
from trainer.errors import UserError
from trainer.my_classes import class_file
from trainer.my_classes.class_set import ClassSet
from trainer.my_classes.learning import LearnedClasses, learn_classes
from trainer.networks import model as weights
from trainer.networks.model import Model
from trainer.translation import gettext as _
from trainer.translation import ngettext

NOTHING = "nothing"
"""What `--start` calls a network that begins from nothing."""


def classes(options: argparse.Namespace) -> int:
    """Print what one file holds, or several together; change, save and learn it."""
    check_seed(options)
    for path in (options.out, options.train):
        check_out(path)
    several = len(options.files) > 1
    drawn = class_file.load_merged(options.files) if several else class_file.load(options.files[0])
    for name, new in map(_pair, options.rename):
        drawn = drawn.renamed(name, new)
    for name, into in map(_pair, options.merge):
        drawn = drawn.merged(name, into)
    for name in options.remove:
        drawn = drawn.without_class(name)
    if options.out is not None:
        class_file.save(drawn, options.out)
    learned = None if options.train is None else _learn(drawn, options)
    if options.json:
        print(json.dumps(_describe(drawn, learned)))
    else:
        _tell(drawn, learned)
    return 0


def _pair(text: str) -> tuple[str, str]:
    """Two names with a = between them."""
    one, sign, other = text.partition("=")
    if not sign:
        raise UserError(_("{text} must be two names of classes, ONE=OTHER").format(text=text))
    return one.strip(), other.strip()


def _learn(drawn: ClassSet, options: argparse.Namespace) -> LearnedClasses:
    """A network that tells them apart, in a model file."""
    start: Model | None = None
    if options.start is None:
        start = weights.load_shipped()
    elif str(options.start) != NOTHING:
        start = weights.load(options.start)
    torch.set_num_threads(1)  # as `learn_classes` advises
    work = learn_classes(drawn, options.out or options.files[0], start, seed=options.seed)
    learned: LearnedClasses = show_progress(work, options.json)
    weights.save(learned.model, options.train)
    return learned


def _describe(drawn: ClassSet, learned: LearnedClasses | None) -> dict[str, object]:
    """What is printed as JSON."""
    values: dict[str, object] = {"classes": drawn.counts(), "writers": drawn.writers}
    if learned is not None:
        values |= {
            "accuracy": learned.accuracy,
            "tested": learned.tested,
            "by_writer": learned.by_writer,
        }
    return values


def _tell(drawn: ClassSet, learned: LearnedClasses | None) -> None:
    """The same for people."""
    text = ngettext("{n:,} drawing", "{n:,} drawings", len(drawn)).format(n=len(drawn))
    if names := ", ".join(name for name in drawn.writers if name):
        text = _("{drawings} by {writers}").format(drawings=text, writers=names)
    print(text)
    for name, count in drawn.counts().items():
        print(f"  {name}  {count:,}")
    if learned is None:
        return
    whose = (
        _("{accuracy:.1%} of {n:,} drawings by people whose others it had not seen read rightly")
        if learned.by_writer
        else _("{accuracy:.1%} of {n:,} drawings that it had not seen read rightly")
    )
    print(whose.format(accuracy=learned.accuracy, n=learned.tested))
