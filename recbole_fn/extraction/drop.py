"""Extracted items leave the loss."""

from recbole_fn.extraction.treatment import TeacherScores, Treatment
from recbole_fn.scoring.scored import Labelled, ScoredRows


class Drop(Treatment):
    """Masks extracted items: they are neither positives nor negatives.

    An ablation of the flip of arXiv 2208.04116 (Algorithm 1): persistent hard negatives
    are not trusted as negatives, and not taken for positives either.

    In a property file: `fn_strategy: drop`.

    Examples:
        >>> from recbole_fn.extraction import TREATMENTS
        >>> Drop in TREATMENTS, Drop.name, Drop.extracts
        (True, 'drop', True)
    """

    name = "drop"

    def apply(self, scored: ScoredRows, teacher: TeacherScores) -> Labelled:
        """Labels only the target 1 and leaves extracted items out of the loss."""
        return Labelled(scored.labels(0.0), scored.without_extracted())
