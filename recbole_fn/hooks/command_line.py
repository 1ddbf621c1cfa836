"""The command line as RecBole reads it whenever a `Config` is made."""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from recbole.config import Config

from recbole_fn.hooks.patching import register
from recbole_fn.utils.errors import mistakes_in
from recbole_fn.utils.recbole_types import Keys


@contextmanager
def command_line(arguments: Sequence[str] = ()) -> Iterator[None]:
    """Within the context, RecBole reads these arguments instead of the process's, and is quiet.

    Args:
        arguments: Arguments `--key=value`.

    Examples:
        >>> with command_line(["--epochs=3"]):
        ...     sys.argv[1:]
        ['--epochs=3']
    """
    original, disabled = sys.argv, logging.root.manager.disable
    sys.argv = [original[0], *arguments]
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        sys.argv = original
        logging.disable(disabled)


def keys_of(arguments: Sequence[str]) -> Keys:
    """The keys of arguments `--key=value`, as RecBole reads them.

    Args:
        arguments: Arguments `--key=value`.

    Examples:
        >>> from recbole_fn.hooks.patching import unregister
        >>> keys_of(["--epochs=3", "--metrics=['NDCG']"])
        {'epochs': 3, 'metrics': ['NDCG']}
        >>> unregister()
    """
    register()  # so that RecBole evaluates literals alone
    # RecBole's own reader; what it would run as code is refused before, by `safe_values`.
    with command_line(arguments), mistakes_in("the command line"):
        keys: Keys = Config._load_cmd_line(Config.__new__(Config))
    return keys
