"""How a command is written in help and messages."""

import re
import shlex
import sys
from pathlib import Path

_CONTINUED, _INDENT = " \\", " " * 6


def program() -> str:
    """How the user has called the program, for messages that say what to type.

    Examples:
        >>> import sys
        >>> sys.argv[0] = "run_recbole_fn.py"
        >>> program()
        'python run_recbole_fn.py'
    """
    path = Path(sys.argv[0])
    if path.name == "__main__.py":
        return "python -m recbole_fn"
    return f"python {shlex.quote(sys.argv[0])}" if path.suffix == ".py" else path.name


def folded(command: str, width: int = 98) -> str:
    r"""A command as a shell reads it, on as many lines as it needs.

    Args:
        command: The command; a new line begins before an option `--name` alone.
        width: Characters that a line may have; an option that is longer has a line of its own.

    Examples:
        >>> print(folded("recommend --checkpoint=saved/SASRec.pth --k=20 --out=-", 45))
        recommend --checkpoint=saved/SASRec.pth \
              --k=20 --out=-
    """
    first, *options = re.split(" (?=--)", command.rstrip())
    lines = [first]
    for option in options:
        if len(lines[-1]) + len(option) + len(" ") > width - len(_CONTINUED):
            lines.append(_INDENT + option)
        else:
            lines[-1] += f" {option}"
    return f"{_CONTINUED}\n".join(lines)
