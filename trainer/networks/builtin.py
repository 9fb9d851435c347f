"""The networks that come with the program, for lessons: by name, as pure data, without torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trainer.files import asset, bundle_folder, is_file, is_there
from trainer.translation import N_


@dataclass(frozen=True, slots=True)
class BuiltinNetwork:
    """A network among the program's assets."""

    name: str  # by which commands take it, and which its file has
    title: str  # for people, to be translated where it is shown
    description: str  # a sentence, to be translated where it is shown

    @property
    def path(self) -> Path:
        """Its model file.

        Raises:
            FileNotFoundError: it is missing.
        """
        return asset(f"{self.name}.safetensors")


BUILTIN = {
    network.name: network
    for network in (
        BuiltinNetwork(
            "lenet5",
            N_("LeNet-5, trained on every hand"),
            N_(
                "Trained on MNIST, real pen digits, and digits written by code, distorted anew in "
                "every epoch."
            ),
        ),
        BuiltinNetwork(
            "lenet5-plain",
            N_("LeNet-5, trained without distortion"),
            N_(
                "Trained on MNIST as it is: nearly as good on MNIST, but misled by digits that are "
                "turned, or written with a pen."
            ),
        ),
        BuiltinNetwork(
            "lenet5-1998",
            N_("LeNet-5 of 1998, as in the paper"),
            N_(
                "The paper's own network, trained on MNIST by its own loss and optimizer, with ten "
                "drawn characters as targets."
            ),
        ),
    )
}
"""By name; the first is the one to begin with."""


def find_builtin(name: Path | str) -> BuiltinNetwork | None:
    """The built-in network of that name; None if there is none."""
    return BUILTIN.get(str(name))


def find_network(path: Path) -> Path:
    """A model file: as it is given, or else one of a bundle by its name, with or without ending."""
    bundle = bundle_folder()
    if bundle is None or is_there(path):
        return path
    named = bundle / "networks" / path.name
    return next(
        (p for p in (named, named.with_name(f"{path.name}.safetensors")) if is_file(p)), path
    )
