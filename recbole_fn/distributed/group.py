"""The ranks that train together, and how they tell each other tensors and values."""

from dataclasses import dataclass
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

Value = TypeVar("Value")


@dataclass(frozen=True)
class Group:
    """A group of processes; alone, a process talks to nobody and every answer is its own.

    Attributes:
        rank: The number of this process, from 0.
        size: Processes in the group.
    """

    rank: int
    size: int

    @classmethod
    def of_this_process(cls) -> "Group":
        """The group that PyTorch has put this process into; one of its own otherwise."""
        if not dist.is_available() or not dist.is_initialized():
            return cls(0, 1)
        return cls(dist.get_rank(), dist.get_world_size())

    @property
    def is_alone(self) -> bool:
        """Whether there is one process."""
        return self.size == 1

    def wait(self) -> None:
        """Returns when all ranks have come here."""
        if not self.is_alone:
            dist.barrier()

    def agree(self, value: Value) -> Value:
        """The value that rank 0 has; all ranks have to ask."""
        if self.is_alone:
            return value
        agreed = [value]
        dist.broadcast_object_list(agreed)
        return agreed[0]

    def gather_values(self, value: Value) -> list[Value]:
        """The values of all ranks, in the order of the ranks."""
        if self.is_alone:
            return [value]
        values: list[Any] = [None] * self.size
        dist.all_gather_object(values, value)
        return values

    def gather(self, tensor: Tensor) -> Tensor:
        """What all ranks have, one after the other.

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
        padded = tensor.new_zeros((max(sizes), *tensor.shape[1:]))
        padded[: len(tensor)] = tensor
        parts = self.gather_equal(padded).split(max(sizes))
        return torch.cat([part[:size] for part, size in zip(parts, sizes, strict=False)])

    def gather_equal(self, tensor: Tensor) -> Tensor:
        """As `gather`, where the tensors of all ranks have the same shape."""
        if self.is_alone:
            return tensor
        parts = [torch.empty_like(tensor) for _ in range(self.size)]
        dist.all_gather(parts, tensor.contiguous())
        return torch.cat(parts)


def leave_group() -> None:
    """Ends the group of this process when all ranks have come here.

    A rank that leaves earlier closes connections that others may still use.
    """
    if dist.is_available() and dist.is_initialized():
        dist.barrier()
        dist.destroy_process_group()
