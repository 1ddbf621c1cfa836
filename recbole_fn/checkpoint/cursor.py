"""Where in an epoch a run is, with the sums that RecBole's loop keeps to itself until its end."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from recbole_fn.extraction.epoch_stats import ExtractionStats

Losses = float | tuple[float, ...]


@dataclass
class EpochCursor:
    """A place between two steps of an epoch.

    Attributes:
        order: State of the loader's generator when the epoch began: with it the loader gives the
            same batches again.
        stats: What extraction did so far in the epoch.
        batches: Batches that are done.
        sums: Sum of each part of the loss over these batches, shape [parts], float64.
        in_parts: Whether the model returns its loss in parts.
    """

    order: Tensor
    stats: ExtractionStats
    batches: int = 0
    sums: Tensor | None = None
    in_parts: bool = False

    def add(self, losses: Any) -> None:
        """Adds the loss of a batch, exactly as RecBole adds it."""
        self.in_parts = isinstance(losses, tuple)
        parts = torch.stack([part.detach() for part in losses]) if self.in_parts else losses
        sums = parts.detach().double().reshape(-1)  # RecBole's Python floats have 64 bits too
        self.sums = sums if self.sums is None else self.sums + sums

    def losses(self) -> Losses:
        """The sums as RecBole's `_train_epoch` returns them."""
        sums: list[float] = [] if self.sums is None else self.sums.tolist()
        return tuple(sums) if self.in_parts else sums[0]

    def state_dict(self) -> dict[str, Any]:
        """The cursor as tensors and plain values; the sums are not copied."""
        return {
            "order": self.order,
            "report": self.stats.state_dict(),
            "batches": self.batches,
            "sums": self.sums,
            "in_parts": self.in_parts,
        }

    @classmethod
    def of(cls, state: dict[str, Any]) -> "EpochCursor":
        """A cursor with the state that `state_dict` returned."""
        stats = ExtractionStats()
        stats.load_state_dict(state["report"])
        return cls(state["order"].cpu(), stats, state["batches"], state["sums"], state["in_parts"])
