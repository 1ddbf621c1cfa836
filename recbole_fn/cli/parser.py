"""What the command lines have in common: mistakes of one line, and no option that does nothing."""

import argparse
from collections.abc import Collection, Mapping
from typing import NoReturn

from recbole_fn.utils.errors import InputError


class Parser(argparse.ArgumentParser):
    """A parser that tells a mistake as one line, and takes no option for another one's beginning.

    Args:
        prog: How the command is called.
        description: What it does; shown as it is written.
        epilog: What is shown below the options.
    """

    def __init__(self, prog: str, description: str, epilog: str = "") -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Raises the mistake as an error of one line."""
        raise InputError(" ".join(message.split()))


def require_used(
    options: argparse.Namespace, command: str, used: Mapping[str, Collection[str]]
) -> None:
    """Refuses an option that the command would ignore.

    Args:
        options: The options; those that are not given are None.
        command: What is asked for.
        used: The options that each command uses.

    Raises:
        InputError: naming the first such option, and the commands that use it.
    """
    for name, value in vars(options).items():
        if value is not None and name not in used[command]:
            others = ", ".join(other for other, names in used.items() if name in names)
            raise InputError(
                f"--{name} is {value!r}, which {command} does not use; it must be left out "
                f"(it is for: {others})"
            )
