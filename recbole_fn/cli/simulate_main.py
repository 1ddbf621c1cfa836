"""Data whose truth is known, and what extraction finds of it."""

import sys
from collections.abc import Sequence

from recbole_fn.environment.packages import require_training_packages
from recbole_fn.environment.warning_filters import silence_known_warnings
from recbole_fn.utils.errors import InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: The arguments after the program's name; those of the process by default.

    Returns:
        The exit code: 0, or 2 for a mistake of the user's, told in one line.
    """
    silence_known_warnings()
    try:
        require_training_packages()
        from recbole_fn.cli.simulate import run

        run(sys.argv[1:] if arguments is None else arguments)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
