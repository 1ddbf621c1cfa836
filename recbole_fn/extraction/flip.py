"""Extracted items become positives, as in the paper."""

from dataclasses import dataclass

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import NON_NEGATIVE
from recbole_fn.extraction.treatment import TeacherScores, Treatment
from recbole_fn.losses.consistency import consistency_loss
from recbole_fn.scoring.scored import Labelled, ScoredRows


class Flip(Treatment):
    """Labels extracted items 1 and pulls their scores to the teacher's.

    UFNRec (arXiv 2208.04116), Algorithm 1; the consistency loss is that of section 3.4.

    In a property file: `fn_strategy: flip` and `fn_consistency_weight: 0.3`.

    Examples:
        >>> from recbole_fn.extraction.treatment import TreatmentContext
        >>> Flip(TreatmentContext(is_relative=False), Flip.Args()).args.weight
        0.3
    """

    name = "flip"

    @dataclass(frozen=True)
    class Args:
        """Arguments of `Flip`."""

        weight: float = argument(
            0.3,
            NON_NEGATIVE,
            "weight of the consistency loss, the paper's alpha",
            key="fn_consistency_weight",
        )

    def apply(self, scored: ScoredRows, teacher: TeacherScores) -> Labelled:
        """Labels extracted items 1; adds the consistency loss unless its weight is 0."""
        labels = scored.labels(1.0)
        if self.args.weight == 0:
            return Labelled(labels, scored.valid)
        consistency = consistency_loss(scored.extracted_logits, teacher.extracted())
        return Labelled(labels, scored.valid, consistency, self.args.weight)
