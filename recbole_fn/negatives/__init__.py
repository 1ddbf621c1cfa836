"""Negative samplers: where a row's negatives come from. One sampler a file."""

from recbole_fn.negatives.ahns import AdaptiveSampler
from recbole_fn.negatives.base import NegativeSampler
from recbole_fn.negatives.bns import BayesianSampler
from recbole_fn.negatives.catalogue import CatalogueSampler
from recbole_fn.negatives.cross_batch import CrossBatchSampler
from recbole_fn.negatives.dins import DINSSampler
from recbole_fn.negatives.distance import DistanceSampler
from recbole_fn.negatives.dns import DynamicSampler
from recbole_fn.negatives.followers import FollowerSampler
from recbole_fn.negatives.guarded import GuardedSampler
from recbole_fn.negatives.in_batch import InBatchSampler
from recbole_fn.negatives.listed import ListedSampler
from recbole_fn.negatives.mixed import MixedSampler
from recbole_fn.negatives.mixup import MixupSampler
from recbole_fn.negatives.popularity import PopularitySampler
from recbole_fn.negatives.semi_hard import SemiHardSampler
from recbole_fn.negatives.simans import AmbiguousSampler
from recbole_fn.negatives.srns import RobustSampler
from recbole_fn.negatives.uniform import UniformSampler

SAMPLERS: tuple[type[NegativeSampler], ...] = (
    UniformSampler,
    PopularitySampler,
    InBatchSampler,
    MixedSampler,
    CrossBatchSampler,
    ListedSampler,
    GuardedSampler,
    DynamicSampler,
    SemiHardSampler,
    DistanceSampler,
    RobustSampler,
    AdaptiveSampler,
    AmbiguousSampler,
    BayesianSampler,
    MixupSampler,
    DINSSampler,
    FollowerSampler,
    CatalogueSampler,
)

__all__ = [
    "SAMPLERS",
    "AdaptiveSampler",
    "AmbiguousSampler",
    "BayesianSampler",
    "CatalogueSampler",
    "CrossBatchSampler",
    "DINSSampler",
    "DistanceSampler",
    "DynamicSampler",
    "FollowerSampler",
    "GuardedSampler",
    "InBatchSampler",
    "ListedSampler",
    "MixedSampler",
    "MixupSampler",
    "NegativeSampler",
    "PopularitySampler",
    "RobustSampler",
    "SemiHardSampler",
    "UniformSampler",
]
