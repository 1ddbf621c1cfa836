"""What can be compared: arms by name, and seeds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recbole_fn.utils.errors import InputError, nearest

Keys = dict[str, Any]

BASE = "off"  # differences are to this arm
_ON: Keys = {"fn_enabled": True}
ARMS: dict[str, Keys] = {
    "off": {**_ON, "fn_strategy": "off"},
    # What the teacher gains by itself; an arm that extracts has one too.
    "average": {**_ON, "fn_strategy": "average"},
    "drop": {**_ON, "fn_strategy": "drop"},
    "soft": {**_ON, "fn_strategy": "soft"},
    "flip": {**_ON, "fn_strategy": "flip"},
    "flip-no-consistency": {**_ON, "fn_strategy": "flip", "fn_consistency_weight": 0},
    # RecBole itself, without anything of this package but the `fn_eval_` keys of its loaders.
    "recbole-ce": {"fn_enabled": False, "loss_type": "CE", "train_neg_sample_args": None},
}


def choose_arms(arms: Iterable[str] | Mapping[str, Keys] | None = None) -> dict[str, Keys]:
    """The arms by their names.

    Args:
        arms: Names of `ARMS`, as a list or in one string; or arms of your own; all of `ARMS` by
            default.

    Raises:
        InputError: for a name that is unknown, and for no arm at all.
    """
    if isinstance(arms, Mapping):
        chosen = {name: dict(keys) for name, keys in arms.items()}
    else:
        named = words(arms) if isinstance(arms, str) else arms
        names = list(ARMS if named is None else named)
        chosen = {_known(name): ARMS[name] for name in names}
    if not chosen:
        raise InputError(f"arms is empty; allowed are {', '.join(ARMS)}")
    return chosen


def base_of(arms: Iterable[str]) -> str:
    """The arm that the others are compared with: `off`, or the first where it is not there."""
    names = list(arms)
    return BASE if BASE in names else names[0]


def choose_seeds(seeds: int | Sequence[int], configured: int) -> list[int]:
    """The seeds of a comparison.

    Args:
        seeds: A number n, for `configured`, `configured` + 1 and so on, n of them; or the seeds.
        configured: The key `seed`.

    Raises:
        InputError: for no seed, for one that is no integer of at least 0, and for one given twice.
    """
    found = list(range(configured, configured + seeds)) if isinstance(seeds, int) else list(seeds)
    right = all(type(seed) is int and 0 <= seed < 1 << 32 for seed in found)
    if not found or not right or len(set(found)) < len(found):
        raise InputError(
            f"seeds is {seeds!r}; allowed is a number of at least 1, or different seeds from 0"
        )
    return found


def _known(name: str) -> str:
    if name in ARMS:
        return name
    raise InputError(
        f"arm {name!r} is unknown, the nearest is {nearest(str(name), ARMS)}; "
        f"allowed are {', '.join(ARMS)}"
    )


def words(text: str | None) -> list[str] | None:
    """Words separated by spaces or commas; None for None."""
    return None if text is None else text.replace(",", " ").split()
