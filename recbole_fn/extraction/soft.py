"""Extracted items get the teacher's probability as their label."""

import torch

from recbole_fn.extraction.treatment import TeacherScores, Treatment
from recbole_fn.scoring.scored import Labelled, ScoredRows


class Soft(Treatment):
    """Labels extracted items with the teacher's probability.

    A soft variant of the flip of arXiv 2208.04116 (Algorithm 1) that needs no consistency
    loss: the teacher decides how positive an item is.

    In a property file: `fn_strategy: soft`.

    Examples:
        >>> from recbole_fn.extraction import TREATMENTS
        >>> Soft in TREATMENTS, Soft.name, Soft.averages
        (True, 'soft', True)
    """

    name = "soft"

    def apply(self, scored: ScoredRows, teacher: TeacherScores) -> Labelled:
        """Labels `sigmoid(teacher_logits)`.

        With a loss that compares a row's candidates, the logit of the target is subtracted first.
        """
        teacher_logits = teacher.extracted(relative=self.context.is_relative)  # [E]
        return Labelled(scored.labels(torch.sigmoid(teacher_logits)), scored.valid)
