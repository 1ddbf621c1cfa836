"""Says what to write instead of arguments that the command line does not understand."""

import argparse
import difflib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from recbole_fn.utils.errors import InputError

_CLOSE = 0.8  # similarity from which a name passes for a mistyped one, from 0 to 1

# Options of the first edition, and what is written now.
FORMER = {
    "config_file_list": "--config_files",
    "config_file": "--config_files",
    "compare": "compare",
    "arms": "compare --variants",
    "compare_out": "compare --out",
    "compare_workers": "compare --workers",
    "tune": "tune --space",
    "tune_out": "tune --out",
    "tune_resume": "tune --resume",
}
# A message of argparse, and ours with its groups.
_MESSAGES = (
    (r"argument (\S+): (\S+) is not from (.*)", "{0} is {1}; it must be an integer from {2}"),
    (r"argument (\S+): invalid (?:int|integer) value: (.*)", "{0} is {1}; it must be an integer"),
    (
        r"argument (\S+): invalid choice: (.*) \(choose from (.*)\)",
        "{0} is {1}; it must be one of {2}",
    ),
    (r"argument (\S+): expected .*", "{0} has no value; it must be written {0}=VALUE"),
    (r"argument (\S+): ignored explicit argument (.*)", "{0} has the value {1}; it must have none"),
    (r"the following arguments are required: (.*)", "{0} is missing; it must be set"),
)


def explain(message: str, options: Iterable[str]) -> str:
    """Turns a message of argparse into what was written and what must be.

    Args:
        message: The message.
        options: The options of the parser, as `--model`.

    Examples:
        >>> explain("argument --nproc: invalid int value: 'two'", [])
        "--nproc is 'two'; it must be an integer"
        >>> explain("argument --sides: invalid choice: 'x' (choose from 'ours', 'recbole')", [])
        "--sides is 'x'; it must be one of ours, recbole"
        >>> explain("unrecognized arguments: --item=3", ["--items", "--rows"])
        "argument '--item=3' is not understood; the nearest is --items"
    """
    message = " ".join(message.split())
    for pattern, words in _MESSAGES:
        match = re.fullmatch(pattern, message)
        if match:
            name, *rest = match.groups()
            listed = [*rest[:1], *(text.replace("'", "") for text in rest[1:])]
            return words.format(name.split("/")[0], *listed)
    match = re.fullmatch("unrecognized arguments: (.*)", message)
    return message if match is None else not_understood(match[1].split()[0], options)


def not_understood(argument: str, options: Iterable[str]) -> str:
    """The message about an argument that is neither an option nor a key.

    Args:
        argument: The argument.
        options: The options of the parser, as `--model`.

    Examples:
        >>> not_understood("--modle", ["--model", "--dataset"])
        "argument '--modle' is not understood; the nearest is --model"
    """
    known = [option for option in options if option != "--help"]
    (near, *_) = [*difflib.get_close_matches(argument.split("=")[0], known, n=1, cutoff=0), ""]
    words = f"argument {argument!r} is not understood; "
    return words + (f"the nearest is {near}" if near else "there must be none")


def require_no_mistyped_option(argument: str, options: Iterable[str]) -> None:
    """Refuses a key whose name resembles an option, unless RecBole has a key of that name.

    Args:
        argument: The argument `--key=value`.
        options: The options of the parser, as `--model`.

    Raises:
        InputError: naming the option.

    Examples:
        >>> require_no_mistyped_option("--topk=10", ["--top"])  # a key of RecBole
        >>> require_no_mistyped_option("--varaints=off", ["--variants", "--seeds"])
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: argument '--varaints=off' is not an option; ...
    """
    name = argument.split("=")[0]
    close = difflib.get_close_matches(name, options, n=1, cutoff=_CLOSE)
    if close and name not in options and name[2:] not in _recbole_keys():
        raise InputError(
            f"argument {argument!r} is not an option; the nearest is {close[0]} "
            f"(a key of your own with that name must stand in a property file)"
        )


def require_set(options: argparse.Namespace, *names: str) -> None:
    """Refuses a call without an option that there must be.

    argparse would name it before an option that is mistyped.

    Args:
        options: The options; those that are not set are None.
        names: The options that must be set.

    Raises:
        InputError: naming the first of them.

    Examples:
        >>> require_set(argparse.Namespace(checkpoint=None), "checkpoint")
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: --checkpoint is missing; it must be set
    """
    for name in names:
        if getattr(options, name) is None:
            raise InputError(f"--{name} is missing; it must be set")


def require_single(keys: Sequence[str]) -> None:
    """Refuses a key that is there twice with different values.

    Args:
        keys: Arguments `--key=value`.

    Raises:
        InputError: naming both arguments.

    Examples:
        >>> require_single(["--epochs=2", "--epochs=3"])
        Traceback (most recent call last):
        recbole_fn.utils.errors.InputError: arguments '--epochs=2' and '--epochs=3' are of one ...
    """
    first: dict[str, str] = {}
    for key in keys:
        before = first.setdefault(key.split("=")[0], key)
        if before != key:
            raise InputError(
                f"arguments {before!r} and {key!r} are of one key; one must be left out"
            )


@cache
def _recbole_keys() -> frozenset[str]:
    """The keys in RecBole's property files."""
    import recbole  # takes a second

    files = Path(recbole.__file__).parent.glob("properties/**/*.yaml")
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return frozenset(re.findall(r"^(\w+):", text, re.MULTILINE))
