"""`explain`: which items of a history a user's recommendations come from."""

from collections.abc import Sequence

from recbole_fn.cli.checkpoint_parser import CheckpointParser

EXAMPLES = (
    "--user=alice",
    "--user=alice --k=10 --because=5",
    "--user=196 > explained.txt",
)


def parser() -> CheckpointParser:
    """The options.

    Examples:
        >>> parser().parse_args(["--checkpoint=saved/SASRec.pth", "--user=alice"]).k
        5
    """
    description = """\
Recommends to a user, and shows what each score loses without an item of the history."""
    made = CheckpointParser("explain", description, EXAMPLES)
    made.add_argument("--user", help="the user, as the data set names it")
    made.add_k(5)
    made.add_argument(
        "--because", type=int, default=3, help="items of the history for each (default: 3)"
    )
    return made


def run(arguments: Sequence[str]) -> int:
    """Prints the items and what they come from.

    Args:
        arguments: The arguments after the subcommand.

    Returns:
        The exit code, 0.

    Raises:
        InputError: for a mistake in them.

    Examples:
        Needs a checkpoint::

            python run_recbole_fn.py explain --checkpoint=saved/SASRec.pth --user=alice
    """
    options = parser().parse(arguments, "user")
    from recbole_fn.recommendation.explanation import explain
    from recbole_fn.recommendation.loading import Loaded

    loaded = Loaded.from_file(options.checkpoint)
    print(explain(loaded, options.user, options.k, options.because).to_string(index=False))
    return 0
