"""Negatives from the targets of this batch and of those before it."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import integer
from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score
from recbole_fn.negatives.context import SamplerContext
from recbole_fn.negatives.pool import PoolChances, draw_others, log_num_valid


class CrossBatchSampler(NegativeSampler):
    """Draws from the batch's targets and a queue of the most recent targets before it.

    The queue is first in, first out; it is not drawn from in the first `warm_up` steps (Wang et
    al., "Cross-Batch Negative Sampling for Training Two-Tower Recommenders", SIGIR 2021, arXiv
    2110.15154). The paper keeps vectors, which grow stale; here the queue holds item ids, whose
    vectors are those of the current weights. Masks and `log q` are those of `in_batch`.

    Example:
        >>> CrossBatchSampler.Args(size=1000)
        CrossBatchSampler.Args(size=1000, warm_up=1000)
    """

    name = "cross_batch"
    draws_from_batch = True
    redraws = "spare"
    log_q_counts_valid: bool = True

    @dataclass(frozen=True)
    class Args:
        """Arguments of `CrossBatchSampler`."""

        size: int = argument(4096, integer(1, 10_000_000), "targets in the queue")
        warm_up: int = argument(1000, integer(0, 1_000_000_000), "steps before the queue is used")

    def __init__(self, context: SamplerContext, args: Args) -> None:
        super().__init__(context, args)
        self._chances = PoolChances(context)
        self._queue = torch.zeros(0, dtype=torch.int64)  # oldest first
        self._steps = 0
        self._batch: RowBatch | None = None  # not in the queue yet

    @property
    def queue(self) -> Tensor:
        """The targets before the current batch, oldest first, shape [up to `size`]."""
        return self._queue

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Draws `num` of the pool's entries for each row, each at most once."""
        if rows is not self._batch:  # otherwise it draws again in the same step
            self._enqueue()
            self._batch = rows
        targets, pool = rows.targets, rows.targets
        if self._steps >= self.args.warm_up:
            pool = torch.cat([targets, self._queue.to(targets.device)])
        generator = self.context.generator(targets.device)
        items = draw_others(pool, len(targets), num, generator)
        return Negatives(items, valid=self.context.is_free(rows, items))

    def log_q(self, rows: RowBatch, negatives: Negatives) -> Tensor:
        """`log(K * c_i / (T - c_excluded))`, see `InBatchSampler`."""
        assert negatives.valid is not None
        return self._chances.log_share(rows, negatives.items) + log_num_valid(negatives.valid)

    def state_dict(self) -> dict[str, Tensor]:
        """The queue with the targets of the last step, and the number of steps."""
        self._enqueue()
        return {"queue": self._queue.clone(), "steps": torch.tensor(self._steps)}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Restores what `state_dict` returned."""
        self._queue, self._steps = state["queue"].clone(), int(state["steps"])
        self._batch = None

    def _enqueue(self) -> None:
        """Adds the targets of the last step; the oldest leave."""
        if self._batch is not None:
            targets = self._batch.targets
            self._queue = torch.cat([self._queue.to(targets.device), targets])[-self.args.size :]
            self._steps += 1
            self._batch = None
