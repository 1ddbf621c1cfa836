"""The errors that end a run with one readable line instead of a traceback."""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from logging import getLogger


class InputError(ValueError):
    """A mistake in the user's input: a key, a file, a data set.

    The message is one line: the key or file, its value, and what it must be. The command line
    prints only that line and exits with code 2.

    Example:
        >>> raise InputError("epochs is 'many'; it must be an integer")
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: epochs is 'many'; it must be an integer
    """


class WorkerError(RuntimeError):
    """A worker process was killed or exited; the message is one line that names its rank.

    Example:
        >>> raise WorkerError("rank 1 of the run was killed by SIGKILL")
        Traceback (most recent call last):
        recbole_fn.utils.errors.WorkerError: rank 1 of the run was killed by SIGKILL
    """


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that a mistyped one most resembles; upper and lower case are equal.

    Args:
        name: The mistyped name.
        known: At least one name.

    Example:
        >>> nearest("LERNING_RATE", ["epochs", "learning_rate"])
        'learning_rate'
    """
    by_lower_case = {candidate.lower(): candidate for candidate in sorted(known)}
    match = difflib.get_close_matches(name.lower(), by_lower_case, n=1, cutoff=0)[0]
    return by_lower_case[match]


@contextmanager
def mistakes_in(subject: str) -> Iterator[None]:
    """Turns an exception that RecBole raises about a user's input into an `InputError`.

    A net for what no check foresees: the line then carries the words of an inner layer. What is
    known in advance is checked before and told in our own words, and each use says in a comment
    what it is left for.

    Args:
        subject: What RecBole reads within the context, for the message.

    Raises:
        InputError: for any exception; an `InputError` passes unchanged. The log has the
            traceback at level DEBUG.

    Example:
        >>> with mistakes_in("data set 'beauty'"):
        ...     {}["user_id"]
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: data set 'beauty' is not usable: KeyError: there is
        no column or key 'user_id'
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        getLogger().debug("the error in full", exc_info=True)
        # What no check foresees; each use of the net says what it is left for.
        reason = " ".join(str(error).split())
        if isinstance(error, KeyError) and error.args:
            reason = f"there is no column or key {error.args[0]!r}"
        raise InputError(f"{subject} is not usable: {type(error).__name__}: {reason}") from error
