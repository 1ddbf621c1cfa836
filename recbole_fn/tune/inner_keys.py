"""Keys within keys: `eval_args.mode`, and arguments of samplers, losses, treatments and priors."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recbole_fn.config.constraints import check
from recbole_fn.config.settings import PREFIX, FNSettings
from recbole_fn.priors import PRIOR
from recbole_fn.training.parts import LOSS, SAMPLER, TREATMENT
from recbole_fn.tune.dimension import Dimension, Keys

CHOICES = {f"{choice.key}_args": choice for choice in (SAMPLER, LOSS, TREATMENT, PRIOR)}


def is_given(name: str, keys: Mapping[str, Any]) -> bool:
    """Whether keys have a value of a key, which may lie within another.

    Args:
        name: The key; a key within a key is `outer.inner`.
        keys: Keys as a property file has them.

    Example:
        >>> keys = {"epochs": 3, "fn_sampler_args": {"pool": 64}}
        >>> is_given("fn_sampler_args.pool", keys), is_given("fn_sampler_args.margin", keys)
        (True, False)
    """
    value: Any = keys
    for part in name.split("."):
        if not isinstance(value, Mapping):
            return value is not None
        if part not in value:
            return False
        value = value[part]
    return True


def outer_values(space: Sequence[Dimension], config: Mapping[str, Any]) -> Keys:
    """The values of the keys that hold others, to which a trial's choices are added.

    Arguments of a component that are searched over need not be given; they have their defaults.

    Args:
        space: What is searched over.
        config: RecBole's configuration.

    Raises:
        InputError: for a value that the argument cannot be.

    Example:
        >>> space = [Dimension("fn_sampler_args.margin", "choice", (0.5, 2.0))]
        >>> outer_values(space, {"fn_sampler": "semi_hard", "fn_sampler_args": {"pool": 64}})
        {'fn_sampler_args': {'margin': 0.2, 'pool': 64}}
    """
    nested: dict[str, list[Dimension]] = {}
    for one in space:
        outer, *inner = one.name.split(".", 1)
        if inner:
            nested.setdefault(outer, []).append(one)
    searched = {one.name for one in space}
    return {outer: _value(outer, ones, config, searched) for outer, ones in nested.items()}


def _value(
    outer: str, ones: Iterable[Dimension], config: Mapping[str, Any], searched: set[str]
) -> Any:
    given, choice = config.get(outer), CHOICES.get(outer)
    if choice is None or choice.key in searched:
        return given
    name = getattr(FNSettings.from_config(config), choice.key.removeprefix(PREFIX))
    arguments = () if name is None else dataclasses.fields(choice.find(name).Args)
    constraints = {field.name: field.metadata["constraint"] for field in arguments}
    defaults, found = {field.name: field.default for field in arguments}, {}
    for one in ones:
        inner, *deeper = one.name.split(".")[1:]
        for value in one.extremes if constraints and not deeper else ():
            check(inner, value, constraints, f"{outer} of the space: ")
        if inner in defaults:
            found[inner] = defaults[inner]
    return {**found, **(given or {})}
