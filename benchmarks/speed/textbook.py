"""The training loop of textbooks, to compare with: what all five of our sources do.

A DataLoader takes one image after the other from torchvision's dataset, turns each
into a tensor, and stacks them; the network is a chain of modules; the optimizer
has its default settings; the loss and the right answers are asked for after
every step. Written fresh for the comparison and used by nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


@dataclass(frozen=True, slots=True)
class Choice:
    """What a textbook leaves to the reader."""

    sigmoid: bool = False  # with average pooling; else ReLU and max pooling
    batch_size: int = 128
    learning_rate: float = 1e-3
    epochs: int = 1


SOURCE_A = Choice(sigmoid=True, batch_size=512, learning_rate=1e-2, epochs=30)
"""The recipe `mnist-sigmoid-adamw`, as its source writes it: all 60,000 images are trained on."""


def network(sigmoid: bool) -> nn.Sequential:
    """LeNet-5 as textbooks write it."""
    active = nn.Sigmoid if sigmoid else nn.ReLU
    pool = nn.AvgPool2d if sigmoid else nn.MaxPool2d
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        active(),
        pool(2),
        nn.Conv2d(6, 16, 5),
        active(),
        pool(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        active(),
        nn.Linear(120, 84),
        active(),
        nn.Linear(84, 10),
    )


def mnist(data: Path, train: bool) -> datasets.MNIST:
    """torchvision's dataset, each image a tensor when it is asked for."""
    return datasets.MNIST(str(data), train=train, transform=transforms.ToTensor())


class Loop:
    """A training under way.

    Args:
        data: folder that holds MNIST.
        choice: what to train.
        device: where.
    """

    def __init__(self, data: Path, choice: Choice, device: torch.device | None = None) -> None:
        self.device = device or torch.device("cpu")
        self.network = network(choice.sigmoid).to(self.device)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=choice.learning_rate)
        self.loader = DataLoader(mnist(data, True), choice.batch_size, shuffle=True)
        self.test = DataLoader(mnist(data, False), 1000)
        self.criterion = nn.CrossEntropyLoss()

    def steps(self) -> Iterator[float]:
        """One epoch, step by step; yields each one's loss."""
        self.network.train()
        for images, labels in self.loader:
            yield self._step(images.to(self.device), labels.to(self.device))

    def _step(self, images: Tensor, labels: Tensor) -> float:
        self.optimizer.zero_grad()
        outputs = self.network(images)
        loss = self.criterion(outputs, labels)
        loss.backward()
        self.optimizer.step()
        _right = (outputs.argmax(1) == labels).sum().item()
        return float(loss.item())

    def accuracy(self) -> float:
        """On the test set, 0 to 1."""
        self.network.eval()
        right = count = 0
        with torch.no_grad():
            for images, labels in self.test:
                outputs = self.network(images.to(self.device))
                right += int((outputs.argmax(1) == labels.to(self.device)).sum().item())
                count += len(labels)
        return right / count


def epochs(
    data: Path, choice: Choice, device: torch.device | None = None
) -> Iterator[tuple[float, float, float]]:
    """Train and yield, after each epoch, the seconds trained so far and the test accuracy.

    Yields:
        seconds by the clock, seconds of the processors, accuracy from 0 to 1.
    """
    loop, seconds, worked = Loop(data, choice, device), 0.0, 0.0
    for _ in range(choice.epochs):
        began, busy = time.perf_counter(), time.process_time()
        for _loss in loop.steps():
            pass
        seconds += time.perf_counter() - began
        worked += time.process_time() - busy
        yield seconds, worked, loop.accuracy()
