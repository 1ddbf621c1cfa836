"""Reads the files of RecBole's own tuning, `hyper.test`, without evaluating them."""

import ast
import math
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from recbole_fn.config.constraints import is_number
from recbole_fn.utils.errors import InputError

_SHOWN = 40  # characters of a text
_NO_LITERAL = (ValueError, SyntaxError, TypeError, MemoryError, RecursionError)  # also nested deep


def read_hyper_test(path: Path, kinds: Collection[str]) -> dict[str, dict[str, Any]]:
    """Reads RecBole's format: `key kind values` a line; bounds of loguniform are logarithms.

    Args:
        path: The file.
        kinds: What a key may be searched by.

    Returns:
        For each key a mapping of its kind to its values, as a YAML file has it.

    Raises:
        InputError: naming the line that is not understood.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder) / "hyper.test"
        ...     written = path.write_text("hidden_size choice [64,128]")
        ...     read_hyper_test(path, ("choice", "uniform"))
        {'hidden_size': {'choice': [64, 128]}}
    """
    space: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(_lines(path), 1):
        parts = line.split(maxsplit=2)
        if not parts or parts[0].startswith("#"):
            continue
        where = f"line {number} of {str(path)!r}"
        if len(parts) < 3 or parts[1] not in kinds:
            raise InputError(
                f"{where} is {line[:_SHOWN]!r}; it must be a key, one of {', '.join(kinds)}, and "
                f"values"
            )
        space[parts[0]] = {parts[1]: _line_values(where, parts[1], parts[2])}
    return space


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:  # the system's reason, or the byte
        raise InputError(
            f"tuning file {str(path)!r} cannot be read ({error}); it must be text in UTF-8"
        ) from error


def _line_values(where: str, kind: str, text: str) -> Sequence[Any]:
    try:
        values = ast.literal_eval(text.strip())
    except _NO_LITERAL as error:
        raise InputError(
            f"{where} has the values {text[:_SHOWN]!r}; they must be literals, such as [0.1, 0.2]"
        ) from error
    if kind == "loguniform" and isinstance(values, tuple) and all(map(is_number, values)):
        if max(values) > math.log(sys.float_info.max):
            raise InputError(
                f"{where} has the logarithms {text[:_SHOWN]!r}; they must be at most 709"
            )
        values = tuple(map(math.exp, values))
    values = list(values) if isinstance(values, (list, tuple)) else [values]
    return [_unquoted(value) for value in values]


def _unquoted(value: Any) -> Any:
    """RecBole asks for quotes around a list among the values: `choice ['[64,64]','[128]']`."""
    try:
        return ast.literal_eval(value) if isinstance(value, str) else value
    except _NO_LITERAL:
        return value
