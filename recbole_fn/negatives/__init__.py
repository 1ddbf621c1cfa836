"""Where negatives come from: one sampler a file, all behind `NegativeSampler`."""

from recbole_fn.negatives.base import NegativeSampler
from recbole_fn.negatives.catalogue import CatalogueSampler
from recbole_fn.negatives.uniform import UniformSampler

SAMPLERS: tuple[type[NegativeSampler], ...] = (UniformSampler, CatalogueSampler)

__all__ = ["SAMPLERS", "CatalogueSampler", "NegativeSampler", "UniformSampler"]
