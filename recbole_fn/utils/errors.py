"""The one exception that a user's mistake raises."""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from logging import getLogger


class InputError(ValueError):
    """A mistake in what the user gave: a key, a file, a data set.

    The message is one line that names the key or file, the value found and what is
    allowed. The command line prints it alone and exits with code 2.
    """


class WorkerError(RuntimeError):
    """One of several processes was killed; the message is one line that names it."""


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is most like a mistyped one, be its letters small or capital."""
    by_letters = {other.lower(): other for other in sorted(known)}
    return by_letters[difflib.get_close_matches(name.lower(), by_letters, n=1, cutoff=0)[0]]


@contextmanager
def mistakes_in(subject: str) -> Iterator[None]:
    """Turns what RecBole raises about a user's input into an error of one line."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        getLogger().debug("the error in full", exc_info=True)
        reason = " ".join(str(error).split())
        if isinstance(error, KeyError) and error.args:
            reason = f"there is no column or key {error.args[0]!r}"
        raise InputError(f"{subject} is not usable: {type(error).__name__}: {reason}") from error
