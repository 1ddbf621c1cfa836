"""Leaves items out of the ranking in validation and test.

For general recommenders, RecBole leaves a user's earlier items out of the ranking. For sequential
ones they compete with the target; many papers leave them out.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from recbole.data.dataloader import FullSortEvalDataLoader
from recbole.utils import ModelType
from torch import Tensor

from recbole_fn.config.settings import FNSettings
from recbole_fn.data.history import histories_of
from recbole_fn.evaluation.full_ranking import Batch, Excluded, FNFullSortEvalDataLoader
from recbole_fn.evaluation.sampled import CandidateSampler
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config, Dataset


class ItemFilter(Protocol):
    """Decides which items take no part in the ranking of a target."""

    def excluded(self, users: Tensor, targets: Tensor) -> Excluded:
        """The items to leave out for users [rows] and targets [rows]."""
        ...


class SeenItems:
    """Leaves out the items that users have had before; a loader holds it as its sampler.

    Args:
        datasets: The earlier built data sets: training, and for the test also validation.

    Example:
        >>> import torch
        >>> from types import SimpleNamespace
        >>> from recbole.data.interaction import Interaction as Rows
        >>> fields = {"user": [1], "item": [3], "item_list": [[2, 0]]}
        >>> training = SimpleNamespace(
        ...     inter_feat=Rows({k: torch.tensor(v) for k, v in fields.items()}),
        ...     uid_field="user", iid_field="item", config={"LIST_SUFFIX": "_list"},
        ...     item_num=5, user_num=2,
        ... )
        >>> SeenItems([training]).excluded(users=torch.tensor([1]), targets=torch.tensor([4]))
        (tensor([0, 0]), tensor([2, 3]))
    """

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        self.histories = histories_of(datasets)

    def excluded(self, users: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """The user's earlier items; the target always takes part.

        Args:
            users: The user of each row, shape [rows].
            targets: The target of each row, shape [rows].

        Returns:
            For each item to leave out: the index of its row, and the item; each of shape
            [excluded].
        """
        rows, items = self.histories.items_of(users)
        is_excluded = items != targets[rows]
        return rows[is_excluded], items[is_excluded]


class FilteringEvalDataLoader(FNFullSortEvalDataLoader):
    """A loader for full ranking that leaves out the items that its `ItemFilter` excludes.

    RecBole's trainer sets the scores of the items that a loader passes as history to -inf.
    """

    def collate_fn(self, index: Sequence[int]) -> Batch:
        """Cuts a batch out of the data set, as the base class, and adds the excluded items."""
        interaction, _, positive_u, positive_i = super().collate_fn(index)
        item_filter: ItemFilter = self._sampler
        excluded = item_filter.excluded(interaction[self.uid_field], positive_i)
        return interaction, excluded, positive_u, positive_i


def filters_items(settings: FNSettings) -> bool:
    """Whether validation and test leave out some items.

    Args:
        settings: The settings of the run.

    Example:
        >>> filters_items(FNSettings()), filters_items(FNSettings(eval_exclude="history"))
        (False, True)
    """
    return settings.eval_candidates is not None or settings.eval_exclude is not None


def item_filters(settings: FNSettings, built_datasets: list[Dataset]) -> list[ItemFilter]:
    """The item filters of validation and test; sampled candidates leave out histories too.

    Args:
        settings: Settings for which `filters_items` is True.
        built_datasets: The built sets of training, validation and test.
    """
    if settings.eval_candidates is not None:
        return [CandidateSampler(built_datasets, settings.eval_candidates)] * 2
    return [SeenItems(built_datasets[:1]), SeenItems(built_datasets[:2])]


def filtering_loader(config: Config, recbole_loader: type) -> type:
    """The loader class that leaves out items.

    Args:
        config: RecBole's configuration.
        recbole_loader: The loader class that RecBole would use.

    Raises:
        InputError: if RecBole would not rank the whole catalogue, or the model is not sequential.
    """
    if recbole_loader is FullSortEvalDataLoader and config["MODEL_TYPE"] == ModelType.SEQUENTIAL:
        return FilteringEvalDataLoader
    keys = ("fn_eval_candidates", "fn_eval_exclude")
    key = next(key for key in keys if config[key] is not None)
    raise InputError(
        f"{key} is {config[key]} and eval_args has mode {config['eval_args']['mode']}; "
        f"the mode must be full and the model sequential"
    )
