"""The command line: `run_recbole_fn.py` and `python -m recbole_fn`."""

import argparse
import os
import shlex
import sys
import warnings
from collections.abc import Sequence
from typing import NoReturn, Optional

from recbole_fn.arms import options as comparison
from recbole_fn.environment import require_working_packages
from recbole_fn.errors import InputError, RankError
from recbole_fn.tune import options as search

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


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="run_recbole_fn.py",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
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
    add("--nproc", type=int, default=1, help="processes in this group (default: %(default)s)")
    add("--ip", default="localhost", help="ip of the master node (default: %(default)s)")
    add(
        "--port",
        default="5678",
        help="port of the master node, if others are to meet it (default: %(default)s)",
    )
    add("--world_size", type=int, default=-1, help="total number of processes")
    add("--group_offset", type=int, default=0, help="global rank offset of this process group")
    comparison.add_options(parser)
    search.add_options(parser)
    add("--ray_address", help="a cluster of Ray that runs the jobs or trials")
    return parser


def _parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    options, others = _parser().parse_known_args(arguments)
    for other in others:
        if not other.startswith("--") or "=" not in other:
            raise InputError(f"argument {other!r} is not understood; allowed is --key=value")
        if other.count("=") > 1:  # RecBole would leave it out
            raise InputError(
                f"argument {other!r} has a second '='; allowed is one, or a property file"
            )
    comparison.require_compare(options)
    search.require_one(options)
    if options.resume is not None and (options.init_from is not None or options.compare):
        raise InputError("--resume goes on with a run; allowed is no --init_from or --compare")
    return options, others


def _run(arguments: Sequence[str]) -> int:
    if list(arguments) == ["models"]:
        require_working_packages()
        from recbole_fn.model_table import main as print_models

        print_models()
        return 0
    options, others = _parse(arguments)
    require_working_packages()
    files = options.config_files.split() if options.config_files else None
    warnings.filterwarnings("ignore", category=FutureWarning, module="recbole")
    # Only now: RecBole fails to import where the packages are wrong.
    from recbole_fn.config import keys_of_files
    from recbole_fn.processes import run

    _let_import_from_here()
    in_files = keys_of_files(files)
    model = options.model or in_files.get("model")
    dataset = options.dataset or in_files.get("dataset")
    if options.compare:
        return comparison.run(options, model or _MODEL, dataset or _DATASET, others)
    if options.tune or options.tune_resume:
        return search.run(options, model or _MODEL, dataset or _DATASET, others)
    if options.resume is None:
        model, dataset = model or _MODEL, dataset or _DATASET
    run(
        model,
        dataset,
        files,
        nproc=options.nproc,
        world_size=options.world_size,
        ip=options.ip,
        port=options.port,
        group_offset=options.group_offset,
        resume=options.resume,
        init_from=options.init_from,
    )
    return 0


def _let_import_from_here() -> None:
    """Lets a user's module be found where the user stands, as `python -m` does."""
    if not {"", os.getcwd()} & set(sys.path):
        sys.path.insert(0, os.getcwd())


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs the command line.

    Args:
        arguments: The arguments after the program's name; those of the process by default.
            RecBole reads `--key=value` from the process itself.

    Returns:
        The exit code: 0, 1 if a job of a comparison failed or a rank was killed, 2 for a mistake
        of the user's, or 130 after Ctrl-C (143 after SIGTERM); all but the first are told.
    """
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
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
