"""Who is to be named for the data that a network is trained on, where the license asks for it."""

from __future__ import annotations

_SOURCES: dict[str, tuple[str, ...]] = {
    "mnist": ("MNIST, Y. LeCun and C. Cortes, CC BY-SA 3.0",),
    "unipen": (
        "UNIPEN train_r01_v07, International Unipen Foundation, "
        "https://doi.org/10.5281/zenodo.1195803, CC BY 4.0",
        "Pen-Based Recognition of Handwritten Digits, E. Alpaydin and F. Alimoglu, "
        "https://doi.org/10.24432/C5MG6K, CC BY 4.0",
        "UJI Pen Characters (Version 2), F. Prat, M. Castro, D. Llorens, A. Marzal and J. Vilar, "
        "https://doi.org/10.24432/C5FG8S, CC BY 4.0",
    ),
    "kmnist": ("KMNIST, T. Clanuwat et al. and CODH, CC BY-SA 4.0",),
}
"""By the name of a dataset that is no sum: title, authors, address, and license."""


def list_data_sources(dataset: str) -> tuple[str, ...]:
    """A line for each collection to be named, of all parts of a dataset such as "mnist+pen"."""
    return tuple(line for part in dataset.split("+") for line in _SOURCES.get(part, ()))
