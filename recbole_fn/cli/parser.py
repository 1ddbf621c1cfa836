"""What the subcommands share: names, mistakes of one line, and no option that does nothing."""

import argparse
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import NoReturn

from recbole_fn.cli import usage
from recbole_fn.cli.commands import folded, program
from recbole_fn.utils.errors import InputError

SUBCOMMANDS = {
    "train": "train and test a model; the default",
    "check": "say what a run would read from a data set; the first thing to run on your own",
    "compare": "train variants under equal conditions and compare them",
    "tune": "search for the best keys with Ray Tune",
    "recommend": "write lists of items for users or histories, from a checkpoint",
    "serve": "answer requests for recommendations over HTTP, from a checkpoint",
    "similar": "show the items nearest to an item, by the vectors of a checkpoint",
    "explain": "show which items of a history a user's recommendations come from",
    "export": "write a checkpoint as vectors, as an index of faiss, or as an ONNX graph",
    "convert": "make RecBole's files from a csv, tsv or parquet table",
    "report": "write the page of a comparison, finished or not",
    "simulate": "make data whose truth is known; simulate measure: what extraction finds",
    "benchmark": "measure training against RecBole's",
    "models": "show how each sequential model of RecBole is served",
    "samplers": "show the samplers of negatives, their arguments and what they draw",
}
MODEL, DATASET = "SASRec", "ml-100k"
# Subcommands that read keys of RecBole, so that an option of another one would pass for a key.
_WITH_KEYS = ("train", "check", "compare", "tune", "samplers")


class Parser(argparse.ArgumentParser):
    """A parser that reports a mistake in one line and accepts no abbreviated option.

    Args:
        name: The subcommand.
        description: What it does; shown as it is written.
        examples: Arguments of the subcommand, shown below the options with its name.

    Examples:
        >>> parser = Parser("report", "Writes the page of a comparison.")
        >>> parser.parse_args(["--folder"])
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: argument '--folder' is not understood; ...
    """

    def __init__(self, name: str, description: str, examples: Sequence[str] = ()) -> None:
        called = program() if name == "train" else f"{program()} {name}"
        super().__init__(
            prog=called,
            description=description,
            epilog="\n  ".join(["examples:", *(folded(f"{called} {one}") for one in examples)]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        self.subcommand = name.split()[0]

    @property
    def options(self) -> list[str]:
        """The long options, as `--model`."""
        return [name for name in self._option_string_actions if name.startswith("--")]

    def error(self, message: str) -> NoReturn:
        """Raises the mistake in one line."""
        raise InputError(usage.explain(message, self.options))

    def add_run_options(self) -> None:
        """Adds the options that say what is trained."""
        add = self.add_argument_group("what is trained").add_argument
        add("--model", "-m", help=f"name of the model, or package.module:Class (default: {MODEL})")
        add("--dataset", "-d", help=f"name of the data set (default: {DATASET})")
        add("--config_files", help="property files, separated by spaces; later ones win")

    def read(self, arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
        """The options, and the arguments `--key=value` that RecBole reads.

        Args:
            arguments: The arguments after the subcommand.

        Raises:
            InputError: for an argument that is neither, or is another subcommand's option.
        """
        options, keys = self.parse_known_args(arguments)
        for key in keys:
            _require_key(key, self)
        usage.require_single(keys)
        return options, keys


def model_and_dataset(options: argparse.Namespace) -> tuple[str, str]:
    """The model and the data set: of the options, else of the property files, else the defaults.

    Args:
        options: What `Parser.add_run_options` reads.

    Examples:
        >>> options = argparse.Namespace(model="GRU4Rec", dataset=None, config_files=None)
        >>> model_and_dataset(options)
        ('GRU4Rec', 'ml-100k')
    """
    from recbole_fn.hooks.file_keys import keys_of_files

    in_files = keys_of_files(files_of(options))
    model, dataset = in_files.get("model", MODEL), in_files.get("dataset", DATASET)
    return options.model or model, options.dataset or dataset


def files_of(options: argparse.Namespace) -> list[str] | None:
    """The property files, or None.

    Args:
        options: What `Parser.add_run_options` reads.

    Examples:
        >>> files_of(argparse.Namespace(config_files="fn.yaml my.yaml"))
        ['fn.yaml', 'my.yaml']
    """
    return options.config_files.split() if options.config_files else None


def require_used(
    options: argparse.Namespace, mode: str, used: Mapping[str, Collection[str]]
) -> None:
    """Refuses an option that the subcommand would ignore.

    Args:
        options: The options; those that are not set are None.
        mode: What is asked for.
        used: The options that each mode uses.

    Raises:
        InputError: naming the first such option, and the modes that use it.

    Examples:
        >>> used = {"training": ["model"], "training in several processes": ["model", "port"]}
        >>> require_used(argparse.Namespace(model="SASRec", port="80"), "training", used)
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: --port is '80', which training does not use; ...
    """
    for name, value in vars(options).items():
        if value is not None and name not in used[mode]:
            others = ", ".join(other for other, names in used.items() if name in names)
            raise InputError(
                f"--{name} is {value!r}, which {mode} does not use; it must be left out "
                f"(it is for: {others})"
            )


def _require_key(argument: str, parser: Parser) -> None:
    name = argument[2:].split("=")[0]
    if argument.startswith("--"):
        _refuse_others_option(name, argument, parser.subcommand)
    if not argument.startswith("--") or "=" not in argument:
        words = usage.not_understood(argument, parser.options)
        raise InputError(f"{words}; a key must be written --key=value")
    usage.require_no_mistyped_option(argument, parser.options)
    if argument.count("=") > 1:  # RecBole would leave it out
        raise InputError(
            f"argument {argument!r} has a second '='; it must have one, or stand in a property file"
        )


def _refuse_others_option(name: str, argument: str, subcommand: str) -> None:
    """Refuses what RecBole would take for a key that nobody reads."""
    if name in usage.FORMER:
        raise InputError(f"argument {argument!r} is now written {program()} {usage.FORMER[name]}")
    owners = [other for other in _WITH_KEYS if name in _options_of(other)]
    of_tune = import_module("recbole_fn.cli.tune").KEYS
    if owners or (name in of_tune and subcommand != "tune"):
        raise InputError(
            f"argument {argument!r} is not an option of {subcommand}; it must be left out "
            f"(it is for: {', '.join(owners) or 'tune'})"
        )


@cache
def _options_of(subcommand: str) -> Collection[str]:
    made: Parser = import_module(f"recbole_fn.cli.{subcommand}").parser()
    return frozenset(vars(made.parse_args([])))
