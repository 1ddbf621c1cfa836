"""Checks extraction against held-out items: how many extracted items does the user take later?"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from recbole_fn.config.settings import FNSettings
from recbole_fn.data.history import UserHistories
from recbole_fn.data.loaders import dataset_of
from recbole_fn.extraction.counted_pairs import counted_pairs
from recbole_fn.extraction.memory import HardNegativeMemory
from recbole_fn.utils.recbole_types import Dataset, Loader


@dataclass(frozen=True)
class FalseNegativeCheck:
    """How often (user, item) pairs are held out, beside how often random pairs are.

    Attributes:
        pairs: Number of distinct pairs, those of training excluded.
        share: Fraction of them that is held out; None without pairs.
        random: Fraction that is held out among random items of the same users.

    Examples:
        >>> FalseNegativeCheck(pairs=200, share=0.06, random=0.02).lift
        3.0
    """

    pairs: int
    share: float | None
    random: float | None

    @property
    def lift(self) -> float | None:
        """`share / random`: 1 is chance level. None if either is missing or `random` is 0."""
        return self.share / self.random if self.share is not None and self.random else None


class _Sampler(Protocol):
    @property
    def histories(self) -> UserHistories:
        """Each user's training items."""
        ...


class _Step(Protocol):
    @property
    def memory(self) -> HardNegativeMemory:
        """The rows' hard negatives and counts."""
        ...

    @property
    def settings(self) -> FNSettings:
        """The `fn_` keys."""
        ...


class TrainedRun(Protocol):
    """A trainer after `fit`, as far as the check reads it.

    Examples:
        >>> trained: TrainedRun = run.trainer  # an `FNTrainer` after `fit`
        >>> len(trained.fn_train_dataset)
        615
    """

    @property
    def fn_train_dataset(self) -> Dataset:
        """The built training set; its rows are those of the memory."""
        ...

    @property
    def fn_sampler(self) -> _Sampler:
        """The sampler, which knows the users' histories."""
        ...

    @property
    def fn_step(self) -> _Step:
        """The training step, which holds the memory."""
        ...


def check_false_negatives(
    trainer: TrainedRun, *held_out: Loader
) -> tuple[FalseNegativeCheck, FalseNegativeCheck]:
    """Compares extracted items with items that training has never seen.

    Args:
        trainer: An `FNTrainer` after `fit`.
        *held_out: The loaders of validation and test.

    Returns:
        The check of extracted items (remembered in more than m steps on their row), and that of
        items that are hard negatives at the end without having been extracted.

    Examples:
        >>> extracted, hard = check_false_negatives(run.trainer, run.valid_data, run.test_data)
        >>> extracted.pairs > 0, 0 <= extracted.share <= 1
        (True, True)
    """
    dataset = trainer.fn_train_dataset
    histories = trainer.fn_sampler.histories.to(torch.device("cpu"))
    held = torch.cat([_keys(dataset_of(loader), histories) for loader in held_out]).unique()
    state = trainer.fn_step.memory.state_dict()
    pairs = counted_pairs({name: tensor.cpu() for name, tensor in state.items()})
    users = dataset.inter_feat[dataset.uid_field][pairs.rows]  # [E]
    keys = users * dataset.item_num + pairs.items
    is_extracted = pairs.counts > trainer.fn_step.settings.flip_after
    return (
        held_out_rate(keys[is_extracted], held, histories),
        held_out_rate(keys[pairs.is_hard & ~is_extracted], held, histories),
    )


def held_out_rate(keys: Tensor, held: Tensor, histories: UserHistories) -> FalseNegativeCheck:
    """The rate at which pairs are held out, beside the rate expected by chance.

    Args:
        keys: Pairs `user * num_items + item`, with repetitions, shape [E].
        held: The held-out pairs, distinct, shape [H].
        histories: The training items of each user; such pairs are not counted.

    Examples:
        User 1 has had item 1 of items 1 to 4; items 2 and 3 were extracted, 3 is held out.

        >>> histories = UserHistories.from_pairs(torch.tensor([6]), num_users=2, num_items=5)
        >>> held_out_rate(torch.tensor([7, 8]), torch.tensor([8]), histories)
        FalseNegativeCheck(pairs=2, share=0.5, random=0.333...)
    """
    keys, held = _unseen(keys.unique(), histories), _unseen(held.unique(), histories)
    if len(keys) == 0:
        return FalseNegativeCheck(0, None, None)
    users = torch.div(keys, histories.num_items, rounding_mode="floor")
    held_users = torch.div(held, histories.num_items, rounding_mode="floor")
    num_held = torch.bincount(held_users, minlength=len(histories.starts) - 1)  # [num_users]
    by_chance = num_held[users] / histories.num_free(users)
    rate = torch.isin(keys, held).double().mean()  # a scalar, of a mask [E]
    return FalseNegativeCheck(len(keys), float(rate), float(by_chance.double().mean()))


def describe(extracted: FalseNegativeCheck, hard: FalseNegativeCheck) -> str:
    """Formats both checks in one line.

    Examples:
        >>> describe(FalseNegativeCheck(0, None, None), FalseNegativeCheck(5, 0.2, 0.1))
        'no item was extracted'
    """
    if extracted.share is None or extracted.random is None:
        return "no item was extracted"
    line = (
        f"of {extracted.pairs} extracted pairs of a user and an item, {extracted.share:.2%} are "
        f"held out for validation or test, by chance {extracted.random:.2%}"
    )
    lift = "" if extracted.lift is None else f" (lift {extracted.lift:.1f})"
    other = "" if hard.share is None else f"; of pairs that are only hard, {hard.share:.2%}"
    return line + lift + other + ("" if hard.lift is None else f" (lift {hard.lift:.1f})")


def _keys(dataset: Dataset, histories: UserHistories) -> Tensor:
    rows = dataset.inter_feat
    keys: Tensor = rows[dataset.uid_field] * histories.num_items + rows[dataset.iid_field]
    return keys


def _unseen(keys: Tensor, histories: UserHistories) -> Tensor:
    """The pairs that are not in training."""
    return keys[~torch.isin(keys, histories.pairs)]
