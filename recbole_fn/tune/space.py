"""The space of a search: what each key may be, read from files and checked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recbole_fn.config import settings as fn
from recbole_fn.config.constraints import check
from recbole_fn.config.property_files import find_property_file
from recbole_fn.hooks.file_keys import keys_of_files
from recbole_fn.tune.dimension import KINDS, Dimension, Keys, dimensions
from recbole_fn.tune.recbole_space import read_hyper_test
from recbole_fn.tune.settings import PREFIX
from recbole_fn.utils.errors import InputError, nearest


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
