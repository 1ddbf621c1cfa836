"""What a simulated world is like: the options of the command line."""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from recbole_fn.utils.errors import InputError


def _option(default: Any, meaning: str, words: str, contains: Callable[[Any], bool]) -> Any:
    metadata = {"meaning": meaning, "words": words, "contains": contains}
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class WorldOptions:
    """What a world is like; each field is an option of the command line.

    Attributes:
        users: Users.
        items: Items of the catalogue.
        length: Steps, and so interactions, of each user.
        drift: How far a taste moves in a step: the part of it that is new, from 0 to 1.
        exposure: Exponent of popularity in what is shown: 0 shows all items equally often.
        liked: q, the share of the catalogue that a user likes at a step.
        slate: Items shown at a step, repetitions included.
        seed: Of all random numbers.
    """

    users: int = _option(2000, "users", "at least 1", lambda v: v >= 1)
    items: int = _option(1000, "items of the catalogue", "at least 20", lambda v: v >= 20)
    length: int = _option(30, "interactions of each user", "at least 4", lambda v: v >= 4)
    drift: float = _option(
        0.2, "part of a taste that is new at each step", "0 to 1", lambda v: 0 <= v <= 1
    )
    exposure: float = _option(
        1.0,
        "exponent of popularity in what is shown; 0 shows all items alike",
        "0 to 5",
        lambda v: 0 <= v <= 5,
    )
    liked: float = _option(
        0.05,
        "q, the share of the catalogue that a user likes at a step",
        "above 0 and below 1",
        lambda v: 0 < v < 1,
    )
    slate: int = _option(100, "items shown at a step", "at least 1", lambda v: v >= 1)
    seed: int = _option(2208, "of all random numbers", "at least 0", lambda v: v >= 0)

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and field.metadata["contains"](value)):
                words = field.metadata["words"]
                raise InputError(f"--{field.name} is {value!r}; it must be {words}")
        if self.items < 2 * self.length:
            raise InputError(
                f"--items is {self.items}; it must be at least {2 * self.length}, "
                f"twice the length, so that users find something new"
            )
