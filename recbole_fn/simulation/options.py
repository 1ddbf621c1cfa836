"""The options of a simulated world, as the command line takes them."""

import dataclasses
from dataclasses import dataclass
from typing import TypeVar

from recbole_fn.config.constraints import Constraint, is_number
from recbole_fn.utils.errors import InputError

Default = TypeVar("Default")


def _at_least(low: int) -> Constraint:
    return Constraint(f"at least {low}", lambda v: is_number(v) and v >= low)


def _up_to(high: int) -> Constraint:
    return Constraint(f"a number from 0 to {high}", lambda v: is_number(v) and 0 <= v <= high)


_BETWEEN = Constraint("above 0 and below 1", lambda v: is_number(v) and 0 < v < 1)


def _option(default: Default, meaning: str, constraint: Constraint) -> Default:
    metadata = {"meaning": meaning, "constraint": constraint}
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class WorldOptions:
    """The options of a world; each field is an option of the command line.

    Attributes:
        users: Number of users.
        items: Number of items in the catalogue.
        length: Steps of each user; each step is an interaction.
        drift: The part of a taste that is new at each step, from 0 to 1.
        exposure: Exponent of popularity in the items shown; 0 shows all items equally often.
        liked: q, the fraction of the catalogue that a user likes at a step.
        slate: Items shown at a step, repetitions included.
        skips: Items that a user does not like and skips before each step; 0 for data without a
            column of events.
        seed: Seed of all random numbers.

    Example:
        >>> WorldOptions(drift=2)
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: --drift is 2; it must be a number from 0 to 1
    """

    users: int = _option(2000, "users", _at_least(1))
    items: int = _option(1000, "items of the catalogue", _at_least(20))
    length: int = _option(30, "interactions of each user", _at_least(4))
    drift: float = _option(0.2, "part of a taste that is new at each step", _up_to(1))
    exposure: float = _option(
        1.0, "exponent of popularity in what is shown; 0 shows all items alike", _up_to(5)
    )
    liked: float = _option(
        0.05, "q, the fraction of the catalogue that a user likes at a step", _BETWEEN
    )
    slate: int = _option(100, "items shown at a step", _at_least(1))
    skips: int = _option(
        0,
        "items that a user does not like and skips before each step; 0: no column of events",
        _at_least(0),
    )
    seed: int = _option(2208, "seed of all random numbers", _at_least(0))

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value, constraint = getattr(self, field.name), field.metadata["constraint"]
            if not constraint.accepts(value):
                message = f"--{field.name} is {value!r}; it must be {constraint.description}"
                raise InputError(message)
        if self.items < 2 * self.length:
            raise InputError(
                f"--items is {self.items}; it must be at least {2 * self.length}, "
                f"twice the length, so that users find something new"
            )
