"""The command line: `run_recbole_fn.py` and `python -m recbole_fn`."""

import argparse
import os
import shlex
import sys
from collections.abc import Sequence

from recbole_fn.cli import compare as comparison
from recbole_fn.cli import tune as search
from recbole_fn.cli.parser import Parser, require_used
from recbole_fn.environment.packages import require_training_packages
from recbole_fn.environment.warning_filters import silence_known_warnings
from recbole_fn.utils.errors import InputError, RankError

_MODEL, _DATASET = "SASRec", "ml-100k"
_DESCRIPTION = """\
Trains a sequential model of RecBole with false-negative extraction (UFNRec, arXiv 2208.04116).
Any key of RecBole or of this package can be given as --key=value, for example
--epochs=20 --fn_flip_after=8; it wins over all files."""
_EPILOG = """\
examples:
  python run_recbole_fn.py --model=SASRec --config_files=fn.yaml
  python run_recbole_fn.py -m GRU4Rec -d my-data --data_path=folder --config_files="fn.yaml my.yaml"
  python run_recbole_fn.py -m SASRec --config_files=fn.yaml --compare --arms=off,flip --seeds=5
  python run_recbole_fn.py -m SASRec --config_files=fn.yaml --tune=tune/fn.yaml
  python run_recbole_fn.py --resume=saved/SASRec-...-last.pth
  python -m recbole_fn models      how each sequential model of RecBole is scored and batched
The keys that start with fn_ are explained in fn.yaml and in the README."""


# The options that each command uses; any other one is refused, as it would do nothing.
_RUN = {"model", "dataset", "config_files", "nproc", "world_size"}
_GROUP = {"ip", "port", "group_offset"}
_SEVERAL = " in several processes"
_COMPARE = {"model", "dataset", "config_files", "compare", "arms", "seeds", "compare_out"}
_USED = {
    "training": {*_RUN, "init_from"},
    f"training{_SEVERAL}": {*_RUN, *_GROUP, "init_from"},
    "--resume": {*_RUN, "resume"},
    f"--resume{_SEVERAL}": {*_RUN, *_GROUP, "resume"},
    "--compare": {*_COMPARE, "compare_workers"},
    "--compare with --ray_address": {*_COMPARE, "ray_address"},
    "--tune": {"model", "dataset", "config_files", "tune", "tune_out", "ray_address"},
    "--tune_resume": {"tune_resume", "ray_address"},
}


def _parser() -> Parser:
    """The parser; an option that is not given is None."""
    parser = Parser("run_recbole_fn.py", _DESCRIPTION, _EPILOG)
    add = parser.add_argument
    add(
        "--model",
        "-m",
        help="name of the model, or package.module:Class (default: SASRec)",
    )
    add("--dataset", "-d", help="name of the data set (default: ml-100k)")
    add("--config_files", help="property files, separated by spaces; later ones win")
    add("--resume", metavar="FILE", help="go on from a checkpoint, with the configuration in it")
    add("--init_from", metavar="FILE", help="begin with a checkpoint's weights, RecBole's too")
    add("--nproc", type=int, help="processes in this group (default: 1)")
    add("--ip", help="ip of the master node (default: localhost)")
    add("--port", help="port of the master node, if others are to meet it (default: 5678)")
    add("--world_size", type=int, help="total number of processes")
    add("--group_offset", type=int, help="global rank offset of this process group")
    comparison.add_options(parser)
    search.add_options(parser)
    add("--ray_address", help="a cluster of Ray that runs the jobs or trials")
    return parser


def _parse(arguments: Sequence[str]) -> tuple[str, argparse.Namespace, list[str]]:
    """The command, its options, and the arguments --key=value."""
    options, others = _parser().parse_known_args(arguments)
    for other in others:
        if not other.startswith("--") or "=" not in other:
            raise InputError(f"argument {other!r} is not understood; allowed is --key=value")
        if other.count("=") > 1:  # RecBole would leave it out
            raise InputError(
                f"argument {other!r} has a second '='; allowed is one, or a property file"
            )
    command = _command(options)
    require_used(options, command, _USED)
    search.require_search(command, others)
    return command, options, others


def _command(options: argparse.Namespace) -> str:
    """What is asked for, as `_USED` names it."""
    if options.compare:
        return "--compare with --ray_address" if options.ray_address else "--compare"
    for name in ("tune", "tune_resume"):
        if getattr(options, name) is not None:
            return f"--{name}"
    command = "training" if options.resume is None else "--resume"
    is_one = options.nproc in (None, 1) and (options.world_size or 0) <= 0
    return command if is_one else command + _SEVERAL


def _run(arguments: Sequence[str]) -> int:
    if arguments[:1] == ["models"]:
        return _print_models(arguments[1:])
    command, options, others = _parse(arguments)
    require_training_packages()
    files = options.config_files.split() if options.config_files else None
    # Only now: RecBole fails to import where the packages are wrong.
    from recbole_fn.experiment.processes import run
    from recbole_fn.hooks.config import keys_of_files

    _let_import_from_here()
    in_files = keys_of_files(files)
    model = options.model or in_files.get("model")
    dataset = options.dataset or in_files.get("dataset")
    if command.startswith("--compare"):
        return comparison.run(options, model or _MODEL, dataset or _DATASET, others)
    if command.startswith("--tune"):
        return search.run(options, model or _MODEL, dataset or _DATASET, others)
    if options.resume is None:
        model, dataset = model or _MODEL, dataset or _DATASET
    names = {*_GROUP, "nproc", "world_size", "resume", "init_from"}
    given = {name: getattr(options, name) for name in names}
    run(model, dataset, files, **{k: value for k, value in given.items() if value is not None})
    return 0


def _print_models(arguments: Sequence[str]) -> int:
    if arguments:
        raise InputError(f"argument {arguments[0]!r} is not used by models; it must be left out")
    require_training_packages()
    from recbole_fn.cli.models import main as print_models

    print_models()
    return 0


def _let_import_from_here() -> None:
    """Lets a user's module be found where the user stands, as `python -m` does."""
    if not {"", os.getcwd()} & set(sys.path):
        sys.path.insert(0, os.getcwd())


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: The arguments after the program's name; those of the process by default.
            RecBole reads `--key=value` from the process itself.

    Returns:
        The exit code: 0, 1 if a job of a comparison failed or a rank was killed, 2 for a mistake
        of the user's, or 130 after Ctrl-C (143 after SIGTERM); all but the first are told.
    """
    silence_known_warnings()
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except RankError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as stop:
        print(_describe_stop(stop), file=sys.stderr)
        return int(getattr(stop, "exit_code", 130))


def _describe_stop(stop: KeyboardInterrupt) -> str:
    """What to do after Ctrl-C; an `Interrupted` knows its checkpoint."""
    path = getattr(stop, "checkpoint", None)
    if path is None:
        return str(stop) or "stopped; a last checkpoint in saved, if there is one, can be resumed"
    program = sys.argv[0]
    program = "-m recbole_fn" if program.endswith("__main__.py") else shlex.quote(program)
    return f"stopped; this goes on from here:\n  python {program} --resume={shlex.quote(path)}"
