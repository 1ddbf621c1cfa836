"""`compare`: trains variants under equal conditions, and compares them."""

import argparse
import re
from collections.abc import Sequence

from recbole_fn.cli.parser import Parser, files_of, model_and_dataset, require_used
from recbole_fn.utils.errors import InputError

_DESCRIPTION = """\
Trains and tests each variant with each seed on the same data, split and evaluation, and compares
them. The same command goes on with a comparison that was stopped; with more variants or seeds it
trains those that are new, and with --out=FOLDER and a larger --epochs it trains the jobs on.
FOLDER/jobs/checkpoints holds the checkpoints for that. The last ones (-last.pth) can be large;
deleting them costs nothing but the ability to go on.
Any key of RecBole or of this package can be set for all variants as --key=value."""
EXAMPLES = (
    "-m SASRec --config_files=fn.yaml --variants=off,flip --seeds=5",
    "-m GRU4Rec -d ml-100k --config_files=fn.yaml --seeds=1,7,42 --epochs=50",
    "-m SASRec --config_files=fn.yaml --workers=2 --out=saved/mine",
)
_ALL = {"model", "dataset", "config_files", "variants", "seeds", "out"}
USED = {
    "a comparison on this machine": {*_ALL, "workers"},
    "a comparison with --ray_address": {*_ALL, "ray_address"},
}
_MOST = 20  # more seeds than that have to be listed: who writes 42 may mean the seed


def parser() -> Parser:
    """The options; those that are not set are None.

    Examples:
        >>> parser().parse_args(["--variants=off,flip"]).variants
        'off,flip'
    """
    made = Parser("compare", _DESCRIPTION, EXAMPLES)
    made.add_run_options()
    add = made.add_argument_group("what is compared").add_argument
    add("--variants", help="names such as off,average,flip (default: all that the model can have)")
    add("--seeds", help="5: five seeds from the key seed on; 1,7,42: these; 42, (a comma): this")
    add = made.add_argument_group("where it runs").add_argument
    add("--out", metavar="FOLDER", help="output folder (default: saved/compare-<hash>)")
    add("--workers", type=int, help="jobs at a time, in Ray if more than one (default: 1)")
    add("--ray_address", help="a cluster of Ray that runs the jobs")
    return made


def run(arguments: Sequence[str]) -> int:
    """Compares as the command line asks, and prints the tables.

    Args:
        arguments: The arguments after the subcommand.

    Returns:
        The exit code: 0, or 1 if a job failed.

    Raises:
        InputError: for a mistake in them, in keys, files or data.
        KeyboardInterrupt: after Ctrl-C, saying how to go on.

    Examples:
        >>> keys = ["--epochs=2", "--fn_start=1", "--train_batch_size=512"]
        >>> run(["--dataset=tiny", "--variants=off,flip", "--seeds=2", "--out=two", *keys])
        SASRec, tiny (test)
        ...
        Files: /.../two
        0
    """
    options, keys = parser().read(arguments)
    require_used(options, _mode(options), USED)
    from recbole_fn.comparison.compare import compare
    from recbole_fn.comparison.variants import words
    from recbole_fn.hooks.command_line import keys_of

    what = (*model_and_dataset(options), files_of(options), keys_of(keys))
    variants, seeds = words(options.variants), read_seeds(options.seeds or "1")
    workers = 1 if options.workers is None else options.workers
    try:
        comparison = compare(*what, variants, seeds, options.out, workers, options.ray_address)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            "stopped; the same command goes on with the jobs that are left"
        ) from None
    print(comparison.text)
    print(f"Files: {comparison.folder}")
    return 1 if comparison.failures else 0


def read_seeds(text: str) -> int | list[int]:
    """A number of seeds, or a list of seeds.

    Args:
        text: A number, or seeds such as `1,7,42`, `[7]` or `7,`.

    Raises:
        InputError: for anything else, and for a number that is more likely to mean one seed.

    Examples:
        >>> read_seeds("5"), read_seeds("1,7,42"), read_seeds("42,")
        (5, [1, 7, 42], [42])
    """
    parts = [part.strip() for part in text.strip("[] ").split(",") if part.strip()]
    if not parts or not all(re.fullmatch(r"-?\d+", part) for part in parts):
        raise InputError(
            f"--seeds is {text!r}; it must be a number of seeds, or a list such as 1,7,42"
        )
    numbers = [int(part) for part in parts]
    if not re.fullmatch(r"-?\d+", text.strip()):
        return numbers
    if numbers[0] > _MOST:
        raise InputError(
            f"--seeds is {text}, a number of seeds; it must be at most {_MOST} "
            f"(the one seed {text} is written --seeds={text}, with a comma)"
        )
    return numbers[0]


def _mode(options: argparse.Namespace) -> str:
    where = "on this machine" if options.ray_address is None else "with --ray_address"
    return f"a comparison {where}"
