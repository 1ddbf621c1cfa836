"""Hides warnings about code of RecBole 1.2.1 and Ray 2.6.3, which users cannot change.

This file imports only the standard library: the filters must be set before RecBole is imported.
"""

import warnings

# Category, start of the message, and the module it is attributed to; regular expressions.
_KNOWN: tuple[tuple[type[Warning], str, str], ...] = (
    (FutureWarning, "", r"recbole(\.|$)"),  # pandas: chained fillna; PyTorch: GradScaler
    (UserWarning, "pkg_resources is deprecated", ""),  # Ray imports it
)


def silence_known_warnings() -> None:
    """Hides these warnings for the rest of the process; all others are shown as before.

    Every command calls this function, and so do `register` and every process that a command
    starts: job, trial and rank.

    Example:
        >>> with warnings.catch_warnings(record=True) as shown:
        ...     silence_known_warnings()
        ...     warnings.warn("pkg_resources is deprecated as an API")
        ...     warnings.warn("something else")
        >>> [str(warning.message) for warning in shown]
        ['something else']
    """
    for category, message, module in _KNOWN:
        warnings.filterwarnings("ignore", message, category, module)


def show_known_warnings() -> None:
    """Shows these warnings again; all others are shown as before.

    Example:
        >>> with warnings.catch_warnings():
        ...     warnings.resetwarnings()
        ...     silence_known_warnings()
        ...     show_known_warnings()
        ...     warnings.filters
        []
    """
    with warnings.catch_warnings():
        silence_known_warnings()
        ours = warnings.filters[: len(_KNOWN)]
    warnings.filters = [one for one in warnings.filters if one not in ours]
