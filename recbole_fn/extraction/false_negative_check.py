"""Are flipped items really liked? How many of them the user's held-out items turn out to be."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from recbole_fn.data.history import UserHistories
from recbole_fn.data.loaders import dataset_of
from recbole_fn.extraction.counted_pairs import counted_pairs


@dataclass(frozen=True)
class FalseNegativeCheck:
    """How often pairs of a user and an item are held out, and how often by chance.

    Attributes:
        pairs: Distinct pairs of a user and an item that the user has not had in training.
        share: The share that is held out; None where there are no pairs.
        random: The share among items drawn at random for the same users.
    """

    pairs: int
    share: float | None
    random: float | None

    @property
    def lift(self) -> float | None:
        """How many times more often than by chance."""
        return self.share / self.random if self.share is not None and self.random else None


def check_false_negatives(
    trainer: Any, *held_out: Any
) -> tuple[FalseNegativeCheck, FalseNegativeCheck]:
    """Compares what extraction has found with items that training has never seen.

    Args:
        trainer: An `FNTrainer` after `fit`.
        *held_out: The loaders of validation and test.

    Returns:
        The shares among flipped items (remembered in more than m visits), and among items that
        are hard negatives at the end without having been flipped.
    """
    dataset, histories = (
        trainer.fn_train_dataset,
        trainer.fn_sampler.histories.to(torch.device("cpu")),
    )
    held = torch.cat([_keys(dataset_of(loader), histories) for loader in held_out]).unique()
    state = trainer.fn_step.memory.state_dict()
    pairs = counted_pairs({name: tensor.cpu() for name, tensor in state.items()})
    found = dataset.inter_feat[dataset.uid_field][pairs.rows] * dataset.item_num + pairs.items
    is_flipped = pairs.counts > trainer.fn_parts.settings.flip_after
    chosen = (found[is_flipped], found[pairs.is_hard & ~is_flipped])
    flipped, hard = (held_out_rate(keys, held, histories) for keys in chosen)
    return flipped, hard


def held_out_rate(found: Tensor, held: Tensor, histories: UserHistories) -> FalseNegativeCheck:
    """The share of pairs that is held out.

    Args:
        found: Pairs `user * num_items + item`, with repetitions, shape [E].
        held: The pairs that are held out, distinct, shape [H].
        histories: What users have had in training; such pairs count nowhere.
    """
    found, held = (_new(keys.unique(), histories) for keys in (found, held))
    if len(found) == 0:
        return FalseNegativeCheck(0, None, None)
    users = torch.div(found, histories.num_items, rounding_mode="floor")
    held_users = torch.div(held, histories.num_items, rounding_mode="floor")
    held_items = torch.bincount(held_users, minlength=len(histories.starts) - 1)
    by_chance = held_items[users] / histories.num_free(users)
    share = torch.isin(found, held).double().mean()
    return FalseNegativeCheck(len(found), float(share), float(by_chance.double().mean()))


def describe(flipped: FalseNegativeCheck, hard: FalseNegativeCheck) -> str:
    """Both shares in one line."""
    if flipped.share is None or flipped.random is None:
        return "no item was flipped"
    line = (
        f"of {flipped.pairs} flipped pairs of a user and an item, {flipped.share:.2%} are held "
        f"out for validation or test, by chance {flipped.random:.2%}"
    )
    lift = "" if flipped.lift is None else f" (lift {flipped.lift:.1f})"
    other = "" if hard.share is None else f"; of pairs that are only hard, {hard.share:.2%}"
    return line + lift + other + ("" if hard.lift is None else f" (lift {hard.lift:.1f})")


def _keys(dataset: Any, histories: UserHistories) -> Tensor:
    rows = dataset.inter_feat
    keys: Tensor = rows[dataset.uid_field] * histories.num_items + rows[dataset.iid_field]
    return keys


def _new(keys: Tensor, histories: UserHistories) -> Tensor:
    return keys[~torch.isin(keys, histories.pairs)]
