from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.data.augment import distort, distort_affine
from trainer.data.labelled_images import LabelledImages
from trainer.recipes.recipe import AUGMENTATIONS, Augmentation


def seeded(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def batch(digits: LabelledImages, count: int = 16) -> Tensor:
    return digits.images[:count].unsqueeze(1).float() / 255


def center(images: Tensor) -> Tensor:
    """Of mass, (x, y) in pixels from the middle, of each image."""
    at = torch.arange(images.shape[-1]) - (images.shape[-1] - 1) / 2
    mass = images.sum(dim=(1, 2, 3))
    return torch.stack([(images.sum(2) @ at)[:, 0] / mass, (images.sum(3) @ at)[:, 0] / mass], 1)


def blot() -> Tensor:
    """A soft dot in the middle, that a shift of some pixels does not push out."""
    at = torch.arange(28) - 13.5
    return torch.exp(-(at[:, None] ** 2 + at[None] ** 2) / 8)[None, None]


def bar() -> Tensor:
    """A vertical bar in the middle."""
    image = torch.zeros(1, 1, 28, 28)
    image[..., 6:22, 12:16] = 1
    return image


def test_nothing_asked_gives_the_same_tensor_and_draws_nothing(digits: LabelledImages) -> None:
    images, generator = batch(digits), seeded()
    before = generator.get_state()
    assert distort(images, Augmentation(), generator) is images
    assert torch.equal(generator.get_state(), before)


@pytest.mark.parametrize("how", [AUGMENTATIONS["affine"], AUGMENTATIONS["elastic"]])
def test_the_same_seed_distorts_the_same_way(digits: LabelledImages, how: Augmentation) -> None:
    torch.manual_seed(1)
    one = distort(batch(digits), how, seeded())
    torch.manual_seed(2)
    assert torch.equal(distort(batch(digits), how, seeded()), one)
    assert not torch.equal(distort(batch(digits), how, seeded(2)), one)


@pytest.mark.parametrize("how", [AUGMENTATIONS["affine"], AUGMENTATIONS["elastic"]])
def test_the_input_is_left_alone(digits: LabelledImages, how: Augmentation) -> None:
    images = batch(digits)
    before = images.clone()
    after = distort(images, how, seeded())
    assert torch.equal(images, before)
    assert (after.shape, after.dtype) == (images.shape, images.dtype)


@pytest.mark.parametrize("name", ["rotation", "scale", "shear", "shift", "elastic"])
def test_hardly_any_is_hardly_seen_and_more_is_seen(digits: LabelledImages, name: str) -> None:
    images = batch(digits)
    most = {"rotation": 45, "scale": 0.5, "shear": 0.5, "shift": 6, "elastic": 3}[name]
    little = distort(images, Augmentation(**{name: most / 1000}), seeded())
    much = distort(images, Augmentation(**{name: most}), seeded())
    assert 0 < (little - images).abs().mean() < 0.002
    assert (much - images).abs().mean() > 0.02


def test_each_image_is_distorted_in_its_own_way() -> None:
    same = bar().expand(50, -1, -1, -1)
    after = distort(same, Augmentation(rotation=20), seeded())
    assert len({tuple(image.flatten().tolist()) for image in after}) == 50


def test_shift_moves_by_what_was_drawn() -> None:
    """Against the generator's own numbers: the fifth and sixth of an image's six."""
    many = blot().expand(40, -1, -1, -1)
    moved = center(distort(many, Augmentation(shift=3), seeded()))
    drawn = (torch.rand(6, 40, generator=seeded()) * 2 - 1)[4:].T * 3
    assert torch.allclose(moved, -drawn, atol=0.02)  # sampled there, seen here
    assert drawn.abs().max() > 2.9


def test_rotation_turns_up_to_its_range_and_no_further() -> None:
    many = bar().expand(300, -1, -1, -1)
    after = distort(many, Augmentation(rotation=20), seeded())
    at = torch.arange(28) - 13.5
    mass = after.sum(dim=(1, 2, 3))
    xy = (after[:, 0] * at[:, None] * at[None]).sum((1, 2)) / mass
    xx = (after[:, 0] * at[None] ** 2).sum((1, 2)) / mass
    yy = (after[:, 0] * at[:, None] ** 2).sum((1, 2)) / mass
    angles = torch.rad2deg(torch.atan2(2 * xy, yy - xx) / 2)
    assert angles.abs().max() == pytest.approx(20, abs=1)
    assert angles.min() < -15
    assert angles.max() > 15


def test_scale_changes_width_and_height_each_by_itself() -> None:
    square = torch.zeros(300, 1, 28, 28)
    square[..., 8:20, 8:20] = 1
    after = distort(square, Augmentation(scale=0.2), seeded())
    wide, high = after[:, 0, 14].sum(1), after[:, 0, :, 14].sum(1)
    for side in (wide, high):
        assert side.min() == pytest.approx(12 / 1.2, abs=0.3)
        assert side.max() == pytest.approx(12 / 0.8, abs=0.3)
    assert abs(float(torch.corrcoef(torch.stack([wide, high]))[0, 1])) < 0.2


def test_shear_slants_and_keeps_the_height() -> None:
    many = bar().expand(300, -1, -1, -1)
    after = distort(many, Augmentation(shear=0.3), seeded())
    rows = after[:, 0].sum(2) > 0.5
    assert rows.sum(1).unique().tolist() == [16]
    across = (after[:, 0] * torch.arange(28)).sum(2) / after[:, 0].sum(2).clamp(min=1e-6)
    slant = (across[:, 20] - across[:, 7]) / 13
    assert slant.abs().max() == pytest.approx(0.3, abs=0.02)


def test_elastic_bends_in_proportion_to_its_amount() -> None:
    many = blot().expand(500, -1, -1, -1)
    spread = [
        float(center(distort(many, Augmentation(elastic=amount), seeded())).std())
        for amount in (0.5, 1.0)
    ]
    assert 0.3 < spread[1] < 1  # a dot as wide as this one sees less than a point does
    assert spread[1] / spread[0] == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("how", [AUGMENTATIONS["affine"], AUGMENTATIONS["elastic"]])
def test_paper_stays_paper_and_ink_stays_in_range(
    digits: LabelledImages, how: Augmentation
) -> None:
    assert not distort(torch.zeros(20, 1, 28, 28), how, seeded()).any()
    after = distort(batch(digits, 200), how, seeded())
    assert after.min() >= 0
    assert after.max() <= 1 + 1e-6
    assert after[:, 0, 0].mean() < 0.01  # what comes in from beyond the edge is paper


def test_a_flip_is_the_mirror_image_or_nothing(digits: LabelledImages) -> None:
    images = batch(digits, 200)
    after = distort(images, Augmentation(flip=0.5), seeded())
    same = (after == images).flatten(1).all(1)
    mirrored = (after == images.flip(3)).flatten(1).all(1)
    assert (same | mirrored).all()
    assert 70 < int(mirrored.sum()) < 130
    assert torch.equal(distort(images, Augmentation(flip=1), seeded()), images.flip(3))


def test_a_crop_is_that_of_the_padded_image_by_whole_pixels() -> None:
    images = bar().expand(300, -1, -1, -1)
    after = distort(images, Augmentation(crop=2), seeded())
    padded = torch.nn.functional.pad(bar(), (2, 2, 2, 2))
    crops = torch.stack([padded[0, :, y : y + 28, x : x + 28] for y in range(5) for x in range(5)])
    difference = (after[:, None] - crops[None]).abs().amax(dim=(2, 3, 4))
    assert difference.min(1).values.max() < 1e-4  # each is one of the 25 crops
    assert len(difference.argmin(1).unique()) == 25  # and each crop is drawn


def test_halving_keeps_flips_and_halves_the_rest() -> None:
    how = Augmentation(rotation=10, crop=3, flip=0.5, elastic=0.4).halved()
    assert how == Augmentation(rotation=5, crop=1, flip=0.5, elastic=0.2)


def test_the_grid_is_what_affine_grid_and_interpolation_make(digits: LabelledImages) -> None:
    """All at once is one product of matrices; here it is done one after the other."""
    images = batch(digits)
    how = AUGMENTATIONS["elastic"]
    source = seeded()
    moved = distort_affine(len(images), 28, how, images.device, source)
    coarse = torch.randn((len(images), 2, 7, 7), generator=source)
    field = F.interpolate(coarse, size=(28, 28), mode="bilinear", align_corners=True)
    grid = F.affine_grid(moved, list(images.shape), align_corners=False)
    grid = grid + field.permute(0, 2, 3, 1) * (how.elastic * 2 / 28)
    one_by_one = F.grid_sample(images, grid, align_corners=False)
    torch.testing.assert_close(distort(images, how, seeded()), one_by_one, rtol=0, atol=2e-5)
