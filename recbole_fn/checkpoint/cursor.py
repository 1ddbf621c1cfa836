"""The place of a run within an epoch, with the loss sums that RecBole's loop keeps private."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.extraction.epoch_stats import ExtractionStats
from recbole_fn.utils.recbole_types import State

Losses = float | tuple[float, ...]


@dataclass
class EpochCursor:
    """A place between two steps of an epoch.

    Attributes:
        order: State of the loader's generator at the beginning of the epoch, from which the
            loader yields the same batches again.
        stats: Statistics of extraction so far in the epoch.
        batches: Number of finished batches.
        sums: Sum of each part of the loss over these batches, shape [parts], float64.
        in_parts: Whether the loss comes in parts.

    Examples:
        >>> cursor = EpochCursor(torch.get_rng_state(), ExtractionStats())
        >>> cursor.add((torch.tensor(1.5), torch.tensor(0.5)))
        >>> cursor.add((torch.tensor(2.0), torch.tensor(0.0)))
        >>> cursor.losses()
        (3.5, 0.5)
    """

    order: Tensor
    stats: ExtractionStats
    batches: int = 0
    sums: Tensor | None = None
    in_parts: bool = False

    def add(self, losses: Tensor | tuple[Tensor, ...]) -> None:
        """Adds the loss of a batch, exactly as RecBole adds it."""
        self.in_parts = isinstance(losses, tuple)
        if isinstance(losses, tuple):
            losses = torch.stack([part.detach() for part in losses])
        sums = losses.detach().double().reshape(-1)  # [parts], 64 bits like RecBole's sums
        self.sums = sums if self.sums is None else self.sums + sums

    def losses(self) -> Losses:
        """The sums as RecBole's `_train_epoch` returns them."""
        sums: list[float] = [] if self.sums is None else self.sums.tolist()
        return tuple(sums) if self.in_parts else sums[0]

    def state_dict(self) -> State:
        """The cursor as tensors and plain values; the sums are not copied."""
        return {
            "order": self.order,
            "report": self.stats.state_dict(),
            "batches": self.batches,
            "sums": self.sums,
            "in_parts": self.in_parts,
        }

    @classmethod
    def of(cls, state: State) -> "EpochCursor":
        """A cursor with the state that `state_dict` returned."""
        stats = ExtractionStats()
        stats.load_state_dict(state["report"])
        return cls(state["order"].cpu(), stats, state["batches"], state["sums"], state["in_parts"])
