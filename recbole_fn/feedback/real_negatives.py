"""The real negatives of training rows: negative feedback of the same user, the nearest in time."""

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from recbole_fn.data.history import UserHistories
from recbole_fn.feedback.log import FeedbackLog

_OUTSIDE = 1 << 40  # added to distances outside the gap, so that those within it come first
_NONE = torch.iinfo(torch.long).max  # the distance of a negative that there is not


@dataclass(frozen=True)
class RealNegatives:
    """Negative feedback of training, by row.

    A negative interaction counts if it is not later than its user's last training target, and if
    the user has no positive interaction with its item up to then. Later feedback is that of a
    held-out time and never read.

    Attributes:
        users: The user of each such interaction, ascending, shape [negatives].
        items: Its item, shape [negatives].
        places: Its place in the log, ascending, shape [negatives].
        targets: The place of each training row's target, shape [rows].
        before: The place of the positive interaction before it, shape [rows].
        owners: The user of each training row, shape [rows].

    Example:
        A user likes item 7, skips items 8 and 9, likes item 5, skips item 6, and likes item 4:

        >>> items, kinds = torch.tensor([7, 8, 9, 5, 6, 4]), torch.tensor([1, -1, -1, 1, -1, 1])
        >>> log = FeedbackLog(torch.ones(6, dtype=torch.long), items, kinds)
        >>> real = RealNegatives.of(log, targets=torch.tensor([3, 5]), num_items=10)
        >>> real.of_rows(torch.tensor([0, 1]), 2)  # those in the gap first, then the nearest
        tensor([[9, 8],
                [6, 9]])
    """

    users: Tensor
    items: Tensor
    places: Tensor
    targets: Tensor
    before: Tensor
    owners: Tensor

    @classmethod
    def of(cls, log: FeedbackLog, targets: Tensor, num_items: int) -> "RealNegatives":
        """Finds the real negatives of a training set.

        Args:
            log: All interactions.
            targets: The place of each training row's target in it, shape [rows]; each target is
                positive and has a positive interaction of its user before it.
            num_items: Size of the catalogue, the padding id included.
        """
        until = log.until(targets)  # [interactions]
        positives = log.pairs(until & log.is_positive, num_items)
        is_liked = torch.isin(log.users * num_items + log.items, positives)
        places = (until & log.is_negative & ~is_liked).nonzero().squeeze(1)  # [negatives]
        at = torch.arange(len(log.users))
        last = torch.where(log.is_positive, at, -1).cummax(0).values  # [interactions]
        of_rows = targets, last[targets - 1], log.users[targets]
        return cls(log.users[places], log.items[places], places, *of_rows)

    def to(self, device: torch.device) -> "RealNegatives":
        """The same on a device."""
        return RealNegatives(*(getattr(self, field.name).to(device) for field in fields(self)))

    def of_rows(self, rows: Tensor, most: int) -> Tensor:
        """The real negatives of rows, the nearest first.

        Those between the target and the positive before it come first, then those with the fewest
        interactions of the user from the target, the earlier one of two. Of the `most` nearest
        interactions, each item counts once.

        Args:
            rows: Training rows, shape [rows].
            most: K, the most real negatives of a row.

        Returns:
            Item ids, 0 where a row has fewer, shape [rows, most].
        """
        if not len(self.items):
            return rows.new_zeros(len(rows), most)
        window, distances = self._around(rows, most)  # [rows, 2 * most] each
        order = distances.argsort(dim=1, stable=True)[:, :most]  # [rows, most]
        nearest = self.items[window.gather(1, order)]
        is_missing = distances.gather(1, order) == _NONE
        return _each_once(nearest.masked_fill(is_missing, 0))

    def _around(self, rows: Tensor, most: int) -> tuple[Tensor, Tensor]:
        """The `most` negatives on each side of the targets, and how far away they are."""
        target = self.targets[rows].unsqueeze(1)  # [rows, 1]
        middle = torch.searchsorted(self.places, target)
        offset = torch.arange(-most, most, device=rows.device)  # earlier ones first
        at = middle + offset  # [rows, 2 * most]
        inside = at.clamp(0, len(self.places) - 1)
        user = self.owners[rows].unsqueeze(1)
        place = self.places[inside]
        in_gap = (place > self.before[rows].unsqueeze(1)) & (place < target)
        distance = (place - target).abs() + torch.where(in_gap, 0, _OUTSIDE)
        is_other = (at != inside) | (self.users[inside] != user)
        return inside, distance.masked_fill(is_other, _NONE)

    def pairs(self, num_users: int, num_items: int) -> UserHistories:
        """All real negatives of each user, to look them up.

        Args:
            num_users: Number of users, the padding id included.
            num_items: Number of items, the padding id included.
        """
        pairs = torch.unique(self.users * num_items + self.items)
        return UserHistories.from_pairs(pairs, num_users, num_items)


def _each_once(items: Tensor) -> Tensor:
    """The items of each row, 0 instead of each repetition: [rows, most]."""
    same = items.unsqueeze(2) == items.unsqueeze(1)  # [rows, most, most]
    repeats = same.tril(-1).any(2)
    return items.masked_fill(repeats, 0)
