"""What training prints in a terminal: a progress bar and a line an epoch, or JSON lines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

from tqdm import tqdm

from trainer.progress import Progress
from trainer.recipes.recipe import Recipe
from trainer.runs.record import Finished, Started
from trainer.training.events import DeviceLost, Diverged, Epoch, NotCaptured, Step
from trainer.translation import gettext as _

PROGRESS_EVERY = 10.0
"""Seconds, at least, between two lines of JSON that only say how far it is."""


class Reporter:
    """Shows a run's events; a context, so that the bar is gone at the end."""

    def __init__(self, recipe: Recipe, as_json: bool) -> None:
        self._recipe, self._json = recipe, as_json
        self._began = self._told = time.monotonic()
        self._folder: Path | None = None
        self._test: float | None = None
        self.diverged = False

    def __enter__(self) -> Reporter:
        self._bar: tqdm[Any] = tqdm(
            disable=self._json or None, leave=False, unit="step", file=sys.stderr
        )
        return self

    def __exit__(self, *_error: object) -> None:
        self._bar.close()

    def show(self, event: object) -> None:
        """One event of `lifecycle.run`."""
        if isinstance(event, Progress):
            self._bar.set_description(event.what)
            self._tell_progress(event)
        elif isinstance(event, Started):
            self._begin(event)
        elif isinstance(event, Step):
            self._bar.total = event.steps_per_epoch * self._recipe.epochs
            self._bar.set_description(_("epoch {epoch}").format(epoch=event.epoch), refresh=False)
            self._bar.set_postfix_str(_("loss {loss:.4f}").format(loss=event.loss), refresh=False)
            self._bar.update(event.step - self._bar.n)
        elif isinstance(event, Epoch):
            self._epoch(event)
        elif isinstance(event, DeviceLost):
            self._warn(
                _("{device} failed ({reason}); continuing on the CPU").format(
                    device=event.device, reason=event.reason
                )
            )
        elif isinstance(event, NotCaptured):
            self._warn(str(event))
        elif isinstance(event, Diverged):
            self.diverged = True
            self._warn(str(event))
        elif isinstance(event, Finished):
            self._test = event.test_accuracy

    def _tell_progress(self, event: Progress) -> None:
        """A line about every ten seconds: a teacher takes ten minutes."""
        now = time.monotonic()
        if self._json and now - self._told >= PROGRESS_EVERY:
            self._told = now
            line = {"progress": event.what, "done": event.done, "total": event.total}
            print(json.dumps(line), flush=True)

    def _begin(self, event: Started) -> None:
        self._folder = event.folder
        text = _("{recipe} on {device}, into {folder}")
        if event.step:
            text = _("{recipe} on {device} after step {step}, into {folder}")
        self._say(
            text.format(
                recipe=self._recipe.name,
                device=event.device,
                step=event.step,
                folder=event.folder,
            )
        )
        self._bar.n = self._bar.initial = event.step
        if event.note:
            self._warn(event.note)

    def _epoch(self, event: Epoch) -> None:
        if self._json:
            line = {
                "epoch": event.epoch,
                "train_loss": event.train_loss,
                "val_accuracy": event.val_accuracy,
                "seconds": round(event.seconds, 3),
            }
            print(json.dumps(line), flush=True)
            return
        text = _(
            "epoch {epoch:>3}/{epochs}  train loss {loss:.4f}  validation {accuracy:.2%}  "
            "{seconds:.1f} s"
        ).format(
            epoch=event.epoch,
            epochs=self._recipe.epochs,
            loss=event.train_loss,
            accuracy=event.val_accuracy,
            seconds=event.seconds,
        )
        self._say(f"{text}  {_('best')}" if event.best else text)

    def end(self, stopped: bool) -> None:
        """The last line, when all files are written."""
        seconds = time.monotonic() - self._began
        if self._json:
            run = str(self._folder) if self._folder else None
            line = {"run": run, "test_accuracy": self._test, "seconds": round(seconds, 3)}
            print(json.dumps(line), flush=True)
            return
        if stopped:
            print(_("stopped after {seconds:.1f} s").format(seconds=seconds))
            if self._folder is not None:
                print(_('resume with: lenet resume "{folder}"').format(folder=self._folder))
        elif self._test is not None:
            print(
                _("test {test:.2%} after {seconds:.1f} s; everything is in {folder}").format(
                    test=self._test, seconds=seconds, folder=self._folder
                )
            )

    def _say(self, text: str) -> None:
        if not self._json:
            self._bar.write(text, file=sys.stdout)

    def _warn(self, text: str) -> None:
        self._bar.write(f"lenet: {text}", file=sys.stderr)


def show_progress(work: Generator[Any, None, Any], quiet: bool) -> Any:
    """Run `work` to its end with a progress bar on standard error; returns its result."""
    with closing(work), tqdm(disable=quiet or None, leave=False, unit="") as bar:
        while True:
            try:
                event = next(work)
            except StopIteration as end:
                return end.value
            if isinstance(event, Progress):
                bar.set_description(event.what, refresh=False)
                bar.total, bar.n = event.total or None, event.done
                bar.refresh()
