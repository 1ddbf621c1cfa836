"""Negative samplers: where a row's negatives come from. One sampler a file."""

from recbole_fn.negatives.base import NegativeSampler
from recbole_fn.negatives.catalogue import CatalogueSampler
from recbole_fn.negatives.cross_batch import CrossBatchSampler
from recbole_fn.negatives.followers import FollowerSampler
from recbole_fn.negatives.guarded import GuardedSampler
from recbole_fn.negatives.in_batch import InBatchSampler
from recbole_fn.negatives.listed import ListedSampler
from recbole_fn.negatives.mixed import MixedSampler
from recbole_fn.negatives.popularity import PopularitySampler
from recbole_fn.negatives.uniform import UniformSampler

SAMPLERS: tuple[type[NegativeSampler], ...] = (
    UniformSampler,
    PopularitySampler,
    InBatchSampler,
    MixedSampler,
    CrossBatchSampler,
    ListedSampler,
    GuardedSampler,
    FollowerSampler,
    CatalogueSampler,
)

__all__ = [
    "SAMPLERS",
    "CatalogueSampler",
    "CrossBatchSampler",
    "FollowerSampler",
    "GuardedSampler",
    "InBatchSampler",
    "ListedSampler",
    "MixedSampler",
    "NegativeSampler",
    "PopularitySampler",
    "UniformSampler",
]
