"""The one exception that a user's mistake raises."""

from collections.abc import Iterator
from contextlib import contextmanager
from logging import getLogger


class InputError(ValueError):
    """A mistake in what the user gave: a key, a file, a data set.

    The message is one line that names the key or file, the value found and what is
    allowed. The command line prints it alone and exits with code 2.
    """


@contextmanager
def mistakes_in(subject: str) -> Iterator[None]:
    """Turns what RecBole raises about a user's input into an error of one line."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        getLogger().debug("the error in full", exc_info=True)
        said = error.args[0] if isinstance(error, KeyError) and error.args else error
        reason = " ".join(str(said).split())
        raise InputError(f"{subject} is not usable: {type(error).__name__}: {reason}") from error
