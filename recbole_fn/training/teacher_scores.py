"""The teacher's scores of the rows of a step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

from recbole_fn.data.batching import RowBatch
from recbole_fn.scoring.mixture import scores_of
from recbole_fn.scoring.scored import ScoredRows
from recbole_fn.scoring.scorers import EncodedRows
from recbole_fn.training.teacher import EMATeacher
from recbole_fn.utils.ragged import padded


@dataclass(frozen=True)
class TeacherRows:
    """Scores rows with the teacher's weights, in the student's mode and without gradient.

    UFNRec (arXiv 2208.04116), section 3.4. A `TeacherScores` for treatments.

    Attributes:
        scored: The rows with their candidates.
        teacher: The teacher.
        encode: Encodes rows with the current weights of the model.

    Examples:
        `TrainingStep` makes one in each step:

        >>> from functools import partial
        >>> from recbole_fn.extraction.slots import without_memory
        >>> step = run.trainer.fn_step
        >>> encode = partial(step.scorer.encode, run.model)
        >>> slots = without_memory(step.sampler.sample(rows, 5, None), None)
        >>> scored = step.candidates.scored(rows, encode(rows), slots)
        >>> scores = TeacherRows(scored, step.teacher, encode)
        >>> scores.candidates().shape, scores.extracted().shape
        (torch.Size([8, 6]), torch.Size([0]))
    """

    scored: ScoredRows
    teacher: EMATeacher
    encode: Callable[[RowBatch], EncodedRows]

    def extracted(self, relative: bool = False) -> Tensor:
        """Logits of the extracted items, shape [E]; encodes only the rows that have some.

        Args:
            relative: Whether to subtract the logit of the row's target.
        """
        scored = self.scored
        if len(scored.rows) == 0:
            return scored.logits.new_zeros(0)
        chosen = scored.extracted.any(1)  # [M]
        if self.teacher.mixes_rows:  # a batch norm must see the batch that the student saw
            chosen = torch.ones_like(chosen)
        # m chosen rows with at most K extracted items each: both [m, K].
        items, is_item = padded(scored.extracted_items, scored.extracted.sum(1)[chosen])
        batch = scored.batch.select(chosen)
        if relative:
            items = torch.cat([batch.targets.unsqueeze(1), items], dim=1)  # [m, 1 + K]
        with self._teaching():
            scores = self.encode(batch).score(items)
        return (scores[:, 1:] - scores[:, :1] if relative else scores)[is_item]

    def candidates(self) -> Tensor:
        """Logits of all candidates, shape [M, C]."""
        items = self.scored.candidates
        with self._teaching():
            encoded = self.encode(self.scored.batch)
            if items is not None:
                return scores_of(encoded, items, self.scored.mixture)
            return encoded.catalogue()[:, : self.scored.logits.shape[1]]

    @contextmanager
    def _teaching(self) -> Iterator[None]:
        with torch.no_grad(), self.teacher.average_parameters():
            yield
