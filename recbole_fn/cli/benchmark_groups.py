"""The groups of options of `benchmark`, as its help shows them."""

from pathlib import Path
from typing import Any

from recbole_fn.benchmark import authors_code, growth, on_gpu, sampler_costs, size

DEFAULTS = {
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
"""What the options are where nobody sets them and the measurement has no other default."""


def add_common(group: Any) -> None:
    """What every measurement reads: the model, the data, and how much of them.

    Args:
        group: A group of options, or a parser.

    Example:
        >>> from argparse import ArgumentParser
        >>> add_common(parser := ArgumentParser())
        >>> parser.parse_args("--rows=512".split()).rows
        512
    """
    add = group.add_argument
    add("--model", help=f"name of the model (default: {DEFAULTS['model']})")
    add("--dataset", help=f"name of the data set (default: {DEFAULTS['dataset']})")
    add("--data_path", help="folder of the data set's folder")
    add("--quick", action="store_true", default=None, help="as --batches=2 --repeats=2 --rows=512")
    add("--rows", type=int, help="train_batch_size of both sides (default: 2048, RecBole's)")
    add("--batches", type=int, help="batches of a measured run (default: 5)")
    add("--repeats", type=int, help="measured runs of each side (default: 3)")
    add("--json", type=Path, help="a new file for the figures")


def add_reference(group: Any) -> None:
    """The options of a comparison with the authors' code.

    Args:
        group: A group of options, or a parser.

    Example:
        >>> from argparse import ArgumentParser
        >>> add_reference(parser := ArgumentParser())
        >>> parser.parse_args("--reference_epochs=4".split()).reference_epochs
        4
    """
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
        help=f"epochs; the first one is not timed (default: {DEFAULTS['reference_epochs']})",
    )


def add_samplers(group: Any) -> None:
    """The option that measures samplers.

    Args:
        group: A group of options, or a parser.

    Example:
        >>> from argparse import ArgumentParser
        >>> add_samplers(parser := ArgumentParser())
        >>> parser.parse_args("--samplers dns".split()).samplers
        ['dns']
    """
    group.add_argument(
        "--samplers",
        metavar="NAME",
        nargs="*",
        choices=sampler_costs.NAMES,
        help="times a step with each of these samplers relative to uniform, and sizes what they "
        "hold (default: all)",
    )


def add_gpu(group: Any) -> None:
    """The option that measures on a GPU.

    Args:
        group: A group of options, or a parser.

    Example:
        >>> from argparse import ArgumentParser
        >>> add_gpu(parser := ArgumentParser())
        >>> parser.parse_args("--gpu NARM".split()).gpu
        ['NARM']
    """
    group.add_argument(
        "--gpu",
        metavar="MODEL",
        nargs="*",
        help="trains these models on both sides: time, memory, how often a step waits, how busy "
        f"the GPU is (default: {', '.join(on_gpu.MODELS)})",
    )


def add_quality(group: Any) -> None:
    """The options of a race to RecBole's best score.

    Args:
        group: A group of options, or a parser.

    Example:
        >>> from argparse import ArgumentParser
        >>> add_quality(parser := ArgumentParser())
        >>> parser.parse_args("--epochs=30".split()).epochs
        30
    """
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


def add_scale(group: Any) -> None:
    """The options of growing data.

    Args:
        group: A group of options, or a parser.

    Example:
        >>> from argparse import ArgumentParser
        >>> add_scale(parser := ArgumentParser())
        >>> parser.parse_args("--items=300".split()).items
        300
    """
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
    add("--items", type=int, help=f"items (default: {DEFAULTS['items']})")
    add("--each", type=int, help=f"interactions of a user (default: {DEFAULTS['each']})")
    add("--sides", nargs="+", choices=list(size.SIDES), help="whose training (default: ours)")
    add(
        "--growth",
        metavar="AXIS",
        nargs="*",
        choices=growth.AXES,
        help="measures time and memory of ours while one of these grows and all others stay: "
        f"{', '.join(growth.AXES)} (default: all)",
    )
