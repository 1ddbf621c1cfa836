"""Cuts the lists of a batch to its longest history."""

from dataclasses import dataclass

from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.utils.recbole_types import Dataset


@dataclass(frozen=True)
class HistoryColumns:
    """Which columns of a batch are lists with an entry for each item of a history.

    The tags of a row's item, say, are a list too, and may be as long as a history.

    Attributes:
        suffix: What RecBole adds to a column's name for its list (`LIST_SUFFIX`).
        width: Entries of a list, padding included.

    Example:
        >>> import torch
        >>> lists = HistoryColumns("_list", width=2)
        >>> lists.has("item_list", torch.zeros(5, 2)), lists.has("tags", torch.zeros(5, 2))
        (True, False)
    """

    suffix: str
    width: int

    @classmethod
    def of(cls, dataset: Dataset) -> "HistoryColumns":
        """Those of a data set.

        Args:
            dataset: A built sequential data set.

        Example:
            >>> import torch
            >>> from types import SimpleNamespace
            >>> rows = Interaction({"item_list": torch.zeros(2, 50)})
            >>> config = {"LIST_SUFFIX": "_list"}
            >>> dataset = SimpleNamespace(inter_feat=rows, iid_field="item", config=config)
            >>> HistoryColumns.of(dataset)
            HistoryColumns(suffix='_list', width=50)
        """
        suffix = dataset.config["LIST_SUFFIX"]
        first = dataset.inter_feat[:1]
        return cls(suffix, int(first[dataset.iid_field + suffix].shape[1]))

    def has(self, name: str, column: Tensor) -> bool:
        """Whether a column is one of them.

        Args:
            name: Its name.
            column: Its values, [rows, ...].
        """
        return name.endswith(self.suffix) and column.dim() > 1 and column.shape[1] == self.width


def trimmed(interaction: Interaction, length_field: str, lists: HistoryColumns) -> Interaction:
    """Cuts the lists of a batch to its longest history.

    Args:
        interaction: A batch with lists padded on the right.
        length_field: The field with the lengths of the histories.
        lists: Which columns are lists.

    Example:
        >>> import torch
        >>> batch = Interaction(
        ...     {"length": torch.tensor([1, 2]), "items": torch.tensor([[5, 0, 0], [6, 7, 0]])}
        ... )
        >>> trimmed(batch, "length", HistoryColumns("s", width=3))["items"]
        tensor([[5, 0],
                [6, 7]])
    """
    longest = int(interaction[length_field].max())
    return Interaction(
        {
            name: value[:, :longest] if lists.has(name, value) else value
            for name, value in interaction.interaction.items()
        }
    )
