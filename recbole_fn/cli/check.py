"""`check`: says what a run would read, before it is run."""

import sys
from collections.abc import Sequence

from recbole_fn.cli.parser import Parser, files_of, model_and_dataset
from recbole_fn.utils.errors import InputError

_DESCRIPTION = """\
Reads a data set and a configuration as a run does, and prints what it has found: sizes, repeated
and missing values, order in time, histories, keys without effect, expected time and memory, each
with up to three examples. What gives a run other results than the files say is marked with !.
Nothing is written; the model of the few steps that are measured is thrown away.
The exit code is 0, or 1 if something is marked, or 2 if a run would stop.
Any key of RecBole or of this package can be set as --key=value, as in a run."""
EXAMPLES = (
    "--model=SASRec --config_files=fn.yaml",
    "-m GRU4Rec -d ml-100k --config_files=fn.yaml --MAX_ITEM_LIST_LENGTH=20",
    "-m SASRec -d ml-100k --config_files=fn.yaml --steps=0",
)
_STEPS = 4


def parser() -> Parser:
    """The options; those that are not set are None.

    Examples:
        >>> parser().parse_args(["-m", "GRU4Rec"]).model
        'GRU4Rec'
    """
    made = Parser("check", _DESCRIPTION, EXAMPLES)
    made.add_run_options()
    add = made.add_argument_group("what is measured").add_argument
    words = f"training steps for the expected time and memory; 0: none (default: {_STEPS})"
    add("--steps", type=int, help=words)
    return made


def run(arguments: Sequence[str]) -> int:
    """Checks as the command line asks, and prints the findings.

    Args:
        arguments: The arguments after the subcommand. RecBole reads `--key=value` from the
            process itself.

    Returns:
        The exit code: 0, or 1 where a run would give other results than the files say.

    Raises:
        InputError: where a run would stop, after the findings are printed.

    Examples:
        >>> run(["--dataset=tiny", "--config_files=fn.yaml", "--steps=0"])
        SASRec on tiny
        ...
          rows                     615 of training, 80 of validation, 80 of test
          histories and targets    as in the files, for all users
        ...
        A run gives the results that the files say.
        0
    """
    options, keys = parser().read(arguments)
    from recbole_fn.checking.check import check

    sys.argv[1:] = keys  # RecBole would take the options for keys
    steps = _STEPS if options.steps is None else options.steps
    report = check(*model_and_dataset(options), files_of(options), None, steps)
    print(report.text)
    if report.obstacle is not None:
        raise InputError(report.obstacle)
    return report.exit_code
