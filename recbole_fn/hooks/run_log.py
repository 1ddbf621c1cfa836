"""RecBole's log, set up anew for each run of a process, and cut down to what a reader needs."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from logging import Filter, Handler, LogRecord, getLogger
from pathlib import Path

import recbole
import recbole.utils
from colorama import initialise
from recbole.trainer import trainer as recbole_trainer

from recbole_fn.config.settings import FNSettings
from recbole_fn.utils.log_detail import DETAIL
from recbole_fn.utils.recbole_types import Config

_BEGUN: list[Handler] = []  # handlers of the last run
_RECBOLE = Path(recbole.__file__).parent


def shows_table(config: Config) -> bool:
    """Whether a run logs a table of epochs (`fn_log_style: table`) and not RecBole's lines.

    Examples:
        >>> from types import SimpleNamespace
        >>> shows_table(SimpleNamespace(final_config_dict={"fn_enabled": True}))
        True
        >>> shows_table(SimpleNamespace(final_config_dict={}))  # a run of plain RecBole
        False
    """
    settings = FNSettings.from_config(config.final_config_dict)
    return settings.enabled and settings.log_style == "table"


def begin_log(config: Config) -> None:
    """Sets up the log of a run, as RecBole's `init_logger` does for the first run of a process.

    For later runs RecBole opens a file without writing to it, keeps the level of the first run,
    and wraps the standard streams once more, until the nesting is too deep to write to them.

    Of several ranks on a machine only the first writes the log; the others log errors only.

    Args:
        config: RecBole's configuration.

    Examples:
        >>> begin_log(config)
        >>> [path.parent.as_posix() for path in Path("log").rglob("*.log")]
        ['log/SASRec']
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
    level = logging.DEBUG if shows_table(config) else logging.INFO
    root.log(level, sys.argv)
    root.log(level, config)


def log_file() -> str | None:
    """The file that the last call of `begin_log` opened; None without one.

    Examples:
        After a log has begun::

            begin_log(config)
            log_file()  # ".../log/SASRec/SASRec-tiny-....log"
    """
    files = [one.baseFilename for one in _BEGUN if isinstance(one, logging.FileHandler)]
    return files[0] if files else None


class DetailFilter(Filter):
    """Logs details at DEBUG, and a warning once.

    Details are RecBole's own records at INFO, and records marked with `DETAIL`.

    Examples:
        >>> logger = logging.Logger("example", level=logging.INFO)
        >>> logger.addFilter(DetailFilter())
        >>> logger.addHandler(logging.StreamHandler(sys.stdout))
        >>> logger.info("shown")
        shown
        >>> logger.info("not shown", extra=DETAIL)
        >>> for _ in range(2):
        ...     logger.warning("shown once")
        shown once
    """

    def __init__(self) -> None:
        super().__init__()
        self._warnings: set[str] = set()

    def filter(self, record: LogRecord) -> bool:
        """Whether to log a record; changes the level of a detail."""
        if record.levelno == logging.INFO and _is_detail(record):
            record.levelno, record.levelname = logging.DEBUG, "DEBUG"
            return getLogger().isEnabledFor(logging.DEBUG)
        if record.levelno != logging.WARNING:
            return True
        is_new = record.getMessage() not in self._warnings
        self._warnings.add(record.getMessage())
        return is_new


def _is_detail(record: LogRecord) -> bool:
    (mark,) = DETAIL
    return hasattr(record, mark) or _RECBOLE in Path(record.pathname).parents


@contextmanager
def log_style(config: Config) -> Iterator[None]:
    """Within the context, the log has the style of the configuration, `fn_log_style`.

    With `table`, details are logged at DEBUG (`DetailFilter`), and progress bars are shown on a
    terminal only and leave no line behind. Otherwise the log is RecBole's.

    Args:
        config: RecBole's configuration.

    Examples:
        >>> from types import SimpleNamespace
        >>> with log_style(SimpleNamespace(final_config_dict={"fn_enabled": True})):
        ...     isinstance(getLogger().filters[-1], DetailFilter)
        True
    """
    if not shows_table(config):
        yield
        return
    root, details, bar = getLogger(), DetailFilter(), recbole_trainer.tqdm
    root.addFilter(details)
    recbole_trainer.tqdm = partial(bar, leave=False, disable=None, dynamic_ncols=True)
    try:
        yield
    finally:
        root.removeFilter(details)
        recbole_trainer.tqdm = bar


def _unwrap_streams() -> None:
    """Undoes colorama's wrapping of streams that nobody has replaced since."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is getattr(initialise, f"wrapped_{name}"):
            setattr(sys, name, getattr(initialise, f"orig_{name}"))
