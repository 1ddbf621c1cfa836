"""The loader of validation and test that knows which items each ranking leaves out."""

from collections.abc import Sequence

from recbole.data.dataloader import FullSortEvalDataLoader
from recbole.utils import ModelType

from recbole_fn.config.settings import FNSettings
from recbole_fn.evaluation.full_ranking import Batch, FNFullSortEvalDataLoader
from recbole_fn.evaluation.rankings import Rankings
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config


class FilteringEvalDataLoader(FNFullSortEvalDataLoader):
    """A loader for full ranking that leaves out the items that its `Rankings` exclude.

    RecBole's trainer sets the scores of the items that a loader passes as history to -inf. With
    further rankings (`fn_eval_also`) nothing is passed; each ranking's collector sets its own.

    Example:
        RecBole makes it with `fn_eval_exclude: history`:

        >>> from recbole_fn.experiment.build import load_data
        >>> config["fn_eval_exclude"] = "history"
        >>> _, (_, _, test_data) = load_data(config)
        >>> interaction, (rows, items), *_ = next(iter(test_data))
        >>> isinstance(test_data, FilteringEvalDataLoader), rows.shape == items.shape
        (True, True)
    """

    @property
    def rankings(self) -> Rankings:
        """What each ranking leaves out."""
        held: Rankings = self._sampler
        return held

    def collate_fn(self, index: Sequence[int]) -> Batch:
        """Cuts a batch out of the data set, as the base class, and adds the excluded items."""
        interaction, _, positive_u, positive_i = super().collate_fn(index)
        main, excluded = self.rankings.main, None
        if main is not None and not self.rankings.also:
            excluded = main.excluded(interaction, positive_i)
        return interaction, excluded, positive_u, positive_i


def filters_items(settings: FNSettings) -> bool:
    """Whether validation and test need more than RecBole's ranking.

    Args:
        settings: The settings of the run.

    Example:
        >>> filters_items(FNSettings()), filters_items(FNSettings(eval_exclude="history"))
        (False, True)
    """
    return settings.main_ranking != "full" or bool(settings.also_rankings)


def filtering_loader(config: Config, recbole_loader: type) -> type:
    """The loader class that leaves out items.

    Args:
        config: RecBole's configuration.
        recbole_loader: The loader class that RecBole would use.

    Raises:
        InputError: if RecBole would not rank the whole catalogue, or the model is not sequential.

    Example:
        >>> filtering_loader({"MODEL_TYPE": ModelType.SEQUENTIAL}, FullSortEvalDataLoader).__name__
        'FilteringEvalDataLoader'
    """
    if recbole_loader is FullSortEvalDataLoader and config["MODEL_TYPE"] == ModelType.SEQUENTIAL:
        return FilteringEvalDataLoader
    keys = ("fn_eval_candidates", "fn_eval_exclude", "fn_eval_also")
    key = next(key for key in keys if config[key] is not None)
    raise InputError(
        f"{key} is {config[key]} and eval_args has mode {config['eval_args']['mode']}; "
        f"the mode must be full and the model sequential"
    )
