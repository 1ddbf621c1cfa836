"""Keys within keys: `eval_args.mode` is the entry `mode` of the key `eval_args`."""

from collections.abc import Mapping

from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Keys


def merged(defaults: Mapping[str, object], *sources: Mapping[str, object]) -> Keys:
    """The keys of all sources; later ones win, and a nested key changes one entry alone.

    Args:
        defaults: The values that a nested key completes where no source sets the outer key.
        *sources: Keys, of which those with a dot are nested.

    Returns:
        The keys of the sources, none of them nested.

    Raises:
        InputError: for a nested key whose outer key is no mapping.

    Examples:
        >>> merged({"eval_args": {"order": "TO", "mode": "full"}}, {"eval_args.mode": "uni20"})
        {'eval_args': {'order': 'TO', 'mode': 'uni20'}}
    """
    keys: Keys = {}
    for source in sources:
        keys.update({name: value for name, value in source.items() if "." not in name})
        for name, value in source.items():
            if "." in name:
                outer, *inner = name.split(".")
                base = keys[outer] if outer in keys else defaults.get(outer)
                keys[outer] = _with_entry(outer, base, inner, value)
    return keys


def _with_entry(outer: str, base: object, inner: list[str], value: object) -> object:
    if not inner:
        return value
    if base is not None and not isinstance(base, Mapping):
        raise InputError(
            f"{outer}.{'.'.join(inner)} is {value!r}, but {outer} is {base!r}; it must be a mapping"
        )
    entries = dict(base or {})
    name = inner[0]
    entries[name] = _with_entry(f"{outer}.{name}", entries.get(name), inner[1:], value)
    return entries
