"""`python -m recbole_fn.simulate`: data whose truth is known, and what extraction finds of it."""

import sys
from collections.abc import Sequence
from typing import Optional

from recbole_fn.environment import require_training_packages
from recbole_fn.errors import InputError
from recbole_fn.quiet import silence_known_warnings


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs the command line.

    Args:
        arguments: The arguments after the program's name; those of the process by default.

    Returns:
        The exit code: 0, or 2 for a mistake of the user's, told in one line.
    """
    silence_known_warnings()
    try:
        require_training_packages()
        from recbole_fn.simulation.commands import run

        run(sys.argv[1:] if arguments is None else arguments)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
