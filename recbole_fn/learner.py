"""One training step of UFNRec: draw, recall, score, compare, remember, and move the teacher."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Optional, Union

import torch
from recbole.data.interaction import Interaction
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from recbole_fn.data.batching import PrefixBatching, RowBatch
from recbole_fn.data.memory import HardNegativeMemory
from recbole_fn.data.sampler import FNSampler
from recbole_fn.epoch_report import EpochReport
from recbole_fn.model.objective import bce_loss, consistency_loss, mine_hard_negatives
from recbole_fn.model.scoring import Scorer
from recbole_fn.model.teacher import EMATeacher
from recbole_fn.settings import FNSettings


class FalseNegativeLearner:
    """Owns what false-negative training adds to a model, and computes its loss.

    Liu et al., arXiv 2208.04116, Algorithm 1.

    Args:
        model: The student.
        settings: The `fn_` keys.
        sampler: Draws negatives.
        scorer: Scores candidates.
        batching: Reads the rows of a batch.
        memory: The rows' hard negatives and counts.

    Attributes:
        teacher: The moving average of the student; None before extraction starts.
        report: Sums of the current epoch.
    """

    def __init__(
        self,
        model: Any,
        settings: FNSettings,
        sampler: FNSampler,
        scorer: Scorer,
        batching: PrefixBatching,
        memory: HardNegativeMemory,
    ) -> None:
        self.model, self.settings = model, settings
        self.sampler, self.scorer, self.batching, self.memory = sampler, scorer, batching, memory
        self.teacher: Optional[EMATeacher] = None
        self.report = EpochReport()
        # A batch norm sees the whole batch, so the teacher must be shown all of it.
        self._mixes_rows = any(isinstance(module, _BatchNorm) for module in model.modules())

    def start(self) -> None:
        """Starts extraction; the teacher begins as a copy of the student."""
        self.teacher = EMATeacher(self.model, self.settings.teacher_decay)

    def loss(self, interaction: Interaction) -> Union[Tensor, tuple[Tensor, Tensor]]:
        """Visits the rows of a batch.

        Args:
            interaction: A batch of this package's training loaders, on the model's device.

        Returns:
            The base loss before extraction starts; from then on the base loss and the weighted
            consistency loss, which RecBole adds up.
        """
        batch = self.batching.rows(interaction)
        negatives = self.sampler.draw(batch.users, batch.targets, self.settings.neg_num)
        if self.teacher is None:
            logits = self._score(batch, negatives)
            return bce_loss(logits, torch.zeros_like(negatives, dtype=torch.bool))
        return self._extracting_loss(batch, negatives, self.teacher)

    def after_step(self) -> None:
        """Moves the teacher; to be called after each optimizer step."""
        if self.teacher is not None:
            self.teacher.update()

    @contextmanager
    def evaluation_weights(self) -> Iterator[None]:
        """Within the context, the model has the weights that evaluation uses."""
        if self.teacher is None or self.settings.eval_with == "student":
            yield
        else:
            with self.teacher.average_parameters():
                yield

    def state_dict(self) -> dict[str, Any]:
        """Student, teacher and memory; the weights are not copied."""
        return {
            "student": self.model.state_dict(),
            "teacher": None if self.teacher is None else self.teacher.state_dict(),
            "memory": self.memory.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes over what `state_dict` returned."""
        self.model.load_state_dict(state["student"])
        self.memory.load_state_dict(state["memory"])
        if state["teacher"] is not None:
            self.start()
            assert self.teacher is not None
            self.teacher.load_state_dict(state["teacher"])

    def _extracting_loss(
        self, batch: RowBatch, drawn: Tensor, teacher: EMATeacher
    ) -> tuple[Tensor, Tensor]:
        negatives, flipped = self.memory.recall(batch.rows, drawn)
        logits = self._score(batch, negatives)  # [M, 1 + N]
        base = bce_loss(logits, flipped)
        consistency = self._consistency(batch, negatives, flipped, logits, teacher)
        self.memory.update(batch.rows, negatives, mine_hard_negatives(logits, flipped))
        self.report.add(flipped, base, consistency)
        return base, self.settings.consistency_weight * consistency

    def _score(self, batch: RowBatch, negatives: Tensor) -> Tensor:
        candidates = torch.cat([batch.targets.unsqueeze(1), negatives], dim=1)
        return self.scorer(self.model, batch, candidates)

    def _consistency(
        self,
        batch: RowBatch,
        negatives: Tensor,
        flipped: Tensor,
        logits: Tensor,
        teacher: EMATeacher,
    ) -> Tensor:
        """The consistency loss; the teacher scores flipped items alone."""
        chosen = flipped.any(1)
        if self._mixes_rows:
            chosen = torch.full_like(chosen, bool(chosen.any()))
        if not bool(chosen.any()):
            return consistency_loss(logits[:, 1:], logits[:, 1:], flipped)
        flipped = flipped[chosen]
        most = int(flipped.sum(1).max())
        flipped, slots = flipped.int().topk(most, dim=1)  # [R, K], flipped slots first
        items = negatives[chosen].gather(1, slots)
        with torch.no_grad(), teacher.average_parameters():
            taught = self.scorer(self.model, batch.select(chosen), items)
        return consistency_loss(logits[chosen, 1:].gather(1, slots), taught, flipped.bool())
