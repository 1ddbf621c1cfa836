"""The negative feedback that follows a held-out target, which no model has read or trained on."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.feedback.log import FeedbackLog
from recbole_fn.utils.ragged import ragged_index


@dataclass(frozen=True)
class HeldOutNegatives:
    """New items with negative feedback, by the positive interaction that they follow.

    They lie between a positive interaction and the next positive one of the user, so after the
    history of a row with that target, in every setting of `fn_feedback_inputs`. An item that the
    user has had before is none.

    Attributes:
        after: The place of the positive interaction before each, ascending, shape [negatives].
        items: The items, shape [negatives].

    Example:
        A user likes item 7, skips items 8 and 9, likes item 5, and skips items 8 and 6:

        >>> items, kinds = torch.tensor([7, 8, 9, 5, 8, 6]), torch.tensor([1, -1, -1, 1, -1, -1])
        >>> log = FeedbackLog(torch.ones(6, dtype=torch.long), items, kinds)
        >>> HeldOutNegatives.of(log, num_items=10).of_targets(torch.tensor([3, 0]))
        (tensor([0, 1, 1]), tensor([6, 8, 9]))
    """

    after: Tensor
    items: Tensor

    @classmethod
    def of(cls, log: FeedbackLog, num_items: int) -> "HeldOutNegatives":
        """Finds them.

        Args:
            log: All interactions.
            num_items: Size of the catalogue, the padding id included.
        """
        at = torch.arange(len(log.users))
        last = torch.where(log.is_positive, at, -1).cummax(0).values  # [interactions]
        of_user = (last >= 0) & (log.users[last] == log.users)
        pairs = torch.unique(log.users * num_items + log.items, return_inverse=True)[1]
        first = at.new_full((len(at),), len(at)).scatter_reduce_(0, pairs, at, "amin")
        places = (log.is_negative & of_user & (first[pairs] == at)).nonzero().squeeze(1)
        return cls(last[places], log.items[places])

    def of_targets(self, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Those that follow targets.

        Args:
            targets: The places of targets in the log, shape [rows].

        Returns:
            The row of each, ascending, and its item, shape [found] each.
        """
        starts = torch.searchsorted(self.after, targets)
        ends = torch.searchsorted(self.after, targets, right=True)
        index, rows, _ = ragged_index(starts, ends - starts)
        return rows, self.items[index]

    def to(self, device: torch.device) -> "HeldOutNegatives":
        """The same on a device."""
        return HeldOutNegatives(self.after.to(device), self.items.to(device))
