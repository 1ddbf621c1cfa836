"""The parts that RecBole's loaders and trainers hold: what draws negatives, what writes figures."""

from typing import Any, Protocol

from torch import Tensor


class Sampler(Protocol):
    """What RecBole's loaders hold to draw negatives; they never look inside.

    Examples:
        A sampler with item 7 as every negative:

        >>> import torch
        >>> class Seven:
        ...     def sample_by_user_ids(self, user_ids, item_ids, num):
        ...         return torch.full((num * len(user_ids),), 7)
        >>> sampler: Sampler = Seven()
        >>> sampler.sample_by_user_ids([1, 2], [3, 5], num=2)
        tensor([7, 7, 7, 7])
    """

    def sample_by_user_ids(self, user_ids: Any, item_ids: Any, num: int) -> Tensor:
        """Draws negatives for users and their items, [num * rows]."""
        ...


class Board(Protocol):
    """The TensorBoard writer of a run, open in its folder.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> from torch.utils.tensorboard import SummaryWriter
        >>> folder = TemporaryDirectory()
        >>> board: Board = SummaryWriter(folder.name)
        >>> board.add_scalar("Loss/Train", 0.5, 3)
        >>> board.log_dir == folder.name
        True
        >>> board.close(), folder.cleanup()
        (None, None)
    """

    log_dir: str

    def add_scalar(self, tag: str, value: float, step: int) -> None:
        """Notes the value of a quantity at a step."""

    def close(self) -> None:
        """Writes what is left, and closes the file."""
