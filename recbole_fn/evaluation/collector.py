"""RecBole's collector without a matrix of users and items of its own."""

from collections import defaultdict
from typing import Any

import torch
from recbole.evaluator import Collector
from recbole.evaluator.collector import DataStruct
from recbole.trainer import Trainer
from torch import Tensor

from recbole_fn.data.loaders import ROW_FIELD, dataset_of
from recbole_fn.distributed.group import Group
from recbole_fn.utils.errors import InputError

_TOP = ("rec.items", "rec.topk")  # what RecBole calls the best items, and which of them are hits


class FNCollector(Collector):
    """Collects what metrics need; hits among the best items are looked up pair by pair.

    RecBole marks the positives in a matrix of all users and items of a batch. Here that is left
    to metrics that need more than the best items, such as GAUC. Rows that a loader evaluates in
    an order of its own come back in that of the data set, so that sums are RecBole's as well.
    Each of several ranks gets what all of them have collected.

    Args:
        config: RecBole's configuration.
    """

    data_struct: DataStruct

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self._top = [name for name in _TOP if self.register.need(name)]
        for name in self._top:
            setattr(self.register, name, False)  # so that RecBole's code leaves it to ours
        self._of_training: dict[str, Any] = {}
        self._group = Group.of_this_process()
        self._parts: dict[str, list[Tensor]] = defaultdict(list)
        self._rows: list[Tensor] = []

    def data_collect(self, train_data: Any) -> None:
        """Collects numbers and counts of the training set.

        RecBole 1.2.1 asks them for a copy on the CPU, which only tensors have, and fails. So
        they are kept apart.

        Raises:
            InputError: if `topk` asks for more items than there are.
        """
        num_items = dataset_of(train_data).item_num
        if self._top and max(self.topk) > num_items - 1:
            raise InputError(
                f"topk is {self.topk}, but the data set has {num_items - 1} items to rank; "
                f"topk must be at most that number"
            )
        super().data_collect(train_data)
        self._of_training, self.data_struct = self.data_struct._data_dict, DataStruct()

    def eval_batch_collect(
        self, scores_tensor: Tensor, interaction: Any, positive_u: Tensor, positive_i: Tensor
    ) -> None:
        """Collects one batch.

        Args:
            scores_tensor: Scores of U users for all items, shape [U, items].
            interaction: The batch; with `fn_row_id`, the rows come back in the order of these.
            positive_u: Of each positive, the user's place in the batch, shape [P].
            positive_i: Of each positive, the item, shape [P].
        """
        if self._top:
            top = torch.topk(scores_tensor, max(self.topk), dim=-1).indices
            users, items = positive_u.to(top.device), positive_i.to(top.device)
            hits = top_hits(top, users, items, scores_tensor.shape[1])
            for name, part in zip(_TOP, (top, hits), strict=False):
                if name in self._top:
                    self._parts[name].append(part)
        if ROW_FIELD in interaction:
            self._rows.append(interaction[ROW_FIELD].cpu())
        super().eval_batch_collect(scores_tensor, interaction, positive_u, positive_i)

    def get_data_struct(self) -> DataStruct:
        """Hands over what was collected since the last time."""
        for name, parts in self._parts.items():
            self.data_struct.set(name, torch.cat(parts))
        struct = super().get_data_struct()
        if self._rows:
            struct.set(ROW_FIELD, torch.cat(self._rows))
        collected = _joined(self._group.gather_values(struct._data_dict))
        if ROW_FIELD in collected:
            order = torch.argsort(collected.pop(ROW_FIELD))
            collected = {name: value[order] for name, value in collected.items()}
        struct._data_dict = {**collected, **self._of_training}
        self._parts.clear()
        self._rows.clear()
        return struct


class SharedEvaluation(Trainer):
    """Part of a trainer whose collector brings the rows of all ranks together."""

    def _map_reduce(self, result: Any, num_sample: int) -> Any:
        """The metrics as they are: of all rows, on every rank. RecBole averages those of ranks."""
        return result


def _joined(parts: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The tensors of all parts, one after the other; a part may have none of them."""
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: torch.cat([part[name] for part in parts if name in part]) for name in names}


def top_hits(top: Tensor, users: Tensor, items: Tensor, num_items: int) -> Tensor:
    """Which of the best items are positives, and how many positives each user has.

    Args:
        top: The best items of each user, shape [U, K].
        users: The user of each positive, below U, shape [P].
        items: The item of each positive, shape [P]; a pair that occurs twice counts once.
        num_items: Size of the catalogue.

    Returns:
        1 for a hit and 0 for none, then the number of positives: shape [U, K + 1].
    """
    positives = torch.unique(users * num_items + items)
    begins = torch.arange(len(top), device=top.device).unsqueeze(1) * num_items
    hits = torch.isin(begins + top, positives, assume_unique=True)
    owners = torch.div(positives, num_items, rounding_mode="floor")
    counts = torch.bincount(owners, minlength=len(top))
    return torch.cat([hits, counts.unsqueeze(1)], dim=1)
