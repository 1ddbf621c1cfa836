"""Draws items uniformly for a whole batch at once, on the model's device."""

import math

import torch
from torch import Tensor

from recbole_fn.data.history import UserHistories

_REDRAWS = 3  # rounds of drawing again; more do not pay off
_FEW = 1000  # looking up this many unseen items is as fast as drawing again


def draw_outside_history(
    users: Tensor, draws: int, histories: UserHistories, generator: torch.Generator
) -> Tensor:
    """Draws items uniformly from those that each user has not had.

    Items are drawn from the whole catalogue; those that the user has had are drawn again. After
    a few rounds, the rest is drawn by index from the user's unseen items, so the work is
    bounded no matter how long the history is.

    Args:
        users: User ids, shape [rows].
        draws: Items to draw for each user.
        histories: The items to leave out.
        generator: Source of randomness, on the device of `users`.

    Returns:
        Item ids, shape [rows, draws], with repetitions.

    Example:
        User 1 has had items 1 and 3 of 4; only items 2 and 4 are drawn:

        >>> histories = UserHistories.from_pairs(torch.tensor([5 + 1, 5 + 3]), 2, 5)
        >>> source = torch.Generator().manual_seed(0)
        >>> draw_outside_history(torch.tensor([1]), 100, histories, source).unique()
        tensor([2, 4])
    """
    return _draw_anew(users, draws, histories, generator, _REDRAWS).long()


def _draw_anew(
    users: Tensor, draws: int, histories: UserHistories, generator: torch.Generator, redraws: int
) -> Tensor:
    """As `draw_outside_history`, with a number of rounds; int32."""
    items = torch.empty((len(users), draws), dtype=torch.int32, device=users.device)
    items.random_(1, histories.num_items, generator=generator)
    known = histories.known(users, items)  # [known]
    owners = users[torch.div(known, draws, rounding_mode="floor")]  # [known]
    if redraws and len(known) > _FEW:
        redrawn = _draw_anew(owners, 1, histories, generator, redraws - 1).squeeze(1)  # [known]
    else:
        redrawn = _draw_unseen(owners, histories, generator)
    items.view(-1)[known] = redrawn  # [known]
    return items


def _draw_unseen(users: Tensor, histories: UserHistories, generator: torch.Generator) -> Tensor:
    """One unseen item for each user, uniformly: int32 [rows] for users [rows]."""
    free = histories.num_free(users)
    uniform = torch.rand(len(users), generator=generator, device=users.device, dtype=torch.float64)
    order = torch.minimum((uniform * free).long(), free - 1)
    return histories.free_item(users, order).int()


def draw_other_than_target(
    targets: Tensor, draws: int, num_items: int, generator: torch.Generator
) -> Tensor:
    """Draws items uniformly from the catalogue without each row's target.

    Args:
        targets: Item ids, shape [rows].
        draws: Items to draw for each row.
        num_items: Size of the catalogue, the padding id 0 included.
        generator: Source of randomness, on the device of `targets`.

    Returns:
        Item ids, shape [rows, draws], with repetitions.

    Example:
        >>> source = torch.Generator().manual_seed(0)
        >>> draw_other_than_target(torch.tensor([2]), 100, num_items=4, generator=source).unique()
        tensor([1, 3])
    """
    order = torch.randint(
        1, num_items - 1, (len(targets), draws), generator=generator, device=targets.device
    )
    return order + (order >= targets.unsqueeze(1))  # [rows, draws]


def uniform_log_q(num: int, num_free: Tensor) -> Tensor:
    """Log of the expected number of times that uniform draws hold an item.

    Args:
        num: Draws for each row.
        num_free: Items that can be drawn for each row, shape [rows].

    Returns:
        `log(num / num_free)`, shape [rows, num].

    Example:
        >>> import torch
        >>> uniform_log_q(2, torch.tensor([2, 20])).exp()
        tensor([[1.0000, 1.0000],
                [0.1000, 0.1000]])
    """
    log_q = math.log(num) - num_free.float().log()  # [rows]
    return log_q.unsqueeze(1).expand(-1, num)  # [rows, num]


def in_fewer_draws(
    log_q: Tensor, taken: Tensor, fixed: Tensor | None = None, shuffled: Tensor | None = None
) -> Tensor:
    """Corrects logs of expected numbers where some of a row's slots hold other items.

    Args:
        log_q: The logs as if no slot were taken, shape [rows, num].
        taken: The slots that hold other items, which are in each visit, shape [rows, num], bool.
        fixed: The slots that would hold an item of each visit, whose log stays, shape [rows, num],
            bool; None if all slots would be draws.
        shuffled: Those of the fixed slots whose items are there in random order, so that the log
            of each becomes that of the share that is left; None if there are none.

    Returns:
        The logs, 0 in the slots that are taken; shape [rows, num].

    Example:
        Of four draws one slot is taken; then of two draws beside an item of each visit:

        >>> import torch
        >>> log_q = torch.tensor([[0.4, 0.4, 0.4, 0.4], [1.0, 1.0, 0.4, 0.4]]).log()
        >>> taken = torch.tensor([[False, False, False, True]] * 2)
        >>> in_fewer_draws(log_q, taken, fixed=log_q == 0).exp()
        tensor([[0.3000, 0.3000, 0.3000, 1.0000],
                [1.0000, 1.0000, 0.2000, 1.0000]])

        A list of two items, one of which is taken at random:

        >>> log_q, both = torch.zeros(1, 2), torch.tensor([[True, True]])
        >>> in_fewer_draws(log_q, torch.tensor([[True, False]]), both, shuffled=both).exp()
        tensor([[1.0000, 0.5000]])
    """
    is_drawn = torch.ones_like(taken) if fixed is None else ~fixed
    for group in (is_drawn, shuffled):
        if group is not None:
            log_q = log_q + _log_left(group, taken).to(log_q)
    return log_q.masked_fill(taken, 0.0)


def _log_left(group: Tensor, taken: Tensor) -> Tensor:
    """Log of the share of a group of slots that is not taken, 0 in other slots: [rows, num]."""
    size, gone = group.sum(1), (group & taken).sum(1)  # [rows] each
    left = 1 - gone / size.clamp_min(1)
    shift = left.log().masked_fill(left <= 0, 0.0).unsqueeze(1)  # 0 if none is left
    return shift.where(group, shift.new_zeros(()))
