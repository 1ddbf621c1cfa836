"""Training without extraction: with a teacher, or without anything."""

from recbole_fn.extraction.treatment import TeacherScores, Treatment
from recbole_fn.scoring.scored import Labelled, ScoredRows


class Average(Treatment):
    """Extracts nothing: a teacher averages the weights and is evaluated.

    The teacher of arXiv 2208.04116, section 3.4, alone: it shows what averaging adds by itself.

    Examples:
        >>> Average.name, Average.averages, Average.extracts
        ('average', True, False)
    """

    name = "average"
    extracts = False

    def apply(self, scored: ScoredRows, teacher: TeacherScores) -> Labelled:
        """Labels only the target 1."""
        return Labelled(scored.labels(1.0), scored.valid)


class Off(Average):
    """Plain training with this package's losses and samplers, without a teacher.

    Examples:
        >>> Off.name, Off.averages, Off.extracts
        ('off', False, False)
    """

    name = "off"
    averages = False
