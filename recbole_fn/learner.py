"""One training step of UFNRec: draw, recall, score, compare, remember, and move the teacher."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Optional, Union

import torch
from recbole.data.interaction import Interaction
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from recbole_fn.candidates import Candidates, Visit
from recbole_fn.data.batching import PrefixBatching
from recbole_fn.data.memory import HardNegativeMemory
from recbole_fn.data.ragged import padded
from recbole_fn.distributed.group import Group
from recbole_fn.distributed.noise import own_noise
from recbole_fn.distributed.reduction import mean_over_ranks
from recbole_fn.epoch_report import EpochReport
from recbole_fn.model.objective import consistency_loss
from recbole_fn.model.scoring import Scorer
from recbole_fn.model.teacher import EMATeacher
from recbole_fn.settings import FNSettings

BaseLoss = Callable[[Visit, Tensor, Optional[Tensor]], Tensor]  # of a visit, labels, kept


class FalseNegativeLearner:
    """Owns what false-negative training adds to a model, and computes its loss.

    Liu et al., arXiv 2208.04116, Algorithm 1.

    Args:
        model: The student.
        settings: The `fn_` keys.
        scorer: Scores candidates.
        batching: Reads the rows of a batch.
        memory: The rows' hard negatives and counts.
        candidates: Makes visits of rows, and remembers.
        base_loss: The loss of a visit with labels.
        group: The ranks that train together.
        seed: The seed of the run.

    Attributes:
        teacher: The moving average of the student; None before extraction starts.
        report: Sums of the current epoch.
        steps: Optimizer steps so far.
    """

    def __init__(
        self,
        model: Any,
        settings: FNSettings,
        scorer: Scorer,
        batching: PrefixBatching,
        memory: HardNegativeMemory,
        candidates: Candidates,
        base_loss: BaseLoss,
        group: Group,
        seed: int,
    ) -> None:
        self.model, self.settings, self.scorer = model, settings, scorer
        self.batching, self.memory, self.candidates = batching, memory, candidates
        self.base_loss, self.group, self.seed = base_loss, group, seed
        self.steps = 0
        self.teacher: Optional[EMATeacher] = None
        self.report = EpochReport()
        # A batch norm sees the whole batch, so the teacher must be shown all of it.
        self._mixes_rows = any(isinstance(module, _BatchNorm) for module in model.modules())

    @property
    def extracting(self) -> bool:
        """Whether rows remember their hard negatives by now."""
        return self.teacher is not None and self.settings.extracts

    def start(self) -> None:
        """Starts the teacher, as a copy of the student, and extraction if there is one."""
        self.teacher = EMATeacher(self.model, self.settings.teacher_decay)

    def loss(self, interaction: Interaction) -> Union[Tensor, tuple[Tensor, Tensor]]:
        """Visits the rows of a batch.

        Args:
            interaction: A batch of this package's training loaders, on the model's device.

        Returns:
            The base loss before extraction starts; from then on the base loss and the weighted
            consistency loss, which RecBole adds up.
        """
        own_noise(self.group, self.seed, self.steps)
        batch = self.batching.rows(interaction)
        visit = self.candidates.visit(self.model, batch, recalls=self.extracting)
        if self.teacher is None or not self.extracting:
            return self.base_loss(visit, visit.labels(1.0), visit.kept)
        return self._extracting_loss(visit, self.teacher)

    def after_step(self) -> None:
        """Counts a step and moves the teacher; to be called after each optimizer step."""
        self.steps += 1
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
            "steps": self.steps,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes over what `state_dict` returned."""
        self.model.load_state_dict(state["student"])
        self.memory.load_state_dict(state["memory"])
        self.steps = state["steps"]
        if state["teacher"] is not None:
            self.start()
            assert self.teacher is not None
            self.teacher.load_state_dict(state["teacher"])

    def _extracting_loss(self, visit: Visit, teacher: EMATeacher) -> tuple[Tensor, Tensor]:
        strategy, weight = self.settings.strategy, self.settings.consistency_weight
        consistency = visit.logits.new_zeros(())
        if strategy == "drop":
            base = self.base_loss(visit, visit.labels(0.0), visit.without_extracted())
        elif strategy == "soft":
            taught = self._taught(visit, teacher, self.settings.compares)
            base = self.base_loss(visit, visit.labels(torch.sigmoid(taught)), visit.kept)
        else:
            base = self.base_loss(visit, visit.labels(1.0), visit.kept)
            if weight > 0:
                consistency = consistency_loss(visit.extracted_logits, self._taught(visit, teacher))
                consistency = mean_over_ranks(self.group, consistency, len(visit.rows))
        self.candidates.remember(visit)
        self.report.add(visit.extracted_by_all, base, consistency)
        return base, weight * consistency

    def _taught(self, visit: Visit, teacher: EMATeacher, less_target: bool = False) -> Tensor:
        """The teacher's logits of the extracted items, shape [E]; only their rows are encoded.

        With `less_target` they are less its logits of the rows' targets.
        """
        if len(visit.rows) == 0:
            return visit.logits.new_zeros(0)
        chosen = visit.extracted.any(1)
        if self._mixes_rows:
            chosen = torch.ones_like(chosen)
        items, is_item = padded(visit.extracted_items, visit.extracted.sum(1)[chosen])
        batch = visit.batch.select(chosen)
        if less_target:
            items = torch.cat([batch.targets.unsqueeze(1), items], dim=1)
        with torch.no_grad(), teacher.average_parameters():
            scores = self.scorer(self.model, batch, items)
        return (scores[:, 1:] - scores[:, :1] if less_target else scores)[is_item]
