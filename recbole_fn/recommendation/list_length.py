"""How many items a list has."""

from numbers import Integral

from recbole_fn.utils.errors import InputError


def list_length(k: object, name: str = "k") -> int:
    """The length, which may be an integer of numpy, as one of Python.

    Args:
        k: The length.
        name: The argument, for messages.

    Raises:
        InputError: if it is no integer from 1.

    Example:
        >>> list_length(2)
        2
        >>> list_length(2.0)
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: k is 2.0; it must be an integer from 1
    """
    if not isinstance(k, Integral) or isinstance(k, bool) or k < 1:
        raise InputError(f"{name} is {k!r}; it must be an integer from 1")
    return int(k)
