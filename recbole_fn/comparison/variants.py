"""What can be compared: variants by name, and seeds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recbole_fn.utils.errors import InputError, nearest

Keys = dict[str, Any]

BASELINE = "off"  # differences are to this variant
_ON: Keys = {"fn_enabled": True}
_FOLLOWERS: Keys = {
    **_ON,
    "fn_strategy": "average",
    "fn_sampler": "followers",
    "fn_loss": "cross_entropy",
    "fn_logq": 1.0,
}
VARIANTS: dict[str, Keys] = {
    "off": {**_ON, "fn_strategy": "off"},
    # What the teacher gains by itself; a variant that extracts has one too.
    "average": {**_ON, "fn_strategy": "average"},
    # The teacher alone, whatever the base says of negatives and scores: what a witness must beat.
    "uniform": {**_ON, "fn_strategy": "average", "fn_sampler": "uniform", "fn_prior": None},
    # What others had next takes part of the label, and with `followers+prior` also adds to scores.
    "followers": {**_FOLLOWERS, "fn_prior": None},
    "followers+prior": {**_FOLLOWERS, "fn_prior": "followers"},
    "drop": {**_ON, "fn_strategy": "drop"},
    "soft": {**_ON, "fn_strategy": "soft"},
    "flip": {**_ON, "fn_strategy": "flip"},
    "flip-no-consistency": {**_ON, "fn_strategy": "flip", "fn_consistency_weight": 0},
    # RecBole itself, without anything of this package but the `fn_eval_` keys of its loaders,
    # and the order of the interactions, so that all variants have the same targets.
    "recbole-ce": {"fn_enabled": False, "loss_type": "CE", "train_neg_sample_args": None},
}

_OFF: Keys = {**_ON, "fn_strategy": "off"}
_POSITIVES: Keys = {"fn_feedback_targets": "exclude", "fn_feedback_inputs": "positive"}
_TYPED: Keys = {"fn_feedback_targets": "exclude", "fn_feedback_inputs": "typed"}
_REAL: Keys = {"fn_feedback_targets": "negative"}
# They need fn_feedback_field, so they are compared only where they are named.
FEEDBACK_VARIANTS: dict[str, Keys] = {
    "positives-only": {**_OFF, **_POSITIVES},
    "all-history": {**_OFF, "fn_feedback_targets": "exclude", "fn_feedback_inputs": "all"},
    "real-targets": {**_OFF, **_POSITIVES, **_REAL},
    "typed-inputs": {**_OFF, **_TYPED},
    "real-targets+typed-inputs": {**_OFF, **_TYPED, **_REAL},
}
_NAMED = {**VARIANTS, **FEEDBACK_VARIANTS}


def choose_variants(variants: Iterable[str] | Mapping[str, Keys] | None = None) -> dict[str, Keys]:
    """The variants by their names.

    Args:
        variants: Names of `VARIANTS` or `FEEDBACK_VARIANTS`, as a list or in one string; or
            variants of your own; all of `VARIANTS` by default.

    Raises:
        InputError: For an unknown name, and for no variant at all.

    Example:
        >>> list(choose_variants("off,flip"))
        ['off', 'flip']
    """
    if isinstance(variants, Mapping):
        chosen = {name: dict(keys) for name, keys in variants.items()}
    else:
        named = words(variants) if isinstance(variants, str) else variants
        names = list(VARIANTS if named is None else named)
        chosen = {_known(name): _NAMED[name] for name in names}
    if not chosen:
        raise InputError(f"variants is empty; it must name some of {', '.join(VARIANTS)}")
    return chosen


def baseline_of(variants: Iterable[str]) -> str:
    """The variant that the others are compared with: `off`, or the first one without it.

    Example:
        >>> baseline_of(["flip", "off"]), baseline_of(["flip", "drop"])
        ('off', 'flip')
    """
    names = list(variants)
    return BASELINE if BASELINE in names else names[0]


def choose_seeds(seeds: int | Sequence[int], configured: int) -> list[int]:
    """The seeds of a comparison.

    Args:
        seeds: A number n, for `configured`, `configured` + 1 and so on, n of them; or the seeds.
        configured: The key `seed`.

    Raises:
        InputError: For no seed, a repeated one, and one that is not an integer of at least 0.

    Example:
        >>> choose_seeds(3, 2020), choose_seeds([7, 1], 2020)
        ([2020, 2021, 2022], [7, 1])
    """
    listed = list(range(configured, configured + seeds)) if isinstance(seeds, int) else list(seeds)
    right = all(type(seed) is int and 0 <= seed < 1 << 32 for seed in listed)
    if not listed or not right or len(set(listed)) < len(listed):
        raise InputError(
            f"seeds is {seeds!r}; it must be an integer from 1 (how many), or a list of different "
            f"integers from 0"
        )
    return listed


def _known(name: str) -> str:
    if name in _NAMED:
        return name
    raise InputError(
        f"variant {name!r} is unknown, the nearest is {nearest(str(name), _NAMED)}; "
        f"it must be one of {', '.join(_NAMED)}"
    )


def words(text: str | None) -> list[str] | None:
    """Words separated by spaces or commas; None for None.

    Example:
        >>> words("off, flip")
        ['off', 'flip']
    """
    return None if text is None else text.replace(",", " ").split()
