"""`export`: writes the vectors of items and users of a checkpoint."""

from collections.abc import Sequence
from pathlib import Path

from recbole_fn.cli.checkpoint_parser import CheckpointParser

_DESCRIPTION = """\
Writes items.npy, items.parquet, users.npy and users.parquet; the parquet files have the tokens. The
dot product of a user and an item is the model's score."""
EXAMPLES = (
    "--vectors=vectors",
    "--vectors=vectors --users=users.csv",
    "--vectors=vectors --histories=sessions.csv",
)


def parser() -> CheckpointParser:
    """The options.

    Examples:
        >>> parser().parse_args(["--checkpoint=a.pth", "--vectors=vectors"]).vectors
        'vectors'
    """
    made = CheckpointParser("export", _DESCRIPTION, EXAMPLES)
    made.add_argument("--vectors", metavar="FOLDER", help="where the files go")
    made.add_users()
    return made


def run(arguments: Sequence[str]) -> int:
    """Writes the files.

    Args:
        arguments: The arguments after the subcommand.

    Returns:
        The exit code, 0.

    Raises:
        InputError: for a mistake in them, or a model whose scores are no dot products.

    Examples:
        Needs a checkpoint::

            python run_recbole_fn.py export --checkpoint=saved/SASRec.pth --vectors=vectors
    """
    options = parser().parse(arguments, "vectors")
    from recbole_fn.recommendation.recommend import make_plan
    from recbole_fn.recommendation.vectors import export_vectors

    plan = make_plan(
        options.checkpoint, options.users, options.histories, 1, "none", None, None, "test", None
    )
    export_vectors(plan.loaded, plan.asked, Path(options.vectors))
    print(f"Vectors: {options.vectors}")
    return 0
