"""Extracted items become positives to the degree that the teacher says."""

import torch

from recbole_fn.extraction.treatment import TeacherScores, Treatment
from recbole_fn.scoring.scored import Labelled, ScoredRows


class Soft(Treatment):
    """Labels extracted items with the teacher's probability."""

    name = "soft"

    def apply(self, scored: ScoredRows, teacher: TeacherScores) -> Labelled:
        """Labels `sigmoid(teacher)`, of the preference to the target if the loss is relative."""
        taught = teacher.extracted(relative=self.context.is_relative)
        return Labelled(scored.labels(torch.sigmoid(taught)), scored.valid)
