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


def classes(given: argparse.Namespace) -> int:
    """Print what one file holds, or several together; change, save and learn it."""
    check_seed(given)
    for path in (given.out, given.train):
        check_out(path)
    several = len(given.files) > 1
    drawn = class_file.load_merged(given.files) if several else class_file.load(given.files[0])
    for name, new in map(_pair, given.rename):
        drawn = drawn.renamed(name, new)
    for name, into in map(_pair, given.merge):
        drawn = drawn.merged(name, into)
    for name in given.remove:
        drawn = drawn.without_class(name)
    if given.out is not None:
        class_file.save(drawn, given.out)
    learned = None if given.train is None else _learn(drawn, given)
    if given.json:
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


def _learn(drawn: ClassSet, given: argparse.Namespace) -> LearnedClasses:
    """A network that tells them apart, in a model file."""
    start: Model | None = None
    if given.start is None:
        start = weights.load_shipped()
    elif str(given.start) != NOTHING:
        start = weights.load(given.start)
    torch.set_num_threads(1)  # as `learn_classes` advises
    work = learn_classes(drawn, given.out or given.files[0], start, seed=given.seed)
    learned: LearnedClasses = show_progress(work, given.json)
    weights.save(learned.model, given.train)
    return learned


def _describe(drawn: ClassSet, learned: LearnedClasses | None) -> dict[str, object]:
    """What is printed as JSON."""
    found: dict[str, object] = {"classes": drawn.counts(), "writers": drawn.writers}
    if learned is not None:
        found |= {
            "accuracy": learned.accuracy,
            "tested": learned.tested,
            "by_writer": learned.by_writer,
        }
    return found


def _tell(drawn: ClassSet, learned: LearnedClasses | None) -> None:
    """The same for people."""
    told = ngettext("{n:,} drawing", "{n:,} drawings", len(drawn)).format(n=len(drawn))
    if names := ", ".join(name for name in drawn.writers if name):
        told = _("{drawings} by {writers}").format(drawings=told, writers=names)
    print(told)
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
