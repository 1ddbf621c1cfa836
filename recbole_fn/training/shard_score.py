"""Scores the items of all rows of a batch, each rank its own rows."""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from recbole_fn.scoring.precision import casting_anew
from recbole_fn.scoring.scorers import EncodedRows, EncodedVectors
from recbole_fn.training.shard import Shard


@dataclass(frozen=True)
class ShardScore:
    """The `Score` that a sampler gets: from the encoding of a step, without gradient.

    All ranks must call it.

    Attributes:
        shard: The rows of this rank.
        encoded: Their encoding.

    Examples:
        >>> from types import SimpleNamespace
        >>> from recbole_fn.data.batching import RowBatch
        >>> from recbole_fn.distributed.group import Group
        >>> from recbole_fn.training.shard import take_shard
        >>> batch = RowBatch({}, *torch.tensor([[0], [1], [5]]))  # row 0, user 1, target 5
        >>> encoded = SimpleNamespace(score=lambda items: items.float())
        >>> ShardScore(take_shard(Group(rank=0, size=1), batch), encoded)(torch.tensor([[7, 9]]))
        tensor([[7., 9.]])
    """

    shard: Shard
    encoded: EncodedRows

    @torch.no_grad()
    def __call__(self, items: Tensor) -> Tensor:
        """Scores of all rows: [M, K] for item ids [M, K]."""
        with casting_anew():
            scores = self.encoded.score(self.shard.select(items))
        return self.shard.gather_rows(scores)

    @torch.no_grad()
    def cosines(self, items: Tensor) -> Tensor:
        """Cosines of all rows and items, [M, K]; only of models scored by dot products."""
        encoded = cast(EncodedVectors, self.encoded)
        with casting_anew():
            cosines = encoded.cosines(self.shard.select(items))
        return self.shard.gather_rows(cosines)
