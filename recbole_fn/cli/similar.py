"""`similar`: the items nearest to an item, by the vectors of a checkpoint."""

from collections.abc import Sequence

from recbole_fn.cli.parser import Parser
from recbole_fn.cli.usage import require_set

EXAMPLES = (
    "--checkpoint=saved/SASRec.pth --item=lamp",
    "--checkpoint=saved/SASRec.pth --item=lamp --k=20",
    "--checkpoint=saved/GRU4Rec.pth --item=242 > similar.txt",
)


def parser() -> Parser:
    """The options.

    Examples:
        >>> parser().parse_args(["--checkpoint=saved/SASRec.pth", "--item=lamp"]).item
        'lamp'
    """
    made = Parser("similar", "Shows the items whose vectors are nearest to an item's.", EXAMPLES)
    made.add_argument("--checkpoint", metavar="FILE", help="a checkpoint")
    made.add_argument("--item", help="the item, as the data set names it")
    made.add_argument("--k", type=int, default=10, help="how many items (default: 10)")
    return made


def run(arguments: Sequence[str]) -> int:
    """Prints the items.

    Args:
        arguments: The arguments after the subcommand.

    Returns:
        The exit code, 0.

    Raises:
        InputError: for a mistake in them.

    Examples:
        Needs a checkpoint::

            python run_recbole_fn.py similar --checkpoint=saved/SASRec.pth --item=lamp
    """
    options = parser().parse_args(arguments)
    require_set(options, "checkpoint", "item")
    from recbole_fn.recommendation.loading import Loaded
    from recbole_fn.recommendation.neighbours import similar

    print(
        similar(Loaded.from_file(options.checkpoint), options.item, options.k).to_string(
            index=False
        )
    )
    return 0
