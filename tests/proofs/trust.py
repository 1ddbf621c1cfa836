"""A user's treatment: a second opinion decides about extracted items."""

from dataclasses import dataclass

from recbole_fn.config.components import argument
from recbole_fn.config.constraints import NON_NEGATIVE
from recbole_fn.extraction.treatment import Treatment
from recbole_fn.scoring.scored import Labelled


class Trusted(Treatment):
    """Flips extracted items that the teacher prefers to the target too, and drops the others."""

    @dataclass(frozen=True)
    class Args:
        """What `fn_strategy_args` may hold."""

        margin: float = argument(0.0, NON_NEGATIVE, "by how much the teacher must prefer them")

    def apply(self, scored, teacher):
        """Labels 1 where the teacher agrees."""
        agrees = teacher.extracted(relative=True) > self.args.margin  # [E]
        valid = scored.without_extracted().index_put((scored.rows, scored.columns), agrees)
        return Labelled(scored.labels(agrees.float()), valid)
