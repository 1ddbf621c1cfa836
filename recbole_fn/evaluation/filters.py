"""Evaluation in which some items take no part, where RecBole ranks the whole catalogue.

RecBole leaves a user's own items out of the ranking for general recommenders, but for sequential
ones they compete with the target; many papers leave them out.
"""

from collections.abc import Iterable
from typing import Any

from recbole.data.dataloader import FullSortEvalDataLoader
from recbole.utils import ModelType
from torch import Tensor

from recbole_fn.config.settings import FNSettings
from recbole_fn.data.history import histories_of
from recbole_fn.evaluation.full_ranking import FNFullSortEvalDataLoader
from recbole_fn.evaluation.sampled import CandidateSampler
from recbole_fn.utils.errors import InputError


class SeenItems:
    """The items that users have had before; a loader of validation or test holds it.

    Args:
        datasets: The built sets of rows before: of training, and for the test of validation.
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.histories = histories_of(datasets)

    def excluded(self, users: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """The items that take no part in the ranking of a target, which itself always does.

        Args:
            users: The user of each row, shape [U].
            targets: The target of each row, shape [U].

        Returns:
            For each of the Q items: the row, from 0 to U - 1, and the item; each of shape [Q].
        """
        rows, items = self.histories.items_of(users)
        hidden = items != targets[rows]
        return rows[hidden], items[hidden]


class FilteringEvalDataLoader(FNFullSortEvalDataLoader):
    """A loader for full ranking that filters_items what its sampler calls the others.

    RecBole's trainer puts the scores of what a loader calls history to minus infinity.
    """

    def collate_fn(self, index: Any) -> tuple[Any, ...]:
        """Cuts a batch out of the data set; takes and returns what its base class does."""
        interaction, _, positive_u, positive_i = super().collate_fn(index)
        others = self._sampler.excluded(interaction[self.uid_field], positive_i)
        return interaction, others, positive_u, positive_i


def filters_items(settings: FNSettings) -> bool:
    """Whether some items take no part in an evaluation."""
    return settings.eval_candidates is not None or settings.eval_exclude is not None


def item_filters(settings: FNSettings, built_datasets: list[Any]) -> list[Any]:
    """What the loaders of validation and test hide; candidates leave histories out too.

    Args:
        settings: Settings that hide some items.
        built_datasets: The sets of training, validation and test.
    """
    if settings.eval_candidates is not None:
        return [CandidateSampler(built_datasets, settings.eval_candidates)] * 2
    return [SeenItems(built_datasets[:1]), SeenItems(built_datasets[:2])]


def filtering_loader(config: Any, recboles: type) -> type:
    """The loader that filters_items items.

    Args:
        config: RecBole's configuration.
        recboles: The loader that RecBole would use.

    Raises:
        InputError: where RecBole would not rank the whole catalogue for a sequence.
    """
    if recboles is FullSortEvalDataLoader and config["MODEL_TYPE"] == ModelType.SEQUENTIAL:
        return FilteringEvalDataLoader
    keys = ("fn_eval_candidates", "fn_eval_exclude")
    key = next(key for key in keys if config[key] is not None)
    raise InputError(
        f"{key} is {config[key]} and eval_args has mode {config['eval_args']['mode']}; "
        f"the mode must be full and the model sequential"
    )
