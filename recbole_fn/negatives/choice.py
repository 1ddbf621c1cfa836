"""Finds the sampler that another one wraps."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from recbole_fn.config.components import Choice
from recbole_fn.negatives.base import NegativeSampler
from recbole_fn.negatives.context import SamplerContext
from recbole_fn.utils.errors import InputError

_KEY = "fn_sampler_args: sampler"


def find_sampler(
    context: SamplerContext, name: str, arguments: Mapping[str, Any] | None
) -> NegativeSampler:
    """Makes a sampler by its name.

    Args:
        context: The run.
        name: A short name, or `package.module:Class`.
        arguments: Its arguments; None for the defaults.

    Raises:
        InputError: if there is no such sampler, it cannot be wrapped, or an argument is bad.

    Example:
        >>> find_sampler(None, "uniform", None).name
        'uniform'
        >>> find_sampler(None, "all", None)
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: fn_sampler_args: sampler is 'all'; it must be one that
        draws items and wraps no other
    """
    sampler = find_class(name)
    return sampler(context, _choice().read_args(sampler, arguments, {}))


def find_class(name: str) -> type[NegativeSampler]:
    """The class of a sampler that can be wrapped.

    Args:
        name: A short name, or `package.module:Class`.

    Raises:
        InputError: if there is no such sampler, or it cannot be wrapped.

    Example:
        >>> find_class("popularity").__name__
        'PopularitySampler'
    """
    sampler = _choice().find(name)
    if sampler.covers_catalogue or sampler.mixes or hasattr(sampler.Args, "sampler"):
        raise InputError(f"{_KEY} is {name!r}; it must be one that draws items and wraps no other")
    if sampler.redraws == "never":
        raise InputError(
            f"{_KEY} is {name!r}, which a draw changes, so that it cannot draw anew in a step; it "
            f"must be another one, such as dns"
        )
    return sampler


def _choice() -> Choice[NegativeSampler]:
    # Looked up at run time, as the list of samplers holds those that wrap others too.
    return Choice(_KEY, NegativeSampler, import_module("recbole_fn.negatives").SAMPLERS)
