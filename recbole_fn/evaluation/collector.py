"""Collects the data for metrics without RecBole's matrix of users and items."""

from collections import defaultdict

import torch
from recbole.evaluator import Collector
from recbole.evaluator.collector import DataStruct
from torch import Tensor

from recbole_fn.data.loaders import ROW_FIELD, dataset_of
from recbole_fn.distributed.group import Group
from recbole_fn.evaluation.short_rankings import warn_of_short_rankings
from recbole_fn.evaluation.top_k import highest
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config, Interaction, Loader

_TOP = ("rec.items", "rec.topk")  # RecBole's names of the top items, and of their hits


class FNCollector(Collector):
    """Collects what metrics need; hits among the top items are looked up pair by pair.

    RecBole marks the positives in a matrix of all users and items of a batch. Here only metrics
    that need more than the top items, such as GAUC, make that matrix. Data-set order is restored
    before metrics are computed, so floating-point sums match RecBole's. With several processes,
    each gets what all of them collected.

    Args:
        config: RecBole's configuration.

    Example:
        RecBole's trainer makes it:

        >>> type(run.trainer.eval_collector).__name__
        'FNCollector'
        >>> sorted(run.trainer.evaluate(run.test_data, load_best_model=False))
        ['ndcg@10', 'recall@10']
    """

    data_struct: DataStruct

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._top = [name for name in _TOP if self.register.need(name)]
        for name in self._top:
            setattr(self.register, name, False)  # RecBole's code then leaves it to ours
        self._training: dict[str, object] = {}
        self._group = Group.of_this_process()
        self._parts: dict[str, list[Tensor]] = defaultdict(list)
        self._rows: list[Tensor] = []

    def data_collect(self, train_data: Loader) -> None:
        """Collects numbers and counts of the training set.

        They are stored separately: RecBole 1.2.1 calls `cpu()` on all collected values, which
        fails for these.

        Args:
            train_data: The training loader.

        Raises:
            InputError: if `topk` asks for more items than there are.
        """
        num_items = dataset_of(train_data).item_num
        if self._top and max(self.topk) > num_items - 1:
            raise InputError(
                f"topk is {self.topk}, but the data set has {num_items - 1} items to rank; "
                f"topk must be at most that number"
            )
        warn_of_short_rankings(self.config)
        super().data_collect(train_data)
        self._training, self.data_struct = self.data_struct._data_dict, DataStruct()

    def eval_batch_collect(
        self,
        scores_tensor: Tensor,
        interaction: Interaction,
        positive_u: Tensor,
        positive_i: Tensor,
    ) -> None:
        """Collects one batch.

        Args:
            scores_tensor: Scores of all items, shape [users, items].
            interaction: The batch; if it has `fn_row_id`, rows are sorted by it in the end.
            positive_u: Index of each positive's user in the batch, shape [positives].
            positive_i: Item of each positive, shape [positives].
        """
        if self._top:
            _, top = highest(scores_tensor, max(self.topk))  # [users, K]
            users, items = positive_u.to(top.device), positive_i.to(top.device)
            hits = top_hits(top, users, items, scores_tensor.shape[1])
            for name, part in zip(_TOP, (top, hits), strict=False):
                if name in self._top:
                    self._parts[name].append(part)
        if ROW_FIELD in interaction:
            self._rows.append(interaction[ROW_FIELD].cpu())
        super().eval_batch_collect(scores_tensor, interaction, positive_u, positive_i)

    def get_data_struct(self) -> DataStruct:
        """Returns what was collected since the last call, in data-set order."""
        for name, parts in self._parts.items():
            self.data_struct.set(name, torch.cat(parts))
        struct = super().get_data_struct()
        if self._rows:
            struct.set(ROW_FIELD, torch.cat(self._rows))
        collected = _joined(self._group.gather_values(struct._data_dict))
        if ROW_FIELD in collected:
            order = torch.argsort(collected.pop(ROW_FIELD))
            collected = {name: value[order] for name, value in collected.items()}
        struct._data_dict = {**collected, **self._training}
        self._parts.clear()
        self._rows.clear()
        return struct


def _joined(parts: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Concatenates the tensors of all parts by name; a part may lack some names."""
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: torch.cat([part[name] for part in parts if name in part]) for name in names}


def top_hits(top: Tensor, users: Tensor, items: Tensor, num_items: int) -> Tensor:
    """Finds the positives among each user's top items, and counts each user's positives.

    Args:
        top: The top items of each user, shape [users, K].
        users: Index of the user of each positive, shape [positives].
        items: Item of each positive, shape [positives]; duplicates count once.
        num_items: Size of the catalogue.

    Returns:
        1 for a hit and 0 otherwise, followed by the number of positives: shape [users, K + 1].

    Example:
        >>> top = torch.tensor([[4, 2], [1, 3]])
        >>> top_hits(top, users=torch.tensor([0, 1]), items=torch.tensor([2, 5]), num_items=9)
        tensor([[0, 1, 1],
                [0, 0, 1]])
    """
    positives = torch.unique(users * num_items + items)
    begins = torch.arange(len(top), device=top.device).unsqueeze(1) * num_items  # [users, 1]
    hits = torch.isin(begins + top, positives, assume_unique=True)  # [users, K]
    owners = torch.div(positives, num_items, rounding_mode="floor")
    counts = torch.bincount(owners, minlength=len(top))
    return torch.cat([hits, counts.unsqueeze(1)], dim=1)
