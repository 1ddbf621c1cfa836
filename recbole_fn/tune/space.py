"""The space of a search: what each key may be, read from files and checked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recbole_fn.config import settings as fn
from recbole_fn.config.constraints import check, is_integer, is_number
from recbole_fn.config.property_files import find_property_file
from recbole_fn.hooks.file_keys import keys_of_files
from recbole_fn.tune.recbole_space import read_hyper_test
from recbole_fn.tune.settings import PREFIX
from recbole_fn.utils.errors import InputError, nearest

Keys = dict[str, Any]
LISTS = ("choice", "grid")
_RANGES = {"uniform": 2, "loguniform": 2, "randint": 2, "quniform": 3}
KINDS = (*LISTS, *_RANGES)
_WORDS = (
    "{choice: [...]}, {grid: [...]}, {uniform: [low, high]}, {loguniform: [low, high]}, "
    "{quniform: [low, high, step]} or {randint: [low, above the highest]}"
)


@dataclass(frozen=True)
class Dimension:
    """A key that is searched over.

    Attributes:
        name: The key; a key within a key of RecBole is `outer.inner`.
        kind: One of `KINDS`.
        values: The values of a list; low and high of a range, then the step.

    Examples:
        >>> Dimension("learning_rate", "loguniform", (0.0001, 0.01)).extremes
        (0.0001, 0.01)
        >>> Dimension("layers", "randint", (1, 4)).extremes
        (1, 3)
    """

    name: str
    kind: str
    values: tuple[Any, ...]

    @property
    def extremes(self) -> tuple[Any, ...]:
        """Values that may be drawn, such that the others are of their type and between them."""
        if self.kind in LISTS:
            return self.values
        low, high = self.values[:2]
        if self.kind == "randint":
            return low, high - 1
        return (low, high) if self.is_integral else (float(low), float(high))

    @property
    def is_integral(self) -> bool:
        """Whether a range holds integers alone."""
        return self.kind in ("quniform", "randint") and all(map(is_integer, self.values))


def read_space(files: Iterable[str]) -> tuple[list[Dimension], Keys]:
    """Reads files with a space; later ones win, and a key that is null is not searched over.

    Args:
        files: YAML files, or files in the format of RecBole's `hyper.test` (of any other suffix),
            looked up where the user stands, then among the packaged ones.

    Returns:
        The space, and the `tune_` keys of the files.

    Raises:
        InputError: for a file that is missing or broken, and for a bad range.

    Examples:
        >>> space, tune_keys = read_space(["tune/fn.yaml"])  # a packaged file
        >>> all(one.kind in KINDS for one in space)
        True
    """
    keys: Keys = {}
    for name in files:
        path = find_property_file(name)
        is_yaml = path.suffix in (".yaml", ".yml")
        keys.update(keys_of_files([name]) if is_yaml else read_hyper_test(path, KINDS))
    tune_keys = {name: value for name, value in keys.items() if name.startswith(PREFIX)}
    space = {name: value for name, value in keys.items() if name not in tune_keys}
    return dimensions(space), tune_keys


def dimensions(space: Mapping[str, Any]) -> list[Dimension]:
    """The keys of a space.

    Args:
        space: For each key a mapping of one of `KINDS` to its values; null leaves a key out.

    Raises:
        InputError: for a bad range, and for a space without keys.

    Examples:
        >>> dimensions({"m": {"choice": [2, 5]}, "epochs": None})
        [Dimension(name='m', kind='choice', values=(2, 5))]
    """
    searched = [_dimension(str(name), of) for name, of in space.items() if of is not None]
    if not searched:
        raise InputError(f"the space is empty; it must have at least one key with {_WORDS}")
    return searched


def require_readable(
    space: Iterable[Dimension], config: Mapping[str, Any], known: set[str]
) -> None:
    """Checks keys and values against a configuration.

    Args:
        space: The keys.
        config: RecBole's final configuration.
        known: Keys that RecBole, the model, the property files or this package have.

    Raises:
        InputError: for a key that nobody reads, and a value that an `fn_` key cannot be.

    Examples:
        >>> require_readable(dimensions({"epoch": {"choice": [2, 5]}}), {}, {"epochs", "seed"})
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: the space has the key 'epoch', which nothing reads; ...
    """
    for one in space:
        outer, *inner = one.name.split(".")
        if outer not in known:
            raise InputError(
                f"the space has the key {one.name!r}, which nothing reads; it must be a known "
                f"key, of which {nearest(outer, known)} is the nearest"
            )
        _require_inner(one.name, inner, config.get(outer))
        if one.name in fn.CONSTRAINTS:
            for value in one.extremes:
                check(one.name, value, fn.CONSTRAINTS)


def expanded(keys: Mapping[str, Any], config: Mapping[str, Any]) -> Keys:
    """Puts keys within keys where they belong.

    Args:
        keys: Chosen values.
        config: The configuration, which has the rest of the outer keys.

    Returns:
        The keys as a property file has them.

    Examples:
        >>> config = {"eval_args": {"order": "TO", "mode": "full"}}
        >>> expanded({"epochs": 9, "eval_args.mode": "uni100"}, config)
        {'epochs': 9, 'eval_args': {'order': 'TO', 'mode': 'uni100'}}
    """
    nested: Keys = {}
    for name, value in keys.items():
        outer, *inner = name.split(".")
        nested[outer] = _replaced(nested.get(outer, config.get(outer)), inner, value)
    return nested


def _replaced(old: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    return {**old, path[0]: _replaced(old[path[0]], path[1:], value)}


def _require_inner(name: str, path: Sequence[str], value: Any) -> None:
    for part in path:
        if not isinstance(value, Mapping) or part not in value:
            has = ", ".join(map(str, value)) if isinstance(value, Mapping) else ""
            must = f"be one of {has}" if has else "be left out, as there are no keys within"
            raise InputError(f"the space has the key {name!r}, which nothing reads; it must {must}")
        value = value[part]


def _dimension(name: str, choices: Any) -> Dimension:
    if not isinstance(choices, Mapping) or len(choices) != 1 or next(iter(choices)) not in KINDS:
        raise InputError(f"{name} of the space is {choices!r}; it must be {_WORDS}")
    ((kind, values),) = choices.items()
    where = f"{name} of the space is {kind}: {values!r}"
    if not isinstance(values, (list, tuple)) or not values:
        raise InputError(f"{where}; it must be a list that is not empty")
    if kind in _RANGES:
        _require_range(where, kind, values)
    return Dimension(name, kind, tuple(values))


def _require_range(where: str, kind: str, values: Sequence[Any]) -> None:
    numbers: Callable[[Any], bool] = is_integer if kind == "randint" else is_number
    if len(values) != _RANGES[kind] or not all(map(numbers, values)):
        what = "integers" if kind == "randint" else "numbers"
        raise InputError(f"{where}; they must be {_RANGES[kind]} {what}")
    low, high = values[:2]
    if not low < high:
        raise InputError(f"{where}; the low must be below the high")
    if kind == "loguniform" and low <= 0:
        raise InputError(f"{where}; the low must be above 0")
    if kind == "quniform" and not 0 < values[2] <= high - low:
        raise InputError(f"{where}; the step must be above 0 and fit between low and high")
