"""`explain`: which items of a history a user's recommendations come from."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from recbole_fn.cli.checkpoint_parser import CheckpointParser
from recbole_fn.utils.claims import taken
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import write_whole
from recbole_fn.utils.folders import require_file

EXAMPLES = (
    "--user=196",
    "--user=196 --k=10 --because=5",
    "--user=196 --out=explained.html",
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
    explained = made.add_argument_group("what is explained")
    explained.add_argument("--user", help="the user, as the data set names it")
    made.add_k(explained, 5)
    explained.add_argument(
        "--because", type=int, default=3, help="items of the history for each (default: 3)"
    )
    place = made.add_argument_group("where it goes")
    place.add_argument("--out", metavar="FILE", help="an .html page instead of the screen")
    return made


def run(arguments: Sequence[str]) -> int:
    """Prints the items and what they come from.

    Arguments, exit code and mistakes are those of each subcommand, see `dispatch.main`.

    Examples:
        >>> run([f"--checkpoint={model_file}", "--user=u0", "--out=u0.html"])
        Page: u0.html
        0
    """
    options = parser().parse(arguments, "user")
    out = None if options.out is None else Path(options.out)
    if out is not None:
        _require_page(out)
    from recbole_fn.recommendation.explanation import explain, explanation_page
    from recbole_fn.recommendation.loading import Loaded

    with nullcontext() if out is None else taken(out, "out"):
        loaded = Loaded.from_file(options.checkpoint)
        explained = explain(loaded, options.user, options.k, options.because)
        if out is None:
            print(explained.to_string(index=False, na_rep=""))
        else:
            write_whole(out, explanation_page(loaded, options.user, explained))
            print(f"Page: {out}")
    return 0


def _require_page(out: Path) -> None:
    if out.suffix != ".html":
        raise InputError(f"out is {str(out)!r}; it must end with .html")
    require_file(out, "out")
