"""RecBole's sequential data set without copies: each history is stored once and cut on demand.

RecBole copies the history before each interaction into a padded list, for each field. Here a row
stores where its history ends, and its lists are cut when a batch is made.
"""

from collections.abc import Iterator, MutableMapping
from typing import overload

import torch
from recbole.data.dataset import SequentialDataset
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.data.lists import Index, Prefixes
from recbole_fn.data.time_order import order_of


class _Columns(MutableMapping[str, Tensor]):
    """The columns of rows by name; a list column is cut when it is read."""

    def __init__(self, plain: dict[str, Tensor], prefixes: Prefixes) -> None:
        self.plain, self.prefixes = plain, prefixes
        self.lists = list(prefixes.sources)

    def __getitem__(self, field: str) -> Tensor:
        return self.prefixes.cut(field) if field in self.lists else self.plain[field]

    def __setitem__(self, field: str, value: Tensor) -> None:
        self.lists = [name for name in self.lists if name != field]
        self.plain[field] = value

    def __delitem__(self, field: str) -> None:
        if field in self.lists:
            self.lists.remove(field)
        else:
            del self.plain[field]

    def __iter__(self) -> Iterator[str]:
        return iter([*self.plain, *self.lists])

    def __len__(self) -> int:
        return len(self.plain) + len(self.lists)


class PrefixInteraction(Interaction):
    """Rows of a sequential data set, with the interface of RecBole's `Interaction`.

    Args:
        plain: The columns that are not lists.
        prefixes: The lists.

    Example:
        >>> items = {"item_list": torch.tensor([7, 8, 9])}
        >>> lists = Prefixes(items, torch.tensor([1, 2]), torch.tensor([1, 2]), width=2)
        >>> rows = PrefixInteraction({"item": torch.tensor([8, 9])}, lists)
        >>> rows["item"], rows[1:]["item_list"]
        (tensor([8, 9]), tensor([[7, 8]]))
    """

    interaction: _Columns
    length: int

    def __init__(self, plain: dict[str, Tensor], prefixes: Prefixes) -> None:
        super().__init__(plain)
        self.interaction = _Columns(plain, prefixes)

    @overload
    def __getitem__(self, index: str) -> Tensor: ...

    @overload
    def __getitem__(self, index: Index) -> "PrefixInteraction": ...

    def __getitem__(self, index: str | Index) -> "Tensor | PrefixInteraction":
        """A column by its name, or some rows without cutting their lists."""
        if isinstance(index, str):
            return self.interaction[index]
        if not isinstance(index, slice):
            index = torch.as_tensor(index)
            index = index if len(index) else index.long()  # an empty list has no integer type
        plain = {name: value[index] for name, value in self.interaction.plain.items()}
        rows = PrefixInteraction(plain, self.interaction.prefixes.of(index))
        rows.interaction.lists = list(self.interaction.lists)
        return rows

    def entries(self, field: str) -> "tuple[Tensor, Tensor] | None":
        """See `Prefixes.entries`; None if the field's lists were replaced, or are none."""
        is_cut = field in self.interaction.lists
        return self.interaction.prefixes.entries(field) if is_cut else None

    def whole(self) -> Interaction:
        """The rows as RecBole's own class, with their lists cut."""
        return Interaction(dict(self.interaction))

    def _reindex(self, index: Index) -> None:
        rows = self[index]
        self.interaction, self.length = rows.interaction, rows.length


class FNSequentialDataset(SequentialDataset):
    """RecBole's sequential data set with lists that are cut on demand.

    Example:
        RecBole makes it once the package is registered and `fn_enabled` is True:

        >>> dataset = run.train_data.dataset
        >>> type(dataset).__name__, dataset[:10]["item_id_list"].shape  # cut now
        ('FNSequentialDataset', torch.Size([10, 16]))
    """

    inter_feat: Interaction

    def data_augmentation(self) -> None:
        """Makes a row of each interaction with a history, as RecBole does."""
        self._aug_presets()
        self._check_field("uid_field", "time_field")
        self.sort(by=[self.uid_field, self.time_field], ascending=True)
        place = place_within(self.inter_feat[self.uid_field])  # [interactions]
        ends = place.nonzero().squeeze(1)  # [rows]: all but the first of each user
        plain = {field: self.inter_feat[field][ends] for field in self.inter_feat}
        self.inter_feat = self._with_lists(plain, ends, place[ends], slice(None))

    def _with_lists(
        self, plain: dict[str, Tensor], ends: Tensor, lengths: Tensor, read: Index
    ) -> PrefixInteraction:
        """Rows with columns `plain`, whose histories end there [rows] among the items `read`."""
        width = self.config["MAX_ITEM_LIST_LENGTH"]
        lengths = lengths.clamp(max=width)
        sources = {
            getattr(self, f"{field}_list_field"): self._values(field)[read]
            for field in self.inter_feat
            if field != self.uid_field
        }
        plain = {**plain, self.item_list_length_field: lengths}
        return PrefixInteraction(plain, Prefixes(sources, ends, lengths, width))

    def _values(self, field: str) -> Tensor:
        """A column of all interactions; that of the times holds ranks while RecBole splits."""
        order, column = order_of(self), self.inter_feat[field]
        return column if order is None or field != self.time_field else order.values_at(column)

    def __getitem__(self, index: Index, join: bool = True) -> Interaction:
        """Rows as RecBole's class; see `Dataset.__getitem__`."""
        rows = self.inter_feat[index]
        if isinstance(rows, PrefixInteraction):
            rows = rows.whole()
        return self.join(rows) if join else rows


def place_within(users: Tensor) -> Tensor:
    """The place of each row among its user's rows, from 0.

    Args:
        users: User of each row, with each user's rows together, shape [rows].

    Example:
        >>> place_within(torch.tensor([4, 4, 4, 2, 9, 9]))
        tensor([0, 1, 2, 0, 0, 1])
    """
    index = torch.arange(len(users))
    is_first = torch.cat([users.new_ones(1, dtype=torch.bool), users[1:] != users[:-1]])
    return index - torch.cummax(index * is_first, 0).values
