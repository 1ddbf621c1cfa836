"""Whole histories to recommend from, cut by the code that cuts the rows of training."""

from dataclasses import dataclass, replace

import torch
from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.data.lists import Prefixes
from recbole_fn.data.prefixes import PrefixInteraction
from recbole_fn.utils.ragged import ragged_index


@dataclass(frozen=True)
class Queries:
    """Histories, each of which a model continues.

    Attributes:
        users: User ids, 0 for a user that training does not know, shape [queries].
        starts: Where each history begins in the sources, shape [queries].
        ends: Where it ends, shape [queries].
        prefixes: The sources of the lists, and their width.
        fields: The names of the columns of users, items, and lengths of lists.
        blank: Lists of zeros that a model's code asks for and its scores do not depend on.

    Example:
        A user whose four items are cut to the width of a list:

        >>> none = torch.tensor([], dtype=torch.long)
        >>> sources = Prefixes({"item_list": torch.tensor([7, 8, 9, 6])}, none, none, width=3)
        >>> one = Queries.of_sources(torch.tensor([1]), torch.tensor([4]), sources,
        ...                          ("user", "item", "length"))
        >>> one.rows(torch.tensor([0]))["item_list"]
        tensor([[8, 9, 6]])
        >>> one.items_of(torch.tensor([0]))
        (tensor([0, 0, 0, 0]), tensor([7, 8, 9, 6]))
    """

    users: Tensor
    starts: Tensor
    ends: Tensor
    prefixes: Prefixes
    fields: tuple[str, str, str]
    item_list: str
    blank: tuple[str, ...] = ()

    @classmethod
    def of_sources(
        cls,
        users: Tensor,
        sizes: Tensor,
        prefixes: Prefixes,
        fields: tuple[str, str, str],
        blank: tuple[str, ...] = (),
    ) -> "Queries":
        """Histories that lie one after another in the sources.

        Args:
            users: User ids, shape [queries].
            sizes: Items in each history, shape [queries].
            prefixes: The sources, the first of which are the items.
            fields: The names of the columns of users, items, and lengths of lists.
            blank: See the class.
        """
        ends = sizes.cumsum(0)
        item_list = next(iter(prefixes.sources))
        return cls(users, ends - sizes, ends, prefixes, fields, item_list, blank)

    def __len__(self) -> int:
        return len(self.users)

    @property
    def lengths(self) -> Tensor:
        """Items in the list of each query, shape [queries]."""
        return (self.ends - self.starts).clamp_max(self.prefixes.width)

    def of(self, index: Tensor) -> "Queries":
        """Some of the queries."""
        return replace(
            self, users=self.users[index], starts=self.starts[index], ends=self.ends[index]
        )

    def of_users(self, users: Tensor) -> "Queries":
        """The queries of users; a user without one has an empty history.

        Args:
            users: User ids, shape [users]; those of the queries must ascend.
        """
        place = torch.searchsorted(self.users, users).clamp_max(len(self.users) - 1)
        found = self.of(place)
        ends = torch.where(found.users == users, found.ends, found.starts)
        return replace(found, users=users, ends=ends)

    def rows(self, index: Tensor) -> Interaction:
        """The rows of a model's input, as RecBole makes them: the target is unknown, so 0.

        Args:
            index: Which queries, shape [rows].
        """
        user, item, length = self.fields
        users, lengths = self.users[index], self.lengths[index]
        plain = {user: users, item: torch.zeros_like(users), length: lengths}
        lists = replace(self.prefixes, ends=self.ends[index], lengths=lengths)
        rows = PrefixInteraction(plain, lists).whole()
        for name in self.blank:
            rows.update(Interaction({name: torch.zeros_like(rows[self.item_list])}))
        return rows

    def items_of(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """The items of whole histories, whatever the width of a list.

        Args:
            index: Which queries, shape [rows].

        Returns:
            For each item, its row and its id; each of shape [items].
        """
        starts = self.starts[index]
        at, row, _ = ragged_index(starts, self.ends[index] - starts)
        return row, self.prefixes.sources[self.item_list][at]
