"""Records the rank of each test target while RecBole evaluates."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recbole_fn.data.loaders import dataset_of
from recbole_fn.evaluation.filters import FilteringEvalDataLoader
from recbole_fn.evaluation.rankings import Rankings
from recbole_fn.evaluation.several import without
from recbole_fn.feedback.dataset import PLACE_FIELD
from recbole_fn.results.target_ranks import TargetRanks, recommended
from recbole_fn.utils.ranks import rank_of
from recbole_fn.utils.recbole_types import Loader
from recbole_fn.utils.trainer_type import Trainer


class RankNotes:
    """Records the target ranks of an evaluation within its context; numbers stay as they are.

    Args:
        trainer: A trainer of this package or of plain RecBole.
        test_data: The loader that is evaluated; it ranks the whole catalogue.

    Example:
        >>> with RankNotes(run.trainer, run.test_data) as notes:
        ...     result = run.trainer.evaluate(run.test_data, load_best_model=False)
        >>> notes.target_ranks(torch.ones(51)).ranks.shape  # [rows]
        (80,)
    """

    def __init__(self, trainer: Trainer, test_data: Loader) -> None:
        self._evaluate, self._dataset = trainer._full_sort_batch_eval, dataset_of(test_data)
        self._rankings = _rankings_of(test_data)
        self._rows: list[Tensor] = []
        self._places: list[Tensor] = []  # of the targets among all interactions, with feedback
        self._ranks: dict[str, list[Tensor]] = {name: [] for name in ["", *self._rankings.also]}
        self._recommended = torch.zeros(self._dataset.item_num, dtype=torch.int64)
        self._trainer = trainer

    def __enter__(self) -> "RankNotes":
        self._trainer._full_sort_batch_eval = self._note
        return self

    def __exit__(self, *error: object) -> None:
        del self._trainer._full_sort_batch_eval  # of the instance; the class has its own

    def _note(self, batch: Any) -> tuple[Any, ...]:
        evaluated: tuple[Any, ...] = self._evaluate(batch)
        interaction, scores, users, items = evaluated
        rows = interaction.to("cpu")[users.cpu()]
        ids, lengths = rows[self._dataset.uid_field], rows[self._dataset.item_list_length_field]
        self._rows.append(torch.stack([ids, items.cpu(), lengths]))  # [3, rows]
        if PLACE_FIELD in rows:
            self._places.append(rows[PLACE_FIELD])
        for name, left_out in {**self._rankings.also, "": self._rankings.main}.items():
            ranked = without(scores, left_out, rows, items.cpu())
            ranks = rank_of(ranked, users.to(scores.device), items.to(scores.device))
            self._ranks[name].append(ranks.cpu())
        self._recommended += recommended(ranked).cpu()  # in the main ranking, the last one
        return evaluated

    def target_ranks(self, popularity: Tensor) -> TargetRanks:
        """The recorded ranks.

        Args:
            popularity: Users who have had each item in training, shape [num_items].
        """
        users, items, lengths = torch.cat(self._rows, dim=1).numpy()
        also = {name: torch.cat(parts).numpy() for name, parts in self._ranks.items()}
        dataset = self._dataset
        return TargetRanks(
            users=dataset.id2token(dataset.uid_field, users).astype(str),
            items=dataset.id2token(dataset.iid_field, items).astype(str),
            ranks=also.pop(""),
            history_lengths=lengths,
            popularity=popularity.numpy()[items],
            recommended=self._recommended[1:].numpy(),
            negative_percents=self._negative_percents(),
            also=also,
        )

    def _negative_percents(self) -> NDArray[np.int64] | None:
        """See `TargetRanks`: [rows]."""
        if not self._places:
            return None
        dataset: Any = self._dataset  # a `FeedbackDataset`
        percents: Tensor = dataset.fn_log.negative_percent()[torch.cat(self._places)]
        return percents.numpy()


def _rankings_of(loader: Loader) -> Rankings:
    """What is left out of scores that the loader has not masked itself."""
    if isinstance(loader, FilteringEvalDataLoader) and loader.rankings.also:
        return loader.rankings
    return Rankings(main=None)
