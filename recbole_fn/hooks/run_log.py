"""RecBole's log, set up anew for each run of a process."""

import logging
import sys
from logging import Handler, getLogger

import recbole.utils
from colorama import initialise

from recbole_fn.utils.recbole_types import Config

_BEGUN: list[Handler] = []  # handlers of the last run


def begin_log(config: Config) -> None:
    """Sets up the log of a run, as RecBole's `init_logger` does for the first run of a process.

    For later runs RecBole opens a file without writing to it, keeps the level of the first run,
    and wraps the standard streams once more, until the nesting is too deep to write to them.

    Of several ranks on a machine only the first writes the log; the others log errors only.

    Args:
        config: RecBole's configuration.

    Examples:
        Writes a file `log/MODEL/...`::

            begin_log(read_config("SASRec", "tiny"))
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
    recbole.utils.init_logger(config)  # the hook, if it is installed
    _BEGUN[:] = [handler for handler in root.handlers if handler not in before]
    root.info(sys.argv)
    root.info(config)


def _unwrap_streams() -> None:
    """Undoes colorama's wrapping of streams that nobody has replaced since."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is getattr(initialise, f"wrapped_{name}"):
            setattr(sys, name, getattr(initialise, f"orig_{name}"))
