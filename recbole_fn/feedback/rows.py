"""Rows of a log with kinds: which interactions are targets, and where their histories end."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Rows:
    """The rows of a log; a history is the items that are read just before `ends`.

    Attributes:
        targets: The interaction that is each row's target, shape [rows].
        ends: Where each row's history ends among the interactions that are read, shape [rows].
        lengths: Items in each row's history, at least 1, shape [rows].

    Example:
        >>> Rows(torch.tensor([2]), torch.tensor([1]), torch.tensor([1])).lengths
        tensor([1])
    """

    targets: Tensor
    ends: Tensor
    lengths: Tensor


def make_rows(users: Tensor, is_target: Tensor, is_read: Tensor) -> Rows:
    """Makes a row of each target with a history.

    Args:
        users: User of each interaction, each user's together and in time order, shape
            [interactions].
        is_target: Which interactions are targets, shape [interactions], bool.
        is_read: Which interactions are read in histories, shape [interactions], bool.

    Example:
        A user's items 0, 1 and 2, of which item 1 is not read; item 2 then has the history [0]:

        >>> read = torch.tensor([True, False, True])
        >>> make_rows(torch.ones(3), is_target=read, is_read=read)
        Rows(targets=tensor([2]), ends=tensor([1]), lengths=tensor([1]))
    """
    ends = is_read.long().cumsum(0) - is_read.long()  # [interactions], items read before each
    lengths = earlier(users, is_read)
    targets = (is_target & (lengths > 0)).nonzero().squeeze(1)  # [rows]
    return Rows(targets, ends[targets], lengths[targets])


def earlier(users: Tensor, counted: Tensor) -> Tensor:
    """How many of the counted interactions each interaction's user has had before it.

    Args:
        users: As in `make_rows`.
        counted: Which interactions count, shape [interactions], bool.

    Returns:
        The numbers, shape [interactions].

    Example:
        >>> earlier(torch.tensor([1, 1, 2, 2]), torch.tensor([True, True, False, True]))
        tensor([0, 1, 0, 0])
    """
    before = counted.long().cumsum(0) - counted.long()  # [interactions], of all users
    begins = torch.ones_like(counted)
    begins[1:] = users[1:] != users[:-1]
    # Numbers never fall, so the maximum so far is that at the user's first interaction.
    return before - torch.where(begins, before, 0).cummax(0).values


def split_targets(users: Tensor, is_positive: Tensor) -> Tensor:
    """The targets that are split into training, validation and test, in every setting.

    Args:
        users: As in `make_rows`.
        is_positive: Which interactions are positive, shape [interactions], bool.

    Returns:
        A mask: the positive interactions but the first of each user, shape [interactions].

    Example:
        >>> split_targets(torch.ones(4), torch.tensor([False, True, False, True]))
        tensor([False, False, False,  True])
    """
    return is_positive & (earlier(users, is_positive) > 0)
