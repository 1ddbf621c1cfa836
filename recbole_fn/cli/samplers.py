"""`samplers`: shows the samplers of negatives and their arguments."""

from collections.abc import Sequence
from textwrap import fill

from recbole_fn.cli.parser import Parser
from recbole_fn.config.components import describe_arguments
from recbole_fn.negatives import SAMPLERS

_INDENT = " " * 12
EXAMPLES = ("", "| less", "> samplers.txt")


def parser() -> Parser:
    """The options: none.

    Examples:
        >>> parser().parse_args([])
        Namespace()
    """
    text = "Shows the samplers of negatives (fn_sampler) and their arguments."
    return Parser("samplers", text, EXAMPLES)


def run(arguments: Sequence[str]) -> int:
    """Prints each sampler and its arguments.

    Args:
        arguments: The arguments after the subcommand; there must be none.

    Returns:
        The exit code, 0.

    Raises:
        InputError: for an argument.

    Examples:
        >>> run([])
        uniform ...
        0
    """
    parser().parse_args(arguments)
    for sampler in SAMPLERS:
        summary = (sampler.__doc__ or "").strip().splitlines()[0]
        print(fill(summary, 100, initial_indent=f"{sampler.name:11} ", subsequent_indent=_INDENT))
        for line in describe_arguments(sampler):
            print(fill(line, 100, initial_indent=_INDENT, subsequent_indent=f"{_INDENT}  "))
    return 0
