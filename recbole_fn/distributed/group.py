"""The ranks that train together, and how they exchange tensors and values."""

from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

Value = TypeVar("Value")


@dataclass(frozen=True)
class Group:
    """A group of processes. In a group of one process, every operation returns its own value.

    Attributes:
        rank: The rank of this process, from 0.
        size: Number of processes.

    Examples:
        >>> group = Group(rank=0, size=1)
        >>> group.is_alone, group.agree("value"), group.gather(torch.tensor([1, 2]))
        (True, 'value', tensor([1, 2]))
    """

    rank: int
    size: int

    @classmethod
    def of_this_process(cls) -> "Group":
        """The default group of `torch.distributed`; without one, a group of this process alone."""
        if not dist.is_available() or not dist.is_initialized():
            return cls(0, 1)
        return cls(dist.get_rank(), dist.get_world_size())

    @property
    def is_alone(self) -> bool:
        """Whether the group has one process."""
        return self.size == 1

    def wait(self) -> None:
        """Waits until all ranks have called it."""
        if not self.is_alone:
            dist.barrier()

    def agree(self, value: Value) -> Value:
        """The value of rank 0; all ranks must call it."""
        if self.is_alone:
            return value
        agreed = [value]
        dist.broadcast_object_list(agreed)
        return agreed[0]

    def gather_values(self, value: Value) -> list[Value]:
        """The values of all ranks, in the order of the ranks."""
        if self.is_alone:
            return [value]
        values = [value] * self.size
        dist.all_gather_object(values, value)
        return values

    def gather(self, tensor: Tensor) -> Tensor:
        """Concatenates the entries of all ranks; all ranks must call it.

        Args:
            tensor: Entries of this rank, shape [n, ...]; n may differ between ranks.

        Returns:
            The entries of rank 0, then of rank 1 and so on, shape [sum of n, ...].
        """
        if self.is_alone:
            return tensor
        sizes = self.gather_equal(torch.tensor([len(tensor)], device=tensor.device)).tolist()
        if max(sizes) == 0:
            return tensor
        padded = tensor.new_zeros((max(sizes), *tensor.shape[1:]))  # [max n, ...]
        padded[: len(tensor)] = tensor
        parts = self.gather_equal(padded).split(max(sizes))
        return torch.cat([part[:size] for part, size in zip(parts, sizes, strict=False)])

    def gather_equal(self, tensor: Tensor) -> Tensor:
        """Like `gather`, for tensors of the same shape on all ranks."""
        if self.is_alone:
            return tensor
        parts = [torch.empty_like(tensor) for _ in range(self.size)]
        dist.all_gather(parts, tensor.contiguous())
        return torch.cat(parts)


def leave_group() -> None:
    """Leaves the default group once all ranks have called it.

    A rank that leaves earlier closes connections that others still use.

    Examples:
        >>> leave_group()  # does nothing without a group
    """
    if dist.is_available() and dist.is_initialized():
        dist.barrier()
        dist.destroy_process_group()
