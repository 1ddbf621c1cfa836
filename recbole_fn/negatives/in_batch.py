"""Negatives that are the targets of other rows of the batch."""

from dataclasses import dataclass
from logging import getLogger

from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import BOOLEAN
from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score
from recbole_fn.negatives.context import SamplerContext
from recbole_fn.negatives.pool import PoolChances, draw_others, log_num_valid

_ALONE = (
    "fn_sampler is in_batch: unpopular items are never negatives, and without uniform ones beside "
    "them training can collapse (Yang et al., WWW 2020, section 3); fn_sampler: mixed adds them."
)


class InBatchSampler(NegativeSampler):
    """Draws the targets of other rows of the batch, each entry at most once for a row.

    A target that is never a negative of the row, such as its own target again or an item of the
    user's history, is masked. With `fn_logq` the loss is corrected for the items' popularity.

    - `corrected: True`: `log q(i) = log(K * c_i / (T - c_excluded))`, with K valid draws of the
      row, c_i of T targets of training, and the target itself uncorrected, as it is present with
      probability 1 (Khrylchenko et al., RecSys 2025, arXiv 2507.09331). The gradient is that of
      the authors' loss `-(1 - P) * log(exp s_p / sum_n exp(s_n - log q'(n)))`, where P, the
      probability of the target under the current scores, is a constant.
    - `corrected: False`: `log q(i) = log c_i - log c_target`, which corrects the target's score
      too (Yi et al., RecSys 2019, section 3).

    Example:
        >>> InBatchSampler.Args()
        InBatchSampler.Args(corrected=True)
    """

    name = "in_batch"
    draws_from_batch = True
    redraws = "spare"
    log_q_counts_valid: bool = True

    @dataclass(frozen=True)
    class Args:
        """Arguments of `InBatchSampler`."""

        corrected: bool = argument(
            True, BOOLEAN, "whether `fn_logq` treats the target as present with probability 1"
        )

    def __init__(self, context: SamplerContext, args: Args) -> None:
        super().__init__(context, args)
        self._chances = PoolChances(context)
        getLogger().warning(_ALONE)

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Draws `num` targets of other rows; a batch with fewer leaves masked slots."""
        generator = self.context.generator(rows.targets.device)
        items = draw_others(rows.targets, len(rows.targets), num, generator)
        return Negatives(items, valid=self.context.is_free(rows, items))

    def log_q(self, rows: RowBatch, negatives: Negatives) -> Tensor:
        """See the class."""
        if not self.args.corrected:
            target = self._chances.log_counts(rows.targets).unsqueeze(1)  # [rows, 1]
            return self._chances.log_counts(negatives.items) - target
        assert negatives.valid is not None
        return self._chances.log_share(rows, negatives.items) + log_num_valid(negatives.valid)
