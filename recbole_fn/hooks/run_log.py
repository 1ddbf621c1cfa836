"""RecBole's log, begun anew for each run of a process, and nothing of the former run left open."""

import logging
import sys
from logging import Handler, getLogger
from typing import Any

from colorama import initialise
from recbole.utils import init_logger

_BEGUN: list[Handler] = []  # handlers of the last run


def begin_log(config: Any) -> None:
    """Begins the log of a run, as RecBole's `init_logger` does for the first run of a process.

    For later ones RecBole opens a file that nothing is written to, keeps the first run's level,
    and wraps the standard streams once more, until writing to them is nested too deep.

    Of several ranks on a machine the first writes the log; the others tell errors alone.

    Args:
        config: RecBole's configuration.
    """
    if not config["single_spec"] and config["local_rank"] != 0:
        logging.basicConfig(level=logging.ERROR)
        return
    root = getLogger()
    for handler in _BEGUN:
        root.removeHandler(handler)
        handler.close()
    _unwrap_streams()
    before = list(root.handlers)
    init_logger(config)
    _BEGUN[:] = [handler for handler in root.handlers if handler not in before]
    root.info(sys.argv)
    root.info(config)


def _unwrap_streams() -> None:
    """Undoes colorama's wrapping, but of streams that are still its own."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is getattr(initialise, f"wrapped_{name}"):
            setattr(sys, name, getattr(initialise, f"orig_{name}"))
