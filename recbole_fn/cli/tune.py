"""`tune`: searches for the best keys with Ray Tune, or goes on with a search."""

import sys
from collections.abc import Sequence

from recbole_fn.cli.commands import program
from recbole_fn.cli.parser import Parser, files_of, model_and_dataset, require_used
from recbole_fn.tune.settings import CONSTRAINTS
from recbole_fn.utils.errors import InputError

KEYS = tuple(CONSTRAINTS)
_DESCRIPTION = """\
Searches for the best keys with Ray Tune. The space and the tune_ keys come from files, such as
the packaged tune/fn.yaml; any key of RecBole, of this package or of the search can be set as
--key=value."""
EXAMPLES = (
    "-m SASRec --config_files=fn.yaml --space=tune/fn.yaml",
    "-m SASRec -d ml-100k --config_files=fn.yaml --space=tune/fn.yaml --tune_num_samples=20",
    "-m BERT4Rec --config_files=fn.yaml --space=tune/fn.yaml --out=saved/mine --epochs=50",
)
USED = {
    "a search": {"model", "dataset", "config_files", "space", "out", "ray_address"},
    "--resume": {"resume", "ray_address"},
}


def parser() -> Parser:
    """The options; those that are not set are None.

    Examples:
        >>> parser().parse_args(["--space=tune/fn.yaml"]).space
        'tune/fn.yaml'
    """
    made = Parser("tune", _DESCRIPTION, EXAMPLES)
    made.add_run_options()
    add = made.add_argument_group("the search").add_argument
    add("--space", metavar="FILES", help="files with the space and tune_ keys, as tune/fn.yaml")
    add("--out", metavar="FOLDER", help="folder or address (default: saved/tune-<hash>)")
    add("--resume", metavar="FOLDER", help="go on with the search in a folder or at an address")
    add = made.add_argument_group("where it runs").add_argument
    add("--ray_address", help="a cluster of Ray that runs the trials")
    return made


def run(arguments: Sequence[str]) -> int:
    """Searches as the command line asks, and prints the tables.

    Args:
        arguments: The arguments after the subcommand.

    Returns:
        The exit code: 0, or 1 if a trial failed or the search was stopped.

    Raises:
        InputError: for a mistake in them, in keys, files or data.

    Examples:
        >>> keys = ["--epochs=2", "--tune_num_samples=2", "--out=search"]
        >>> run(["--dataset=tiny", "--config_files=fn.yaml", "--space=tune/fn.yaml", *keys])
        trial ...
        ...
        Files: /.../search
        0
    """
    options, keys = parser().read(arguments)
    require_used(options, "a search" if options.resume is None else "--resume", USED)
    if options.resume is None and options.space is None:
        raise InputError("--space is missing; it must name files with a space, as tune/fn.yaml")
    from recbole_fn.hooks.command_line import keys_of
    from recbole_fn.tune.tuning import resume, tune

    if options.resume:
        search = resume(options.resume, keys_of(keys), options.ray_address)
    else:
        where = (options.space.split(), options.out, options.ray_address)
        search = tune(*model_and_dataset(options), files_of(options), keys_of(keys), *where)
    print(search.text)
    print(f"Files: {search.place}")
    if not search.is_complete:
        again = f"{program()} tune --resume={search.place}"
        print(f"Not all trials have ended; this goes on: {again}", file=sys.stderr)
    has_failed = any(trial.status == "failed" for trial in search.trials)
    return 1 if has_failed or not search.is_complete else 0
