"""The interface of a score prior."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from recbole_fn.config.components import Component, NoArgs
from recbole_fn.utils.recbole_types import Dataset


@dataclass(frozen=True)
class Ends:
    """The ends of histories, from which a prior scores the next item.

    Attributes:
        last: The last items, newest first, 0 where a history has no more, shape [rows, depth].
        users: User ids, 0 for a user that training does not know, shape [rows].

    Example:
        >>> items, lengths = torch.tensor([[7, 8, 9, 0]]), torch.tensor([3])
        >>> Ends.of(items, lengths, users=torch.tensor([1]), depth=2).last
        tensor([[9, 8]])
    """

    last: Tensor
    users: Tensor

    @classmethod
    def of(cls, items: Tensor, lengths: Tensor, users: Tensor, depth: int) -> "Ends":
        """The ends of lists as RecBole's models get them.

        Args:
            items: Histories, oldest first, padded with 0 on the right, shape [rows, length].
            lengths: Items in each history, shape [rows].
            users: User ids, shape [rows].
            depth: Items to take.
        """
        place = lengths.unsqueeze(1) - 1 - torch.arange(depth, device=lengths.device)
        last = items.gather(1, place.clamp_min(0))  # [rows, depth]
        return cls(last.masked_fill(place < 0, 0), users)


class ScorePrior(nn.Module, Component, ABC):
    """Scores that are added to those of any model: in training, evaluation and recommending.

    Its parameters train with the model, which learns what the prior does not know. Parameters and
    buffers are part of the model's `state_dict`, so RecBole without this package refuses such a
    checkpoint rather than rank without the prior.

    Args:
        dataset: The built training set.
        args: The arguments, an instance of `Args`.

    Attributes:
        depth: The number of last items that it reads.

    Example:
        A prior that prefers an item of the user's last ones:

        >>> class Again(ScorePrior):
        ...     name, depth = "again", 3
        ...     def pairs(self, ends, items):
        ...         return (ends.last.unsqueeze(2) == items.unsqueeze(1)).any(1).float()
        ...     def catalogue(self, ends):
        ...         return self.pairs(ends, torch.arange(5).expand(len(ends.users), -1))
        >>> prior = Again(dataset=None, args=None)
        >>> prior.catalogue(Ends(torch.tensor([[4, 1]]), users=torch.tensor([1])))
        tensor([[0., 1., 0., 0., 1.]])
    """

    Args = NoArgs
    depth: int

    def __init__(self, dataset: Dataset, args: Any) -> None:
        super().__init__()
        self.args = args

    @abstractmethod
    def pairs(self, ends: Ends, items: Tensor) -> Tensor:
        """What is added to the scores of each row's items: [rows, items] for ids [rows, items]."""

    @abstractmethod
    def catalogue(self, ends: Ends) -> Tensor:
        """What is added to the scores of all items, shape [rows, num_items]."""
