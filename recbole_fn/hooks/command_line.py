"""The command line as RecBole reads it, which it does by itself wherever a `Config` is made."""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from recbole.config import Config

from recbole_fn.hooks.patching import register
from recbole_fn.utils.errors import mistakes_in


@contextmanager
def command_line(arguments: Sequence[str] = ()) -> Iterator[None]:
    """Within the context, RecBole reads these arguments for those of the process, and is quiet."""
    original, disabled = sys.argv, logging.root.manager.disable
    sys.argv = [original[0], *arguments]
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        sys.argv = original
        logging.disable(disabled)


def keys_of(arguments: Sequence[str]) -> dict[str, Any]:
    """The keys of arguments `--key=value`, as RecBole reads them."""
    register()  # so that RecBole evaluates literals alone
    with command_line(arguments), mistakes_in("the command line"):
        found: dict[str, Any] = Config._load_cmd_line(Config.__new__(Config))
    return found
