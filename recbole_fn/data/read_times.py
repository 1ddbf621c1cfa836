"""Reads timestamps as they are written, where RecBole's float64 does not hold them."""

import re
from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from recbole_fn.data.read_rows import read_rows
from recbole_fn.data.time_order import TimeOrder, time_ranks
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Config

_EXACT = 2**53  # float64 holds every integer below it


def is_whole(times: np.ndarray) -> bool:
    """Whether float64 holds the times as they are written: integers below 2 ** 53.

    Example:
        >>> is_whole(np.array([1.7e15])), is_whole(np.array([1.7e18])), is_whole(np.array([0.1]))
        (True, False, False)
    """
    return bool(((np.abs(times) < _EXACT) & (times == np.floor(times))).all())


def read_order(config: Config, paths: Sequence[str], times: np.ndarray) -> TimeOrder:
    """The order of the interactions of a file, or of several one after another.

    Args:
        config: RecBole's configuration.
        paths: The files.
        times: Their times as RecBole has read them, shape [lines].

    Example:
        >>> times = np.array([30.0, 10.0])  # whole: the file is not read again
        >>> read_order({}, ["tiny.inter"], times).ranks
        array([2, 1])
    """
    if is_whole(times) or np.isnan(times).any():
        return TimeOrder.of(time_ranks(times))
    texts = np.concatenate([_texts(config, path) for path in paths])
    if not config["benchmark_filename"]:  # of which RecBole filters nothing
        require_intervals(config, texts, times)
    return TimeOrder.of(time_ranks(texts))


def require_intervals(config: Config, texts: np.ndarray, times: np.ndarray) -> None:
    """Refuses an end in `val_interval` that float64, in which RecBole compares, takes for a time.

    Args:
        config: RecBole's configuration.
        texts: The times as they are written, shape [lines].
        times: The same as RecBole has read them.

    Raises:
        InputError: naming the interval and the time.

    Example:
        >>> keys = {"TIME_FIELD": "time", "val_interval": {"time": "[1700000000000000001,inf)"}}
        >>> texts = np.array(["1700000000000000000"], dtype=object)
        >>> require_intervals(keys, texts, texts.astype(np.float64))
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: val_interval has time: '[1700000000000000001,inf)'; ...
    """
    field = config["TIME_FIELD"]
    interval = str((config["val_interval"] or {}).get(field) or "")
    for end in re.findall(r"[^\[\]();,\s]+", interval):
        for text in texts[times == float(end)]:
            if Decimal(text) != Decimal(end):
                raise InputError(
                    f"val_interval has {field}: {interval!r}; it must end farther from the time "
                    f"{text}, which a float64 does not tell from {end}"
                )


def _texts(config: Config, path: str) -> np.ndarray:
    """The time column of a file as it is written, read as RecBole reads it."""
    name = f"{config['TIME_FIELD']}:float"
    column = read_rows(
        path,
        delimiter=config["field_separator"],
        usecols=[name],
        dtype={name: str},
        encoding=config["encoding"],
        engine="python",
    )
    texts: np.ndarray = column.iloc[:, 0].to_numpy(dtype=object)
    return texts
