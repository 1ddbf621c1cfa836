"""The ways of ranking a target, by name, and the items that each of them leaves out.

Full and sampled metrics can order models differently (Krichene and Rendle, KDD 2020), so a run can
report several rankings of the same weights: `fn_eval_also`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from torch import Tensor

from recbole_fn.evaluation.full_ranking import Excluded
from recbole_fn.evaluation.sampled import CandidateSampler
from recbole_fn.evaluation.seen import SeenItems
from recbole_fn.utils.recbole_types import Dataset, Interaction


class ItemFilter(Protocol):
    """Decides which items take no part in the ranking of a target.

    Example:
        >>> import torch
        >>> class NotItem2:
        ...     def excluded(self, rows, targets):
        ...         row = torch.arange(len(targets))
        ...         return row, torch.full_like(row, 2)
        >>> items: ItemFilter = NotItem2()
        >>> items.excluded({"user_id": torch.tensor([7, 8])}, targets=torch.tensor([3, 4]))
        (tensor([0, 1]), tensor([2, 2]))
    """

    def excluded(self, rows: Interaction, targets: Tensor) -> Excluded:
        """The items to leave out for rows of validation or test and their targets [rows]."""
        ...


@dataclass(frozen=True)
class Rankings:
    """The rankings of a validation or test; a loader holds them as its sampler.

    Attributes:
        main: What the ranking of the unmarked metrics leaves out; None for nothing.
        also: What further rankings leave out, by the names of `fn_eval_also`.

    Example:
        >>> Rankings(main=None, also={"full": None}).also
        {'full': None}
    """

    main: ItemFilter | None
    also: Mapping[str, ItemFilter | None] = field(default_factory=dict)


def rankings(
    main: str, also: Sequence[str], built_datasets: Sequence[Dataset]
) -> tuple[Rankings, Rankings]:
    """The rankings of validation and of the test.

    Args:
        main: Name of the ranking of the unmarked metrics: `full` (all items), `unseen` (all but
            the user's earlier items), `uni100` or `pop100` (that many unseen items, drawn once
            for each user, uniformly or in proportion to their number of training users).
        also: Names of further rankings.
        built_datasets: The built sets of training, validation and test.

    Example:
        >>> splits = [run.train_data.dataset, run.valid_data.dataset, run.test_data.dataset]
        >>> valid, test = rankings("full", ["unseen", "uni5"], splits)
        >>> list(test.also)
        ['unseen', 'uni5']
    """
    shared = {name: _candidates(name, built_datasets) for name in {main, *also}}
    valid, test = (
        {name: SeenItems(*parts) if name == "unseen" else one for name, one in shared.items()}
        for parts in (
            (built_datasets[:1], built_datasets[1]),
            (built_datasets[:2], built_datasets[2]),
        )
    )
    return _of_stage(valid, main, also), _of_stage(test, main, also)


def _of_stage(filters: Mapping[str, ItemFilter | None], main: str, also: Sequence[str]) -> Rankings:
    return Rankings(filters[main], {name: filters[name] for name in also})


def _candidates(name: str, datasets: Sequence[Dataset]) -> CandidateSampler | None:
    """The sampled candidates, which validation and test share; None for other rankings."""
    sampled = re.fullmatch("(uni|pop)([0-9]+)", name)
    if sampled is None:
        return None
    return CandidateSampler(datasets, int(sampled[2]), by_popularity=sampled[1] == "pop")
