"""The options of `benchmark`, and those that each of its measurements uses."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recbole_fn.benchmark import authors_code, growth, sampler_costs, size
from recbole_fn.cli.parser import Parser, require_used

_DESCRIPTION = """\
Compares what training costs: ours and RecBole's, row for row. Every line is a ratio of medians
measured in turn within one run, because absolute times differ between machines and hours."""

EXAMPLES = (
    "--quick",
    "--scale 100000 300000 --sides ours recbole",
    "--to-quality --csv=race.csv",
)
_DATA = {"model", "dataset", "data_path", "quick", "rows", "json"}
_REFERENCE = {"reference", "reference_command", "reference_end", "reference_epochs"}
# The options that each command uses; any other one is refused, as it would do nothing.
_USED = {
    "a comparison": {*_DATA, "batches", "repeats"},
    "--reference": {*_DATA, *_REFERENCE},
    "--samplers": {*_DATA, "batches", "repeats", "samplers"},
    "--scale": {"model", "rows", "batches", "json", "scale", "items", "each", "sides"},
    "--growth": {"model", "json", "growth", "csv"},
    "--to_quality": {*_DATA - {"quick", "rows"}, "to_quality", "config_files", "epochs", "csv"},
    "--ranking": {"model", "repeats", "json", "ranking", "items"},
    "--recommend": {"model", "repeats", "json", "recommend", "items", "each", "written"},
}
_DEFAULTS = {
    "model": "SASRec",
    "dataset": "ml-100k",
    "reference_command": authors_code.COMMAND,
    "reference_end": authors_code.EPOCH_END,
    "reference_epochs": 4,
    "items": 2000,
    "each": 20,
    "sides": ["ours"],
    "config_files": "fn.yaml",
    "epochs": 300,
}


def parser() -> Parser:
    """The options; those that are not set are None.

    Examples:
        >>> parser().parse_args(["--rows=512"]).rows
        512
    """
    made = Parser("benchmark", _DESCRIPTION, EXAMPLES)
    _add_common(made.add_argument_group("what is measured"))
    _add_reference(made.add_argument_group("versus the authors' code, instead of RecBole"))
    _add_samplers(made.add_argument_group("samplers of negatives, instead of a comparison"))
    _add_scale(made.add_argument_group("growing data, instead of a comparison"))
    add = made.add_argument_group("lists and ranking, instead of training").add_argument
    add("--recommend", metavar="USERS", type=int, help="makes lists for 10,000 of these users")
    add("--ranking", metavar="USERS", type=int, help="validates so many users, all items ranked")
    add("--written", type=int, help="users whose lists are written (default: 20000)")
    _add_quality(made.add_argument_group("seconds to RecBole's best score, instead of a row's"))
    return made


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """The options, those that are not set with the defaults of what is asked for.

    Args:
        arguments: The arguments after the subcommand.

    Raises:
        InputError: for a mistake in them.

    Examples:
        >>> options = read_options(["--quick", "--repeats=5"])
        >>> options.rows, options.batches, options.repeats
        (512, 2, 5)
    """
    options = parser().parse_args(arguments)
    require_used(options, _mode(options), _USED)
    if options.growth == []:
        options.growth = growth.AXES
    if options.scale == []:
        options.scale = [100_000, 300_000, 1_000_000, 3_000_000]
    for name, value in _defaults(options).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    return options


def _mode(options: argparse.Namespace) -> str:
    """What is asked for, as `_USED` names it."""
    for name in ("scale", "growth", "recommend", "ranking", "to_quality"):
        if getattr(options, name) is not None:
            return f"--{name}"
    if options.samplers is not None and options.reference is None:
        return "--samplers"
    return "a comparison" if options.reference is None else "--reference"


def _defaults(options: argparse.Namespace) -> dict[str, Any]:
    if options.scale:
        return {**_DEFAULTS, "batches": 50, "repeats": 1, "rows": 2048}
    if options.recommend:
        return {**_DEFAULTS, "repeats": 3, "items": 200_000, "written": 20_000}
    if options.ranking:
        return {**_DEFAULTS, "repeats": 3, "items": 200_000}
    if options.quick:
        return {**_DEFAULTS, "batches": 2, "repeats": 2, "rows": 512}
    return {**_DEFAULTS, "batches": 5, "repeats": 3, "rows": 2048}


def _add_common(group: Any) -> None:
    add = group.add_argument
    add("--model", help=f"name of the model (default: {_DEFAULTS['model']})")
    add("--dataset", help=f"name of the data set (default: {_DEFAULTS['dataset']})")
    add("--data_path", help="folder of the data set's folder")
    add("--quick", action="store_true", default=None, help="as --batches=2 --repeats=2 --rows=512")
    add("--rows", type=int, help="train_batch_size of both sides (default: 2048, RecBole's)")
    add("--batches", type=int, help="batches of a measured run (default: 5)")
    add("--repeats", type=int, help="measured runs of each side (default: 3)")
    add("--json", type=Path, help="a new file for the figures")


def _add_reference(group: Any) -> None:
    add = group.add_argument
    add("--reference", metavar="PATH", help="a clone of the authors' code")
    add(
        "--reference_command",
        metavar="COMMAND",
        help="how it is started, in a folder with data/{dataset}.txt "
        f"(default: {authors_code.COMMAND})",
    )
    add(
        "--reference_end",
        metavar="REGEX",
        help="what a line at the end of an epoch contains; a group, if any, is the epoch's time "
        f"in seconds (default: {authors_code.EPOCH_END})",
    )
    add(
        "--reference_epochs",
        metavar="K",
        type=int,
        help=f"epochs; the first one is not timed (default: {_DEFAULTS['reference_epochs']})",
    )


def _add_samplers(group: Any) -> None:
    group.add_argument(
        "--samplers",
        metavar="NAME",
        nargs="*",
        choices=sampler_costs.NAMES,
        help="times a step with each of these samplers relative to uniform, and sizes what they "
        "hold (default: all)",
    )


def _add_quality(group: Any) -> None:
    add = group.add_argument
    add(
        "--to-quality",
        "--to_quality",
        action="store_true",
        default=None,
        help="trains RecBole to its end, then ours until it validates as well",
    )
    add("--epochs", type=int, help="the most epochs of each side (default: 300, RecBole's)")
    add("--config_files", help="property files of our side (default: fn.yaml)")
    add("--csv", type=Path, help="a new file for the validations, a line each")


def _add_scale(group: Any) -> None:
    add = group.add_argument
    add(
        "--scale",
        metavar="INTERACTIONS",
        type=int,
        nargs="*",
        help="makes up data sets of these sizes and measures time and memory, of 50 batches "
        "unless --batches says otherwise; 0 batches are a whole epoch "
        "(default: 100000 300000 1000000 3000000)",
    )
    add("--items", type=int, help=f"items (default: {_DEFAULTS['items']})")
    add("--each", type=int, help=f"interactions of a user (default: {_DEFAULTS['each']})")
    add("--sides", nargs="+", choices=list(size.SIDES), help="whose training (default: ours)")
    add(
        "--growth",
        metavar="AXIS",
        nargs="*",
        choices=growth.AXES,
        help="measures time and memory of ours while one of these grows and all others stay: "
        f"{', '.join(growth.AXES)} (default: all)",
    )
