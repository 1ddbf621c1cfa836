"""Score priors: what is known of the next item without training, added to a model's scores."""

from recbole_fn.config.components import Choice
from recbole_fn.priors.base import Ends, ScorePrior
from recbole_fn.priors.followers import FollowerPrior

PRIORS: tuple[type[ScorePrior], ...] = (FollowerPrior,)
PRIOR = Choice("fn_prior", ScorePrior, PRIORS)

__all__ = ["PRIOR", "PRIORS", "Ends", "FollowerPrior", "ScorePrior"]
