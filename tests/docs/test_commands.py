"""The commands in README and docs have options that their subcommands know."""

import re
import shlex
from importlib import import_module

import pytest

from recbole_fn.cli.parser import SUBCOMMANDS
from tests.docs.test_readme import PAGES

PROGRAM = r"python (?:run_recbole_fn\.py|-m recbole_fn) ?(.*)"


def commands():
    """The arguments of each complete command in a code block or in backticks."""
    for page in PAGES:
        text = re.sub(r"^```(?:python|text|yaml)\n.*?^```", "", page.read_text(), flags=re.S | re.M)
        for line in re.findall(rf"{PROGRAM}", text):
            arguments = shlex.split(line.split("`")[0].replace("'", ""), comments=True)
            if not {"...", "FOLDER", "PATH", "measure"} & set(arguments):
                yield pytest.param(arguments, id=f"{page.name}: {' '.join(arguments)[:60]}")


@pytest.mark.parametrize("arguments", commands())
def test_the_options_exist(arguments):
    name = arguments[0] if arguments and not arguments[0].startswith("-") else "train"
    assert name in SUBCOMMANDS
    rest = arguments[1:] if arguments[:1] == [name] else arguments
    if name in ("train", "check", "compare", "tune") or "--inspect" in rest:
        import_module(f"recbole_fn.cli.{name}").parser().read(rest)
    else:
        import_module(f"recbole_fn.cli.{name}").parser().parse_args(rest)


def test_there_are_commands():
    assert len(list(commands())) > 12
