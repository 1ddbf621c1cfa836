"""What must be the same in all variants, so that they can be compared."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from recbole_fn.comparison.variants import Keys
from recbole_fn.config.measured_keys import MEASURED
from recbole_fn.utils.errors import InputError

_OF_ALL = ("model", "dataset", "data_path", "seed")  # what a comparison chooses for all variants


class _Job(Protocol):
    """What is read of a job."""

    @property
    def dataset(self) -> str:
        """Name of the data set."""

    @property
    def model(self) -> str:
        """Name of the model."""

    @property
    def variant(self) -> str:
        """Name of the variant."""

    def config(self) -> Any:
        """RecBole's configuration of the job."""


def require_free_keys(variants: Mapping[str, Keys]) -> None:
    """Refuses a variant that sets what a comparison chooses for all of them.

    Args:
        variants: The keys of each variant, by its name.

    Raises:
        InputError: naming the variant and the key.

    Example:
        >>> require_free_keys({"off": {}, "other": {"seed": 5}})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: variants has 'other', which sets seed to 5; ...
    """
    for variant, own in variants.items():
        for key in (key for key in _OF_ALL if key in own):
            raise InputError(
                f"variants has {variant!r}, which sets {key} to {own[key]!r}; it must leave it "
                f"out, as all variants have the same"
            )


def require_same_measures(jobs: Iterable[_Job]) -> None:
    """Refuses variants with other metrics, rankings or interactions, before hours of training.

    Args:
        jobs: A job of each variant, of each model and data set.

    Raises:
        InputError: naming the key and both variants.

    Example:
        >>> jobs[1].keys["fn_eval_exclude"] = "history"
        >>> require_same_measures(jobs)
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: fn_eval_exclude is 'history' in variant 'flip' and ...
    """
    first: dict[tuple[str, str], tuple[str, Keys]] = {}
    for job in jobs:
        config = job.config()
        measured = {key: config[key] for key in MEASURED}
        variant, other = first.setdefault((job.dataset, job.model), (job.variant, measured))
        for key, value in measured.items():
            if _plain(value) != _plain(other[key]):
                raise InputError(
                    f"{key} is {value!r} in variant {job.variant!r} and {other[key]!r} in variant "
                    f"{variant!r}; it must be the same in all variants, which are compared by it"
                )


def _plain(value: Any) -> Any:
    """Names of metrics as their results spell them, and lists without their order."""
    if isinstance(value, (list, tuple)):
        return sorted({_plain(one) for one in value}, key=str)
    return value.lower() if isinstance(value, str) else value
