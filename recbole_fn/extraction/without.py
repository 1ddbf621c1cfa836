"""Training without extraction: with a teacher, or without anything."""

from recbole_fn.extraction.treatment import TeacherScores, Treatment
from recbole_fn.scoring.scored import Labelled, ScoredRows


class Average(Treatment):
    """Extracts nothing: a teacher averages the weights, and is evaluated."""

    name = "average"
    extracts = False

    def apply(self, scored: ScoredRows, teacher: TeacherScores) -> Labelled:
        """The target alone is labelled 1."""
        return Labelled(scored.labels(1.0), scored.valid)


class Off(Average):
    """Plain training with this package's losses and samplers, without a teacher."""

    name = "off"
    averages = False
