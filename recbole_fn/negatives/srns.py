"""Items of a memory of each user that score high, and whose scores vary."""

from dataclasses import dataclass, fields
from typing import ClassVar

import torch
from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import NON_NEGATIVE, Constraint, integer, is_number
from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score
from recbole_fn.negatives.candidate_memory import CandidateMemory
from recbole_fn.negatives.context import SamplerContext
from recbole_fn.negatives.pool_sampler import draw_by_weight, highest

_POSITIVE = Constraint("a number above 0", lambda v: is_number(v) and v > 0)
_SIZE = integer(1, 100_000)
_LAST = -1e30  # log weight of an item that is a candidate already


class RobustSampler(NegativeSampler):
    """Items from a memory of each user that score high and with high variance: SRNS.

    Ding et al., "Simplify and Robustify Negative Sampling", NeurIPS 2020, arXiv 2009.03376, section
    3. A user u has `size` candidates k. Of these the highest
    `P(k) + alpha * min(1, epoch / warm_up) * std(k)` are negatives of a row, where `P(k) =
    sigmoid(s_k - s_t)`, t is the row's target, and std is the standard deviation of P(k) over the
    last 5 epochs: false negatives score high all the time. In each step `fresh` uniform items join
    the candidates, and of all these `size` are drawn without replacement with weights of
    `exp(s_k / temperature)`.

    The paper takes one negative of a row; here they are `fn_neg_num`, so the memory is larger; the
    authors' code has 20 candidates by default, and equally many fresh ones. Its other defaults are
    kept. Formulas are those of the code; they were not compared with the text of the paper.

    A sequential model scores an item anew in each row of a user, so that P(k) of an epoch is the
    mean over the rows of the user, and s_k in the weights is the mean over those of a step. In the
    code s_k does not depend on the row, and std is of one pair of target and candidate. It scores
    3000 items of each user in each epoch, so as to know the past of each candidate; here a
    candidate has a past from when it joined.

    The memory takes 22 bytes for each of `size` candidates of each user, and is part of
    checkpoints.

    Example:
        >>> RobustSampler.Args(alpha=5.0)
        RobustSampler.Args(size=200, fresh=200, alpha=5.0, warm_up=1, temperature=1.0)
    """

    name = "srns"
    redraws = "never"
    knows_log_q: ClassVar[bool] = False

    @dataclass(frozen=True)
    class Args:
        """Arguments of `RobustSampler`."""

        size: int = argument(200, _SIZE, "S1, candidates of a user; at least `fn_neg_num` are kept")
        fresh: int = argument(200, _SIZE, "S2, uniform items that join them in a step")
        alpha: float = argument(1.0, NON_NEGATIVE, "weight of the standard deviation")
        warm_up: int = argument(1, integer(0, 100_000), "epochs in which that weight rises from 0")
        temperature: float = argument(1.0, _POSITIVE, "tau; high values refill the memory evenly")

    def __init__(self, context: SamplerContext, args: Args) -> None:
        super().__init__(context, args)
        self.memory: CandidateMemory | None = None  # until the first step, which knows its size
        self.epoch = 0

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Takes `num` candidates for each row, and refills the memory of the batch's users."""
        memory = self._memory(rows, num)
        users, owner = torch.unique(rows.users, return_inverse=True)  # [users], [rows]
        candidates = self._candidates(memory, _one_each(rows, users, owner))  # [users, S1 + S2]
        targets = rows.targets.unsqueeze(1)
        scores = score(torch.cat([targets, candidates[owner]], dim=1))  # [rows, 1 + S1 + S2]
        target, scores = scores[:, :1], scores[:, 1:]
        size = memory.items.shape[1]
        likelihood = (scores[:, :size] - target).sigmoid()  # [rows, S1]
        known = candidates[:, :size][owner]
        keys = likelihood + self._strength() * memory.deviation(users).to(likelihood)[owner]
        items = known.gather(1, highest(keys.masked_fill(known == targets, -torch.inf), num))
        num_rows = torch.bincount(owner, minlength=len(users))
        memory.record(users, _sum_by(likelihood, owner, len(users)), num_rows)
        mean = _sum_by(scores, owner, len(users)) / num_rows.unsqueeze(1)  # [users, S1 + S2]
        self._refill(memory, users, candidates, mean)
        valid = items != targets
        return Negatives(items, valid=None if bool(valid.all()) else valid)

    def end_epoch(self) -> None:
        """Makes the likelihoods of the epoch part of the past."""
        if self.memory is not None:
            self.memory.end_epoch(self.epoch)
        self.epoch += 1

    def state_dict(self) -> dict[str, Tensor]:
        """The memory, and the number of epochs."""
        state = {"epoch": torch.tensor(self.epoch)}
        if self.memory is not None:
            for field in fields(self.memory):
                state[field.name] = getattr(self.memory, field.name).clone()
        return state

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Restores what `state_dict` returned.

        Args:
            state: The state.
        """
        tensors = {name: tensor.clone() for name, tensor in state.items() if name != "epoch"}
        self.epoch = int(state["epoch"])
        self.memory = CandidateMemory(**tensors) if tensors else None

    def _memory(self, rows: RowBatch, num: int) -> CandidateMemory:
        """The memory on the device of the rows; made in the first step."""
        device = rows.users.device
        if self.memory is None:
            size = max(self.args.size, num)
            self.memory = CandidateMemory.empty(self.context.num_users, size, device)
        elif self.memory.items.device != device:  # it came from a checkpoint
            moved = (getattr(self.memory, field.name).to(device) for field in fields(self.memory))
            self.memory = CandidateMemory(*moved)
        return self.memory

    def _candidates(self, memory: CandidateMemory, each: RowBatch) -> Tensor:
        """The candidates of users and fresh ones, of one row each: [users, S1 + S2]."""
        items = memory.items[each.users].long()  # [users, S1]
        is_new = items[:, 0] == 0
        if bool(is_new.any()):
            first = RowBatch(each.interaction, *(t[is_new] for t in _ids(each)))
            items[is_new] = self.context.uniform(first, items.shape[1])
        return torch.cat([items, self.context.uniform(each, self.args.fresh)], dim=1)

    def _strength(self) -> float:
        """The weight of the standard deviation in the current epoch."""
        alpha: float = self.args.alpha
        risen = 1.0 if self.args.warm_up == 0 else min(1.0, self.epoch / self.args.warm_up)
        return alpha * risen

    def _refill(
        self, memory: CandidateMemory, users: Tensor, candidates: Tensor, scores: Tensor
    ) -> None:
        """Draws the next candidates from the present and the fresh ones, each [users, S1 + S2]."""
        size = memory.items.shape[1]
        log_weights = (scores / self.args.temperature).masked_fill(repeats(candidates), _LAST)
        columns = draw_by_weight(log_weights, size, self.context.generator(users.device))
        former = columns.masked_fill(columns >= size, -1)
        memory.keep(users, candidates.gather(1, columns), former)


def repeats(items: Tensor) -> Tensor:
    """Which items occur earlier in their row: a mask in the shape of `items`, [rows, items].

    Args:
        items: Item ids.

    Example:
        >>> repeats(torch.tensor([[4, 7, 4, 4]]))
        tensor([[False, False,  True,  True]])
    """
    ordered, places = items.sort(dim=1, stable=True)
    again = torch.zeros_like(items, dtype=torch.bool)
    again[:, 1:] = ordered[:, 1:] == ordered[:, :-1]
    return torch.zeros_like(again).scatter_(1, places, again)


def _ids(rows: RowBatch) -> tuple[Tensor, Tensor, Tensor]:
    return rows.rows, rows.users, rows.targets


def _one_each(rows: RowBatch, users: Tensor, owner: Tensor) -> RowBatch:
    """The first row of each user; only its ids are read."""
    order = torch.arange(len(owner), device=owner.device)
    first = order.new_full((len(users),), len(owner)).scatter_reduce(0, owner, order, "amin")
    return RowBatch(rows.interaction, *(ids[first] for ids in _ids(rows)))


def _sum_by(values: Tensor, owner: Tensor, num: int) -> Tensor:
    """Sums rows by owner: [num, columns] for values [rows, columns] and owners [rows]."""
    return values.new_zeros(num, values.shape[1]).index_add_(0, owner, values)
