"""What the subcommands that read a checkpoint share: its option, and others about its users."""

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from recbole_fn.cli.parser import Parser
from recbole_fn.cli.usage import require_set


class CheckpointParser(Parser):
    """A parser with the option `--checkpoint`, which must be set.

    Args:
        name: See `Parser`.
        description: See `Parser`.
        examples: See `Parser`; what follows `--checkpoint=saved/SASRec.pth`.

    Examples:
        >>> parser = CheckpointParser("similar", "Shows similar items.", ["--item=lamp"])
        >>> parser.parse(["--checkpoint=saved/SASRec.pth"]).checkpoint
        'saved/SASRec.pth'
        >>> parser.parse([])
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: --checkpoint is missing; it must be set
    """

    def __init__(self, name: str, description: str, examples: Sequence[str]) -> None:
        whole = [f"--checkpoint=saved/SASRec.pth {one}".strip() for one in examples]
        super().__init__(name, description, whole)
        group = self.add_argument_group("what recommends")
        group.add_argument("--checkpoint", metavar="FILE", help="of plain RecBole too")

    def add_users(self) -> Callable[..., argparse.Action]:
        """Adds the options that say whose histories are read; what is returned adds to them."""
        group = self.add_argument_group("to whom")
        group.add_argument(
            "--users", metavar="FILE", help="a column of users of the data set (default: all)"
        )
        group.add_argument(
            "--histories", metavar="FILE", help="users and items that training need not have seen"
        )
        return group.add_argument

    def add_k(self, group: Any, default: int, of: str = "items of a list") -> None:
        """Adds `--k`.

        Args:
            group: The group of options that it stands in.
            default: Its default.
            of: What it counts.
        """
        group.add_argument("--k", type=int, default=default, help=f"{of} (default: {default})")

    def parse(self, arguments: Sequence[str], *required: str) -> argparse.Namespace:
        """The options.

        Args:
            arguments: The arguments after the subcommand.
            *required: Other options that must be set.

        Raises:
            InputError: for a mistake in them.
        """
        options = self.parse_args(arguments)
        require_set(options, "checkpoint", *required)
        return options
