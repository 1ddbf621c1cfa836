"""Statistics of extraction over one epoch, accumulated batch by batch."""

from collections.abc import Mapping

from torch import Tensor, stack

from recbole_fn.utils.recbole_types import State


class ExtractionStats:
    """Sums over the batches of one epoch; they stay on the device until they are read.

    Examples:
        >>> import torch
        >>> stats = ExtractionStats()
        >>> stats.add(torch.tensor([[True, False]]), torch.tensor(0.5), torch.tensor(0.25))
        >>> stats.figures(hard=3)
        {'hard': 3, 'flipped': 1, 'flipped_share': 0.5, 'base_loss': 0.5, 'consistency_loss': 0.25}
    """

    def __init__(self) -> None:
        self._sums: Tensor | None = None
        self._num_slots = 0
        self._num_batches = 0

    def add(self, extracted: Tensor, base: Tensor, consistency: Tensor) -> None:
        """Adds a batch.

        Args:
            extracted: Which slots hold extracted items, shape [M, N], bool.
            base: The base loss, a scalar.
            consistency: The consistency loss before its weight, a scalar.
        """
        parts = stack([extracted.sum().to(base.dtype), base.detach(), consistency.detach()])  # [3]
        self._sums = parts.double() if self._sums is None else self._sums + parts
        self._num_slots += extracted.numel()
        self._num_batches += 1

    def state_dict(self) -> State:
        """The sums so far, not copied."""
        return {"sums": self._sums, "slots": self._num_slots, "batches": self._num_batches}

    def load_state_dict(self, state: State) -> None:
        """Restores what `state_dict` returned."""
        self._sums, self._num_slots = state["sums"], state["slots"]
        self._num_batches = state["batches"]

    def figures(self, hard: int) -> dict[str, float]:
        """The epoch's figures.

        Args:
            hard: Hard negatives remembered after the epoch, over all rows.

        Returns:
            `hard`; `flipped`: number of extracted slots; `flipped_share`: their fraction of all
            slots; `base_loss` and `consistency_loss`: means over the batches.
        """
        extracted, base, consistency = (
            (0.0, 0.0, 0.0) if self._sums is None else self._sums.tolist()
        )
        batches = max(self._num_batches, 1)
        return {
            "hard": hard,
            "flipped": int(extracted),
            "flipped_share": extracted / max(self._num_slots, 1),
            "base_loss": base / batches,
            "consistency_loss": consistency / batches,
        }


def describe(figures: Mapping[str, float]) -> str:
    """Formats an epoch's figures in one line.

    Args:
        figures: What `ExtractionStats.figures` returned.

    Examples:
        >>> describe(ExtractionStats().figures(hard=2))
        'hard negatives remembered: 2, extracted slots: 0 (0.00%), base loss: 0.0000, ...'
    """
    return (
        f"hard negatives remembered: {figures['hard']}, "
        f"extracted slots: {figures['flipped']} ({figures['flipped_share']:.2%}), "
        f"base loss: {figures['base_loss']:.4f}, "
        f"consistency loss: {figures['consistency_loss']:.4f}"
    )
