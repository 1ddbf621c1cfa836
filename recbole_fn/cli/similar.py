"""`similar`: the items nearest to an item, by the vectors of a checkpoint."""

from collections.abc import Sequence

from recbole_fn.cli.checkpoint_parser import CheckpointParser

EXAMPLES = (
    "--item=242",
    "--item=242 --k=20",
    "--item=50 > similar.txt",
)


def parser() -> CheckpointParser:
    """The options.

    Examples:
        >>> parser().parse_args(["--checkpoint=saved/SASRec.pth", "--item=lamp"]).item
        'lamp'
    """
    made = CheckpointParser(
        "similar", "Shows the items whose vectors are nearest to an item's.", EXAMPLES
    )
    shown = made.add_argument_group("what is shown")
    shown.add_argument("--item", help="the item, as the data set names it")
    made.add_k(shown, 10, "how many items")
    return made


def run(arguments: Sequence[str]) -> int:
    """Prints the items.

    Arguments, exit code and mistakes are those of each subcommand, see `dispatch.main`.

    Examples:
        >>> run([f"--checkpoint={model_file}", "--item=i7", "--k=2"])
         rank item   cosine
            1  i...  0...
            2  i...  0...
        0
    """
    options = parser().parse(arguments, "item")
    from recbole_fn.recommendation.loading import Loaded
    from recbole_fn.recommendation.neighbours import similar

    near = similar(Loaded.from_file(options.checkpoint), options.item, options.k)
    print(near.to_string(index=False))
    return 0
