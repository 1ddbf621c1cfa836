"""`simulate`: makes data whose truth is known; `simulate measure`: what extraction finds of it."""

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from recbole_fn.cli.parser import Parser
from recbole_fn.simulation.measurement import FIXED, MODES, NEVER, Plan, measure
from recbole_fn.simulation.options import WorldOptions
from recbole_fn.simulation.outputs import FILES, own_folder, write_measurement
from recbole_fn.simulation.skips import simulate_skips
from recbole_fn.simulation.truth import NONE, write_data
from recbole_fn.simulation.world import simulate
from recbole_fn.utils.errors import InputError

_MAKES = (
    """\
Makes a data set in RecBole's format, and beside it NAME.truth.npz: what each user would have
liked at each step. `simulate measure` compares extraction with that truth.""",
    ("", "--seed=7 --name=world7 --out=dataset", "measure --help"),
)
_MEASURES = (
    """\
Trains with extraction and compares it with the truth after each epoch.
Mode counts: one training for each N in which nothing is flipped; its counts answer for all m.
Mode flip: a training for each N and m.
Any key of RecBole or of this package can be set as --key=value.""",
    (
        "--data=dataset/simulated",
        "--data=dataset/simulated --m 3 5 --neg_num 100 --modes flip --epochs=50",
        "--data=dataset/simulated --model=GRU4Rec --out=agreement-gru --fn_loss=softmax",
    ),
)
_MS = [1, 2, 3, 5, 8, 12]
_MEASURED = (
    "m",
    "neg_num",
    "extracted",
    "precision",
    "base",
    "lift",
    "recall",
    "hard_precision",
    "valid_score",
    "recommended_liked",
)


def run(arguments: Sequence[str]) -> int:
    """Makes a data set, or measures extraction on one.

    Args:
        arguments: The arguments after the subcommand.

    Returns:
        The exit code, 0.

    Raises:
        InputError: for a mistake in them.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     run([f"--out={folder}", "--users=2", "--items=20", "--length=5"])
        /.../simulated: 10 interactions in ... s
        0
    """
    if list(arguments[:1]) == ["measure"]:
        _measure(arguments[1:])
    else:
        _make(arguments)
    return 0


def parser() -> Parser:
    """The options of making a data set.

    Examples:
        >>> options = parser().parse_args(["--users=500"])
        >>> options.users, options.name
        (500, 'simulated')
    """
    made = Parser("simulate", *_MAKES)
    world = made.add_argument_group("the world")
    for field in dataclasses.fields(WorldOptions):
        kind, meaning = type(field.default), field.metadata["meaning"]
        _add(world, field.name, type=kind, default=field.default, help=meaning)
    place = made.add_argument_group("where it goes")
    _add(place, "out", type=Path, default=Path("dataset"), help="folder of data sets")
    _add(place, "name", default="simulated", help="name of the data set")
    return made


def _make(arguments: Sequence[str]) -> None:
    options = parser().parse_args(arguments)
    names = [field.name for field in dataclasses.fields(WorldOptions)]
    begin = perf_counter()
    world = WorldOptions(**{name: getattr(options, name) for name in names})
    truth, items = simulate(world)
    skips = simulate_skips(world, truth, items) if world.skips else None
    place = write_data(options.out, options.name, truth, items, skips)
    size = items.size + (0 if skips is None else int((skips != NONE).sum()))
    print(f"{place}: {size} interactions in {perf_counter() - begin:.1f} s")


def _measure(arguments: Sequence[str]) -> None:
    options, keys = _measure_parser().parse_known_args(arguments)
    _require_keys(keys)
    sys.argv = [sys.argv[0], *keys]  # RecBole reads its own keys there
    plan = Plan(
        options.data.resolve(),
        options.model,
        tuple(options.config_files),
        options.epochs,
        tuple(options.ms),
        tuple(options.neg_nums),
        tuple(options.modes),
    )
    records = []
    with own_folder(options.out):  # before hours of training
        for record in measure(plan):
            records.append(record)
            if record["epoch"] == plan.epochs - 1:
                print(_described(record), flush=True)
        title = f"{plan.model} on {plan.data.name} {' '.join(keys)}"
        names = write_measurement(options.out, records, title)
    print(f"{options.out}: {', '.join(names)}")


def _measure_parser() -> Parser:
    made = Parser("simulate measure", *_MEASURES)
    many: dict[str, Any] = {"nargs": "+"}
    measured = made.add_argument_group("what is measured")
    _add(measured, "data", type=Path, required=True, help="folder of the simulated data set")
    ms, neg_nums = _in_range(0, NEVER), _in_range(1, 10**6)
    _add(measured, "m", dest="ms", metavar="M", type=ms, default=_MS, help="fn_flip_after", **many)
    words = "fn_neg_num, the negatives of a row"
    numbers = {"dest": "neg_nums", "metavar": "N", "type": neg_nums, **many}
    _add(measured, "neg_num", default=[20, 100], help=words, **numbers)
    _add(measured, "modes", choices=MODES, default=list(MODES), help="what is counted", **many)
    trained = made.add_argument_group("what is trained")
    _add(trained, "model", default="SASRec", help="name of the model")
    files = {"default": ["fn.yaml"], "metavar": "FILE", **many}
    _add(trained, "config_files", help="property files; later ones win", **files)
    epochs = _in_range(1, 10**6)
    _add(trained, "epochs", type=epochs, default=30, help="epochs of each training")
    place = made.add_argument_group("where it goes")
    _add(place, "out", type=Path, default=Path(FILES), help="a new folder for figures and picture")
    return made


def _add(group: Any, name: str, help: str, **more: Any) -> None:
    """Adds an option whose help ends with its default, lists as they are written."""
    default = more.get("default")
    shown = " ".join(map(str, default)) if isinstance(default, list) else default
    words = f"{help} (default: {shown})" if "default" in more else help
    group.add_argument(f"--{name}", help=words, **more)


def _in_range(low: int, high: int) -> Any:
    def integer(text: str) -> int:
        if not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text} is not from {low} to {high}")
        return int(text)

    return integer


def _require_keys(others: Sequence[str]) -> None:
    for other in others:
        if not other.startswith("--") or "=" not in other:
            raise InputError(f"argument {other!r} is not understood; it must be --key=value")
        if other.startswith(("--fn_neg_num=", "--fn_flip_after=")):
            raise InputError(f"argument {other!r} must be written --neg_num or --m here")
        if other[2:].split("=")[0] in FIXED:
            raise InputError(f"argument {other!r} is fixed in a measurement; it must be left out")


def _described(record: dict[str, Any]) -> str:
    parts = [f"{record['mode']:6}", f"start {record['started']}"]
    for name in _MEASURED:
        value = record[name]
        parts.append(f"{name} {value:.4g}" if isinstance(value, (int, float)) else f"{name} -")
    return "  ".join(parts)
