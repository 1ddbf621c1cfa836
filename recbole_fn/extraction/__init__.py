"""Memory of hard negatives and what becomes of persistent ones: one `Treatment` a file."""

from recbole_fn.extraction.drop import Drop
from recbole_fn.extraction.flip import Flip
from recbole_fn.extraction.soft import Soft
from recbole_fn.extraction.treatment import Treatment
from recbole_fn.extraction.without import Average, Off

TREATMENTS: tuple[type[Treatment], ...] = (Flip, Soft, Drop, Average, Off)

__all__ = ["TREATMENTS", "Average", "Drop", "Flip", "Off", "Soft", "Treatment"]
