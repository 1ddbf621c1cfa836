"""Extracted items leave the loss."""

from recbole_fn.extraction.treatment import TeacherScores, Treatment
from recbole_fn.scoring.scored import Labelled, ScoredRows


class Drop(Treatment):
    """Leaves extracted items out: neither positives nor negatives."""

    name = "drop"

    def apply(self, scored: ScoredRows, teacher: TeacherScores) -> Labelled:
        """The target alone is labelled 1."""
        return Labelled(scored.labels(0.0), scored.without_extracted())
