"""A user's own negatives, filled up with uniform ones."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.config.components import argument
from recbole_fn.config.key_constraints import COLUMN, PATH
from recbole_fn.data.batching import RowBatch
from recbole_fn.negatives.base import Negatives, NegativeSampler, Score
from recbole_fn.negatives.context import SamplerContext
from recbole_fn.negatives.duplicates import RepeatFinder
from recbole_fn.negatives.listed_items import read_column, read_file
from recbole_fn.utils.errors import InputError


class ListedSampler(NegativeSampler):
    """Takes negatives from a file of users or a column of interactions, and fills up uniformly.

    Of a list longer than N, each visit has N items, each equally likely. Listed items lie in the
    last slots, as remembered ones take the first. An item that is never a negative of the row
    (`fn_neg_exclude`) is masked, and so is a uniform draw that repeats a listed item. `log q` is
    `log(k / length)` of a listed item, k being the listed items of a visit, and
    `log((N - k) / n)` of a uniform draw from n items. Where remembered items or real negatives take
    slots of listed ones, k is what is left of these.

    Example:
        >>> ListedSampler.Args(file="shown_and_not_clicked.tsv")
        ListedSampler.Args(file='shown_and_not_clicked.tsv', column=None)
    """

    name = "listed"
    redraws = "distinct"

    @dataclass(frozen=True)
    class Args:
        """Arguments of `ListedSampler`."""

        file: str | None = argument(
            None, PATH, "file with the columns `user_id:token` and `item_id:token`"
        )
        column: str | None = argument(None, COLUMN, "column of the interactions with item tokens")

    def __init__(self, context: SamplerContext, args: Args) -> None:
        super().__init__(context, args)
        if (args.file is None) == (args.column is None):
            raise InputError(
                f"fn_sampler_args: file is {args.file!r} and column is {args.column!r}; it must be "
                f"one of them, and not both"
            )
        if args.file is not None:
            self._listed = read_file(context.dataset, args.file)
        elif args.column is not None:
            self._listed = read_column(context.dataset, args.column)
        self._find_repeats = RepeatFinder()

    def sample(self, rows: RowBatch, num: int, score: Score) -> Negatives:
        """Takes at most `num` listed items of each row and draws the rest."""
        items = self.context.uniform(rows, num)  # [rows, num]
        lengths, listed, is_listed = self._of_rows(rows, num)
        items = torch.where(is_listed, listed, items)
        row = torch.arange(len(items), device=items.device).unsqueeze(1)
        pairs = row * self.context.num_items + items  # [rows, num]
        repeats = self._find_repeats(pairs[is_listed], pairs, len(items) * self.context.num_items)
        valid = torch.where(is_listed, self.context.is_free(rows, items), ~repeats)
        log_q = self._log_q(rows, lengths, is_listed)
        whole = is_listed & (lengths <= num).unsqueeze(1)
        return Negatives(items, log_q, valid, fixed=whole, shuffled=whole)

    def _of_rows(self, rows: RowBatch, num: int) -> tuple[Tensor, Tensor, Tensor]:
        """Lengths [rows] of lists; items of these and the slots that hold one: [rows, num] each."""
        device = rows.users.device
        if self._listed.items.device != device:
            self._listed = self._listed.to(device)
        owner = rows.users if self.args.column is None else rows.rows
        starts = self._listed.starts[owner]  # [rows]
        lengths = self._listed.starts[owner + 1] - starts
        generator = self.context.generator(device)
        chance = torch.rand(len(owner), generator=generator, device=device, dtype=torch.float64)
        begin = (chance * lengths).long()  # [rows], where a long list is read from
        place = torch.arange(num, device=device) - (num - lengths.clamp_max(num)).unsqueeze(1)
        at = (begin.unsqueeze(1) + place) % lengths.clamp_min(1).unsqueeze(1)  # [rows, num]
        at = (starts.unsqueeze(1) + at).clamp_max(len(self._listed.items) - 1)
        return lengths, self._listed.items[at], place >= 0

    def _log_q(self, rows: RowBatch, lengths: Tensor, is_listed: Tensor) -> Tensor:
        num = is_listed.shape[1]
        taken = lengths.clamp_max(num)  # [rows]
        listed = taken / lengths.clamp_min(1)  # [rows]
        uniform = (num - taken) / self.context.num_free(rows)
        return torch.where(is_listed, listed.unsqueeze(1), uniform.unsqueeze(1)).log()
