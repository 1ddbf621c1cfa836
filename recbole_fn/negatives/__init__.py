"""Negative samplers: where a row's negatives come from. One sampler a file."""

from recbole_fn.negatives.base import NegativeSampler
from recbole_fn.negatives.catalogue import CatalogueSampler
from recbole_fn.negatives.followers import FollowerSampler
from recbole_fn.negatives.uniform import UniformSampler

SAMPLERS: tuple[type[NegativeSampler], ...] = (UniformSampler, FollowerSampler, CatalogueSampler)

__all__ = ["SAMPLERS", "CatalogueSampler", "FollowerSampler", "NegativeSampler", "UniformSampler"]
