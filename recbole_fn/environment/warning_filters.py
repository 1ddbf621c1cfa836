"""Silences what RecBole 1.2.1 and Ray 2.6.3 are warned of, which a user can do nothing about.

It imports nothing but the standard library: filters must be there before RecBole is imported.
"""

import warnings

# Category, beginning of the message, and the module that is blamed; regular expressions.
_KNOWN: tuple[tuple[type[Warning], str, str], ...] = (
    (FutureWarning, "", r"recbole(\.|$)"),  # pandas: chained fillna; PyTorch: GradScaler
    (UserWarning, "pkg_resources is deprecated", ""),  # Ray imports it
)


def silence_known_warnings() -> None:
    """Hides these warnings for the rest of the process; all others are shown as before.

    Each command calls it, and each process that a command starts: jobs, trials and ranks.
    """
    for category, message, module in _KNOWN:
        warnings.filterwarnings("ignore", message, category, module)
