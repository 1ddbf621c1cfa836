"""The options of `benchmark`, and those that each of its measurements uses."""

import argparse
from collections.abc import Sequence
from typing import Any

from recbole_fn.benchmark import growth, on_gpu
from recbole_fn.cli import benchmark_groups as groups
from recbole_fn.cli.benchmark_groups import DEFAULTS
from recbole_fn.cli.parser import Parser, require_used

_DESCRIPTION = """\
Compares what training costs: ours and RecBole's, row for row. Every line is a ratio of medians
measured in turn within one run, because absolute times differ between machines and hours."""

EXAMPLES = (
    "--quick",
    "--gpu --csv=gpu.csv",
    "--to-quality --csv=race.csv",
)
_DATA = {"model", "dataset", "data_path", "quick", "rows", "json"}
_REFERENCE = {"reference", "reference_command", "reference_end", "reference_epochs"}
# The options that each command uses; any other one is refused, as it would do nothing.
_USED = {
    "a comparison": {*_DATA, "batches", "repeats"},
    "--reference": {*_DATA, *_REFERENCE},
    "--samplers": {*_DATA, "batches", "repeats", "samplers"},
    "--gpu": {*_DATA - {"model"}, "batches", "repeats", "gpu", "csv"},
    "--scale": {"model", "rows", "batches", "json", "scale", "items", "each", "sides"},
    "--growth": {"model", "json", "growth", "csv"},
    "--to_quality": {*_DATA - {"quick", "rows"}, "to_quality", "config_files", "epochs", "csv"},
    "--ranking": {"model", "repeats", "json", "ranking", "items"},
    "--recommend": {"model", "repeats", "json", "recommend", "items", "each", "written"},
}


def parser() -> Parser:
    """The options; those that are not set are None.

    Examples:
        >>> parser().parse_args(["--rows=512"]).rows
        512
    """
    made = Parser("benchmark", _DESCRIPTION, EXAMPLES)
    groups.add_common(made.add_argument_group("what is measured"))
    groups.add_reference(made.add_argument_group("versus the authors' code, instead of RecBole"))
    groups.add_samplers(made.add_argument_group("samplers of negatives, instead of a comparison"))
    groups.add_gpu(made.add_argument_group("on a GPU, in single and in mixed precision"))
    groups.add_scale(made.add_argument_group("growing data, instead of a comparison"))
    add = made.add_argument_group("lists and ranking, instead of training").add_argument
    add("--recommend", metavar="USERS", type=int, help="makes lists for 10,000 of these users")
    add("--ranking", metavar="USERS", type=int, help="validates so many users, all items ranked")
    add("--written", type=int, help="users whose lists are written (default: 20000)")
    groups.add_quality(
        made.add_argument_group("seconds to RecBole's best score, instead of a row's")
    )
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
    if options.gpu == []:
        options.gpu = list(on_gpu.MODELS)
    if options.scale == []:
        options.scale = [100_000, 300_000, 1_000_000, 3_000_000]
    for name, value in _defaults(options).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    return options


def _mode(options: argparse.Namespace) -> str:
    """What is asked for, as `_USED` names it."""
    for name in ("gpu", "scale", "growth", "recommend", "ranking", "to_quality"):
        if getattr(options, name) is not None:
            return f"--{name}"
    if options.samplers is not None and options.reference is None:
        return "--samplers"
    return "a comparison" if options.reference is None else "--reference"


def _defaults(options: argparse.Namespace) -> dict[str, Any]:
    if options.scale:
        return {**DEFAULTS, "batches": 50, "repeats": 1, "rows": 2048}
    if options.recommend:
        return {**DEFAULTS, "repeats": 3, "items": 200_000, "written": 20_000}
    if options.ranking:
        return {**DEFAULTS, "repeats": 3, "items": 200_000}
    if options.quick:
        return {**DEFAULTS, "batches": 2, "repeats": 2, "rows": 512}
    return {**DEFAULTS, "batches": 5, "repeats": 3, "rows": 2048}
