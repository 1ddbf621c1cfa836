"""All interactions of a data set with their kinds, and how far a split of it reaches."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.feedback.kinds import NEGATIVE, POSITIVE
from recbole_fn.feedback.rows import earlier
from recbole_fn.utils.ragged import ragged_index


@dataclass(frozen=True)
class FeedbackLog:
    """Interactions, each user's together and in time order.

    Attributes:
        users: User ids, ascending, shape [interactions].
        items: Item ids, shape [interactions].
        kinds: `NEGATIVE`, `NEUTRAL` or `POSITIVE`, shape [interactions], int8.

    Example:
        >>> log = FeedbackLog(torch.tensor([1, 1]), torch.tensor([7, 8]), torch.tensor([1, -1]))
        >>> log.is_positive, log.is_negative
        (tensor([ True, False]), tensor([False,  True]))
    """

    users: Tensor
    items: Tensor
    kinds: Tensor

    @property
    def is_positive(self) -> Tensor:
        """Which interactions are positive, shape [interactions], bool."""
        return self.kinds == POSITIVE

    @property
    def is_negative(self) -> Tensor:
        """Which interactions are negative, shape [interactions], bool."""
        return self.kinds == NEGATIVE

    def until(self, targets: Tensor) -> Tensor:
        """Which interactions are not later than the last of the targets of their user.

        Args:
            targets: Interactions that are targets, shape [rows].

        Returns:
            A mask, shape [interactions]; False for all of a user without a target.

        Example:
            >>> log = FeedbackLog(torch.tensor([1, 1, 2]), torch.arange(3), torch.ones(3))
            >>> log.until(torch.tensor([0]))
            tensor([ True, False, False])
        """
        last = torch.full((int(self.users.max()) + 1,), -1)  # [users]
        last.scatter_reduce_(0, self.users[targets], targets, "amax")
        return torch.arange(len(self.users)) <= last[self.users]

    def before(self, targets: Tensor) -> tuple[Tensor, Tensor]:
        """The items that the user of each target has had before it.

        Args:
            targets: Interactions that are targets, shape [rows].

        Returns:
            The row of each item, ascending, and the item, shape [found] each.

        Example:
            >>> log = FeedbackLog(torch.tensor([1, 2, 2]), torch.tensor([7, 8, 9]), torch.ones(3))
            >>> log.before(torch.tensor([2, 0]))
            (tensor([0]), tensor([8]))
        """
        begins = torch.searchsorted(self.users, self.users[targets])
        index, rows, _ = ragged_index(begins, targets - begins)
        return rows, self.items[index]

    def negative_percent(self) -> Tensor:
        """How many of 100 earlier interactions of the same user are negative, of each interaction.

        Returns:
            The percentages, rounded, 0 for a user's first interaction, shape [interactions].

        Example:
            >>> log = FeedbackLog(torch.ones(3), torch.arange(3), torch.tensor([-1, 1, 1]))
            >>> log.negative_percent()
            tensor([  0, 100,  50])
        """
        every = earlier(self.users, torch.ones_like(self.is_negative))
        negative = earlier(self.users, self.is_negative)
        return (100 * negative / every.clamp_min(1)).round().long()

    def pairs(self, chosen: Tensor, num_items: int) -> Tensor:
        """The distinct pairs of a user and an item in some interactions.

        Args:
            chosen: Which interactions, shape [interactions], bool.
            num_items: Size of the catalogue, the padding id included.

        Returns:
            `user * num_items + item`, ascending, shape [pairs].

        Example:
            >>> log = FeedbackLog(torch.tensor([1, 1]), torch.tensor([3, 3]), torch.ones(2))
            >>> log.pairs(log.is_positive, num_items=10)
            tensor([13])
        """
        pairs: Tensor = torch.unique(self.users[chosen] * num_items + self.items[chosen])
        return pairs
