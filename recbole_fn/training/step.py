"""One training step of UFNRec, from top to bottom.

Liu et al., "UFNRec: Utilizing False Negative Samples for Sequential Recommendation", SDM 2023,
arXiv 2208.04116, Algorithm 1.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from recbole.data.interaction import Interaction
from torch import Tensor

from recbole_fn.config.settings import FNSettings
from recbole_fn.data.batching import PrefixBatching, RowBatch
from recbole_fn.distributed.group import Group
from recbole_fn.distributed.reduction import mean_over_ranks
from recbole_fn.distributed.seeding import seed_rank_generators
from recbole_fn.extraction.candidates import Candidates
from recbole_fn.extraction.epoch_stats import ExtractionStats
from recbole_fn.extraction.memory import HardNegativeMemory
from recbole_fn.extraction.slots import Injection, Slots, without_memory
from recbole_fn.extraction.treatment import Treatment
from recbole_fn.losses.base import CandidateLoss, Weight
from recbole_fn.negatives.base import Negatives, NegativeSampler
from recbole_fn.scoring.scored import Labelled, ScoredRows
from recbole_fn.scoring.scorers import EncodedRows, NoRows, Scorer
from recbole_fn.training.shard import Shard, take_shard
from recbole_fn.training.shard_score import ShardScore
from recbole_fn.training.teacher import EMATeacher
from recbole_fn.training.teacher_scores import TeacherRows
from recbole_fn.utils.recbole_types import Model, State


@dataclass
class TrainingStep:
    """One step of training, with the memory and the teacher that outlive it.

    Examples:
        Made by `FNTrainer` before the first epoch::

            step, loader = setup.prepare(config, model, parts, train_data)
            step.loss(batch).backward()  # before the start; then there are two losses
            step.after_step()  # follows `optimizer.step()`

    Attributes:
        model: The student.
        settings: The `fn_` keys.
        seed: The seed of the run.
        group: The ranks that train together.
        batching: Reads the rows of a batch.
        scorer: Scores items with the model.
        sampler: Draws negatives.
        memory: The rows' hard negatives and counts.
        candidates: Scores candidates and mines hard negatives.
        treatment: Decides what becomes of extracted items.
        base_loss: The loss of labelled candidates.
        teacher: The moving average of the student; None before it starts.
        stats: Statistics of extraction in the current epoch.
        steps: Optimizer steps so far.
    """

    model: Model
    settings: FNSettings
    seed: int
    group: Group
    batching: PrefixBatching
    scorer: Scorer
    sampler: NegativeSampler
    memory: HardNegativeMemory
    candidates: Candidates
    treatment: Treatment
    base_loss: CandidateLoss
    teacher: EMATeacher | None = None
    stats: ExtractionStats = field(default_factory=ExtractionStats)
    steps: int = 0

    def __post_init__(self) -> None:
        self._inject = Injection(self.memory)

    @property
    def extracting(self) -> bool:
        """Whether extraction has started, so that rows remember hard negatives."""
        return self.teacher is not None and self.treatment.extracts

    def loss(self, interaction: Interaction) -> Tensor | tuple[Tensor, Tensor]:
        """Computes the loss of a batch and updates the memory and the sampler.

        Args:
            interaction: A batch of this package's training loaders, on the model's device.

        Returns:
            The base loss. From the start of extraction on, or with a treatment that has an
            additional loss, also that loss with its weight; RecBole adds both.
        """
        seed_rank_generators(self.group, self.seed, self.steps)
        shard = take_shard(self.group, self.batching.rows(interaction))  # data: the rows
        encoded = self._encode(shard.batch)  # scoring: each row once
        negatives = self._sample(shard, encoded)  # negatives
        slots = self._fill_slots(shard.full_batch, negatives)  # extraction: remembered items
        scored = self.candidates.scored(shard.batch, encoded, slots.of(shard.select))  # scoring
        labelled = self._label(scored)  # extraction: the treatment decides the labels
        base = mean_over_ranks(self.group, *self._base(scored, labelled))  # losses
        extra = self._extra(scored, labelled)
        self._observe(shard, encoded, negatives, slots)  # feedback to the sampler
        if extra is None:
            return base
        if self.extracting:  # feedback to the memory
            items, hard = shard.gather_chosen(*self.candidates.hard(scored))  # each [M, K]
            hard = hard & self.sampler.may_be_positive(shard.full_batch, items)
            self.memory.update(shard.full_batch.rows, items, hard)
            self.stats.add(slots.extracted, base, extra)
        return base, labelled.extra_weight * extra

    def start(self) -> None:
        """Starts the teacher as a copy of the student, and with it extraction."""
        self.teacher = EMATeacher(self.model, self.settings.teacher_decay)

    def after_step(self) -> None:
        """Counts a step and updates the teacher; to be called after each optimizer step."""
        self.steps += 1
        if self.teacher is not None:
            self.teacher.update()

    def end_epoch(self) -> dict[str, float] | None:
        """Ends an epoch.

        Returns:
            Statistics of extraction (`ExtractionStats.figures`); None before its start.
        """
        self.sampler.end_epoch()
        return self.stats.figures(self.memory.num_remembered()) if self.extracting else None

    def evaluation_weights(self) -> AbstractContextManager[None]:
        """Within the context, the model has the weights that evaluation uses (`fn_eval_with`)."""
        if self.teacher is None or self.settings.eval_with == "student":
            return nullcontext()
        return self.teacher.average_parameters()

    def state_dict(self) -> State:
        """The state of student, teacher, memory and sampler; weights are not copied."""
        return {
            "student": self.model.state_dict(),
            "teacher": None if self.teacher is None else self.teacher.state_dict(),
            "memory": self.memory.state_dict(),
            "sampler": self.sampler.state_dict(),
            "steps": self.steps,
        }

    def load_state_dict(self, state: State) -> None:
        """Restores what `state_dict` returned."""
        self.model.load_state_dict(state["student"])
        self.memory.load_state_dict(state["memory"])
        self.sampler.load_state_dict(state["sampler"])
        self.steps = state["steps"]
        if state["teacher"] is not None:
            self.teacher = EMATeacher(self.model, self.settings.teacher_decay)
            self.teacher.load_state_dict(state["teacher"])

    def _encode(self, batch: RowBatch) -> EncodedRows:
        if len(batch.rows) == 0:
            return NoRows(self.memory.num_items, batch.rows.device)
        return self.scorer.encode(self.model, batch)

    def _sample(self, shard: Shard, encoded: EncodedRows) -> Negatives:
        score = ShardScore(shard, encoded)
        return self.sampler.sample(shard.full_batch, self.settings.num_slots, score)

    def _fill_slots(self, batch: RowBatch, negatives: Negatives) -> Slots:
        log_q = self.sampler.log_q(batch, negatives) if self.settings.logq > 0 else None
        if not self.extracting:
            return without_memory(negatives, log_q)
        return self._inject(batch.rows, negatives, log_q)

    def _label(self, scored: ScoredRows) -> Labelled:
        if self.teacher is None:
            return Labelled(scored.labels(1.0), scored.valid)
        return self.treatment.apply(scored, TeacherRows(scored, self.teacher, self._encode))

    def _base(self, scored: ScoredRows, labelled: Labelled) -> tuple[Tensor, Weight]:
        if len(scored.logits) == 0:
            return scored.logits.new_zeros(()), 0
        return self.base_loss.of(scored, labelled)

    def _extra(self, scored: ScoredRows, labelled: Labelled) -> Tensor | None:
        if labelled.extra is not None:
            return mean_over_ranks(self.group, *labelled.extra)
        return scored.logits.new_zeros(()) if self.extracting else None

    def _observe(
        self, shard: Shard, encoded: EncodedRows, negatives: Negatives, slots: Slots
    ) -> None:
        if not self.sampler.observes:
            return  # the sampler ignores scores, so none are gathered
        scores = ShardScore(shard, encoded)(slots.items)
        used = Negatives(slots.items, negatives.log_q, slots.valid)
        self.sampler.observe(shard.full_batch, used, scores)
