"""One training step of UFNRec (Liu et al., SDM 2023, arXiv 2208.04116, Algorithm 1)."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

import torch
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
from recbole_fn.scoring.no_rows import NoRows
from recbole_fn.scoring.scored import Labelled, ScoredRows
from recbole_fn.scoring.scorers import EncodedRows, Scorer
from recbole_fn.training.chunks import Compared, compare_in_parts
from recbole_fn.training.shard import Shard, take_shard
from recbole_fn.training.shard_score import ShardScore
from recbole_fn.training.teacher import EMATeacher
from recbole_fn.training.teacher_scores import TeacherRows
from recbole_fn.utils.recbole_types import Model, State


@dataclass
class TrainingStep:
    """One step of training, with the memory and the teacher that outlive it.

    Examples:
        >>> batch = next(iter(new_run.trainer.fn_prepare(new_run.train_data)))
        >>> (step := new_run.trainer.fn_step).start()
        >>> [loss.shape for loss in step.loss(batch)]  # two losses from the start of extraction on
        [torch.Size([]), torch.Size([])]

    Attributes:
        model: The student.
        settings: The `fn_` keys.
        seed: That of the run.
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
        """Whether rows remember hard negatives."""
        return self.teacher is not None and self.treatment.extracts

    def loss(self, interaction: Interaction) -> Tensor | tuple[Tensor, Tensor]:
        """The loss of a batch; updates the memory and the sampler.

        Args:
            interaction: A batch of this package's training loaders, on the model's device.

        Returns:
            The base loss; from the start of extraction on, or with a treatment that has an
            additional loss, also the latter times its weight. RecBole adds both.
        """
        seed_rank_generators(self.group, self.seed, self.steps)
        shard = take_shard(self.group, self.batching.rows(interaction))  # data: the rows
        encoded = self._encode(shard.batch)  # scoring: each row once
        negatives = self._sample(shard, encoded)  # negatives
        slots = self._fill_slots(shard.full_batch, negatives)  # extraction: remembered items
        own, number = slots.of(shard.select), self.candidates.number(slots)
        splits = self.base_loss.is_of_rows
        compared = compare_in_parts(self._compare, shard.batch, encoded, own, number, splits)
        base = mean_over_ranks(self.group, *compared.base)
        extra = self._extra(compared)
        self._observe(shard, encoded, negatives, slots)  # feedback to the sampler
        if extra is None:
            return base
        if compared.hard is not None:  # feedback to the memory
            items, hard = shard.gather_chosen(*compared.hard)  # each [M, K]
            hard = hard & self.sampler.may_be_positive(shard.full_batch, items)
            self.memory.update(shard.full_batch.rows, items, hard)
            self.stats.add(slots.extracted, base, extra)
        return base, compared.extra_weight * extra

    def start(self) -> None:
        """Starts the teacher as a copy of the student, and with it extraction."""
        self.teacher = EMATeacher(self.model, self.settings.teacher_decay)

    def after_step(self) -> None:
        """Counts a step and updates the teacher; to be called after each optimizer step."""
        self.steps += 1
        if self.teacher is not None:
            self.teacher.update()

    def end_epoch(self, epoch: int) -> dict[str, float] | None:
        """Ends an epoch, counted from 0.

        Returns:
            Statistics of extraction (`ExtractionStats.figures`); None before its start.
        """
        self.sampler.end_epoch()
        if self.settings.count != "exact" and (epoch + 1) % int(self.settings.count) == 0:
            self.memory.fade()
        return self.stats.figures(self.memory.num_remembered()) if self.extracting else None

    def evaluation_weights(self) -> AbstractContextManager[None]:
        """Within the context, the model has the weights of evaluation (`fn_eval_with`)."""
        teacher = None if self.settings.eval_with == "student" else self.teacher
        return nullcontext() if teacher is None else teacher.average_parameters()

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
        num, score = self.settings.num_slots, ShardScore(shard, encoded)
        return self.sampler.sample(shard.full_batch, num, score)

    def _fill_slots(self, batch: RowBatch, negatives: Negatives) -> Slots:
        log_q = self.sampler.log_q(batch, negatives) if self.settings.logq > 0 else None
        if not self.extracting:
            return without_memory(negatives, log_q)
        return self._inject(batch.rows, negatives, log_q)

    def _compare(self, batch: RowBatch, encoded: EncodedRows, slots: Slots) -> Compared:
        scored = self.candidates.scored(batch, encoded, slots)  # scoring
        labelled = self._label(scored)  # extraction: the treatment decides the labels
        base = self._base(scored, labelled)  # losses
        hard = self.candidates.hard(scored) if self.extracting else None
        return Compared(base, labelled.extra, labelled.extra_weight, hard)

    def _label(self, scored: ScoredRows) -> Labelled:
        if self.teacher is None:
            return Labelled(scored.labels(1.0), scored.valid)
        return self.treatment.apply(scored, TeacherRows(scored, self.teacher, self._encode))

    def _base(self, scored: ScoredRows, labelled: Labelled) -> tuple[Tensor, Weight]:
        empty = len(scored.logits) == 0
        return (scored.logits.new_zeros(()), 0) if empty else self.base_loss.of(scored, labelled)

    def _extra(self, compared: Compared) -> Tensor | None:
        if compared.extra is not None:
            return mean_over_ranks(self.group, *compared.extra)
        return torch.zeros_like(compared.base[0]) if self.extracting else None

    def _observe(self, shard: Shard, encoded: EncodedRows, drawn: Negatives, slots: Slots) -> None:
        if self.sampler.observes:  # otherwise no scores are gathered
            scores = ShardScore(shard, encoded)(slots.items)
            used = Negatives(slots.items, drawn.log_q, slots.valid)
            self.sampler.observe(shard.full_batch, used, scores)
