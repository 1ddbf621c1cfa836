"""What each user's candidates for negatives are, and what the model thought of them lately."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.utils.recbole_types import Device

EPOCHS = 5  # whose values are kept
_UNKNOWN = -1.0


@dataclass(frozen=True)
class CandidateMemory:
    """Candidates of each user with a value of each of the last epochs.

    A candidate takes 22 bytes.

    Attributes:
        items: Item ids, 0 before the first visit, shape [users, size], int32.
        past: Mean values of the last epochs, -1 where unknown, shape [users, epochs, size],
            float16.
        mean: Mean values of the current epoch, shape [users, size], float32.
        rows: How many rows that mean is of, shape [users, size], int32.

    Example:
        Item 7 of user 1 had the values 0.25 and 0.75, both in one epoch:

        >>> memory = CandidateMemory.empty(num_users=2, size=1)
        >>> user, both = torch.tensor([1]), torch.tensor([2])
        >>> memory.keep(user, torch.tensor([[7]]), torch.tensor([[-1]]))
        >>> memory.record(user, sums=torch.tensor([[0.25 + 0.75]]), num_rows=both)
        >>> memory.end_epoch(0)
        >>> memory.past[1, :, 0].tolist()
        [0.5, -1.0, -1.0, -1.0, -1.0]
    """

    items: Tensor
    past: Tensor
    mean: Tensor
    rows: Tensor

    @classmethod
    def empty(cls, num_users: int, size: int, device: Device = "cpu") -> "CandidateMemory":
        """A memory without candidates.

        Args:
            num_users: Number of users, the padding id included.
            size: Candidates of each user.
            device: Where the tensors are.
        """
        shape = (num_users, size)
        return cls(
            torch.zeros(shape, dtype=torch.int32, device=device),
            torch.full((num_users, EPOCHS, size), _UNKNOWN, dtype=torch.float16, device=device),
            torch.zeros(shape, dtype=torch.float32, device=device),
            torch.zeros(shape, dtype=torch.int32, device=device),
        )

    def deviation(self, users: Tensor) -> Tensor:
        """Standard deviation of the values of the last epochs, 0 for fewer than two.

        Args:
            users: User ids, shape [users].

        Returns:
            The root of the mean squared deviation, shape [users, size], float32.
        """
        past = self.past[users].float()  # [users, epochs, size]
        known = (past >= 0).float()
        number = known.sum(1).clamp(min=1)  # [users, size]
        mean = (past * known).sum(1) / number
        return (((past - mean.unsqueeze(1)).square() * known).sum(1) / number).sqrt()

    def record(self, users: Tensor, sums: Tensor, num_rows: Tensor) -> None:
        """Adds values of the current epoch.

        Args:
            users: User ids, distinct, shape [users].
            sums: Sum of the values of each candidate over some rows, shape [users, size].
            num_rows: How many rows, shape [users].
        """
        before, rows = self.rows[users], num_rows.int().unsqueeze(1)
        rows = before + rows  # [users, size]
        self.mean[users] = ((self.mean[users] * before + sums) / rows).float()
        self.rows[users] = rows

    def keep(self, users: Tensor, items: Tensor, columns: Tensor) -> None:
        """Replaces the candidates of users.

        Args:
            users: User ids, distinct, shape [users].
            items: The new candidates, shape [users, size].
            columns: The former column of each, -1 for an item that has no values, shape [users,
                size].
        """
        is_new, columns = columns < 0, columns.clamp(min=0)  # [users, size]
        of_epochs = columns.unsqueeze(1).expand(-1, EPOCHS, -1)
        past = self.past[users].gather(2, of_epochs)
        self.past[users] = past.masked_fill(is_new.unsqueeze(1), _UNKNOWN)
        self.mean[users] = self.mean[users].gather(1, columns).masked_fill(is_new, 0)
        self.rows[users] = self.rows[users].gather(1, columns).masked_fill(is_new, 0)
        self.items[users] = items.int()

    def end_epoch(self, epoch: int) -> None:
        """Makes the current means those of a past epoch.

        Args:
            epoch: The epoch, from 0.
        """
        value = self.mean.masked_fill(self.rows == 0, _UNKNOWN)
        self.past[:, epoch % EPOCHS] = value.to(self.past.dtype)
        self.mean.zero_()
        self.rows.zero_()

    def num_bytes(self) -> int:
        """Bytes of all tensors of this memory."""
        return sum(tensor.nbytes for tensor in (self.items, self.past, self.mean, self.rows))
