"""RecBole's sequential data set without its copies: histories are kept once and cut on demand.

RecBole writes the history before each interaction into a padded row of its own, for each field.
Here a row knows where its history ends, and its lists are cut when a batch is made.
"""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from recbole.data.dataset import SequentialDataset
from recbole.data.interaction import Interaction
from torch import Tensor


@dataclass(frozen=True)
class Prefixes:
    """The lists of some rows.

    Attributes:
        sources: For each list's field, the values of all interactions in order, shape [I, ...].
        ends: Where each row's history ends in the sources, shape [R].
        lengths: Items in each row's history, shape [R].
        width: Items that a list holds, padding included.
    """

    sources: dict[str, Tensor]
    ends: Tensor
    lengths: Tensor
    width: int

    def cut(self, field: str) -> Tensor:
        """The lists of a field, padded with zeros on the right: shape [R, width, ...]."""
        source, column = self.sources[field], torch.arange(self.width)
        at = (self.ends - self.lengths).unsqueeze(1) + column
        lists = source[at.clamp_(max=len(source) - 1)]
        lists[column >= self.lengths.unsqueeze(1)] = 0
        return lists

    def of(self, index: Any) -> "Prefixes":
        """The lists of some of the rows."""
        return replace(self, ends=self.ends[index], lengths=self.lengths[index])


class _Columns(MutableMapping):
    """The columns of rows by name; those that are lists are cut when they are read."""

    def __init__(self, plain: dict[str, Tensor], prefixes: Prefixes) -> None:
        self.plain, self.prefixes = plain, prefixes
        self.lists = list(prefixes.sources)

    def __getitem__(self, field: str) -> Tensor:
        return self.prefixes.cut(field) if field in self.lists else self.plain[field]

    def __setitem__(self, field: str, value: Tensor) -> None:
        self.lists = [other for other in self.lists if other != field]
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
    """Rows of a sequential data set; it answers as the `Interaction` that RecBole makes of them.

    Args:
        plain: The columns that are no lists.
        prefixes: The lists.
    """

    def __init__(self, plain: dict[str, Tensor], prefixes: Prefixes) -> None:
        super().__init__(plain)
        self.interaction = _Columns(plain, prefixes)

    def __getitem__(self, index: Any) -> Any:
        """A column by its name, or some rows, whose lists are still not cut."""
        if isinstance(index, str):
            return self.interaction[index]
        if not isinstance(index, slice):
            index = torch.as_tensor(index)
            index = index if len(index) else index.long()  # an empty list has no type
        plain = {name: value[index] for name, value in self.interaction.plain.items()}
        rows = PrefixInteraction(plain, self.interaction.prefixes.of(index))
        rows.interaction.lists = list(self.interaction.lists)
        return rows

    def whole(self) -> Interaction:
        """The rows with their lists cut, as RecBole's own class."""
        return Interaction(dict(self.interaction))

    def _reindex(self, index: Any) -> None:
        rows = self[index]
        self.interaction, self.length = rows.interaction, rows.length


class FNSequentialDataset(SequentialDataset):
    """RecBole's sequential data set with rows that are cut on demand."""

    inter_feat: Any

    def data_augmentation(self) -> None:
        """Makes a row of each interaction that has a history, as RecBole does."""
        self._aug_presets()
        self._check_field("uid_field", "time_field")
        self.sort(by=[self.uid_field, self.time_field], ascending=True)
        users, width = self.inter_feat[self.uid_field], self.config["MAX_ITEM_LIST_LENGTH"]
        place = place_within(users)
        ends = place.nonzero().squeeze(1)
        lengths = place[ends].clamp_(max=width)
        sources = {
            getattr(self, f"{field}_list_field"): self.inter_feat[field]
            for field in self.inter_feat
            if field != self.uid_field
        }
        plain = {field: self.inter_feat[field][ends] for field in self.inter_feat}
        plain[self.item_list_length_field] = lengths
        self.inter_feat = PrefixInteraction(plain, Prefixes(sources, ends, lengths, width))

    def __getitem__(self, index: Any, join: bool = True) -> Interaction:
        """Rows as RecBole's class; see `Dataset.__getitem__`."""
        rows = self.inter_feat[index]
        if isinstance(rows, PrefixInteraction):
            rows = rows.whole()
        return self.join(rows) if join else rows


def place_within(users: Tensor) -> Tensor:
    """The place of each row within its user's rows, from 0.

    Args:
        users: User of each row, a user's rows together, shape [R].
    """
    index = torch.arange(len(users))
    begins = torch.cat([users.new_ones(1, dtype=torch.bool), users[1:] != users[:-1]])
    return index - torch.cummax(index * begins, 0).values
