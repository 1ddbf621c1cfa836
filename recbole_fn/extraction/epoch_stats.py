"""What extraction did in an epoch, added up batch by batch."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, stack


class ExtractionStats:
    """Sums over the batches of one epoch; they stay on the device until they are read."""

    def __init__(self) -> None:
        self._sums: Tensor | None = None
        self._num_slots = 0
        self._num_batches = 0

    def add(self, flipped: Tensor, base: Tensor, consistency: Tensor) -> None:
        """Adds a batch.

        Args:
            flipped: Which slots were extracted, shape [M, N], bool.
            base: The base loss, a scalar.
            consistency: The consistency loss before its weight, a scalar.
        """
        parts = stack([flipped.sum().to(base.dtype), base.detach(), consistency.detach()])
        self._sums = parts.double() if self._sums is None else self._sums + parts
        self._num_slots += flipped.numel()
        self._num_batches += 1

    def state_dict(self) -> dict[str, Any]:
        """The sums so far; they are not copied."""
        return {"sums": self._sums, "slots": self._num_slots, "batches": self._num_batches}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes over what `state_dict` returned."""
        self._sums, self._num_slots = state["sums"], state["slots"]
        self._num_batches = state["batches"]

    def figures(self, hard: int) -> dict[str, float]:
        """The epoch's figures.

        Args:
            hard: Hard negatives remembered after the epoch, over all rows.

        Returns:
            `hard`; `flipped`: flipped slots; `flipped_share`: their share of all slots;
            `base_loss` and `consistency_loss`: means over the batches.
        """
        flipped, base, consistency = (0.0, 0.0, 0.0) if self._sums is None else self._sums.tolist()
        batches = max(self._num_batches, 1)
        return {
            "hard": hard,
            "flipped": int(flipped),
            "flipped_share": flipped / max(self._num_slots, 1),
            "base_loss": base / batches,
            "consistency_loss": consistency / batches,
        }


def describe(figures: Mapping[str, float]) -> str:
    """The figures of an epoch in one line."""
    return (
        f"hard negatives remembered: {figures['hard']}, "
        f"flipped slots: {figures['flipped']} ({figures['flipped_share']:.2%}), "
        f"base loss: {figures['base_loss']:.4f}, "
        f"consistency loss: {figures['consistency_loss']:.4f}"
    )
