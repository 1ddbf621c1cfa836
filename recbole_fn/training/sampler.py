"""Makes the sampler of a run."""

from recbole_fn.negatives.base import NegativeSampler
from recbole_fn.negatives.context import Remembered, SamplerContext
from recbole_fn.negatives.real import RealNegativeSampler
from recbole_fn.negatives.recbole_sampler import FNSampler
from recbole_fn.scoring.dot_scorer import DotScorer
from recbole_fn.scoring.scorers import Scorer
from recbole_fn.training.parts import Parts
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Dataset, Model


def make_sampler(
    parts: Parts,
    model: Model,
    scorer: Scorer,
    draws: FNSampler,
    dataset: Dataset,
    memory: Remembered,
) -> NegativeSampler:
    """Makes the sampler of a run.

    Args:
        parts: The classes of the run.
        model: The model.
        scorer: The scorer of the model's own scores.
        draws: Draws items uniformly.
        dataset: The built training set.
        memory: What extraction remembers, which a sampler sees where items are extracted.

    Raises:
        InputError: if the sampler needs vectors and the model does not score by dot products.

    Examples:
        >>> step, parts = run.trainer.fn_step, Parts.of(config.final_config_dict)
        >>> draws, rows = run.trainer.fn_sampler, run.train_data.dataset
        >>> make_sampler(parts, run.model, step.scorer, draws, rows, step.memory).name
        'uniform'
    """
    dimension = None
    if isinstance(scorer, DotScorer):
        dimension = model.item_embedding.weight.shape[1]
    elif parts.sampler.drawing(parts.sampler_args).needs_vectors:
        raise InputError(
            f"fn_sampler is {parts.settings.sampler!r}, which needs vectors of items, but "
            f"{type(model).__name__} is scored by {scorer.name}; fn_sampler must be one that takes "
            f"scores, such as dns"
        )
    remembered = memory if parts.treatment.extracts else None
    context = SamplerContext(draws, dataset, remembered, dimension)
    sampler = parts.sampler(context, parts.sampler_args)
    if not parts.settings.has_real_negatives:
        return sampler
    real, settings = dataset.fn_real_negatives(), parts.settings
    most, weight = settings.most_real_negatives, settings.real_negative_weight
    return RealNegativeSampler(context, sampler, real, most, weight, settings.has_real_slots)
