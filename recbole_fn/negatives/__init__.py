"""Negative samplers: where a row's negatives come from. One sampler a file."""

from recbole_fn.negatives.ahns import AdaptiveSampler
from recbole_fn.negatives.base import NegativeSampler
from recbole_fn.negatives.bns import BayesianSampler
from recbole_fn.negatives.catalogue import CatalogueSampler
from recbole_fn.negatives.distance import DistanceSampler
from recbole_fn.negatives.dns import DynamicSampler
from recbole_fn.negatives.followers import FollowerSampler
from recbole_fn.negatives.mixup import MixupSampler
from recbole_fn.negatives.semi_hard import SemiHardSampler
from recbole_fn.negatives.simans import AmbiguousSampler
from recbole_fn.negatives.srns import RobustSampler
from recbole_fn.negatives.uniform import UniformSampler

SAMPLERS: tuple[type[NegativeSampler], ...] = (
    UniformSampler,
    DynamicSampler,
    SemiHardSampler,
    DistanceSampler,
    RobustSampler,
    AdaptiveSampler,
    AmbiguousSampler,
    BayesianSampler,
    MixupSampler,
    FollowerSampler,
    CatalogueSampler,
)

__all__ = [
    "SAMPLERS",
    "AdaptiveSampler",
    "AmbiguousSampler",
    "BayesianSampler",
    "CatalogueSampler",
    "DistanceSampler",
    "DynamicSampler",
    "FollowerSampler",
    "MixupSampler",
    "NegativeSampler",
    "RobustSampler",
    "SemiHardSampler",
    "UniformSampler",
]
