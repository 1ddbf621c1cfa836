"""`train`: trains and tests a model, or goes on with a run."""

import argparse
import sys
from collections.abc import Sequence

from recbole_fn.cli.parser import SUBCOMMANDS, Parser, files_of, model_and_dataset, require_used

_DESCRIPTION = """\
Trains a sequential model of RecBole with false-negative extraction (UFNRec, arXiv 2208.04116).
Any key of RecBole or of this package can be set as --key=value, for example
--epochs=20 --fn_flip_after=8; it wins over all files."""
_EPILOG = """

subcommands; SUBCOMMAND --help shows the options of each:
{subcommands}

The keys that start with fn_ are explained in fn.yaml and in docs/configuration.md."""
EXAMPLES = (
    "--model=SASRec --config_files=fn.yaml",
    '-m GRU4Rec -d ml-100k --config_files=fn.yaml --epochs=20 --topk="[5,10]"',
    "-m SASRec --config_files=fn.yaml --fn_strategy=average --nproc=2",
)

_RUN = {"model", "dataset", "config_files", "nproc", "world_size"}
_GROUP = {"ip", "port", "group_offset"}
_SEVERAL = " in several processes"
USED = {
    "training": {*_RUN, "init_from"},
    f"training{_SEVERAL}": {*_RUN, *_GROUP, "init_from"},
    "--resume": {*_RUN, "resume"},
    f"--resume{_SEVERAL}": {*_RUN, *_GROUP, "resume"},
}


def parser() -> Parser:
    """The options; those that are not set are None.

    Examples:
        >>> options = parser().parse_args(["-m", "GRU4Rec", "--nproc=2"])
        >>> options.model, options.nproc, options.dataset
        ('GRU4Rec', 2, None)
    """
    made = Parser("train", _DESCRIPTION, EXAMPLES)
    lines = "\n".join(f"  {name:10} {words}" for name, words in SUBCOMMANDS.items())
    made.epilog = f"{made.epilog}{_EPILOG.format(subcommands=lines)}"
    made.add_run_options()
    add = made.add_argument_group("where it begins").add_argument
    add("--resume", metavar="FILE", help="go on from a checkpoint, with the configuration in it")
    add("--init_from", metavar="FILE", help="begin with a checkpoint's weights, RecBole's too")
    add = made.add_argument_group("several processes").add_argument
    add("--nproc", type=int, help="processes on this machine (default: 1)")
    add("--ip", help="address of the first machine (default: localhost)")
    add("--port", help="port of the first machine, if others are to meet it (default: 5678)")
    add("--world_size", type=int, help="processes on all machines (default: nproc)")
    add("--group_offset", type=int, help="rank of this machine's first process (default: 0)")
    return made


def run(arguments: Sequence[str]) -> int:
    """Trains as the command line asks.

    Args:
        arguments: The arguments after the subcommand. RecBole reads `--key=value` from the
            process itself.

    Raises:
        InputError: for a mistake in them, in keys, files or data.
        Interrupted: a KeyboardInterrupt that names the checkpoint to go on from.

    Examples:
        >>> from pathlib import Path
        >>> Path("quick.yaml").write_text("epochs: 2")
        9
        >>> run(["--model=SASRec", "--dataset=tiny", "--config_files=fn.yaml quick.yaml"])
        0
    """
    options, keys = parser().read(arguments)
    require_used(options, _mode(options), USED)
    from recbole_fn.experiment import processes

    sys.argv[1:] = keys  # RecBole would warn that it does not know the options
    model, dataset = options.model, options.dataset
    if options.resume is None:
        model, dataset = model_and_dataset(options)
    names = {*_GROUP, "nproc", "world_size", "resume", "init_from"}
    values = {name: value for name, value in vars(options).items() if name in names}
    chosen = {name: value for name, value in values.items() if value is not None}
    processes.run(model, dataset, files_of(options), **chosen)
    return 0


def _mode(options: argparse.Namespace) -> str:
    """What is asked for, as `USED` names it."""
    mode = "training" if options.resume is None else "--resume"
    is_one_process = options.nproc in (None, 1) and (options.world_size or 0) <= 0
    return mode if is_one_process else mode + _SEVERAL
