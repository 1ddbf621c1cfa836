"""The one exception that a user's mistake raises."""


class InputError(ValueError):
    """A mistake in what the user gave: a key, a file, a data set.

    The message is one line that names the key or file, the value found and what is
    allowed. The command line prints it alone and exits with code 2.
    """
